"""Fakes made by hand, for what a test must be able to set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock

from bookward.clock import Uptime

_ZERO = datetime(2000, 1, 1, tzinfo=UTC)


class FakeClock:
    """A clock that moves only when told to, or when somebody sleeps on it."""

    def __init__(self, start: datetime = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._misset = timedelta()
        self._lock = Lock()
        self.slept: list[float] = []

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def uptime(self) -> Uptime:
        with self._lock:
            return Uptime(boot="fake", seconds=(self._now - self._misset - _ZERO).total_seconds())

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self._now += timedelta(seconds=seconds)

    def jump(self, **delta: float) -> None:
        """Let time pass."""
        with self._lock:
            self._now += timedelta(**delta)

    def misset(self, **delta: float) -> None:
        """Set the time of day forward or back; no time passes by that."""
        with self._lock:
            self._now += timedelta(**delta)
            self._misset += timedelta(**delta)
