"""Until when a message is held back: quiet hours of its recipient, and silences that a person asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bookward.spec.alert import QuietHours
from bookward.spec.schedule import WEEKDAYS
from bookward.spec.triggers import Trigger
from bookward.standings import Level, Silence, Subject

LOOK_AGAIN = timedelta(days=1)
"""What is muted without an end is looked at again after so long."""


def held_until(
    hours: Sequence[QuietHours],
    silences: Iterable[Silence],
    subject: Subject,
    trigger: Trigger,
    weight: Level,
    now: datetime,
) -> datetime | None:
    """Return until when a message is held back at least, None when it may go.

    Args:
        hours: the quiet hours of its recipient.
        silences: all that there are.
        subject: what the message is about.
        trigger: likewise.
        weight: the worse of what it tells and of what was told before: that something critical is over may
            be told when the trouble itself was.
        now: this moment.
    """
    ends = [
        silence.until or now + LOOK_AGAIN for silence in silences if silence.covers(subject, trigger, now)
    ]
    for quiet in hours:
        if weight is not Level.CRITICAL or quiet.critical == "hold":
            ends += [end for begin, end in _nights(quiet, now) if begin <= now < end]
    return max(ends, default=None)


def _nights(quiet: QuietHours, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the quiet hours of yesterday, today and tomorrow, by the clocks of their zone."""
    zone = ZoneInfo(quiet.timezone)
    today = now.astimezone(zone).date()
    begin, end = time.fromisoformat(quiet.begin), time.fromisoformat(quiet.end)
    for day in (today + timedelta(days=shift) for shift in (-1, 0, 1)):
        if quiet.days is None or WEEKDAYS[day.weekday()] in quiet.days:
            last = day + timedelta(days=1) if end < begin else day
            yield (
                datetime.combine(day, begin, zone).astimezone(UTC),
                datetime.combine(last, end, zone).astimezone(UTC),
            )
