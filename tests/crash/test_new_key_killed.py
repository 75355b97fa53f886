"""A run that goes over to another key is killed: the next one goes on under it; nothing is made twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bookward.errors import KeyChanged
from bookward.store.runs import RunState
from tests.integration.world import World

PLACES = (
    "after-intent:1",
    "before-send:1",
    "after-send:1",
    "before-fold",
    "before-snapshot-rename",
    "before-pointer",
)
MODEL = "source: warehouse\nprimary_key: "


def killed(world: World, place: str) -> None:
    """Go over from id to number in a process that is killed at ``place``."""
    world.many(60)
    world.run()
    world.write("models/customers.yaml", f"{MODEL}number\n")
    world.write("models/customers.sql", "SELECT *, 61 - id AS number FROM customers\n")
    world.warehouse.execute("UPDATE customers SET email = 'new@example.com' WHERE id = 3")
    world.warehouse.execute("DELETE FROM customers WHERE id = 4")
    world.many(1, start=61)
    plan = world.plan(new_key=True)
    assert (plan.header.operations, plan.header.left_behind) == ({"insert": 1, "update": 1, "adopt": 58}, 1)
    program = Path(sys.executable).with_name("bookward")
    process = subprocess.run(
        [program, "-C", world.root, "run", "customers", "--plan", plan.header.id],
        env=os.environ | world.environ | {"BOOKWARD_FAILPOINT": place},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == -signal.SIGKILL, process.stderr.decode()


def books_are_whole(world: World) -> None:
    contacts = world.contacts()
    assert len(world.xero.contacts()) == len(contacts) == 61
    assert contacts["3"]["EmailAddress"] == "new@example.com"
    world.api_calls()
    assert world.run().run.state is RunState.DONE
    assert world.api_calls() == []


@pytest.mark.parametrize("place", PLACES)
def test_the_next_run_goes_on_under_the_new_key(world: World, place: str) -> None:
    killed(world, place)
    report = world.run()
    assert (report.run.state, len(report.recovered)) == (RunState.DONE, 1)
    books_are_whole(world)


@pytest.mark.parametrize("place", ["after-send:1", "before-pointer"])
def test_who_puts_the_key_back_after_that_is_asked_again(world: World, place: str) -> None:
    killed(world, place)
    world.write("models/customers.yaml", f"{MODEL}id\n")
    with pytest.raises(KeyChanged, match="known by number; the primary_key is id now"):
        world.run()
    world.run(plan=world.plan(new_key=True).header.id)
    books_are_whole(world)
