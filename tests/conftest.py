"""What all tests share: a scrubbed environment and fixed seeds."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from tests.leaks import Grep
from tests.peers.postgres import Postgres
from tests.planting import PLANTED, refuse
from tests.states import engine_of_compiled

settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("nightly", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


_TOGETHER = {
    "tests/e2e/": "browser",
    "tests/crash/test_swept_storage.py": "object store",
    "tests/integration/test_object_storage.py": "object store",
}
"""What one worker runs, for what it shares is heavy: tests by how their names begin."""


class _Grouped(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return next((group for name, group in _TOGETHER.items() if nodeid.startswith(name)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Keep the groups together: xdist's own marks for it do nothing where pytest is 9.2 or newer."""
    return _Grouped(config, log)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in list(os.environ):
        if name.startswith(("BOOKWARD_", "PG", "XERO_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("BOOKWARD_KEY_FILE", str(tmp_path_factory.mktemp("key") / "key"))


@pytest.fixture(scope="session", autouse=True)
def _compile_statements_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bookward.store.sqlite.create_engine", engine_of_compiled)
        yield


@pytest.fixture
def no_schema(postgres: Postgres) -> Iterator[None]:
    """Have no schema of Bookward's; it has the name of the user, so tables would else be made in it."""
    postgres.execute("DROP SCHEMA IF EXISTS bookward CASCADE")
    yield
    refuse(list(Grep(PLANTED).in_postgres(postgres.url)))
    postgres.execute("DROP SCHEMA IF EXISTS bookward CASCADE")
