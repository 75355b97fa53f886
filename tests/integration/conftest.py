from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookward.demo.xero.server import LocalXero
from tests.fakes import FakeClock
from tests.integration.world import World
from tests.peers.postgres import Postgres, running_postgres


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def world(postgres: Postgres, tmp_path: Path) -> Iterator[World]:
    clock = FakeClock()
    with LocalXero.running(None, clock=clock) as xero:
        made = World(root=tmp_path / "project", warehouse=postgres, xero=xero, clock=clock)
        made.prepare()
        xero.reset_calls()
        yield made
