"""Time comes in through here, so that tests can set it and never wait for it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the time of day and the waiting come from."""

    def now(self) -> datetime:
        """Return the present moment, with its zone (UTC)."""

    def sleep(self, seconds: float) -> None:
        """Return after ``seconds`` have passed on this clock."""


class SystemClock:
    """The computer's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
