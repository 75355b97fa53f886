"""Holds back what is dated in a period that the books are closed for.

Source: Xero, Organisation, lock dates: the period's holds for all but advisers, the end of year's for all;
the API obeys both, so the later one counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from bookward.destinations.xero.comparison import day_shown
from bookward.destinations.xero.facts import KnownFacts, Lock
from bookward.destinations.xero.index import XeroIndex
from bookward.errors import PeriodLocked
from bookward.records import SENDING, Operation, OperationKind, Rejection


def check_dates(operations: Sequence[Operation], index: XeroIndex, facts: KnownFacts) -> list[Operation]:
    """Return operations, rejected where the day of the record, as it is or as it would be, is locked.

    No row is rejected for what was read before this plan: that costs one call, and frees the rows of a
    period that was opened again.
    """
    days = _days(operations, index)
    if not days or not _any_closed(days, facts.latest().lock):
        return list(operations)
    lock = facts.certain().lock
    return [_checked(operation, days.get(operation.seq, ()), lock, index) for operation in operations]


def _days(operations: Sequence[Operation], index: XeroIndex) -> Mapping[int, Sequence[str]]:
    """Return the days, as YYYY-MM-DD, that have to be open for each operation that is sent."""
    field = index.kind.dated_by
    sent = [operation for operation in operations if operation.kind in SENDING]
    if field is None or not sent:
        return {}
    live = index.by_id(operation.remote_id for operation in sent if operation.remote_id)
    days: dict[int, list[str]] = {}
    for operation in sent:
        record = live.get(operation.remote_id or "")
        found = [operation.payload.get(field), record.body.get(field) if record else None]
        days[operation.seq] = [day_shown(day) for day in found if day]
    return days


def _any_closed(days: Mapping[int, Sequence[str]], lock: Lock | None) -> bool:
    return lock is not None and any(day <= lock.day for found in days.values() for day in found)


def _checked(operation: Operation, days: Sequence[str], lock: Lock | None, index: XeroIndex) -> Operation:
    closed = [day for day in days if lock is not None and day <= lock.day]
    if lock is None or not closed:
        return operation
    error = PeriodLocked(
        f"The {index.kind.noun} is dated {closed[0]}, and the books are closed up to {lock.day}, their "
        f"{lock.name} lock date.",
        field=index.kind.dated_by,
    )
    return replace(operation, kind=OperationKind.REJECT, before=None, rejection=Rejection.of(error))
