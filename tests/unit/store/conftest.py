from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookward.settings import Settings
from bookward.store.store import Store
from tests.fakes import FakeClock
from tests.peers.databases import new_database
from tests.peers.postgres import Postgres, running_postgres

SQLITE, POSTGRES = "sqlite", "postgresql"
ONLY_SQLITE = pytest.mark.parametrize("kind", [SQLITE])
ONLY_POSTGRES = pytest.mark.parametrize("kind", [POSTGRES])


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=[SQLITE, POSTGRES])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database that holds the state; every test here holds for both, unless it says otherwise."""
    said: str = request.param
    return said


@pytest.fixture
def environ(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    said = {"BOOKWARD_KEY_FILE": str(tmp_path / "keys" / "key")}
    if kind == SQLITE:
        yield said
        return
    with new_database(request.getfixturevalue("postgres")) as url:
        yield said | {"BOOKWARD_DATABASE_URL": url}


@pytest.fixture
def settings(environ: dict[str, str], tmp_path: Path) -> Settings:
    return Settings.read(tmp_path, environ)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store(settings, FakeClock())
    yield opened
    opened.close()
