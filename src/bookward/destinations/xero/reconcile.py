"""Finds out by reading what became of a batch whose answer was lost.

A new record always has a natural key (a name, a code, a number, a reference), so reading settles every row,
unless somebody changed that very key by hand meanwhile. An insert was planned because no record had its key:
one that has it now and says the same is the row's. One that says something else was made or edited by
somebody: the row is rejected, never sent again blindly, and the next plan compares it and shows the
difference. A change that the record does not show is sent again: it says the same a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bookward.destinations.xero.elements import accepted, refused
from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.queries import Wanted
from bookward.errors import MatchTaken
from bookward.records import Operation, OperationKind, Outcome, RemoteRecord


def reconcile(
    kind: XeroObject, index: XeroIndex, match_field: str, operations: Sequence[Operation]
) -> tuple[list[Outcome], list[Operation]]:
    """Return the outcomes that reading settles, and the operations that were not booked.

    Raises:
        RetryLater: Xero cannot be read now.
    """
    inserts = [operation for operation in operations if operation.kind is OperationKind.INSERT]
    keys = {o.seq: kind.natural_keys(o.payload, match_field) for o in inserts}
    ids = {operation.remote_id for operation in operations if operation.remote_id}
    named = frozenset(key for keys_ in keys.values() for key in keys_.items())
    index.look_again(Wanted(ids=frozenset(ids), keys=named))
    found = _found(index, keys)
    live = index.by_id(ids)
    outcomes: list[Outcome] = []
    missing: list[Operation] = []
    for operation in operations:
        if operation.kind is OperationKind.INSERT:
            outcome = _insert(kind, operation, found.get(operation.seq))
        else:
            done = kind.is_done(operation, live.get(operation.remote_id or ""))
            outcome = accepted(operation, str(operation.remote_id)) if done else None
        if outcome is None:
            missing.append(operation)
        else:
            outcomes.append(outcome)
    return outcomes, missing


def _found(index: XeroIndex, keys: Mapping[int, Mapping[str, str]]) -> dict[int, RemoteRecord]:
    """Return the record that has one of an insert's natural keys now, by the operation's place."""
    found: dict[int, RemoteRecord] = {}
    for field in {field for named in keys.values() for field in named}:
        values = {seq: named[field] for seq, named in keys.items() if field in named}
        records = index.by_key(field, values.values())
        for seq, value in values.items():
            active = [record for record in records.get(value, ()) if not record.archived]
            if active and seq not in found:
                found[seq] = active[0]
    return found


def _insert(kind: XeroObject, operation: Operation, record: RemoteRecord | None) -> Outcome | None:
    if record is None:
        return None
    if not kind.differences(kind.element(operation), record.body):
        return accepted(operation, record.remote_id)
    return refused(
        operation,
        MatchTaken(
            f"While Xero's answer was lost, {kind.called(record)} appeared with other values than the row's.",
            remedy="Plan again: the row then finds that record, and the plan shows what differs.",
        ),
    )
