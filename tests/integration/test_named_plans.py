"""Plans by the names that people give them, and what is said when there is nothing of that name."""

from __future__ import annotations

import shutil
from contextlib import closing

import pytest

from bookward.errors import NameUnknown
from bookward.store.runs import RunState
from tests.integration.world import SYNC, World, moving


def test_the_last_plan_is_the_newest_one_of_its_sync(world: World) -> None:
    world.write("syncs/others.yaml", SYNC)
    world.customers((1, "Ann"))
    world.plan()
    moving(world.clock).jump(seconds=1)
    newest = world.plan()
    moving(world.clock).jump(seconds=1)
    other = world.plan("others")
    with closing(world.app()) as app:
        assert app.open_plan("last", "customers").header.id == newest.header.id
        assert app.open_plan("last", "others").header.id == other.header.id
    run = world.run(plan="last").run
    assert (run.state, run.plan, run.counts["rows_accepted"]) == (RunState.DONE, newest.header.id, 1)


def test_a_sync_that_was_never_planned_has_no_last_plan(world: World) -> None:
    with pytest.raises(NameUnknown) as caught:
        world.run(plan="last")
    assert caught.value.message == "There is no plan 'last'."
    assert caught.value.remedy == "`bookward plan customers` makes one."


def test_a_last_plan_that_is_no_longer_kept_is_said_to_be_so(world: World) -> None:
    plan = world.plan()
    shutil.rmtree(plan.folder)
    with pytest.raises(NameUnknown) as caught:
        world.run(plan="last")
    assert caught.value.message == "The newest plan of 'customers' is no longer kept."
    with pytest.raises(NameUnknown, match=f"There is no plan '{plan.header.id}'"):
        world.run(plan=plan.header.id)


def test_of_a_sync_that_is_not_there_only_the_sync_is_said(world: World) -> None:
    with closing(world.app()) as app, pytest.raises(NameUnknown) as caught:
        app.open_plan("20261102-090000-3f9c", "customer")
    assert caught.value.message == "There is no sync 'customer'."
