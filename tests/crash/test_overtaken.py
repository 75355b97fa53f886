"""A process is held, loses its lock, and goes on when another has run the sync: it sends nothing more."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bookward.demo.xero.clock import SettableClock
from bookward.store.runs import RunState
from tests.crash.test_killed import ROWS, books_are_the_model, killed_at
from tests.integration.feeds import Feed
from tests.integration.test_payments import booked, due, payment
from tests.integration.test_payments import invoices as sales
from tests.integration.world import World

LATE = pytest.mark.parametrize(
    "late",
    [pytest.param(False, marks=pytest.mark.nightly, id="key alive"), pytest.param(True, id="key dead")],
)
PLACES = [
    "before-plan-rename:1",
    *(f"{place}:{turn}" for turn in (1, 2) for place in ("after-intent", "before-send", "after-send")),
    *("after-settle:2", "before-fold:1", "before-snapshot-rename:1", "before-pointer:1"),
]


def overtaken(world: World, place: str, sync: str, meanwhile: Callable[[], object]) -> dict[str, Any]:
    """Hold a run at ``place``, take its lock away, do something else; return how the run says it ended."""
    program = Path(sys.executable).with_name("bookward")
    with subprocess.Popen(
        [program, "-C", world.root, "run", sync, "--json"],
        env=os.environ | world.environ | {"BOOKWARD_FAILPOINT": f"{place}:stop"},
        stdout=subprocess.PIPE,
    ) as process:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), status
        (world.root / ".bookward" / "locks" / f"sync-{sync}.lock").unlink()
        try:
            meanwhile()
            world.api_calls()
        finally:
            process.send_signal(signal.SIGCONT)
        printed, _ = process.communicate(timeout=60)
    told: dict[str, Any] = json.loads(printed)
    return told


def one_at_a_time(world: World) -> None:
    """Let requests go one by one, so that a process is never held while another of its requests leaves."""
    world.edit("destinations/xero.yaml", "batch_size: 50\n", "")


def sends_nothing_more(world: World, told: dict[str, Any], sync: str) -> None:
    (ended,) = told["syncs"]
    assert (ended["exit_code"], ended["run"]["state"]) == (4, "interrupted")
    assert ended["run"]["error"]["code"] == "run_overtaken"
    assert world.api_calls() == []
    with closing(world.app()) as app:
        newer, older = app.history(sync)
    assert (newer.state, older.state) == (RunState.DONE, RunState.INTERRUPTED)
    assert (older.error_code, older.folded) == ("run_overtaken", True)


@LATE
@pytest.mark.parametrize("place", PLACES)
def test_an_overtaken_run_sends_no_contact_more(
    world: World, clock: SettableClock, place: str, late: bool
) -> None:
    one_at_a_time(world)
    world.many(ROWS)

    def meanwhile() -> None:
        clock.jump(minutes=10 if late else 0)
        assert world.run().run.state is RunState.DONE
        books_are_the_model(world)

    told = overtaken(world, place, "customers", meanwhile)
    sends_nothing_more(world, told, "customers")
    books_are_the_model(world)
    assert world.run().run.counts["calls"] == 0


@LATE
@pytest.mark.parametrize("place", ["after-intent:1", "before-send:1", "after-send:1", "before-fold:1"])
def test_an_overtaken_run_makes_no_payment_more(
    world: World, clock: SettableClock, place: str, late: bool
) -> None:
    one_at_a_time(world)
    sales(world, 100)
    payments = Feed(world, "payments", "Reference", mode="insert").rows(*(payment(str(n)) for n in range(3)))

    def meanwhile() -> None:
        clock.jump(minutes=10 if late else 0)
        assert payments.run().run.state is RunState.DONE

    told = overtaken(world, place, "feed", meanwhile)
    sends_nothing_more(world, told, "feed")
    assert due(world)["INV-1"][1] == 70
    assert len(booked(world)) == 3
    assert payments.run().run.counts["calls"] == 0


@pytest.mark.parametrize("place", ["before-plan-rename:1", "after-settle:1"])
def test_a_plan_overtakes_a_run_too(world: World, place: str) -> None:
    one_at_a_time(world)
    world.many(ROWS)
    told = overtaken(world, place, "customers", world.plan)
    (ended,) = told["syncs"]
    assert (ended["run"]["state"], ended["run"]["error"]["code"]) == ("interrupted", "run_overtaken")
    assert world.api_calls() == []
    assert world.run().run.state is RunState.DONE
    books_are_the_model(world)
    assert world.run().run.counts["calls"] == 0


def test_a_run_overtaken_while_its_successor_is_killed_leaves_all_to_the_third(world: World) -> None:
    one_at_a_time(world)
    world.many(ROWS)
    told = overtaken(world, "after-intent:1", "customers", lambda: killed_at(world, "after-settle:1"))
    assert told["syncs"][0]["run"]["error"]["code"] == "run_overtaken"
    assert world.api_calls() == []
    assert world.run().run.state is RunState.DONE
    books_are_the_model(world)
    assert world.run().run.counts["calls"] == 0
