"""What is asked for, and what schedules ask for, is done by workers: once, in turn, and to its end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import pytest

from bookward.app import App, Ticket, TicketState
from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.options import Options
from bookward.errors import NameUnknown, StoreFailed
from bookward.store.runs import RunState
from bookward.store.tickets import Tickets
from bookward.worker import Worker
from tests.integration.test_run_all import bookward
from tests.integration.world import SYNC, World, moving
from tests.peers.postgres import wait_until

HOURLY = "schedule: {every: 1h}\n"


@contextmanager
def working(world: World, runs: int = 2) -> Iterator[App]:
    """Let a worker be up for the project."""
    with closing(world.app()) as app:
        worker = Worker(app, runs=runs)
        worker.start()
        try:
            yield app
        finally:
            worker.stop()


def ended(app: App, ticket: Ticket) -> Ticket:
    wait_until(lambda: app.queue.get(ticket.id).ended_at is not None, "the ticket has not ended", 60)
    return app.queue.get(ticket.id)


def until(condition: Callable[[], bool], what: str) -> None:
    wait_until(condition, what, 60)


def reasons(app: App, sync: str | None = None) -> list[tuple[str, str]]:
    return [(ticket.sync, ticket.reason) for ticket in reversed(app.queue.list(sync=sync))]


def hour(world: World, hours: float = 1) -> None:
    moving(world.clock).jump(hours=hours)


def test_what_is_asked_for_is_done_and_tells_which_run_it_was(world: World) -> None:
    world.many(3)
    with working(world) as app:
        done = ended(app, app.queue.ask("customers", who="ann@example.com"))
        assert (done.state, done.said, done.reason) == (TicketState.ENDED, None, "by hand")
        assert app.find_run(str(done.run)).counts["rows_accepted"] == 3
        planned = ended(app, app.queue.ask("customers", "plan", who="ann@example.com"))
        assert app.open_plan(str(planned.run), "customers").header.operations == {}
        with pytest.raises(NameUnknown):
            app.queue.ask("custmers")


def test_wishes_are_those_of_a_run(world: World) -> None:
    world.many(5)
    with working(world) as app:
        done = ended(app, app.queue.ask("customers", wishes={"keys": ["2", "4"]}))
        assert app.find_run(str(done.run)).counts["rows_accepted"] == 2
        ended(app, app.queue.ask("customers", wishes={"limit": 1}))
    assert len(world.contacts()) == 3


def test_a_run_that_a_person_has_stopped_does_not_go_on_by_itself(world: World) -> None:
    world.many(2)
    world.environ["XERO_URL"] = "http://127.0.0.1:9"
    with closing(world.app()) as app:
        app.queue.work()
        asked = app.queue.ask("customers")
        taken = app.queue.take()
        assert taken is not None
        run = app.run("customers").run
        assert run.state is RunState.PAUSED
        app.queue.cancel(asked.id)
        assert not app.queue.pause(taken, run)


def test_a_run_that_cannot_begin_says_why(world: World) -> None:
    world.edit("models/customers.sql", "SELECT", "SELEKT")
    with working(world) as app:
        refused = ended(app, app.queue.ask("customers"))
    assert refused.state is TicketState.ENDED
    assert "SELEKT" in str(refused.said)


def test_a_schedule_runs_its_sync_once_each_time_however_many_workers_are_up(world: World) -> None:
    world.many(2)
    world.edit("syncs/customers.yaml", "model:", HOURLY + "model:")
    with working(world) as app, working(world):
        settle(app)
        for turn in range(1, 4):
            hour(world)
            until(lambda t=turn: len(app.queue.list()) == t, "no run was asked for")
            until(lambda: all(ticket.ended_at for ticket in app.queue.list()), "it has not ended")
        assert reasons(app) == [("customers", "schedule")] * 3
        assert len(app.history()) == 3
    assert len(world.contacts()) == 2


def settle(app: App, sync: str = "customers") -> None:
    """Wait until a scheduler has seen the sync: until then its schedule has not begun."""
    schedule = app._wiring.project.syncs[sync].schedule
    assert schedule is not None
    said = {sync: schedule.model_dump_json()}
    until(lambda: bool(app._wiring.store.turns._known(said)), "no scheduler looked")


def test_a_sync_runs_after_others_have_ended_well(world: World) -> None:
    world.many(1)
    world.write("syncs/second.yaml", SYNC + "schedule: {after: customers}\n")
    with working(world) as app:
        settle(app, "second")
        hour(world)
        ended(app, app.queue.ask("customers"))
        until(lambda: ("second", "after customers") in reasons(app, "second"), "it does not follow")
        until(lambda: all(ticket.ended_at for ticket in app.queue.list()), "it has not ended")
        world.edit("models/customers.sql", "SELECT", "SELEKT")
        hour(world)
        ended(app, app.queue.ask("customers"))
        world.edit("models/customers.sql", "SELEKT", "SELECT")
        assert len(reasons(app, "second")) == 1


def test_while_the_books_are_closed_no_scheduled_run_begins_but_a_persons_does(world: World) -> None:
    begins = world.clock.now() + timedelta(minutes=30)
    ends = begins + timedelta(hours=50)
    world.edit(
        "destinations/xero.yaml",
        "type: xero",
        f"blackouts: [{{begins: '{begins:%Y-%m-%d %H:%M}', ends: '{ends:%Y-%m-%d %H:%M}', reason: Close}}]\n"
        "type: xero",
    )
    world.edit("syncs/customers.yaml", "model:", HOURLY + "model:")
    with working(world) as app:
        settle(app)
        hour(world, 24)
        ended(app, app.queue.ask("customers", who="ann@example.com"))
        assert reasons(app) == [("customers", "by hand")]
        (shown,) = app.queue.upcoming()
        assert shown.closed is not None
        assert (shown.closed.until, shown.closed.reason, shown.times[0]) == (ends, "Close", ends)
        hour(world, 26.6)
        until(lambda: ("customers", "schedule") in reasons(app), "nothing runs behind the blackout")


def test_what_a_schedule_asked_for_before_a_blackout_waits_and_says_so(world: World) -> None:
    world.edit("syncs/customers.yaml", "model:", HOURLY + "model:")
    begins = world.clock.now() + timedelta(minutes=61)
    with closing(world.app()) as app:
        app.queue.scheduler().tick()
        hour(world)
        app.queue.scheduler().tick()
        (waiting,) = app.queue.list()
        world.edit(
            "destinations/xero.yaml",
            "type: xero",
            f"blackouts: [{{begins: '{begins:%Y-%m-%d %H:%M}', ends: '2027-01-01'}}]\ntype: xero",
        )
        moving(world.clock).jump(minutes=2)
        app.queue.work()
        assert app.queue.take() is None
        put_back = app.queue.get(waiting.id)
        assert (put_back.state, put_back.said) == (TicketState.WAITING, "The books are closed: blackout.")
        assert put_back.not_before.year == 2027


def test_a_second_run_of_a_sync_waits_and_says_for_whom(world: World) -> None:
    world.many(1)
    with closing(world.app()) as other, other._wiring.store.locks.running("customers"), working(world) as app:
        ticket = app.queue.ask("customers")
        until(lambda: app.queue.get(ticket.id).said is not None, "nothing is said")
        waits = app.queue.get(ticket.id)
        assert (waits.state, "already being run" in str(waits.said)) == (TicketState.WAITING, True)


def test_a_run_that_pauses_goes_on_by_itself_when_the_limit_is_free(world: World) -> None:
    world.many(120)
    world.xero.options = Options(day_limit=3)
    with working(world) as app:
        ticket = app.queue.ask("customers")
        until(lambda: app.queue.get(ticket.id).said is not None, "it does not pause")
        paused = app.queue.get(ticket.id)
        assert (paused.state, "limit" in str(paused.said)) == (TicketState.WAITING, True)
        assert paused.not_before > world.clock.now()
        world.xero.options = Options()
        moving(world.clock).jump(days=1)
        world.connect()
        assert ended(app, ticket).said is None
    assert len(world.contacts()) == 120


def test_a_run_that_is_cancelled_ends_cleanly(world: World) -> None:
    world.many(400)
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 2")
    world.xero.faults.add(Fault(kind=FaultKind.LATENCY, path="*/Contacts", seconds=0.2, times=None))
    with working(world) as app:
        ticket = app.queue.ask("customers")
        until(lambda: bool(world.contacts()), "nothing is sent")
        app.queue.cancel(ticket.id)
        done = ended(app, ticket)
        run = app.find_run(str(done.run))
    assert (run.state, done.said) == ("cancelled", run.error_message)
    assert run.counts["rows_accepted"] == len(world.contacts()) < 400


def test_a_worker_that_stops_gives_back_what_it_has_not_done(world: World) -> None:
    world.many(400)
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 2")
    world.xero.faults.add(Fault(kind=FaultKind.LATENCY, path="*/Contacts", seconds=0.2, times=None))
    with working(world) as app:
        ticket = app.queue.ask("customers", who="ann@example.com")
        until(lambda: bool(world.contacts()), "nothing is sent")
    world.xero.faults.clear()
    world.edit("destinations/xero.yaml", "batch_size: 2", "batch_size: 50")
    with closing(world.app()) as app:
        given_back = app.queue.get(ticket.id)
    assert (given_back.state, given_back.said) == (TicketState.WAITING, "Its worker was stopped.")
    with working(world) as app:
        assert ended(app, ticket).said is None
    assert len(world.contacts()) == 400


def test_a_plan_that_pauses_ends_and_says_what_is_left(world: World) -> None:
    world.many(120)
    with working(world) as app:
        plan = app.plan("customers").header.id
        world.xero.faults.add(
            Fault(
                kind=FaultKind.RATE_LIMIT,
                method="PUT",
                path="*/Contacts",
                skip=1,
                seconds=54_000,
                problem="day",
            )
        )
        done = ended(app, app.queue.ask("customers", wishes={"plan": plan}))
        run = app.find_run(str(done.run))
        sent = len(world.contacts())
        assert (run.state, run.error_code, run.resume_at) == (RunState.PAUSED, "rate_limited", None)
        assert 0 < sent < 120
        rest = f"{sent} of 120 records were sent. Plan again for the rest."
        assert (run.error_remedy, done.said) == (rest, f"{run.error_message} {rest}")
        moving(world.clock).jump(days=1)
        world.connect()
        assert app.plan("customers").header.operations == {"insert": 120 - sent}
        assert len(app.history()) == 1


def test_what_moved_before_it_was_sent_does_not_count_as_sent(world: World) -> None:
    world.many(120)
    plan = world.plan().header.id
    world.xero.add_contacts([{"Name": f"N{n}", "ContactNumber": str(n)} for n in range(1, 31)])
    limit = {"kind": FaultKind.RATE_LIMIT, "seconds": 54_000, "problem": "day"}
    world.xero.faults.add(Fault(method="PUT", path="*/Contacts", skip=1, **limit))
    run = world.run(plan=plan).run
    assert (run.state, run.counts["rows_rejected"]) == (RunState.PAUSED, 30)
    sent = len(world.contacts()) - 30
    assert 0 < sent < 90
    assert run.error_remedy == f"{sent} of 120 records were sent. Plan again for the rest."


def test_a_plan_whose_worker_is_stopped_ends_and_says_what_is_left(world: World) -> None:
    world.many(400)
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 2")
    with closing(world.app()) as app:
        plan = app.plan("customers").header.id
    world.xero.faults.add(Fault(kind=FaultKind.LATENCY, path="*/Contacts", seconds=0.2, times=None))
    with working(world) as app:
        ticket = app.queue.ask("customers", wishes={"plan": plan})
        until(lambda: bool(world.contacts()), "nothing is sent")
    with closing(world.app()) as app:
        done, (run,) = app.queue.get(ticket.id), app.history()
    rest = f"{len(world.contacts())} of 400 records were sent. Plan again for the rest."
    assert (done.state, run.state, run.error_remedy) == (TicketState.ENDED, RunState.CANCELLED, rest)
    assert str(done.said).endswith(rest)


def test_a_plan_that_pauses_before_it_is_executed_waits(world: World) -> None:
    world.many(3)
    with closing(world.app()) as app:
        plan = app.plan("customers").header.id
    world.xero.faults.add(Fault(kind=FaultKind.STATUS, status=503, path="*", times=None))
    with working(world) as app:
        ticket = app.queue.ask("customers", wishes={"plan": plan})
        until(lambda: app.queue.get(ticket.id).said is not None, "it does not pause")
        assert app.queue.get(ticket.id).state is TicketState.WAITING
        world.xero.faults.clear()
        moving(world.clock).jump(minutes=10)
        assert ended(app, ticket).said is None
    assert len(world.contacts()) == 3


def test_the_command_line_shows_what_is_to_come(world: World) -> None:
    world.edit("syncs/customers.yaml", "model:", "schedule: {at: ['06:00'], days: [mon]}\nmodel:")
    with closing(world.app()) as app:
        app.queue.ask("customers", who="ann@example.com")
    shown = bookward(world, "schedule").stdout
    assert "at 06:00 on mon UTC" in shown
    assert "customers: waits since" in shown
    document = json.loads(bookward(world, "schedule", "customers", "--json").stdout)
    (one,) = document["syncs"]
    assert (len(one["next"]), one["tickets"][0]["asked_by"]) == (5, "ann@example.com")
    assert bookward(world, "schedule", "nothing").exit_code == 2


def test_a_ticket_whose_end_could_not_be_written_down_is_done_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.many(2)
    ends, failed = Tickets.end, list[str]()

    def end(self: Tickets, id_: str, *told: Any) -> None:
        if len(failed) < 2:  # and the word of that failure, too
            failed.append(id_)
            raise StoreFailed("The disk is full.")
        ends(self, id_, *told)

    monkeypatch.setattr(Tickets, "end", end)
    with working(world) as app:
        ticket = app.queue.ask("customers")
        assert ended(app, ticket).state is TicketState.ENDED
        assert len(app.history()) == 2
    assert failed == [ticket.id] * 2
    assert len(world.contacts()) == 2
