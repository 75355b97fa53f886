"""Whether runs began when their schedules said so."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from statistics import median, quantiles

from bookward.schedule import Timetable
from bookward.spec.schedule import Schedule, interval_of


@dataclass(frozen=True, kw_only=True)
class Start:
    """One run that a schedule has begun."""

    sync: str
    at: datetime
    well: bool  #: it did what it was to do


def times(syncs: Sequence[str], every: str, begun: datetime, end: datetime) -> Mapping[str, list[datetime]]:
    """Return the times that come for each sync, in their order; the last one is behind the end."""
    found = {}
    for sync in syncs:
        coming = Timetable(sync=sync, schedule=Schedule(every=every)).times(begun)
        found[sync] = list(takewhile(lambda at: at < end + interval_of(every), coming))
    return found


def judged(starts: Sequence[Start], due: Mapping[str, Sequence[datetime]], end: datetime) -> tuple[bool, str]:
    """Return whether each time before the end had one run, and what is to be said of it.

    Args:
        due: the times of each sync; a run belongs to the last one that had come when it began.
    """
    begun, late, bad = Counter[tuple[str, datetime]](), list[float](), 0
    for start in starts:
        place = bisect_right(due[start.sync], start.at)
        if place and (moment := due[start.sync][place - 1]) < end:
            begun[start.sync, moment] += 1
            late.append((start.at - moment).total_seconds())
            bad += not start.well
    wanted = sum(moment < end for moments in due.values() for moment in moments)
    twice = sum(count - 1 for count in begun.values())
    good = len(begun) == wanted and not twice and not bad
    return good, (
        f"- {len(begun):,} of {wanted:,} times had a run that began before the next, {twice} a second one, "
        f"{bad} runs did not end well: {'met' if good else 'MISSED'}.\n"
        f"- begun {_spread(late)} behind their time.\n"
    )


def _spread(seconds: Sequence[float]) -> str:
    if len(seconds) < 2:
        return "- s"
    p99 = quantiles(seconds, n=100, method="inclusive")[98]
    return f"{median(seconds):.1f} s (median; p99 {p99:.1f} s, at most {max(seconds):.1f} s)"
