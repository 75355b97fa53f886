"""What a plan will cost: calls, the fewest possible, and minutes at Xero's limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from types import MappingProxyType

from bookward.destinations.base import Forecast
from bookward.destinations.xero.batching import MAX_BODY, BatchSize
from bookward.destinations.xero.contact_groups import ASIDE, JOINING, LEAVING, MAKING
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.pages import IN_FLIGHT
from bookward.ports import BudgetState
from bookward.records import SENDING, OperationKind

CALLS_A_MINUTE = 60
"""Source: Xero, Limits: for one organisation."""

_CALL_SECONDS = 0.5  # a call without rows, and what a row adds: assumed until the call log knows better
_ROW_SECONDS = 0.005


def forecast(
    kind: XeroObject,
    sending: Mapping[str, int],
    bytes_: int,
    fixed: int | None,
    budget: BudgetState,
    groups: Mapping[str, int] = MappingProxyType({}),
    first: int = 0,
) -> Forecast:
    """Return the cost of sending so many operations per kind, of so many bytes together.

    Args:
        groups: what is counted of contacts that join and leave groups.
        first: how many contacts are made before.
    """
    sending = {name: count for name, count in sending.items() if name in SENDING}
    if aside := groups.get(ASIDE):
        sending[OperationKind.UPDATE] -= aside
    total = sum(sending.values())
    if kind.replaced_by is not None and (replaced := sending.pop(OperationKind.REPLACE, 0)):
        for part in (kind.replaced_by, OperationKind.INSERT):
            sending[part] = sending.get(part, 0) + replaced
    size = BatchSize(fixed)  # found once, and good for all that is sent
    calls, busy = _run_down(first, BatchSize(fixed), None)
    least = min(first, 1)
    for rows, most in _groups(kind, sending):
        bodies = ceil(bytes_ * rows / total / MAX_BODY)
        sent, seconds = _run_down(rows, size, most)
        least += max(bodies, ceil(rows / most) if most else 1)
        calls += max(sent, bodies)
        busy += seconds
    for rows, most in _steps(groups):
        sent, seconds = _run_down(rows, BatchSize(fixed), most)
        least += rows if most else 1
        calls += sent
        busy += seconds
    return Forecast(
        calls=calls,
        least_calls=least,
        seconds=max(busy / IN_FLIGHT, _waiting(calls, budget)),
        day_left=budget.day_left,
    )


def _groups(kind: XeroObject, sending: Mapping[str, int]) -> Iterator[tuple[int, int | None]]:
    """Yield how many rows travel together and how many of them one call carries at most."""
    alone = sum(count for name, count in sending.items() if kind.most_rows_of(OperationKind(name)) == 1)
    inserts = sending.get(OperationKind.INSERT, 0) if kind.most_rows_of(OperationKind.INSERT) != 1 else 0
    changes = sum(sending.values()) - alone - inserts
    groups: tuple[tuple[int, int | None], ...] = (
        (alone, 1),
        (inserts, kind.most_rows),
        (changes, kind.most_rows),
    )
    yield from (group for group in groups if group[0])


def _steps(groups: Mapping[str, int]) -> Iterator[tuple[int, int | None]]:
    """Yield how many contacts share calls that change groups and how many one call carries at most."""
    for name, count in groups.items():
        if name.startswith(MAKING):
            yield 1, 1
        elif name == LEAVING or name.startswith(JOINING):
            yield count, 1 if name == LEAVING else None


def _run_down(rows: int, size: BatchSize, most: int | None) -> tuple[int, float]:
    """Return the calls that so many rows take, and their seconds one after the other."""
    calls, seconds = 0, 0.0
    while rows > 0:
        batch = min(size.rows, rows, most or rows)
        took = _CALL_SECONDS + _ROW_SECONDS * batch
        size.succeeded(batch, took)
        rows, calls, seconds = rows - batch, calls + 1, seconds + took
    return calls, seconds


def _waiting(calls: int, budget: BudgetState) -> float:
    """Return how long the minute's limit holds so many calls back: it counts in whole minutes."""
    at_once = CALLS_A_MINUTE if budget.minute_left is None else budget.minute_left
    return 60.0 * ceil(max(calls - at_once, 0) / CALLS_A_MINUTE)
