"""A project whose files are edited through the app, with and without git."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bookward.app import App
from tests.integration.editing.edited import FILES, git, open_app


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "books"
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return folder


@pytest.fixture
def app(root: Path) -> Iterator[App]:
    with closing(open_app(root)) as opened:
        yield opened


@pytest.fixture
def repository(root: Path) -> Path:
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "First")
    return root
