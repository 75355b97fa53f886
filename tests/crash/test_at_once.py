"""Several processes want one sync at the same moment: one has it, and the others say so and do nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from bookward.demo.xero.faults import Fault, FaultKind
from bookward.store.runs import RunState
from tests.crash.test_killed import ROWS, books_are_the_model
from tests.integration.world import World
from tests.peers.postgres import wait_until

AT_ONCE = 4


def started(world: World, *verb: str) -> subprocess.Popen[bytes]:
    program = Path(sys.executable).with_name("bookward")
    return subprocess.Popen(
        [program, "-C", world.root, *verb, "--json"],
        env=os.environ | world.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def told(process: subprocess.Popen[bytes], seconds: float = 100) -> tuple[int, Any]:
    printed, _ = process.communicate(timeout=seconds)
    return process.returncode, json.loads(printed)


@contextmanager
def first_request_held(world: World) -> Iterator[None]:
    """Keep whoever sends first from ending; its request goes on at the end."""
    world.xero.faults.add(Fault(kind=FaultKind.HOLD, method="PUT", path="*/Contacts"))
    try:
        yield
    finally:
        world.xero.faults.release()


@pytest.mark.parametrize("round_", [0, *(pytest.param(n, marks=pytest.mark.nightly) for n in range(1, 5))])
def test_of_runs_that_start_at_once_one_runs_and_nothing_is_sent_twice(world: World, round_: int) -> None:
    world.many(ROWS)
    with ExitStack() as entered:
        with first_request_held(world):
            runs = [entered.enter_context(started(world, "run", "customers")) for _ in range(AT_ONCE)]
            wait_until(
                lambda: sum(run.poll() is not None for run in runs) == AT_ONCE - 1, "not one run is left", 90
            )
            busy = [told(run) for run in runs if run.poll() is not None]
        (only,) = [told(run) for run in runs if run.returncode == 0 or run.poll() is None]
    assert [code for code, _ in busy] == [1] * (AT_ONCE - 1)
    assert {said["syncs"][0]["error"]["code"] for _, said in busy} == {"sync_busy"}
    assert (only[0], only[1]["syncs"][0]["run"]["state"]) == (0, "done")
    books_are_the_model(world)
    assert world.run().run.counts["calls"] == 0


def test_whatever_else_wants_a_sync_that_is_run_is_told_so(world: World) -> None:
    world.many(ROWS)
    with first_request_held(world):
        run = started(world, "run", "customers")
        wait_until(lambda: world.xero.in_flight() > 0, "nothing was sent", 90)
        started_too = {
            verb: started(world, verb, "customers", *more)
            for verb, more in {"plan": (), "run": (), "reset": ("--yes",), "retry": ("--all",)}.items()
        }
        others = {verb: told(process) for verb, process in started_too.items()}
    assert told(run)[0] == 0
    assert {verb: code for verb, (code, _) in others.items()} == dict.fromkeys(others, 1)
    assert all("sync_busy" in json.dumps(said) for _, said in others.values()), others
    books_are_the_model(world)
    assert world.run().run.state is RunState.DONE
