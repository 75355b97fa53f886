"""Fakes made by hand, for what a test must be able to set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock

from bookward.clock import Uptime
from bookward.ids import new_token
from bookward.ports import Admits, BudgetState, Learns

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


class MemoryBudget:
    """The call budgets of organisations (``ports.Budget``), shared by whoever is given the same one."""

    def __init__(self) -> None:
        self.states: dict[str, BudgetState] = {}
        self.places: dict[str, str] = {}  # place to organisation
        self._lock = Lock()

    def load(self, organisation: str) -> BudgetState:
        return self.states.get(organisation, BudgetState())

    def enter(self, organisation: str, at: datetime, admits: Admits) -> str | None:
        with self._lock:
            in_flight = list(self.places.values()).count(organisation)
            known = admits(self.load(organisation), in_flight)
            if known is None:
                return None
            self.states[organisation] = known
            place = new_token()
            self.places[place] = organisation
            return place

    def leave(self, organisation: str, place: str, learns: Learns | None) -> None:
        with self._lock:
            del self.places[place]
            if learns is not None:
                self.states[organisation] = learns(self.load(organisation))
