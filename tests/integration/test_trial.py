"""Trials of some rows, and runs that a person stops."""

from __future__ import annotations

from contextlib import closing

import pytest

from bookward.app import App, Trial
from bookward.demo.xero import Fault, FaultKind
from bookward.errors import NameUnknown
from bookward.ports import Progress
from bookward.store.runs import Run, RunState
from tests.integration.world import World


def stopped(world: World, phase: str, *, after: int = 0) -> Run:
    """Run, and stop once a phase has sent so many rows; return the run."""
    app: App = world.app()

    def stop(progress: Progress) -> None:
        if progress.phase == phase and progress.sent >= after:
            app.cancel()

    with closing(app):
        return app.run("customers", stop).run


def test_a_trial_sends_so_many_rows_and_leaves_the_others(world: World) -> None:
    world.many(10)
    run = world.run(trial=Trial(limit=3)).run
    assert (run.state, run.counts["rows_accepted"], run.counts["rows_left"]) == (RunState.DONE, 3, 7)
    assert len(world.contacts()) == 3
    again = world.run().run
    assert (again.counts["rows_accepted"], again.counts.get("rows_left")) == (7, None)
    assert len(world.xero.contacts()) == 10
    assert world.plan().header.operations == {}


def test_a_trial_of_single_rows_says_which_of_them_have_nothing_to_do(world: World) -> None:
    world.many(5)
    world.run(trial=Trial(keys=frozenset({"2"})))
    report = world.run(trial=Trial(keys=frozenset({"2", "4"})))
    assert {row.key: row.status for row in world.rows(report)} == {"4": "accepted"}
    assert report.plan is not None
    assert report.plan.header.untouched == ("2",)
    with pytest.raises(NameUnknown, match="Model 'customers' has no row '77'"):
        world.run(trial=Trial(keys=frozenset({"3", "77"})))
    assert sorted(contact["ContactNumber"] for contact in world.xero.contacts()) == ["2", "4"]
    assert world.plan().header.operations == {"insert": 3}


def test_a_trial_lets_no_waiting_row_off(world: World) -> None:
    world.customers((1, "Ann", "no address"), (2, "Bob"))
    world.run()
    world.customers((3, "Cyd"))
    world.run(trial=Trial(keys=frozenset({"3"})))
    with closing(world.app()) as app:
        assert app.row_counts("customers") == {"rejected": 1, "accepted": 2}


def test_a_removed_row_is_not_archived_when_its_heir_is_left_out(world: World) -> None:
    """The row's key changed: the record goes on as the new row's, which the trial does not see to."""
    world.edit("syncs/customers.yaml", "{ContactNumber: id}", "{Name: name}")
    world.customers((1, "Ann"))
    world.run()
    world.warehouse.execute("UPDATE customers SET id = 2")
    report = world.run(trial=Trial(keys=frozenset({"1"})))
    (row,) = world.rows(report)
    assert (row.key, row.status, row.code) == ("1", "rejected", "removal_held_back")
    world.run()
    assert [contact["ContactStatus"] for contact in world.xero.contacts()] == ["ACTIVE"]
    assert world.plan().header.operations == {}


def test_a_run_stopped_while_reading_has_sent_nothing(world: World) -> None:
    world.many(3)
    run = stopped(world, "reading")
    assert (run.state, run.error_code) == (RunState.CANCELLED, "cancelled")
    assert world.xero.contacts() == []
    assert world.run().run.counts["rows_accepted"] == 3


def test_a_run_stopped_while_sending_keeps_what_was_booked_and_goes_on_later(world: World) -> None:
    world.many(1000)
    run = stopped(world, "sending", after=50)
    assert run.state is RunState.CANCELLED
    accepted, pending = run.counts["rows_accepted"], run.counts["rows_pending"]
    assert accepted + pending == 1000
    assert 50 <= accepted <= 500
    assert len(world.xero.contacts()) == accepted
    assert run.folded
    again = world.run().run
    assert (again.state, again.counts["rows_accepted"]) == (RunState.DONE, pending)
    assert len(world.xero.contacts()) == 1000


def test_a_run_stopped_when_all_is_sent_is_done(world: World) -> None:
    world.many(3)
    assert stopped(world, "sending", after=3).state is RunState.DONE


@pytest.mark.parametrize("trial", [Trial(keys=frozenset({"2"})), Trial(limit=1)], ids=["rows", "limit"])
def test_a_removed_row_hands_its_record_over_in_the_trial_of_its_heir(world: World, trial: Trial) -> None:
    """Left for the next run, which finds the heir as it should be, it would take the record with it."""
    world.edit("syncs/customers.yaml", "{ContactNumber: id}", "{Name: name}")
    world.customers((1, "Ann", "old@example.com"))
    world.run()
    world.warehouse.execute("UPDATE customers SET id = 2, email = 'new@example.com'")
    report = world.run(trial=trial)
    assert {row.key: row.status for row in world.rows(report)} == {"1": "held", "2": "accepted"}
    assert world.run().run.counts["calls"] == 0
    assert [contact["ContactStatus"] for contact in world.xero.contacts()] == ["ACTIVE"]


@pytest.mark.parametrize("kind", [FaultKind.CUT, FaultKind.STATUS])
def test_whoever_stops_a_run_that_meets_trouble_need_not_wait_for_its_tries(
    world: World, kind: FaultKind
) -> None:
    world.many(5)
    world.xero.faults.add(
        Fault(kind=kind, method="PUT", path="*/Contacts", when="after", status=503, times=3)
    )
    app: App = world.app()

    def stop(_progress: Progress) -> None:
        if "PUT" in {call.method for call in world.xero.calls}:
            app.cancel()

    with closing(app):
        run = app.run("customers", stop).run
    assert (run.state, run.error_code) == (RunState.CANCELLED, "cancelled")
    assert "before it tried again" in str(run.error_message)
    assert [call[0] for call in world.api_calls()].count("PUT") == 1
    world.xero.faults.clear()
    world.run()
    assert sorted(contact["ContactNumber"] for contact in world.xero.contacts()) == list("12345")
