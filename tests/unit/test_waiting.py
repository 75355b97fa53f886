from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bookward.errors import RateLimited, RemoteUnavailable
from bookward.store.runs import Run, RunState
from bookward.waiting import Waiting
from tests.fakes import FakeClock

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def paused(code: str, wait: float | None = None, accepted: int = 0, **changes: Any) -> Run:
    at = None if wait is None else NOW + timedelta(seconds=wait)
    given = {"id": "r", "sync": "s", "plan": None, "started_at": NOW, "finished_at": NOW}
    counts = {"rows_accepted": accepted}
    more = {"state": RunState.PAUSED, "error_code": code, "resume_at": at, "counts": counts}
    return Run(**given | more | changes)


def seconds(waiting: Waiting, run: Run) -> float:
    until = waiting.until(run)
    assert until is not None
    return (until - NOW).total_seconds()


@pytest.mark.parametrize("state", [RunState.DONE, RunState.FAILED, RunState.INTERRUPTED])
def test_only_a_paused_run_waits(state: RunState) -> None:
    assert Waiting(FakeClock()).until(paused("x", 9, state=state)) is None


def test_a_limit_is_waited_for_exactly_every_time() -> None:
    waiting = Waiting(FakeClock())
    waits = [seconds(waiting, paused(RateLimited.code, wait)) for wait in (54_000, 3, 3, 0, -5)]
    assert waits == [54_000, 3, 3, 1, 1]


def test_an_outage_is_looked_at_in_growing_pauses_until_rows_get_through() -> None:
    waiting = Waiting(FakeClock())
    down = paused(RemoteUnavailable.code)
    assert [seconds(waiting, down) for _ in range(8)] == [5, 10, 20, 40, 80, 160, 300, 300]
    assert seconds(waiting, paused(RemoteUnavailable.code, accepted=1)) == 5
    assert seconds(waiting, down) == 10


def test_an_outage_that_says_how_long_is_believed_but_does_not_make_us_run_at_once() -> None:
    waiting = Waiting(FakeClock())
    waits = [seconds(waiting, paused(RemoteUnavailable.code, wait)) for wait in (600, 0, 0)]
    assert waits == [600, 10, 20]


def test_the_moment_is_reached_in_steps() -> None:
    clock = FakeClock(NOW)
    Waiting(clock).sleep(NOW + timedelta(seconds=25))
    assert clock.slept == [10, 10, 5]
    Waiting(clock).sleep(NOW)
    assert clock.slept == [10, 10, 5]


class Misset(FakeClock):
    """A clock that somebody sets back by an hour during the first sleep on it."""

    def sleep(self, seconds: float) -> None:
        if not self.slept:
            self.misset(hours=-1)
        super().sleep(seconds)


def test_nobody_waits_longer_because_the_clock_was_set_back() -> None:
    clock = Misset(NOW)
    Waiting(clock).sleep(NOW + timedelta(seconds=45))
    assert sum(clock.slept) == 45


def test_a_clock_set_forward_ends_a_wait_that_it_says_is_over() -> None:
    clock = FakeClock(NOW)
    until = NOW + timedelta(hours=1)
    clock.misset(hours=2)
    Waiting(clock).sleep(until)
    assert clock.slept == []
