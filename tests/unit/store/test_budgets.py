"""The calls in flight and the call budgets of organisations, shared by all processes."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from bookward.ports import BudgetState
from bookward.settings import Settings
from bookward.store.store import Store
from tests.fakes import FakeClock

NOW = FakeClock().now()


def test_the_budget_is_remembered(store: Store) -> None:
    assert store.budgets.load("t-1") == BudgetState()
    state = BudgetState(minute_left=3, day_left=4000, seen_at=NOW, blocked_until=None)
    place = store.budgets.enter("t-1", NOW, _let)
    store.budgets.leave("t-1", str(place), lambda known: state)
    assert store.budgets.load("t-1") == state
    assert in_flight(store) == 0


def _let(known: BudgetState, _: int) -> BudgetState:
    return known


def in_flight(store: Store, now: datetime = NOW) -> int:
    """Return how many calls a process is told are in flight."""
    told: list[int] = []
    assert store.budgets.enter("t-1", now, lambda _, calls: told.append(calls)) is None
    return told[0]


def test_calls_in_flight_are_counted_over_all_processes(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    place = store.budgets.enter("t-1", NOW, _let)
    store.budgets.enter("other", NOW, _let)
    with closing(Store(settings, FakeClock())) as another:
        another.budgets.enter("t-1", NOW, _let)
        assert in_flight(another) == in_flight(store) == 2
        store.budgets.leave("t-1", str(place), None)
        assert in_flight(another) == 1
    assert in_flight(store) == 0  # it was closed in the middle of a call
    assert [path.name for path in (tmp_path / ".bookward" / "locks").glob("living-*")] == [living(store)]


def living(store: Store) -> str:
    return f"living-{store.budgets._holder}.lock"


def test_a_call_that_nobody_waits_for_any_more_is_not_in_flight(store: Store) -> None:
    store.budgets.enter("t-1", NOW, _let)
    assert in_flight(store, NOW + timedelta(seconds=60)) == 1
    assert in_flight(store, NOW + timedelta(seconds=61)) == 0
