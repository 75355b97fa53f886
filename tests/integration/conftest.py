from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookward.demo.xero.server import LocalXero
from tests.contract.local_xero import verdicts
from tests.contract.local_xero.exchanges import Exchange, recorded
from tests.fakes import FakeClock
from tests.integration.world import World
from tests.peers.postgres import Postgres, running_postgres
from tests.planting import Outputs, nothing_leaks


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(autouse=True)
def outputs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Outputs]:
    """Fail a test that leaves secrets behind; as the first fixture it looks when all others have ended."""
    with nothing_leaks(tmp_path, request.node) as heard:
        yield heard


@pytest.fixture(autouse=True)
def exchanges(request: pytest.FixtureRequest) -> Iterator[list[Exchange]]:
    """Record what goes over the wire, and hold all of it against the contract and the SDK at the end."""
    with recorded() as found:
        yield found
    if request.node.get_closest_marker("unlike_xero"):
        return
    assert verdicts.of_requests(found) == []
    assert verdicts.of_answers(found) == []


@pytest.fixture
def world(postgres: Postgres, tmp_path: Path) -> Iterator[World]:
    clock = FakeClock()
    with LocalXero.running(None, clock=clock) as xero:
        made = World(root=tmp_path / "project", warehouse=postgres, xero=xero, clock=clock)
        made.prepare()
        xero.reset_calls()
        yield made
