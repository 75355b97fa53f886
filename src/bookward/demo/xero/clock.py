"""A clock that the emulator's users can move."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock

from bookward.clock import Clock


class SettableClock:
    """Another clock, moved by an offset."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._offset = timedelta()
        self._lock = Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._base.now() + self._offset

    def sleep(self, seconds: float) -> None:
        self._base.sleep(seconds)

    def jump(self, **delta: float) -> None:
        """Move forward, or back, by ``timedelta(**delta)``."""
        with self._lock:
            self._offset += timedelta(**delta)

    def set(self, moment: datetime) -> None:
        """Make it ``moment`` (with zone) now; time goes on from there."""
        with self._lock:
            self._offset = moment - self._base.now()
