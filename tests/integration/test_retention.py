"""What has been kept long enough is forgotten, and nothing that a sync still needs."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import delete

from bookward.errors import NameUnknown
from bookward.store.holdings import Holding
from bookward.store.runs import RunState
from bookward.store.tables import runs
from tests.fakes import FakeClock
from tests.integration.feeds import Feed
from tests.integration.test_bad_xero import lost
from tests.integration.test_worker import working
from tests.integration.world import World, moving
from tests.peers.postgres import wait_until


def held(world: World) -> dict[str, Holding]:
    with closing(world.app()) as app:
        return {each.kind: each for each in app.holdings()}


@pytest.fixture
def aged(world: World) -> World:
    """Have three runs: two customers 500 days ago, one more 450 days ago, and another now."""
    assert isinstance(world.clock, FakeClock)
    world.many(2)
    world.run()
    world.clock.jump(days=50)
    world.many(1, start=3)
    world.run()
    world.clock.jump(days=450)
    world.connect()
    return world


def test_outcomes_and_calls_go_and_runs_stay(aged: World) -> None:
    before = held(aged)
    aged.many(1, start=4)
    report = aged.run()
    assert report.run.counts["rows_accepted"] == 1
    after = held(aged)
    assert (before["outcomes"].count, before["runs"].count) == (3, 2)
    # Of the newest run of a sync nothing goes, however old it is: it was that when this run began.
    assert after["outcomes"].count == 2
    assert after["runs"].count == 3
    assert before["calls"].count > report.run.counts["calls"]
    assert after["rows"].count == 4
    assert len(aged.contacts()) == 4


def test_a_process_looks_for_what_is_old_once_an_hour(aged: World) -> None:
    with closing(aged.app()) as app:

        def outcomes() -> int:
            return {each.kind: each for each in app.holdings()}["outcomes"].count

        aged.many(1, start=4)
        app.run("customers")
        assert outcomes() == 2
        aged.edit("project.yaml", "name: Test company", "name: Test company\nkeep: {outcomes: 0}")
        assert isinstance(aged.clock, FakeClock)
        aged.clock.jump(minutes=50)
        app.run("customers")
        assert outcomes() == 2
        aged.clock.jump(minutes=20)
        app.run("customers")
        assert outcomes() == 0


def test_who_only_plans_keeps_nothing_longer(aged: World) -> None:
    assert held(aged)["outcomes"].count == 3
    aged.plan()
    assert held(aged)["outcomes"].count == 1


def test_a_worker_with_nothing_to_do_keeps_nothing_longer(aged: World) -> None:
    assert held(aged)["outcomes"].count == 3
    with working(aged):
        wait_until(lambda: held(aged)["outcomes"].count == 1, "old outcomes are still there", 60)


def test_a_plan_that_can_still_be_executed_is_kept(world: World) -> None:
    world.edit("project.yaml", "name:", "keep: {call_bodies: 0}\nname:")
    world.many(1)
    plan = world.plan().header.id
    moving(world.clock).jump(hours=20)
    with closing(world.app()) as app:
        app.forget()
        assert app.open_plan(plan, "customers").header.id == plan
        moving(world.clock).jump(hours=5)
        app.forget()
        with pytest.raises(NameUnknown):
            app.open_plan(plan, "customers")


def test_a_project_that_is_broken_says_not_how_long_what_is_kept(aged: World) -> None:
    aged.write("project.yaml", "name: [\n")
    with closing(aged.app()) as app:
        app.forget()
        assert {each.kind: each for each in app.holdings()}["outcomes"].count == 3
        aged.write("project.yaml", "name: Test company\n")
        app.forget()
        assert {each.kind: each for each in app.holdings()}["outcomes"].count == 1


def test_what_was_forgotten_is_not_booked_again(aged: World) -> None:
    aged.run()
    aged.customers((1, "Renamed"))
    aged.warehouse.execute("DELETE FROM customers WHERE id = 1 AND name <> 'Renamed'")
    assert dict(aged.plan().header.operations) == {"update": 1}
    aged.run()
    assert {contact["Name"] for contact in aged.contacts().values()} == {
        "Renamed",
        "Customer 2",
        "Customer 3",
    }


def test_for_ever_is_for_ever_and_runs_go_where_that_is_said(aged: World) -> None:
    aged.edit("project.yaml", "name:", "keep: {outcomes: null, calls: null, runs: 100}\nname:")
    aged.run()
    assert (held(aged)["outcomes"].count, held(aged)["runs"].count) == (3, 3)
    aged.edit("project.yaml", "outcomes: null", "outcomes: 100")
    aged.run()
    assert held(aged)["runs"].count == 2  # this one, and the one before it
    with closing(aged.app()) as app:
        assert [run.counts["rows_read"] for run in app.history()] == [3, 3]


def failing(world: World, *, over_days: int) -> None:
    """Let a sync fail until its last good run is older than that, and no longer its newest."""
    world.edit("models/customers.sql", "FROM customers", "FROM nowhere")
    for _ in range(2):
        assert world.run().run.state is RunState.FAILED
        moving(world.clock).jump(days=over_days)
        world.connect()
    world.edit("models/customers.sql", "FROM nowhere", "FROM customers")


@pytest.mark.parametrize("forgotten", [False, True], ids=["kept", "forgotten by an earlier release"])
def test_a_sync_that_failed_for_long_goes_on(world: World, forgotten: bool) -> None:
    world.write("project.yaml", "name: Test company\nkeep: {outcomes: 30, runs: 30}\n")
    world.many(2)
    good = world.run().run.id
    failing(world, over_days=40)
    with closing(world.app()) as app:
        assert good in {run.id for run in app.history()}
        if forgotten:
            with app._store._database.writing() as connection:
                connection.execute(delete(runs).where(runs.c.id == good))
    world.many(1, start=3)
    assert world.run().run.counts["rows_accepted"] == 1
    assert len(world.contacts()) == 3


def test_the_plan_of_a_sync_whose_file_was_away_is_kept_until_it_is_settled(world: World) -> None:
    world.many(2)
    cut_off = lost(world).run
    assert cut_off.state is RunState.PAUSED
    file = world.root / "syncs/customers.yaml"
    text = file.read_text(encoding="utf-8")
    file.unlink()
    moving(world.clock).jump(days=40)
    world.connect()
    Feed(world, "items", "Code").rows({"id": "1", "Code": "A", "Name": "A"}).run()
    world.write("syncs/customers.yaml", text)
    report = world.run()
    assert (report.run.state, [run.id for run in report.recovered]) == (RunState.DONE, [cut_off.id])
    assert report.recovered[0].counts["rows_accepted"] == 2
    assert len(world.contacts()) == 2


def test_what_takes_how_much_room_is_told(aged: World) -> None:
    holdings = held(aged)
    assert {kind for kind, each in holdings.items() if each.bytes == 0} <= {"plans"}
    assert holdings["snapshots"].count == 1
    oldest = holdings["runs"].oldest
    assert oldest is not None
    assert (aged.clock.now() - oldest).days == 500
