"""One message for each change of a state, and none between; of what is held back, at most one comes."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bookward.alerts.states import seen
from bookward.alerts.telling import Recipient, tell
from bookward.spec.alert import EmailSpec
from bookward.spec.triggers import Trigger
from bookward.standings import Level, Silence, Subject, Verdict
from tests.unit.alerts.book import MemoryBook
from tests.unit.alerts.samples import NOW

SYNC = Subject("syncs", "invoices")
LEVELS = st.lists(st.sampled_from(Level), max_size=30)
MINUTE = timedelta(minutes=1)


def recipient(slug: str = "team", **more: Any) -> Recipient:
    said = {"type": "email", "host": "h", "sender": "a@example.com", "to": ["b@example.com"]} | more
    return Recipient(slug=slug, spec=TypeAdapter(EmailSpec).validate_python(said))


def verdict(level: Level, number: int = 0, trigger: Trigger = Trigger.RUN_FAILED) -> Verdict:
    said = f"It is {level}." if level is not Level.OK else ""
    return Verdict(subject=SYNC, trigger=trigger, level=level, said=said, run=f"run-{number}")


def told(levels: list[Level], *recipients: Recipient, book: MemoryBook | None = None) -> MemoryBook:
    book = book or MemoryBook()
    for number, level in enumerate(levels):
        tell(book, verdict(level, number), NOW + number * MINUTE, recipients, "https://books.example.com")
    return book


def changes(levels: list[Level]) -> list[Level]:
    """Return the levels that differ from the one before, as a person counts them; all was well before."""
    return [after for before, after in pairwise([Level.OK, *levels]) if before is not after]


@given(levels=LEVELS)
def test_there_is_one_message_for_each_change_and_none_between(levels: list[Level]) -> None:
    book = told(levels, recipient())
    assert [one.level for one in book.sent] == changes(levels)
    assert [one.before for one in book.sent] == [Level.OK, *changes(levels)][: len(book.sent)]
    assert len({one.id for one in book.sent}) == len(book.sent)


@given(levels=LEVELS)
def test_who_only_hears_of_what_is_critical_hears_of_nothing_else(levels: list[Level]) -> None:
    book = told(levels, recipient(notify="critical"))
    assert [one.level for one in book.sent] == changes([seen(level, Level.CRITICAL) for level in levels])
    assert {one.level for one in book.sent} <= {Level.OK, Level.CRITICAL}


@given(levels=LEVELS)
def test_an_episode_is_from_the_first_trouble_to_the_end_of_all_trouble(levels: list[Level]) -> None:
    book = told(levels, recipient())
    episodes = [one.episode for one in book.sent]
    for before, after in pairwise(book.sent):
        assert (before.episode == after.episode) == (before.level is not Level.OK)
        assert (before.began == after.began) == (before.level is not Level.OK)
    assert len(set(episodes)) == sum(one.before is Level.OK for one in book.sent)


@given(levels=LEVELS, silence=st.tuples(st.integers(0, 30), st.integers(0, 30)))
def test_at_the_end_of_a_silence_one_message_waits_or_none(
    levels: list[Level], silence: tuple[int, int]
) -> None:
    begin, end = sorted(silence)
    book = told(levels[:begin], recipient())
    before = [one.level for one in book.sent]
    book.silenced = [Silence(subject=SYNC, trigger=None, until=None, by="ann", at=NOW)]
    for number, level in enumerate(levels[begin:end], begin):
        tell(book, verdict(level, number), NOW + number * MINUTE, [recipient()], None)
        assert [one.level for one in book.sent] == before
        assert len(book.held) == ((before or [Level.OK])[-1] is not level)
    if book.held:
        ((waiting, _),) = book.held
        assert waiting.level is book.states[SYNC, Trigger.RUN_FAILED].level


def test_each_recipient_is_told_what_it_wants_to_hear() -> None:
    pager = recipient("pager", notify="critical")
    only_rows = recipient("rows", triggers=["rows_rejected"])
    book = told([Level.WARNING, Level.WARNING, Level.CRITICAL, Level.WARNING], recipient(), pager, only_rows)
    assert [(one.alert, one.level, one.actual) for one in book.sent] == [
        ("team", Level.WARNING, Level.WARNING),
        ("team", Level.CRITICAL, Level.CRITICAL),
        ("pager", Level.CRITICAL, Level.CRITICAL),
        ("team", Level.WARNING, Level.WARNING),
        ("pager", Level.OK, Level.WARNING),
    ]


def test_a_message_says_what_was_wrong_when_it_is_over_and_leads_to_the_run() -> None:
    book = told([Level.CRITICAL, Level.CRITICAL, Level.OK], recipient())
    trouble, over = book.sent
    assert (trouble.said, trouble.run, trouble.link) == (
        "It is critical.",
        "run-0",
        "https://books.example.com/runs/run-0",
    )
    assert (over.said, over.at - over.began, over.episode) == ("It is critical.", 2 * MINUTE, trouble.episode)


def test_the_newest_words_of_a_trouble_are_kept_without_a_message() -> None:
    book = told([Level.CRITICAL, Level.CRITICAL], recipient())
    assert (len(book.sent), book.states[SYNC, Trigger.RUN_FAILED].run) == (1, "run-1")


def test_what_was_always_well_is_not_kept() -> None:
    assert told([Level.OK, Level.OK], recipient()) == MemoryBook()


@given(told_=st.lists(st.tuples(st.sampled_from(Level), st.sampled_from(Trigger)), max_size=30))
def test_triggers_of_one_sync_do_not_touch_each_other(told_: list[tuple[Level, Trigger]]) -> None:
    book = MemoryBook()
    for number, (level, trigger) in enumerate(told_):
        tell(book, verdict(level, number, trigger), NOW + number * MINUTE, [recipient()], None)
    for trigger in Trigger:
        levels = [level for level, of in told_ if of is trigger]
        assert [one.level for one in book.sent if one.trigger is trigger] == changes(levels)
