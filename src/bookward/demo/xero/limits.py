"""Calls in flight, a minute and a day, per app and organisation. Source: Xero, OAuth 2.0 API limits."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from bookward.demo.xero.answers import Refused, empty_answer
from bookward.demo.xero.options import Options

_MINUTE = 60
_DAY = 24 * 60 * _MINUTE


@dataclass(slots=True)
class _Window:
    """Calls counted in one fixed window of time."""

    length: int
    number: int = -1
    used: int = 0

    def roll(self, seconds: float) -> None:
        number = int(seconds // self.length)
        if number != self.number:
            self.number, self.used = number, 0

    def left(self, limit: int) -> int:
        return max(0, limit - self.used)

    def wait(self, seconds: float) -> int:
        """Return the whole seconds until the next window."""
        return math.ceil(self.length - seconds % self.length)


@dataclass(slots=True)
class _Meter:
    minute: _Window = field(default_factory=lambda: _Window(_MINUTE))
    day: _Window = field(default_factory=lambda: _Window(_DAY))
    in_flight: int = 0


class Limits:
    """The meters of all apps and organisations."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._meters: dict[tuple[str, str], _Meter] = {}
        self._apps: dict[str, _Window] = {}
        self.served: Counter[str] = Counter()  #: calls that were let in, by organisation
        self.most_a_minute = (
            0,
            0,
        )  #: calls counted in one minute: of one app to one organisation, and to all

    def enter(self, app: str, tenant: str, now: datetime, options: Options) -> dict[str, str]:
        """Count a call in and return the headers that every answer to it carries.

        Raises:
            Refused: a limit is reached: an empty 429.
        """
        with self._lock:
            meter, app_minute = self._rolled(app, tenant, now, options)
            problem = _problem(meter, app_minute, now.timestamp(), options)
            if problem is None or options.refused_calls_count:
                meter.minute.used += 1
                meter.day.used += 1
                app_minute.used += 1
            one, all_ = self.most_a_minute
            self.most_a_minute = (max(one, meter.minute.used), max(all_, app_minute.used))
            headers = {
                "X-DayLimit-Remaining": str(meter.day.left(options.day_limit)),
                "X-MinLimit-Remaining": str(meter.minute.left(options.minute_limit)),
                "X-AppMinLimit-Remaining": str(app_minute.left(options.app_minute_limit)),
            }
            if problem is not None:
                raise Refused(empty_answer(429, headers | problem))
            meter.in_flight += 1
            self.served[tenant] += 1
            return headers

    def leave(self, app: str, tenant: str) -> None:
        """Count a call out."""
        with self._lock:
            self._meter(app, tenant).in_flight -= 1

    def in_flight(self, tenant: str) -> int:
        with self._lock:
            return sum(meter.in_flight for (_, of), meter in self._meters.items() if of == tenant)

    def forget(self) -> None:
        """Start all windows anew; calls in flight stay counted."""
        with self._lock:
            for meter in self._meters.values():
                meter.minute.used = meter.day.used = 0
            self._apps.clear()
            self.served.clear()
            self.most_a_minute = (0, 0)

    def _meter(self, app: str, tenant: str) -> _Meter:
        return self._meters.setdefault((app, tenant), _Meter())

    def _rolled(self, app: str, tenant: str, now: datetime, options: Options) -> tuple[_Meter, _Window]:
        meter = self._meter(app, tenant)
        app_minute = self._apps.setdefault(app, _Window(_MINUTE))
        seconds = now.timestamp()
        meter.minute.roll(seconds - options.minute_phase)
        meter.day.roll(seconds - options.day_phase)
        app_minute.roll(seconds - options.minute_phase)
        return meter, app_minute


def _problem(meter: _Meter, app_minute: _Window, seconds: float, options: Options) -> dict[str, str] | None:
    """Return the headers that tell which limit is reached, None if none is."""
    if not meter.day.left(options.day_limit):
        return _named("day", meter.day.wait(seconds - options.day_phase))
    if not meter.minute.left(options.minute_limit):
        return _named("minute", meter.minute.wait(seconds - options.minute_phase))
    if not app_minute.left(options.app_minute_limit):
        return _named(options.app_minute_problem, app_minute.wait(seconds - options.minute_phase))
    if meter.in_flight >= options.concurrent_limit:
        return {"X-Rate-Limit-Problem": "concurrent"}
    return None


def _named(problem: str, wait: int) -> dict[str, str]:
    return {"X-Rate-Limit-Problem": problem, "Retry-After": str(wait)}
