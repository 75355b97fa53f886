from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.unit.engine_data.ledger import Sync


@pytest.fixture
def sync(tmp_path: Path) -> Sync:
    return Sync(tmp_path)


@pytest.fixture(scope="module")
def new_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Makes folders: Hypothesis calls a test many times with one tmp_path."""
    parent = tmp_path_factory.mktemp("folders")
    return lambda: Path(mkdtemp(dir=parent))
