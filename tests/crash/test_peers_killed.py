"""The warehouse or the books are killed in the middle of a run; afterwards the books are the model."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from bookward.clock import SystemClock
from bookward.demo.xero.clock import SettableClock
from bookward.demo.xero.server import LocalXero
from bookward.store.runs import RunState
from tests.crash.test_killed import ROWS, books_are_the_model
from tests.integration.world import World
from tests.peers.postgres import Postgres, running_postgres, wait_until

SLOW = "SELECT c.* FROM customers c WHERE c.id < 70 OR (SELECT pg_sleep(seconds) FROM slowness) IS NOT NULL\n"


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def mortal(world: World, own_postgres: Postgres) -> World:
    """The company with a warehouse of its own, whose rows from the seventieth on take for ever."""
    world.warehouse = own_postgres
    world.prepare()
    world.write("models/customers.sql", SLOW)
    own_postgres.execute("CREATE TABLE slowness AS SELECT 0 AS seconds")
    return world


def test_a_warehouse_killed_in_mid_read_loses_nothing(mortal: World) -> None:
    warehouse = mortal.warehouse
    mortal.many(100)
    assert mortal.run().run.counts["rows_accepted"] == 100
    mortal.many(30, start=101)
    warehouse.execute("DELETE FROM customers WHERE id = 1; UPDATE slowness SET seconds = 3600")
    warehouse.execute("CHECKPOINT")  # this one forgets commits otherwise, unlike a real one
    mortal.api_calls()

    def reading() -> bool:
        asked = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        return bool(warehouse.execute(asked))

    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(mortal.run)
        wait_until(reading, "the run does not read", 60)
        warehouse.kill9()
        ended = run.result(60).run
    assert (ended.state, ended.error_code) == (RunState.FAILED, "source_failed")
    assert mortal.api_calls() == []
    unreachable = mortal.run().run
    assert (unreachable.state, unreachable.error_code) == (RunState.FAILED, "source_unreachable")
    warehouse.restart()
    warehouse.execute("UPDATE slowness SET seconds = 0")
    assert mortal.run().run.state is RunState.DONE
    assert sorted(map(int, mortal.contacts())) == list(range(2, 131))
    assert mortal.run().run.counts["calls"] == 0


def lines(world: World, table: str) -> int:
    """Return how many lines a table of Bookward's own state has."""
    with closing(sqlite3.connect(world.root / ".bookward" / "state.db")) as state:
        (count,) = state.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(count)


class Hurried(SettableClock):
    """A clock on which nobody waits: what would be slept has passed."""

    def sleep(self, seconds: float) -> None:
        self.jump(seconds=seconds)


class XeroProcess:
    """A local Xero in a process of its own, which keeps its books in a folder."""

    def __init__(self, folder: Path) -> None:
        self.url = ""
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        port = self.url.rpartition(":")[2] or "0"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bookward.demo.xero", "--port", port, "--data", self._folder],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def kill9(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    @contextmanager
    def books(self) -> Iterator[LocalXero]:
        """Kill it, and look into the books that it has left."""
        self.kill9()
        with LocalXero.running(self._folder / "xero.sqlite", clock=SystemClock()) as xero:
            yield xero


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("back", ["in mid-run", "for the next run"])
def test_a_xero_killed_in_mid_run_has_every_row_once(
    postgres: Postgres, tmp_path: Path, when: str, back: str
) -> None:
    (tmp_path / "xero").mkdir()
    xero = XeroProcess(tmp_path / "xero")
    xero.start()
    remote = SimpleNamespace(url=xero.url)
    # Who comes back in mid-run is waited for; for who does not, nobody waits.
    clock = SystemClock() if back == "in mid-run" else Hurried(SystemClock())
    world = World(root=tmp_path / "project", warehouse=postgres, xero=remote, clock=clock)
    world.prepare()
    world.many(ROWS)
    held = {"kind": "hold", "method": "PUT", "path": "*/Contacts", "when": when, "skip": 1, "times": None}
    httpx.post(f"{xero.url}/_control/faults", json=[held]).raise_for_status()
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(world.run)
        wait_until(lambda: lines(world, "intents") == 3, "not all is under way", 60)
        wait_until(lambda: lines(world, "settlements") == 1, "nothing is settled", 60)
        xero.kill9()
        if back == "in mid-run":
            xero.start()
        ended = run.result(100).run
    if back == "in mid-run":
        assert ended.state is RunState.DONE
    else:
        assert (ended.state, ended.error_code) == (RunState.PAUSED, "remote_unavailable")
        xero.start()
    assert world.run().run.state is RunState.DONE
    assert world.run().run.counts["calls"] == 0
    with xero.books() as world.xero:
        books_are_the_model(world)
