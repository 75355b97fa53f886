"""How long a sync waits that paused and is to go on by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from bookward.clock import Clock
from bookward.errors import RateLimited
from bookward.store.runs import Run, RunState

_FIRST = timedelta(seconds=5)
_LONGEST = timedelta(minutes=5)
_SHORTEST = timedelta(seconds=1)
_ENOUGH = 10  # doublings; more would only make a larger number
_STEP = 10.0  # seconds; a computer that was asleep notices so soon that the time has come


class Waiting:
    """The waits between the runs of one sync."""

    def __init__(self, clock: Clock, pauses: int = 0) -> None:
        """Begin to wait.

        Args:
            clock: tells the time.
            pauses: how often the sync has paused before without getting anything through.
        """
        self._clock = clock
        self.pauses = pauses

    def until(self, run: Run) -> datetime | None:
        """Return when to run again, None when the run did not pause.

        A limit is free again when it says so. An outage ends when it ends: the pauses grow until rows get
        through again, and are no shorter than what was asked for.
        """
        if run.state is not RunState.PAUSED:
            return None
        now = self._clock.now()
        if run.error_code == RateLimited.code and run.resume_at is not None:
            return max(run.resume_at, now + _SHORTEST)
        if run.counts.get("rows_accepted"):
            self.pauses = 0
        pause: timedelta = _FIRST * 2 ** min(self.pauses, _ENOUGH)
        until = now + min(pause, _LONGEST)
        self.pauses += 1
        return max(until, run.resume_at or until)

    def sleep(self, until: datetime) -> None:
        """Return at that moment."""
        # Whichever says so first: a clock set back keeps nobody waiting, nor does a machine that was held.
        end = self._clock.uptime().seconds + self._left(until)
        while (left := min(self._left(until), end - self._clock.uptime().seconds)) > 0:
            self._clock.sleep(min(left, _STEP))

    def _left(self, until: datetime) -> float:
        return (until - self._clock.now()).total_seconds()
