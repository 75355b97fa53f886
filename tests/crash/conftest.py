from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookward.clock import SystemClock
from bookward.demo.xero.clock import SettableClock
from bookward.demo.xero.server import LocalXero
from tests.integration.world import World
from tests.peers.postgres import Postgres, running_postgres
from tests.planting import Outputs, nothing_leaks


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(autouse=True)
def outputs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Outputs]:
    """Fail a test that leaves secrets behind; as the first fixture it looks when all others have ended."""
    with nothing_leaks(tmp_path, request.node) as heard:
        yield heard


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(SystemClock())


@pytest.fixture
def world(postgres: Postgres, clock: SettableClock, tmp_path: Path) -> Iterator[World]:
    """A company on the computer's clock, which a process of its own can share."""
    with LocalXero.running(None, clock=clock) as xero:
        made = World(root=tmp_path / "project", warehouse=postgres, xero=xero, clock=clock)
        made.prepare()
        yield made
