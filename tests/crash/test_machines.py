"""Machines that share a state: one dies or is held, and another goes on as if it were the same one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from decimal import Decimal
from pathlib import Path

import pytest

from bookward.demo.xero.clock import SettableClock
from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.options import Options
from bookward.demo.xero.server import LocalXero
from bookward.errors import SyncBusy
from bookward.store.runs import RunState
from tests.crash import test_table
from tests.crash.alternating import alternating
from tests.crash.killing import run_by_the_clock_of_xero
from tests.crash.machines import ask, leases_end, on_machine, shared_state
from tests.crash.test_at_once import first_request_held, started, told
from tests.crash.test_calls_shared import MOST, PARTS, Watch, divided, refused
from tests.crash.test_killed import ROWS, books_are_the_model, killed_at
from tests.crash.test_overtaken import one_at_a_time, sends_nothing_more
from tests.fakes import FakeClock
from tests.integration.world import World
from tests.peers.postgres import Postgres, wait_until


@pytest.fixture
def world(world: World) -> Iterator[World]:
    with shared_state(world):
        yield world


@pytest.fixture
def quick_world(postgres: Postgres, tmp_path: Path) -> Iterator[World]:
    """A company on the local Xero's clock, which nobody waits for and other processes can read."""
    with LocalXero.running(None, clock=FakeClock()) as xero:
        made = World(root=tmp_path / "project", warehouse=postgres, xero=xero, clock=xero.clock)
        made.prepare()
        made.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 2")
        with shared_state(made):
            yield made
        xero.faults.clear()


ROWS_OF_TABLE = ["intent", "answered", "cut after the commit", "settled", "folding", "folded"]


@pytest.mark.parametrize(
    ("name", "row", "late"),
    list(alternating(["contacts", "invoices", "payments"], ROWS_OF_TABLE, one_in=3)),
)
def test_what_a_dead_machine_left_is_finished_by_another(
    quick_world: World, name: str, row: str, late: bool
) -> None:
    world, kind, (place, before) = quick_world, test_table.OF[name], test_table.TABLE[row]
    kind.prepare(world)
    amount = test_table.AMOUNT.get(name)
    rows = [kind.row_of(n, **({amount: Decimal(n * 31) / 100} if amount else {})) for n in range(1, 6)]
    feed = kind.feed(world, mode="insert").rows(*rows)
    if before is not None:
        world.xero.faults.add(Fault(kind=before, when="after", method="PUT", path=f"*/{kind.plural}"))
    assert run_by_the_clock_of_xero(world, place) == -signal.SIGKILL
    on_machine(world, "other")
    with pytest.raises(SyncBusy):
        feed.run()
    leases_end(world)
    if late:
        world.clock.sleep(600)
    runs = [feed.run().run for _ in range(2)]
    assert [run.state for run in runs] == [RunState.DONE] * 2
    assert runs[-1].counts["calls"] == 0
    found = test_table.verdict(world, name, kind, rows, runs)
    assert found == test_table.Verdict(lost=0, twice=0, uncertain=0, money=Decimal(0))


def test_a_killed_run_is_taken_up_at_once_on_its_own_machine(world: World) -> None:
    world.many(ROWS)
    killed_at(world, "after-intent:2")
    assert ask(world, "SELECT name FROM leases WHERE name LIKE 'sync-%'") == [("sync-customers",)]
    assert world.run().run.state is RunState.DONE
    books_are_the_model(world)


def test_machines_take_turns_with_one_snapshot(world: World) -> None:
    world.many(ROWS)
    world.run()
    for turn, name in enumerate(["other", "one", "third", "other"]):
        on_machine(world, name)
        world.warehouse.execute("UPDATE customers SET email = %s WHERE id = 3", [f"{turn}@example.com"])
        report = world.run()
        assert (report.run.state, report.run.counts["rows_accepted"]) == (RunState.DONE, 1)
        assert world.run().run.counts["calls"] == 0
    books_are_the_model(world)


def test_of_machines_that_run_a_sync_at_once_one_does_and_nothing_is_sent_twice(world: World) -> None:
    world.many(ROWS)
    with ExitStack() as entered:
        with first_request_held(world):
            runs = []
            for name in "abc":
                on_machine(world, name)
                runs.append(entered.enter_context(started(world, "run", "customers")))
            wait_until(lambda: sum(run.poll() is not None for run in runs) == 2, "not one run is left", 90)
            busy = [told(run) for run in runs if run.poll() is not None]
        (only,) = [told(run) for run in runs if run.returncode == 0 or run.poll() is None]
    assert {said["syncs"][0]["error"]["code"] for _, said in busy} == {"sync_busy"}
    assert (only[0], only[1]["syncs"][0]["run"]["state"]) == (0, "done")
    books_are_the_model(world)
    assert world.run().run.counts["calls"] == 0


PLACES_OF_SENDING = [
    "after-intent:1",
    "before-send:2",
    "after-send:1",
    "after-settle:2",
    "before-fold:1",
    "before-pointer:1",
]


@pytest.mark.parametrize(("place", "late"), list(alternating(PLACES_OF_SENDING, one_in=3)))
def test_a_machine_that_was_held_beyond_its_lease_sends_nothing_more(
    world: World, clock: SettableClock, place: str, late: bool
) -> None:
    one_at_a_time(world)
    world.many(ROWS)
    program = Path(sys.executable).with_name("bookward")
    with subprocess.Popen(
        [program, "-C", world.root, "run", "customers", "--json"],
        env=os.environ | world.environ | {"BOOKWARD_FAILPOINT": f"{place}:stop"},
        stdout=subprocess.PIPE,
    ) as held:
        _, status = os.waitpid(held.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), status
        leases_end(world)
        on_machine(world, "other")
        try:
            clock.jump(minutes=10 if late else 0)
            assert world.run().run.state is RunState.DONE
            books_are_the_model(world)
            world.api_calls()
        finally:
            held.send_signal(signal.SIGCONT)
        printed, _ = held.communicate(timeout=60)
    sends_nothing_more(world, json.loads(printed), "customers")
    books_are_the_model(world)
    assert world.run().run.counts["calls"] == 0
    on_machine(world, "third")
    assert world.run().run.counts["calls"] == 0


def test_machines_share_the_calls_in_flight_and_no_call_is_refused(world: World) -> None:
    names = divided(world, 60)
    world.xero.options = Options(minute_limit=10_000)
    world.xero.faults.add(Fault(kind=FaultKind.LATENCY, path="*/Contacts", seconds=0.1, times=None))
    with Watch(world) as watch, ExitStack() as entered:
        runs = []
        for name in names:
            on_machine(world, name)
            runs.append(entered.enter_context(started(world, "run", name)))
        ended = [told(run) for run in runs]
    assert [code for code, _ in ended] == [0] * PARTS
    assert refused(world) == []
    assert watch.most <= MOST
    assert len(world.contacts()) == 60 * PARTS


def test_the_places_of_a_dead_machine_are_free_when_its_lease_ends(world: World) -> None:
    first, second, _ = divided(world, 60)
    world.xero.options = Options(minute_limit=10_000, concurrent_limit=2 * MOST)
    world.xero.faults.add(Fault(kind=FaultKind.HOLD, path="*/Contacts", method="PUT", times=None))
    with started(world, "run", first) as run:
        wait_until(lambda: world.xero.in_flight() == MOST, "the calls do not hang", 60)
        run.send_signal(signal.SIGKILL)
    world.xero.faults.clear()
    on_machine(world, "other")
    leases_end(world)
    assert told(started(world, "run", second))[0] == 0
    assert refused(world) == []
    world.xero.faults.release()


def test_what_one_machine_is_told_of_a_limit_holds_for_all(world: World) -> None:
    first, second, _ = divided(world, 60)
    world.xero.options = Options(day_limit=10)
    world.api_calls()
    assert world.run(first).run.error_code == "rate_limited"
    assert world.api_calls()
    on_machine(world, "other")
    assert world.run(second).run.error_code == "rate_limited"
    assert world.api_calls() == []


@pytest.mark.nightly
def test_a_dead_machine_is_succeeded_within_a_minute_by_the_clock(world: World) -> None:
    world.many(ROWS)
    killed_at(world, "after-send:1")
    on_machine(world, "other")
    with closing(world.app()) as app:

        def goes_on() -> bool:
            try:
                return app.run("customers").run.state is RunState.DONE
            except SyncBusy:
                return False

        wait_until(goes_on, "the lease has not ended", 60)
    books_are_the_model(world)
