"""When a sync is next due, by its schedule alone: nothing here waits, or looks at a clock."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim

from bookward.spec.schedule import LONGEST_INTERVAL, WEEKDAYS, Blackout, Schedule, interval_of

GRACE = timedelta(minutes=5)
"""A time that nobody has seen to for so long counts as missed."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REACHES = (timedelta(hours=1), timedelta(days=1), timedelta(days=40), LONGEST_INTERVAL + timedelta(days=1))
"""How far back the latest of the times is looked for: few are gone through, however long ago the first is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A time in which nothing is begun."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The times of one sync."""

    sync: str  #: its name, which decides its place among syncs of the same interval
    schedule: Schedule
    blackouts: Sequence[Blackout] = ()

    @property
    def follows(self) -> Sequence[str]:
        """The syncs after which this one runs."""
        return self.schedule.after or ()

    def times(self, after: datetime) -> Iterator[datetime]:
        """Yield when the sync is due, without an end, beginning behind a moment; nothing if not by time.

        What falls into a blackout is moved to its end, or left out, as the schedule says.
        """
        latest = after
        for moment in _plain_times(self.sync, self.schedule, self._look_back(after)):
            shut = closed(self.blackouts, moment)
            if shut is not None and self.schedule.missed == "skip":
                continue
            due = shut.until if shut else moment
            if due > latest:
                latest = due
                yield due

    def coming(self, after: datetime, count: int = 5) -> Sequence[datetime]:
        """Return the next times the sync is due."""
        return list(islice(self.times(after), count))

    def due(self, since: datetime, now: datetime) -> datetime | None:
        """Return the latest time that has come since another, None if none has.

        However many have come, the sync runs once. One that is missed is due only if the schedule says so.
        """
        if closed(self.blackouts, now) is not None:
            return None
        latest = next(filter(None, (self._latest(max(since, now - reach), now) for reach in _REACHES)), None)
        if latest is None:
            return None
        missed = now - latest > GRACE
        return None if missed and self.schedule.missed == "skip" else latest

    def _latest(self, since: datetime, now: datetime) -> datetime | None:
        latest = None
        for moment in self.times(since):
            if moment > now:
                break
            latest = moment
        return latest

    def _look_back(self, after: datetime) -> datetime:
        # A time that was moved to the end of a blackout stands before it.
        reach = after
        while begins := [shut.begins for shut in _covering(self.blackouts, reach)]:
            reach = min(begins) - timedelta(seconds=1)
        return reach


def closed(blackouts: Sequence[Blackout], moment: datetime) -> Closed | None:
    """Return what keeps a run from beginning at a moment, until the last of several has ended."""
    until, reasons = moment, dict[str, None]()
    while found := [shut for shut in _covering(blackouts, until) if shut.ends > until]:
        longest = max(found, key=lambda shut: shut.ends)
        until = longest.ends
        reasons[longest.reason] = None
    named = " and ".join(filter(None, reasons))
    return Closed(until=until, reason=named) if reasons else None


@dataclass(frozen=True, slots=True)
class _Shut:
    begins: datetime
    ends: datetime
    reason: str


def _covering(blackouts: Sequence[Blackout], moment: datetime) -> Iterator[_Shut]:
    for blackout in blackouts:
        for shut in _of(blackout, moment):
            if shut.begins <= moment < shut.ends:
                yield shut


def _of(blackout: Blackout, moment: datetime) -> Iterator[_Shut]:
    """Yield the times of a blackout that can cover a moment."""
    if blackout.begins is not None and blackout.ends is not None:
        begins, ends = blackout.instant(blackout.begins), blackout.instant(blackout.ends)
        yield _Shut(begins.astimezone(UTC), ends.astimezone(UTC), blackout.reason)
        return
    assert blackout.cron is not None
    assert blackout.hours is not None
    lasts = timedelta(hours=blackout.hours)
    for begins in _cron_times(blackout.cron, blackout.timezone, moment - lasts - timedelta(seconds=1)):
        if begins > moment:
            return
        yield _Shut(begins, begins + lasts, blackout.reason)


def _plain_times(sync: str, schedule: Schedule, after: datetime) -> Iterator[datetime]:
    if schedule.every is not None:
        return _interval_times(sync, interval_of(schedule.every), after)
    if schedule.cron is not None:
        return _cron_times(schedule.cron, schedule.timezone, after)
    if schedule.at is not None:
        days = ",".join(schedule.days or WEEKDAYS)
        wanted = sorted({(int(time[:2]), int(time[3:])) for time in schedule.at})
        lists = [_cron_times(f"{m} {h} * * {days}", schedule.timezone, after) for h, m in wanted]
        return _distinct(merge(*lists))
    return iter(())


def _interval_times(sync: str, interval: timedelta, after: datetime) -> Iterator[datetime]:
    phase = timedelta(seconds=zlib.crc32(sync.encode()) % int(interval.total_seconds()))
    place = (after - _EPOCH - phase) // interval + 1
    while True:
        yield _EPOCH + phase + interval * place
        place += 1


def _cron_times(expression: str, zone: str, after: datetime) -> Iterator[datetime]:
    return (moment.astimezone(UTC) for moment in CronSim(expression, after.astimezone(ZoneInfo(zone))))


def _distinct(moments: Iterator[datetime]) -> Iterator[datetime]:
    # When clocks go forward, several times of day are made up for at the same moment.
    latest = None
    for moment in moments:
        if moment != latest:
            latest = moment
            yield moment
