"""A clock that the emulator's users can move."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock

from bookward.clock import Clock, Uptime


class SettableClock:
    """Another clock, moved by an offset."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._offset = timedelta()
        self._passed = 0.0
        self._lock = Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._base.now() + self._offset

    def uptime(self) -> Uptime:
        base = self._base.uptime()
        with self._lock:
            return replace(base, seconds=base.seconds + self._passed)

    def sleep(self, seconds: float) -> None:
        self._base.sleep(seconds)

    def jump(self, **delta: float) -> None:
        """Let ``timedelta(**delta)`` pass, or have not passed."""
        with self._lock:
            self._offset += timedelta(**delta)
            self._passed += timedelta(**delta).total_seconds()

    def misset(self, **delta: float) -> None:
        """Set the time of day forward, or back, by ``timedelta(**delta)``; no time passes by that."""
        with self._lock:
            self._offset += timedelta(**delta)

    def set(self, moment: datetime) -> None:
        """Make it ``moment`` (with zone) now, as if the time until then had passed; it goes on from there."""
        with self._lock:
            offset = moment - self._base.now()
            self._passed += (offset - self._offset).total_seconds()
            self._offset = offset
