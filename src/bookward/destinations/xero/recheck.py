"""Tells which operations of a plan made before are no longer what the plan shows."""

from __future__ import annotations

from collections.abc import Sequence

from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.matching import Knowledge, check_claims, holders
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.queries import Wanted
from bookward.errors import RecordMoved, RowError
from bookward.records import SENDING, Operation, OperationKind, Rejection, RemoteRecord

_MADE = frozenset({OperationKind.INSERT, OperationKind.REPLACE})
_COMPARED = SENDING - {OperationKind.INSERT} | {OperationKind.ADOPT}


def moved(
    kind: XeroObject, match_field: str, index: XeroIndex, operations: Sequence[Operation]
) -> dict[int, Rejection]:
    """Return, by place, why an operation cannot be executed as it was shown.

    Raises:
        RetryLater: Xero cannot be read now.
    """
    inserts = [operation for operation in operations if operation.kind is OperationKind.INSERT]
    compared = [operation for operation in operations if operation.kind in _COMPARED]
    if not inserts and not compared:
        return {}
    ids = {operation.remote_id for operation in compared if operation.remote_id}
    made = [operation for operation in (*inserts, *compared) if operation.kind in _MADE]
    claims = {claim for operation in made for claim in kind.claims(operation.payload, match_field)}
    index.refresh(Wanted.of(kind, ids, claims))
    live = index.by_id(ids)
    known = Knowledge(ids={}, live=live, holders=holders(kind, index, claims))
    found: dict[int, Rejection] = {}
    for operation in (*inserts, *compared):
        try:
            if operation.kind is OperationKind.INSERT:
                _check_insert(kind, operation, match_field, known)
            else:
                _compare(kind, operation, live.get(operation.remote_id or ""), known)
        except RowError as error:
            found[operation.seq] = Rejection.of(RecordMoved(f"Since the plan was made: {error.message}"))
    return found


def _check_insert(kind: XeroObject, operation: Operation, match_field: str, known: Knowledge) -> None:
    check_claims(kind, operation.payload, None, known, operation.disowned)
    for claim in kind.claims(operation.payload, match_field):
        held = known.holders.get(claim, ()) if claim.startswith(f"{match_field}=") else ()
        if matching := [record for record in held if record.remote_id not in operation.disowned]:
            raise RecordMoved(f"The {kind.called(matching[0])} appeared, and the row would match it.")


def _compare(kind: XeroObject, operation: Operation, record: RemoteRecord | None, known: Knowledge) -> None:
    if record is None:
        raise RecordMoved(f"The {kind.noun} {operation.remote_id} is no longer in Xero.")
    if operation.kind in (OperationKind.UPDATE, OperationKind.REPLACE) and record.archived:
        raise RecordMoved(f"The {kind.called(record)} was {kind.archived_word(record.body)}.")
    if operation.kind is OperationKind.DELETE:
        return
    if operation.kind is OperationKind.REPLACE:
        check_claims(kind, operation.payload, record, known, operation.disowned)
        differing = kind.replaced(record, operation.payload)
    else:
        differing = kind.differences(operation.payload, record.body)
    if differing != operation.before:
        fields = sorted(set(differing) ^ set(operation.before or {})) or sorted(differing)
        raise RecordMoved(f"{' and '.join(fields)} of {kind.called(record)} changed.")
