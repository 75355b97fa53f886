"""Tickets: each is taken by one, in order, one of a sync at a time; what dead workers held comes back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from bookward.errors import NameUnknown
from bookward.settings import Settings
from bookward.store.store import Store
from bookward.store.tickets import ALONE, OPEN, TicketState
from bookward.store.turns import Turn
from tests.fakes import FakeClock
from tests.unit.store.conftest import ONLY_POSTGRES


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def stores(settings: Settings, clock: FakeClock) -> Iterator[list[Store]]:
    """Three processes that share a state, as good as."""
    opened = [Store(settings, clock) for _ in range(3)]
    for store in opened:
        store.tickets.work()
    yield opened
    for store in opened:
        store.close()


def test_tickets_are_taken_in_order_and_one_of_a_sync_at_a_time(stores: list[Store]) -> None:
    first, second = stores[0].tickets, stores[1].tickets
    asked = [first.ask(sync, asked_by="ann") for sync in ("a", "a", "b")]
    taken = [first.take(), second.take()]
    assert [ticket.id for ticket in taken if ticket] == [asked[0].id, asked[2].id]
    assert second.take() is None
    first.end(asked[0].id)
    again = second.take()
    assert again is not None
    assert (again.id, again.state, again.asked_by) == (asked[1].id, TicketState.WORKING, "ann")


def test_of_many_that_take_at_once_each_gets_another(stores: list[Store]) -> None:
    asked = {stores[0].tickets.ask(f"s{n}").id for n in range(30)}

    def take(store: Store) -> list[str]:
        found = []
        while (ticket := store.tickets.take()) is not None:
            found.append(ticket.id)
        return found

    with ThreadPoolExecutor(6) as pool:
        taken = [id_ for ids in pool.map(take, stores * 2) for id_ in ids]
    assert sorted(taken) == sorted(asked)


def test_what_is_postponed_comes_back_in_its_time_with_its_reason(
    stores: list[Store], clock: FakeClock
) -> None:
    tickets = stores[0].tickets
    id_ = tickets.ask("a", wishes={"limit": 5}).id
    tickets.take()
    tickets.took(id_, "run-1")
    tickets.tell(id_, {"phase": "sending", "sent": 4})
    assert tickets.get(id_).progress == {"phase": "sending", "sent": 4}
    tickets.postpone(id_, clock.now() + timedelta(minutes=2), "the day's limit", pauses=1)
    waiting = tickets.get(id_)
    assert (waiting.state, waiting.said, waiting.pauses) == (TicketState.WAITING, "the day's limit", 1)
    assert (waiting.run, waiting.wishes, waiting.progress) == ("run-1", {"limit": 5}, None)
    assert tickets.take() is None
    clock.jump(minutes=2)
    again = tickets.take()
    assert again is not None
    assert (again.id, again.pauses) == (id_, 1)


def test_a_ticket_that_waits_is_cancelled_at_once_and_one_at_work_by_who_works(stores: list[Store]) -> None:
    first, second = stores[0].tickets, stores[1].tickets
    at_work, waiting = first.ask("a"), first.ask("a")
    first.take()
    assert second.cancel(waiting.id).state is TicketState.CANCELLED
    assert second.cancel(at_work.id).state is TicketState.WORKING
    assert (first.to_be_cancelled(), second.to_be_cancelled()) == ({at_work.id}, set())
    with pytest.raises(NameUnknown):
        first.cancel("nothing")


def test_a_ticket_that_is_cancelled_at_work_does_not_go_back_into_the_line(
    stores: list[Store], clock: FakeClock
) -> None:
    first, second = stores[0].tickets, stores[1].tickets
    id_ = first.ask("a").id
    first.take()
    second.cancel(id_)
    first.postpone(id_, clock.now() + timedelta(hours=12), "the day's limit")
    over = second.get(id_)
    assert (over.state, over.ended_at, over.holder) == (TicketState.CANCELLED, clock.now(), None)
    clock.jump(days=1)
    assert second.take() is None


@pytest.mark.parametrize("postponed", [False, True])
def test_what_was_put_into_the_line_by_a_clock_that_was_ahead_is_taken(
    stores: list[Store], clock: FakeClock, postponed: bool
) -> None:
    tickets = stores[0].tickets
    clock.misset(days=0 if postponed else 30)
    id_ = tickets.ask("a").id
    if postponed:
        tickets.take()
        clock.misset(days=30)
        tickets.postpone(id_, clock.now() + timedelta(minutes=5), "the minute's limit")
    clock.misset(days=-30)
    taken = tickets.take()
    assert taken is not None
    assert taken.id == id_
    tickets.postpone(id_, clock.now() + timedelta(days=60), "The books are closed.")
    assert tickets.take() is None


@ONLY_POSTGRES
def test_a_ticket_does_not_go_back_into_the_line_while_somebody_cancels_it(
    stores: list[Store], clock: FakeClock
) -> None:
    id_ = stores[0].tickets.ask("a").id
    stores[0].tickets.take()
    waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with ThreadPoolExecutor(1) as pool, stores[1].database.writing(alone=ALONE) as connection:
        back = pool.submit(stores[0].tickets.postpone, id_, clock.now(), "the minute's limit")
        while not back.done() and not connection.scalar(waits):
            pass
        assert stores[2].tickets.get(id_).state is TicketState.WORKING
    assert stores[2].tickets.get(id_).state is TicketState.WAITING


def test_what_somebody_held_who_is_gone_is_taken_by_another(stores: list[Store]) -> None:
    first, second = stores[0].tickets, stores[1].tickets
    kept, unwanted = first.ask("a"), first.ask("b")
    first.take(), first.take()
    second.cancel(unwanted.id)
    assert second.take_back() == 0
    first.close()
    assert second.take_back() == 2
    again = second.take()
    assert again is not None
    assert (again.id, second.get(unwanted.id).state) == (kept.id, TicketState.CANCELLED)
    first.end(kept.id, "too late")
    assert (second.get(kept.id).state, second.take_back()) == (TicketState.WORKING, 0)


def test_tickets_are_listed_the_newest_first_in_pages_and_forgotten_in_time(
    stores: list[Store], clock: FakeClock
) -> None:
    tickets = stores[0].tickets
    ids = [tickets.ask(f"s{n % 2}").id for n in range(5)]
    tickets.take()
    tickets.end(ids[0])
    assert [ticket.id for ticket in tickets.list(limit=2)] == [ids[4], ids[3]]
    assert [ticket.id for ticket in tickets.list(before=tickets.get(ids[3]).number)] == ids[2::-1]
    assert [ticket.id for ticket in tickets.list(sync="s0", states=OPEN)] == [ids[4], ids[2]]
    clock.jump(days=1)
    tickets.forget(clock.now())
    assert [ticket.id for ticket in tickets.list()] == ids[:0:-1]


def test_a_turn_is_taken_by_one_however_many_look_and_none_is_added_to_one_that_waits(
    stores: list[Store], clock: FakeClock
) -> None:
    began = clock.now()
    said = {"a": "hourly", "b": "daily"}
    assert [store.turns.since(said, clock.now()) for store in stores] == [{"a": began, "b": began}] * 3
    clock.jump(hours=1)
    until = clock.now()
    with ThreadPoolExecutor(3) as pool:
        taken = list(pool.map(lambda store: store.turns.take([turn("a", began, until)]), stores))
    assert sorted(taken, key=len) == [set(), set(), {"a"}]
    assert stores[1].turns.since(said, clock.now()) == {"a": until, "b": began}
    clock.jump(hours=1)
    assert stores[2].turns.take([turn("a", until, clock.now())]) == {"a"}
    assert [(t.sync, t.reason, t.asked_by) for t in stores[0].tickets.list()] == [("a", "schedule", None)]


def test_of_turns_that_are_taken_at_once_each_is_had_by_one(stores: list[Store], clock: FakeClock) -> None:
    began = clock.now()
    said = dict.fromkeys("abcd", "hourly")
    stores[0].turns.since(said, began)
    clock.jump(hours=1)
    wanted = [turn(sync, began, clock.now()) for sync in "abcd"]
    assert stores[1].turns.take([wanted[2]]) == {"c"}
    with ThreadPoolExecutor(3) as pool:
        taken = list(pool.map(lambda store: store.turns.take(wanted), stores))
    assert sorted(taken, key=len) == [set(), set(), {"a", "b", "d"}]
    assert sorted(ticket.sync for ticket in stores[0].tickets.list()) == ["a", "b", "c", "d"]
    assert stores[2].turns.since(said, clock.now()) == dict.fromkeys("abcd", clock.now())


def turn(sync: str, since: datetime, until: datetime) -> Turn:
    return Turn(sync=sync, since=since, until=until, reason="schedule")


def test_an_edited_schedule_begins_anew(stores: list[Store], clock: FakeClock) -> None:
    turns = stores[0].turns
    turns.since({"a": "hourly"}, clock.now())
    clock.jump(hours=3)
    assert turns.since({"a": "daily"}, clock.now()) == {"a": clock.now()}


def test_a_renamed_schedule_goes_on_from_where_it_was_seen_to(store: Store) -> None:
    clock, turns = FakeClock(), store.turns
    began = clock.now()
    turns.since({"old": "hourly", "gone": "hourly"}, began)
    clock.jump(minutes=30)
    turns.since({"new": "hourly"}, clock.now())  # somebody has moved the file, and a scheduler has seen that
    store.rename("old", "new")
    assert turns.since({"new": "hourly"}, clock.now()) == {"new": began}
    store.rename("new", "gone")
    assert turns.since({"gone": "hourly"}, clock.now()) == {"gone": began}


def test_a_schedule_that_is_only_known_by_its_new_name_is_kept(store: Store) -> None:
    clock = FakeClock()
    began = clock.now()
    store.turns.since({"new": "hourly"}, began)
    store.rename("old", "new")
    clock.jump(minutes=30)
    assert store.turns.since({"new": "hourly"}, clock.now()) == {"new": began}
