from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookward.settings import Settings
from bookward.store.store import Store
from tests.fakes import FakeClock


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.read(tmp_path, {"BOOKWARD_KEY_FILE": str(tmp_path / "keys" / "key")})


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store(settings, FakeClock())
    yield opened
    opened.close()
