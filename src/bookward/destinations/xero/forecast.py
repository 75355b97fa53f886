"""What a plan will cost: calls, the fewest possible, and minutes at Xero's limits."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from bookward.destinations.base import Forecast
from bookward.destinations.xero.batching import MAX_BODY, BatchSize
from bookward.destinations.xero.index import IN_FLIGHT
from bookward.ports import BudgetState
from bookward.records import SENDING, OperationKind

CALLS_A_MINUTE = 60
"""Source: Xero, Limits: for one organisation."""

_CALL_SECONDS = 0.5  # a call without rows, and what a row adds: assumed until the call log knows better
_ROW_SECONDS = 0.005


def forecast(sending: Mapping[str, int], bytes_: int, fixed: int | None, budget: BudgetState) -> Forecast:
    """Return the cost of sending so many operations per kind, of so many bytes together."""
    rows = {kind: count for kind, count in sending.items() if kind in set(SENDING) and count}
    inserts = rows.get(OperationKind.INSERT, 0)
    total = sum(rows.values())
    calls, least, busy = 0, 0, 0.0
    for count in (inserts, total - inserts):
        if count:
            bodies = ceil(bytes_ * count / total / MAX_BODY)
            sent, seconds = _run_down(count, fixed)
            least += max(bodies, 1)
            calls += max(sent, bodies)
            busy += seconds
    return Forecast(
        calls=calls,
        least_calls=least,
        seconds=max(busy / IN_FLIGHT, _waiting(calls, budget)),
        day_left=budget.day_left,
    )


def _run_down(rows: int, fixed: int | None) -> tuple[int, float]:
    """Return the calls that so many rows take, and their seconds one after the other."""
    size = BatchSize(fixed)
    calls, seconds = 0, 0.0
    while rows > 0:
        batch = min(size.rows, rows)
        took = _CALL_SECONDS + _ROW_SECONDS * batch
        size.succeeded(batch, took)
        rows, calls, seconds = rows - batch, calls + 1, seconds + took
    return calls, seconds


def _waiting(calls: int, budget: BudgetState) -> float:
    """Return how long the minute's limit holds so many calls back: it counts in whole minutes."""
    at_once = CALLS_A_MINUTE if budget.minute_left is None else budget.minute_left
    return 60.0 * ceil(max(calls - at_once, 0) / CALLS_A_MINUTE)
