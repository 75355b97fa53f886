"""When a sync is next due, by its schedule alone: nothing here waits, or looks at a clock."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim

from bookward.spec.schedule import LONGEST_INTERVAL, WEEKDAYS, Blackout, Schedule, interval_of

GRACE = timedelta(minutes=5)
"""A time that nobody has seen to for so long counts as missed."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REACHES = (timedelta(hours=1), timedelta(days=1), timedelta(days=40), LONGEST_INTERVAL + timedelta(days=1))
"""How far back the latest of the times is looked for: few are gone through, however long ago the first is."""
_IN_A_ROW = 400
"""So many blackouts one after the other are gone through: more than a year of one a day."""
_FOREVER = datetime(9000, 1, 1, tzinfo=UTC)
"""What comes later never comes; calendars and zones can still reckon here."""
_LEAST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A time in which nothing is begun."""

    until: datetime | None  #: None: without an end, as far as one can see
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

    @property
    def by_time(self) -> bool:
        """Whether the sync runs at certain times, and not after something else."""
        return not self.follows and self.schedule.after_dbt_cloud is None

    def times(self, after: datetime, until: datetime = _FOREVER) -> Iterator[datetime]:
        """Yield when the sync is due, from behind a moment to before another; nothing if not by time.

        What falls into a blackout is moved to its end, or left out, as the schedule says. That is the end of
        it where so many are left out that none can be expected, or the blackout has no end.
        """
        latest, in_vain = after, 0
        moments = self._plain_times(self._look_back(after))
        while in_vain < _IN_A_ROW and (moment := next(moments, until)) < until:
            due, shut = moment, closed(self.blackouts, moment)
            if shut is not None:
                if shut.until is None:
                    return
                due = shut.until if self.schedule.missed == "run" else latest
                moments = self._plain_times(shut.until - _LEAST)
            in_vain += 1
            if due > latest:
                latest, in_vain = due, 0
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
        return max(self.times(since, now + _LEAST), default=None)

    def _plain_times(self, after: datetime) -> Iterator[datetime]:
        return _plain_times(self.sync, self.schedule, after)

    def _look_back(self, after: datetime) -> datetime:
        # A time that was moved to the end of a blackout stands before it.
        reach = after
        for _ in range(_IN_A_ROW):
            begins = [shut.begins for shut in _covering(self.blackouts, reach)]
            if not begins:
                break
            reach = min(begins) - timedelta(seconds=1)
        return reach


def closed(blackouts: Sequence[Blackout], moment: datetime) -> Closed | None:
    """Return what keeps a run from beginning at a moment, until the last of several has ended."""
    until, reasons = moment, dict[str, None]()
    for _ in range(_IN_A_ROW):
        found = list(_covering(blackouts, until)) if until < _FOREVER else []
        if not found:
            break
        longest = max(found, key=lambda shut: shut.ends)
        until = longest.ends
        reasons[longest.reason] = None
    else:
        until = _FOREVER
    named = " and ".join(filter(None, reasons))
    return Closed(until=until if until < _FOREVER else None, reason=named) if reasons else None


@dataclass(frozen=True, slots=True)
class _Shut:
    begins: datetime
    ends: datetime
    reason: str


def _covering(blackouts: Sequence[Blackout], moment: datetime) -> Iterator[_Shut]:
    """Yield the times of blackouts that cover a moment; of one that comes again, the first and the last."""
    for blackout in blackouts:
        for shut in _of(blackout, moment):
            if shut.begins <= moment < shut.ends:
                yield shut


def _of(blackout: Blackout, moment: datetime) -> Iterator[_Shut]:
    """Yield the times of a blackout that can cover a moment, or the first and the last of many."""
    if blackout.begins is not None and blackout.ends is not None:
        begins, ends = blackout.instant(blackout.begins), blackout.instant(blackout.ends)
        yield _Shut(_reckonable(begins), _reckonable(ends), blackout.reason)
        return
    assert blackout.cron is not None
    assert blackout.hours is not None
    lasts = timedelta(hours=blackout.hours)
    for begins in _first_and_last(blackout.cron, blackout.timezone, moment - lasts, moment):
        yield _Shut(begins, begins + lasts, blackout.reason)


def _reckonable(moment: datetime) -> datetime:
    # Whoever writes the year 9999 means that there is no end.
    return min(max(moment, _EPOCH), _FOREVER).astimezone(UTC)


def _first_and_last(expression: str, zone: str, after: datetime, until: datetime) -> Iterator[datetime]:
    yield from islice(_cron_times(expression, zone, after), 1)
    for begin in (max(after, until - reach) for reach in _REACHES):
        found = list(takewhile(lambda time: time <= until, _cron_times(expression, zone, begin)))
        if found or begin == after:
            yield from found[-1:]
            return


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
