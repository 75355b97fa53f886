"""States and messages in either database: whole or not at all, and told as the contract of alerts says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bookward.alerts.telling import Recipient, tell
from bookward.ids import new_id
from bookward.spec.alert import EmailSpec
from bookward.spec.triggers import Trigger
from bookward.standings import Level, Message, Silence, Subject, Verdict
from bookward.store.outbox import MessageState
from bookward.store.runs import RunState
from bookward.store.store import Store
from tests.unit.alerts.book import MemoryBook

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SYNC = Subject("syncs", "invoices")
MAIL = {"type": "email", "host": "h", "sender": "a@example.com", "to": ["b@example.com"]}
TEAM = Recipient(slug="team", spec=EmailSpec.model_validate(MAIL))
NIGHT = EmailSpec.model_validate(MAIL | {"quiet_hours": [{"begin": "09:00", "end": "17:00"}]})
SLEEPER = Recipient(slug="sleeper", spec=NIGHT)
LEVELS = [Level.WARNING, Level.WARNING, Level.CRITICAL, Level.WARNING, Level.OK, Level.CRITICAL]


def verdict(level: Level) -> Verdict:
    return Verdict(subject=SYNC, trigger=Trigger.RUN_FAILED, level=level, said=f"It is {level}.")


def change(store: Store, level: Level, minutes: int = 0) -> None:
    with store.standings.changing() as changing:
        tell(changing, verdict(level), NOW + timedelta(minutes=minutes), [TEAM, SLEEPER], None)


def about(messages: list[Message]) -> list[tuple[str, Level, Level, str]]:
    return [(one.alert, one.level, one.before, one.said) for one in messages]


def test_the_store_tells_what_the_contract_in_memory_tells(store: Store) -> None:
    book = MemoryBook()
    for minutes, level in enumerate(LEVELS):
        change(store, level, minutes)
        tell(book, verdict(level), NOW + timedelta(minutes=minutes), [TEAM, SLEEPER], None)
        posted = [one for name in ("team", "sleeper") for one in store.outbox.open(name)]
        free = sorted(about([one.message for one in posted if not one.held]))
        assert free == sorted(about(book.sent))
        assert about([one.message for one in posted if one.held]) == about([one for one, _ in book.held])
    (kept,) = store.standings.list()
    assert kept == book.states[SYNC, Trigger.RUN_FAILED]


def test_a_change_that_is_not_finished_leaves_nothing(store: Store) -> None:
    def half() -> None:
        with store.standings.changing() as changing:
            tell(changing, verdict(Level.CRITICAL), NOW, [TEAM], None)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert (list(store.standings.list()), list(store.outbox.open("team"))) == ([], [])


def test_a_run_is_looked_at_once_and_only_when_it_has_ended(store: Store) -> None:
    first, second = new_id(NOW), new_id(NOW + timedelta(hours=1))
    for run in (first, second):
        store.runs.begin(run, "invoices", NOW, "{}")
    assert list(store.standings.unwatched(10)) == []
    store.runs.end(second, RunState.DONE, NOW + timedelta(minutes=1), {})
    store.runs.end(first, RunState.FAILED, NOW + timedelta(minutes=2), {})
    assert list(store.standings.unwatched(10)) == [second, first]
    with store.standings.changing() as changing:
        assert [changing.watch(second), changing.watch(second)] == [True, False]
    assert list(store.standings.unwatched(10)) == [first]


def test_a_silence_is_replaced_and_ended(store: Store) -> None:
    mute = Silence(subject=SYNC, trigger=None, until=None, by="ann", at=NOW)
    snooze = Silence(subject=SYNC, trigger=None, until=NOW + timedelta(hours=1), by="ben", at=NOW)
    other = Silence(subject=SYNC, trigger=Trigger.SLOWER, until=None, by="ann", at=NOW)
    for silence in (mute, snooze, other):
        with store.standings.changing() as changing:
            changing.silence(silence)
    assert {one.by for one in store.standings.silences()} == {"ann", "ben"}
    assert [store.standings.end_silence(SYNC, None, NOW) for _ in range(2)] == [True, False]
    assert list(store.standings.silences()) == [other]


def test_what_was_sent_is_forgotten_unless_it_is_still_not_well(store: Store) -> None:
    change(store, Level.CRITICAL)
    (posted,) = store.outbox.open("team")
    store.outbox.begin([posted], "d1")
    store.outbox.sent([posted], NOW)
    later = NOW + timedelta(days=30)
    store.outbox.forget(later)
    assert store.outbox.list("team")[0].state is MessageState.SENT
    change(store, Level.OK, 1)
    store.outbox.give_up(store.outbox.open("team"), "The alert is gone.")
    store.outbox.forget(later)
    assert store.outbox.list("team") == []


def test_a_renamed_sync_keeps_its_state_and_what_it_was_told(store: Store) -> None:
    change(store, Level.CRITICAL)
    store.rename("invoices", "bills")
    (kept,) = store.standings.list()
    assert kept.subject == Subject("syncs", "bills")
    with store.standings.changing() as changing:
        assert changing.told("team", Subject("syncs", "bills"), Trigger.RUN_FAILED).level is Level.CRITICAL
