"""Time comes in through here, so that tests can set it and never wait for it.

The time of day may be set, by people and by NTP, forward and back. What must not depend on that, above all
whether Xero still knows a key, is told by the uptime, which nobody sets.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Protocol
from uuid import uuid4

_BOOTTIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)
"""The clock that counts time asleep too; only Linux has it, and only there processes can share a reading."""
SKEW = timedelta(minutes=1)
"""The clocks of machines may be so far apart. What was written down later than that was so by a wrong one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptime:
    """How long something has been running that nobody sets; only those of one ``boot`` can be compared."""

    boot: str  #: what it counts from: this start of this machine, or this process
    seconds: float


class Clock(Protocol):
    """Where the time of day and the waiting come from."""

    def now(self) -> datetime:
        """Return the present moment, with its zone (UTC); it may be set forward and back meanwhile."""

    def uptime(self) -> Uptime:
        """Return the present reading of what nobody sets."""

    def sleep(self, seconds: float) -> None:
        """Return after ``seconds`` have passed on this clock."""


class SystemClock:
    """The computer's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def uptime(self) -> Uptime:
        seconds = time.monotonic() if _BOOTTIME is None else time.clock_gettime(_BOOTTIME)
        return Uptime(boot=_boot(), seconds=seconds)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class EvenClock:
    """Another clock as it was when this one was made, going on evenly whatever the other is set to."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._began = base.now()
        self._uptime = base.uptime()

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self._base.uptime().seconds - self._uptime.seconds)

    def uptime(self) -> Uptime:
        return self._base.uptime()

    def sleep(self, seconds: float) -> None:
        self._base.sleep(seconds)


def age(clock: Clock, at: datetime, uptime: Uptime | None) -> timedelta | None:
    """Return how long ago something was written down, None when that cannot be told for certain.

    Args:
        clock: the one of now.
        at: the time of day then.
        uptime: the reading then; None where none was taken.
    """
    now = clock.uptime()
    if uptime is None or uptime.boot != now.boot or uptime.seconds > now.seconds:
        return None
    # The longer of both: a machine that was held as a whole learns the time of day, but no uptime.
    return max(clock.now() - at, timedelta(seconds=now.seconds - uptime.seconds))


@cache
def _boot() -> str:
    """Return what tells this start of this machine from others; elsewhere than on Linux, this process."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return uuid4().hex
