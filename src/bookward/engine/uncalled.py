"""What becomes of operations that need no call: it is known once they are planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bookward.records import Operation, OperationKind, Outcome, OutcomeStatus, Rejection

_WITHOUT_CALL = {
    OperationKind.ADOPT: OutcomeStatus.ADOPTED,
    OperationKind.UNCHANGED: OutcomeStatus.UNCHANGED,
    OperationKind.KEEP: OutcomeStatus.KEPT,
    OperationKind.SKIP: OutcomeStatus.SKIPPED,
    OperationKind.HOLD: OutcomeStatus.HELD,
    OperationKind.REJECT: OutcomeStatus.REJECTED,
    OperationKind.DEFER: OutcomeStatus.DEFERRED,
    OperationKind.PARK: OutcomeStatus.PARKED,
    OperationKind.ASSUME: OutcomeStatus.ASSUMED,
    OperationKind.UNCERTAIN: OutcomeStatus.UNCERTAIN,
}


def uncalled(operations: Sequence[Operation], moved: Mapping[int, Rejection]) -> list[Outcome]:
    """Return the outcomes that need no call.

    Args:
        operations: any of a plan.
        moved: by place, why some of them are not sent after all.
    """
    return [
        Outcome(
            seq=operation.seq,
            key=operation.key,
            status=OutcomeStatus.REJECTED if operation.seq in moved else _WITHOUT_CALL[operation.kind],
            remote_id=operation.remote_id,
            rejection=moved.get(operation.seq, operation.rejection),
        )
        for operation in operations
        if operation.kind in _WITHOUT_CALL or operation.seq in moved
    ]
