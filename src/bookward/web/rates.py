"""How many requests one caller may make in a minute, counted in this process."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from bookward.clock import Clock
from bookward.errors import TooManyRequests

_WINDOW = timedelta(minutes=1)
_MOST_CALLERS = 10_000  # those seen longest ago are forgotten


@dataclass(frozen=True, slots=True)
class Rate:
    """Where a caller stands."""

    limit: int
    left: int
    seconds: int  #: until the window begins anew

    @property
    def headers(self) -> dict[str, str]:
        """What every answer says of it."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.seconds),
        }


class Rates:
    """Counts the requests of every caller in windows of a minute."""

    def __init__(self, clock: Clock, limit: int) -> None:
        self._clock = clock
        self._limit = limit
        self._lock = Lock()
        self._seen: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def take(self, caller: str) -> Rate:
        """Count a request.

        Raises:
            TooManyRequests: the caller has made too many in this minute.
        """
        now = self._clock.now()
        with self._lock:
            began, count = self._seen.pop(caller, (now, 0))
            if not began <= now < began + _WINDOW:
                began, count = now, 0
            self._seen[caller] = (began, count + 1)
            while len(self._seen) > _MOST_CALLERS:
                self._seen.popitem(last=False)
        wait = began + _WINDOW - now
        if count >= self._limit:
            raise TooManyRequests(f"More than {self._limit} requests in a minute.", wait=wait)
        return Rate(self._limit, self._limit - count - 1, max(1, round(wait.total_seconds())))
