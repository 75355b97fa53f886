"""What a person asks of a plan beyond what differs."""

from __future__ import annotations

from dataclasses import dataclass

from bookward.records import ChangeKind, Draft, FoundKind, Operation, OperationKind
from bookward.trial import WHOLE, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a plan is made."""

    allow_empty: bool = False  #: plan removals even when the model returns nothing at all
    trial: Trial = WHOLE  #: which rows it is about
    full: bool = False  #: look at all rows as if for the first time
    new_key: bool = False  #: go on under the model's new key; every row finds its record anew
    reconcile: bool = False  #: and at all records in the books; with ``full`` only
    remove: tuple[FoundKind, ...] = ()  #: remove the records found so
    assume: bool = False  #: send nothing, and take all rows for synced
    by: str | None = None  #: who asks; None for a schedule
    reason: str = "by hand"  #: why, in a few words


PLAINLY = Asked()


def assumed(draft: Draft) -> Operation:
    """Return the operation of a row that is taken for synced; what cannot be mapped is still rejected."""
    if draft.change is ChangeKind.REMOVED:
        kind = OperationKind.KEEP
    else:
        kind = OperationKind.REJECT if draft.rejection else OperationKind.ASSUME
    return Operation(
        seq=draft.seq,
        key=draft.key,
        change=draft.change,
        kind=kind,
        payload=draft.payload,
        notes=draft.notes,
        rejection=draft.rejection if kind is OperationKind.REJECT else None,
    )
