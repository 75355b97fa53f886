"""What the facts say: for every trigger whether all is well, a warning is due, or worse.

A verdict is given only where the facts tell; where they do not, the state stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import takewhile
from statistics import median
from typing import Any

from bookward.alerts.facts import DestinationFacts, RunFacts, SyncFacts
from bookward.spec.triggers import Trigger, duration_of, share_of
from bookward.standings import Level, Subject, Verdict

_SIGN_IN_LOST = ("sign_in_lost", "not_connected")
_SOURCE_LOST = ("source_unreachable",)
_SHARED = (*_SIGN_IN_LOST, *_SOURCE_LOST)
_USUAL, _LEAST_USUAL = 10, 5
_NEVER_SLOW = timedelta(minutes=1)


def after_run(facts: SyncFacts, run: RunFacts) -> Iterator[Verdict]:
    """Yield what a run shows that has just ended.

    Args:
        facts: of its sync; its runs are this one and those before it.
        run: the newest of them.
    """
    yield from _failure(facts, run)
    if run.read_source and run.code not in _SOURCE_LOST and run.rows_read and facts.source is not None:
        yield _well(Subject("sources", facts.source), Trigger.SOURCE_UNREACHABLE)
    if run.whole:
        yield _rejected(facts, run)
        if (verdict := _slower(facts, run)) is not None:
            yield verdict
    if (verdict := _dropped(facts, run)) is not None:
        yield verdict


def over_time(facts: SyncFacts, now: datetime) -> Iterator[Verdict]:
    """Yield what the passing of time shows of a sync."""
    yield _approval(facts, now)
    yield _missed(facts, now)
    if (verdict := _still(facts, now)) is not None:
        yield verdict


def of_destination(facts: DestinationFacts, lost_at: datetime | None, now: datetime) -> Iterator[Verdict]:
    """Yield what shows of a destination.

    Args:
        facts: about it.
        lost_at: when its sign-in was found to be lost; None where it was not.
        now: this moment.
    """
    subject, levels = Subject("destinations", facts.destination), facts.triggers
    renewed = facts.signed_in_at is not None and (lost_at is None or facts.signed_in_at > lost_at)
    if renewed:
        left = facts.signed_in_until - now if facts.signed_in_until else timedelta.max
        level = _level(levels.sign_in, lambda limit: left <= duration_of(limit))
        yield Verdict(
            subject=subject,
            trigger=Trigger.SIGN_IN,
            level=level,
            said=f"The sign-in of destination {facts.destination!r} ends in {in_words(left)}."
            if level is not Level.OK
            else "",
            remedy=f"Run a sync into it, or sign in again: `bookward connect {facts.destination}`.",
        )
    if facts.day_is_new:
        yield _well(subject, Trigger.QUOTA)
    elif facts.calls_left is not None:
        calls = facts.calls_left
        level = _level(levels.quota, lambda limit: calls <= limit)
        yield Verdict(
            subject=subject,
            trigger=Trigger.QUOTA,
            level=level,
            said=f"Destination {facts.destination!r} allows {calls:,} more calls today."
            if level is not Level.OK
            else "",
            remedy="Runs that need more pause, and go on when the day is over.",
        )


def _failure(facts: SyncFacts, run: RunFacts) -> Iterator[Verdict]:
    sync = Subject("syncs", facts.sync)
    if run.state in ("done", "parked"):
        yield _well(sync, Trigger.RUN_FAILED)
    if run.state != "failed":
        return
    said = f"Sync {facts.sync!r} failed: {run.message}"
    if run.code in _SIGN_IN_LOST:
        subject, trigger = Subject("destinations", facts.destination), Trigger.SIGN_IN
        level = Level.OK if facts.triggers.sign_in == "off" else Level.CRITICAL
    elif run.code in _SOURCE_LOST and facts.source is not None:
        subject, trigger = Subject("sources", facts.source), Trigger.SOURCE_UNREACHABLE
        in_a_row = _in_a_row(facts, lambda one: one.code in _SOURCE_LOST)
        level = _level(facts.triggers.source_unreachable, lambda limit: in_a_row >= limit)
    else:
        subject, trigger = sync, Trigger.RUN_FAILED
        in_a_row = _in_a_row(facts, lambda one: one.state == "failed" and one.code not in _SHARED)
        level = _level(facts.triggers.run_failed, lambda limit: in_a_row >= limit)
        said += f" ({in_a_row} times in a row)" if in_a_row > 1 else ""
    yield Verdict(subject=subject, trigger=trigger, level=level, said=said, remedy=run.remedy, run=run.id)


def _rejected(facts: SyncFacts, run: RunFacts) -> Verdict:
    rows, read = run.not_synced, run.rows_read

    def too_many(limit: int | str) -> bool:
        if isinstance(limit, int):
            return rows >= limit
        return rows > 0 and rows >= share_of(limit) * read

    level = _level(facts.triggers.rows_rejected, too_many)
    return Verdict(
        subject=Subject("syncs", facts.sync),
        trigger=Trigger.ROWS_REJECTED,
        level=level,
        said=f"{rows:,} of {read:,} rows of sync {facts.sync!r} are not synced." if rows else "",
        remedy=f"`bookward rows {run.id} --rejected` shows them with their reasons.",
        run=run.id,
    )


def _slower(facts: SyncFacts, run: RunFacts) -> Verdict | None:
    earlier = [one.duration.total_seconds() for one in facts.runs if one.whole and one.id != run.id]
    if len(earlier) < _LEAST_USUAL:
        return None
    usual, took = median(earlier[:_USUAL]), run.duration.total_seconds()
    level = Level.OK
    if run.duration >= _NEVER_SLOW:
        level = _level(facts.triggers.slower, lambda limit: took >= limit * usual)
    words = in_words(run.duration), in_words(timedelta(seconds=usual))
    return Verdict(
        subject=Subject("syncs", facts.sync),
        trigger=Trigger.SLOWER,
        level=level,
        said=f"Sync {facts.sync!r} took {words[0]}; {words[1]} are usual.",
        remedy=f"`bookward calls {run.id}` shows where the time went.",
        run=run.id,
    )


def _dropped(facts: SyncFacts, run: RunFacts) -> Verdict | None:
    earlier = [one.rows_read for one in facts.runs if one.read_source and one.rows_read and one.id != run.id]
    told = run.read_source and run.state in ("done", "parked") and not run.counts.get("rows_left")
    if not earlier or not told:
        return None
    usual = Decimal(median(earlier[:_USUAL]))
    lost = 1 - run.rows_read / usual
    level = _level(facts.triggers.rows_dropped, lambda limit: lost >= share_of(limit))
    return Verdict(
        subject=Subject("syncs", facts.sync),
        trigger=Trigger.ROWS_DROPPED,
        level=level,
        said=f"The model of sync {facts.sync!r} returned {run.rows_read:,} rows; {usual:,.0f} are usual.",
        remedy="Look at the model with `bookward preview`.",
        run=run.id,
    )


def _approval(facts: SyncFacts, now: datetime) -> Verdict:
    sync, newest = Subject("syncs", facts.sync), next(iter(facts.runs), None)
    if newest is None or newest.state != "parked" or newest.plan not in ("open", "expired"):
        return _well(sync, Trigger.APPROVAL_WAITS)
    waited = now - newest.finished_at
    said, remedy = f"A plan of sync {facts.sync!r} waits for approval: {newest.message}", newest.remedy
    if newest.plan == "expired":
        said = f"A plan of sync {facts.sync!r} was not approved in time: {newest.message}"
        remedy = f"Make it anew: `bookward run {facts.sync}`."
    return Verdict(
        subject=sync,
        trigger=Trigger.APPROVAL_WAITS,
        level=_level(facts.triggers.approval_waits, lambda limit: waited >= duration_of(limit)),
        said=said,
        remedy=remedy,
        run=newest.id,
    )


def _missed(facts: SyncFacts, now: datetime) -> Verdict:
    late = now - facts.waits_since if facts.waits_since else timedelta()
    level = Level.OK
    if facts.waits_since:
        level = _level(facts.triggers.schedule_missed, lambda limit: late >= duration_of(limit))
    because = f": {facts.waits_because}" if facts.waits_because else ""
    return Verdict(
        subject=Subject("syncs", facts.sync),
        trigger=Trigger.SCHEDULE_MISSED,
        level=level,
        said=f"Sync {facts.sync!r} should have run {in_words(late)} ago{because}.",
        remedy="`bookward schedule` shows what waits, and why; see that a worker is up.",
    )


def _still(facts: SyncFacts, now: datetime) -> Verdict | None:
    if facts.changed_at is None:
        return None
    still = now - facts.changed_at
    return Verdict(
        subject=Subject("syncs", facts.sync),
        trigger=Trigger.NOTHING_CHANGED,
        level=_level(facts.triggers.nothing_changed, lambda limit: still >= duration_of(limit)),
        said=f"No run of sync {facts.sync!r} has found a change for {in_words(still)}.",
        remedy="See whether what fills the warehouse still runs.",
    )


def _in_a_row(facts: SyncFacts, counts: Callable[[RunFacts], bool]) -> int:
    told = (one for one in facts.runs if one.state not in ("cancelled", "interrupted", "paused"))
    return sum(1 for _ in takewhile(counts, told))


def _level(levels: Any, beyond: Callable[[Any], bool]) -> Level:
    """Return the worst level of whose threshold ``beyond`` holds."""
    for level in (Level.CRITICAL, Level.WARNING):
        limit = getattr(levels, level.value, None)  # None of "off", too
        if limit is not None and beyond(limit):
            return level
    return Level.OK


def _well(subject: Subject, trigger: Trigger) -> Verdict:
    return Verdict(subject=subject, trigger=trigger, level=Level.OK)


def in_words(time: timedelta) -> str:
    """Return a length of time as people say it, in its two largest units."""
    seconds = max(0, int(time.total_seconds()))
    parts: list[str] = []
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        count, seconds = divmod(seconds, size)
        if count or parts:
            parts.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return " ".join(part for part in parts[:2] if not part.startswith("0 ")) or "a moment"
