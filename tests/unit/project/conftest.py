from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bookward.project.project import Project
from tests.unit.project.folders import GOOD, load, write


@pytest.fixture
def project_with(tmp_path: Path) -> Callable[..., Project]:
    """Load a good project after some of its files were changed."""

    def build(files: Mapping[str, str | bytes | None], environ: Mapping[str, str] | None = None) -> Project:
        return load(write(tmp_path, {**GOOD, **files}), environ)

    return build
