"""Keeps an organisation's calls at Xero's limits without tripping them. Source: Xero, Limits.

Five calls in flight, sixty a minute, 5,000 a day (1,000 on the free tier), whichever threads, processes and
machines make them. What the answers say counts for more than our own counting, since others than Bookward may
use the same organisation.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import count
from threading import Condition

from bookward.clock import Clock
from bookward.destinations.xero.exchange import Answer
from bookward.destinations.xero.faults import retry_after
from bookward.destinations.xero.window import IN_FLIGHT, PERIOD, MinuteWindow, Sent
from bookward.errors import RateLimited
from bookward.ports import Budget, BudgetState, Learns

_DAY_FREE = 1_000
_DAY_PAID = 5_000
_NAP = 1.0  # seconds; so often a waiting process looks at what others were told
_GLANCE = 0.05  # seconds; so often it looks while another process has the places
_LONGEST_NAP = 15.0
_SHORTEST_WAIT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Passed:
    """A call on its way: its place among those in flight, and what was known when it left."""

    place: str
    sent: Sent


@dataclass(frozen=True, slots=True)
class _Hindrance:
    """Why no call may leave now; ``until`` is None when a call in flight has to end first."""

    scope: str
    until: datetime | None = None


class Limiter:
    """The gate in front of one organisation; shared by the threads that write to it."""

    def __init__(
        self, organisation: str, budget: Budget, clock: Clock, *, day_reserve: float, patience: timedelta
    ) -> None:
        self._organisation = organisation
        self._budget = budget
        self._clock = clock
        self._day_reserve = day_reserve
        self._patience = patience
        self._changed = Condition()
        self._window = MinuteWindow()
        self._state = BudgetState()  # the newest that was said, to us or to others
        self._overheard = BudgetState()  # as it is stored
        self._blocked_by = "day"
        self._most_of_day = 0
        self._in_flight = 0
        self._ended = 0
        self._queue: deque[object] = deque()

    def call(self, send: Callable[[], Answer]) -> Answer:
        """Send once the limits allow it, again where Xero refused because of one, and return the answer.

        Raises:
            RateLimited: the day's limit is reached, or the wait goes beyond the patience.
        """
        latest = self._clock.now() + self._patience
        for attempt in count():
            passed = self._enter(latest)
            answer = None
            try:
                answer = send()
            finally:
                self._leave(passed, answer)
            if answer.status != 429:
                return answer
            if _scope(answer) == "concurrent":
                self._let_another_end(latest, attempt)
        raise AssertionError("unreachable")

    def state(self) -> BudgetState:
        """Return what was last said about the calls left."""
        with self._changed:
            self._catch_up(self._budget.load(self._organisation), self._clock.now())
            return self._state

    def _enter(self, latest: datetime) -> _Passed:
        me = object()
        with self._changed:
            self._queue.append(me)
            try:
                # First come, first served: a thread that always lost would wait beyond its patience.
                self._changed.wait_for(lambda: self._queue[0] is me)
                return self._pass(latest)
            finally:
                self._queue.remove(me)
                self._changed.notify_all()

    def _pass(self, latest: datetime) -> _Passed:
        while True:
            now = self._clock.now()
            found = self._try_to_pass(now)
            if isinstance(found, _Passed):
                self._in_flight += 1
                return found
            if found.until is None:
                # A second at most, since the window may be over before the call in flight.
                self._changed.wait(timeout=_NAP if self._in_flight else _GLANCE)
            elif found.scope == "day" or found.until > latest:
                raise _limited(found.scope, found.until, now)
            else:
                self._sleep(min((found.until - now).total_seconds(), _NAP))

    def _try_to_pass(self, now: datetime) -> _Passed | _Hindrance:
        hindrance: _Hindrance | None = None

        sent: Sent | None = None

        def admits(stored: BudgetState, in_flight: int) -> BudgetState | None:
            nonlocal hindrance, sent
            self._catch_up(stored, now)
            hindrance = self._hindrance(now, in_flight)
            if hindrance is not None:
                return None
            sent = self._window.send(now)
            return replace(self._state, minute=self._window.text())

        place = self._budget.enter(self._organisation, now, admits)
        if sent is None or place is None:
            return hindrance or _Hindrance("concurrent")
        return _Passed(place, sent)

    def _leave(self, passed: _Passed, answer: Answer | None) -> None:
        with self._changed:
            self._in_flight -= 1
            self._ended += 1
            self._budget.leave(self._organisation, passed.place, self._learns(passed, answer))
            self._changed.notify_all()

    def _learns(self, passed: _Passed, answer: Answer | None) -> Learns | None:
        if answer is None:
            return None
        now = self._clock.now()

        def learns(stored: BudgetState) -> BudgetState:
            self._catch_up(stored, now)
            self._hear(passed.sent, answer, now)
            return replace(self._state, minute=self._window.text())

        return learns

    def _take_minute(self, stored: BudgetState, now: datetime) -> None:
        if stored.minute is not None:
            self._window = MinuteWindow.read(stored.minute, _ahead(stored, now))
        elif stored.minute_left is not None and stored.seen_at is not None:
            self._window = MinuteWindow()
            self._window.overhear(stored.minute_left, stored.seen_at - _ahead(stored, now), now)

    def _hindrance(self, now: datetime, in_flight: int) -> _Hindrance | None:
        blocked = self._state.blocked_until
        if blocked is not None and now < blocked:
            return _Hindrance(self._blocked_by, blocked)
        if in_flight >= IN_FLIGHT:
            return _Hindrance("concurrent")
        return self._day_hindrance(now, in_flight) or self._minute_hindrance(now, in_flight)

    def _day_hindrance(self, now: datetime, in_flight: int) -> _Hindrance | None:
        left, said = self._state.day_left, self._state.seen_at
        if left is None or said is None or said.astimezone(UTC).date() < now.astimezone(UTC).date():
            return None
        blocked = self._state.blocked_until
        if not left and blocked is not None and blocked <= now:
            return None  # the refusal that said so named this moment for going on
        allowed = _DAY_PAID if self._most_of_day > _DAY_FREE else _DAY_FREE
        reserve = math.ceil(allowed * self._day_reserve)
        if left - in_flight > reserve:
            return None
        return _Hindrance("day", None if left > reserve else _next_day(now))

    def _minute_hindrance(self, now: datetime, in_flight: int) -> _Hindrance | None:
        if self._window.admits(now, in_flight):
            return None
        return _Hindrance("minute", None if in_flight else self._window.opens(now))

    def _sleep(self, seconds: float) -> None:
        self._changed.release()
        try:
            self._clock.sleep(seconds)
        finally:
            self._changed.acquire()

    def _let_another_end(self, latest: datetime, attempt: int) -> None:
        """After a refusal for too many calls at once: go on when one of ours has ended, or in a moment.

        When that does not help, others hold the places: the wait doubles, so that refusals stay few.
        """
        with self._changed:
            now, ended = self._clock.now(), self._ended
            if now > latest:
                raise _limited("concurrent", now + PERIOD, now)
            if self._in_flight and not attempt:
                self._changed.wait_for(lambda: self._ended > ended, timeout=_NAP)
            else:
                self._sleep(min(_NAP * 2**attempt, _LONGEST_NAP))

    def _hear(self, sent: Sent, answer: Answer, now: datetime) -> None:
        """Learn from an answer."""
        minute = _number(answer.headers, "x-minlimit-remaining")
        day = _number(answer.headers, "x-daylimit-remaining")
        self._window.hear(sent, minute, now, counted=answer.status < 400)
        self._most_of_day = max(self._most_of_day, day or 0)
        blocked = self._refusal(answer, now) if answer.status == 429 else None
        if minute is None and day is None and blocked is None:
            return
        self._state = BudgetState(
            minute_left=minute if minute is not None else self._state.minute_left,
            day_left=self._day_left(sent, day),
            seen_at=now,
            blocked_until=blocked or _later(self._state.blocked_until, None, now),
        )

    def _day_left(self, sent: Sent, day: int | None) -> int | None:
        """Return what is left of the day; an answer that others have overtaken says a little too much."""
        known, said = self._state.day_left, self._state.seen_at
        if day is None or known is None or said is None:
            return known if day is None else day
        overtaken = sent.at <= said and known < day < known + IN_FLIGHT
        return known if overtaken else day

    def _refusal(self, answer: Answer, now: datetime) -> datetime | None:
        """Learn from a 429; return the moment before which no call may leave."""
        scope = _scope(answer)
        if scope == "concurrent":
            return None
        wait = retry_after(answer, now)
        if scope == "day":
            until = now + wait if wait else _next_day(now)
        else:
            until = now + max(wait if wait is not None else PERIOD, _SHORTEST_WAIT)
            self._window.refused(until)
        self._blocked_by = scope
        return until

    def _catch_up(self, stored: BudgetState, now: datetime) -> None:
        """Take over what is known by now: what other processes were told since, and the minute of all."""
        if stored == self._overheard:
            return
        self._overheard = stored
        self._take_minute(stored, now)
        stored = _put_right(stored, now)
        if stored.seen_at is None or (self._state.seen_at and stored.seen_at <= self._state.seen_at):
            return
        blocked = _later(self._state.blocked_until, stored.blocked_until, now) or stored.blocked_until
        self._state = replace(stored, blocked_until=blocked, minute=None)
        self._most_of_day = max(self._most_of_day, stored.day_left or 0)
        if stored.blocked_until is not None and stored.blocked_until > now:
            self._blocked_by = "day" if stored.blocked_until - now > PERIOD else "minute"


def _scope(answer: Answer) -> str:
    """Return the limit that a 429 names; several spellings are in use, and some 429 name none."""
    problem = answer.headers.get("x-rate-limit-problem", "").strip().lower()
    for scope in ("minute", "day", "daily", "concurrent", "app"):
        if problem.startswith(scope):
            return "day" if scope == "daily" else scope
    if _number(answer.headers, "x-daylimit-remaining") == 0:
        return "day"
    return "minute" if "retry-after" in answer.headers else "concurrent"


def _ahead(stored: BudgetState, now: datetime) -> timedelta:
    """Return how far the clock of whoever was told is ahead of ours: the future says nothing."""
    return max(stored.seen_at - now, timedelta()) if stored.seen_at else timedelta()


def _number(headers: Mapping[str, str], name: str) -> int | None:
    try:
        return max(int(headers[name]), 0)
    except (KeyError, ValueError):
        return None


def _put_right(stored: BudgetState, now: datetime) -> BudgetState:
    """Return what others were told, by our clock."""
    ahead = _ahead(stored, now)
    if not ahead:
        return stored
    blocked = stored.blocked_until - ahead if stored.blocked_until else None
    return replace(stored, seen_at=now, blocked_until=blocked)


def _later(one: datetime | None, other: datetime | None, now: datetime) -> datetime | None:
    """Return the later of two moments that is still to come."""
    return max((moment for moment in (one, other) if moment is not None and moment > now), default=None)


def _next_day(now: datetime) -> datetime:
    tomorrow = now.astimezone(UTC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), UTC)


def _limited(scope: str, until: datetime, now: datetime) -> RateLimited:
    names = {"day": "calls a day", "concurrent": "calls at once", "app": "calls a minute of the whole app"}
    name = names.get(scope, "calls a minute")
    at = until.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return RateLimited(
        f"Xero's limit on {name} is reached for this organisation; it is free again at {at}.",
        wait=until - now,
    )
