"""A clock that runs faster than the wall, so that minutes of waiting pass in seconds."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from bookward.clock import Uptime


class FastClock:
    """Time since it was made, times ``speed``; whoever computes for a second loses ``speed`` seconds."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._base = datetime.now(UTC)
        self._zero = time.perf_counter()

    def now(self) -> datetime:
        return self._base + timedelta(seconds=(time.perf_counter() - self._zero) * self._speed)

    def uptime(self) -> Uptime:
        return Uptime(boot="bench", seconds=(time.perf_counter() - self._zero) * self._speed)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / self._speed)
