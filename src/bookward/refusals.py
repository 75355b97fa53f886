"""Which rows of a plan wait: the destination refused just this before, or may have booked it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bookward import exactjson
from bookward.boundsync import BoundSync
from bookward.planledger import PlanLedger
from bookward.records import SENDING, ChangeKind, Draft, Operation, OperationKind
from bookward.store.doubts import Doubt
from bookward.store.refusals import Refusal

_DECIDES = {"object", "mode", "on_change", "on_removal"}


class Refusals:
    """The refusals that stand when a plan is made."""

    def __init__(self, sync: BoundSync) -> None:
        self._rows = sync.store.row_states(sync.slug)
        self._now = sync.clock.now()
        self._settings = sync.spec.model_dump(mode="json", include=_DECIDES)
        self._any = self._rows.has_refusals()
        self._doubts = sync.doubts.open()
        books = sync.destination.organisation().id
        self._zone = ZoneInfo(sync.destination.zone_of(books, sync.store.index) or "UTC")

    def waiting(self, drafts: Sequence[Draft], ledger: PlanLedger) -> dict[int, Operation]:
        """Return, by place, the operations of the drafts that are not tried again by this plan."""
        if not self._any:
            return {}
        refused = self._rows.refusals([draft.key for draft in drafts if draft.rejection is None])
        gone = {refusal.remote_id for refusal in refused.values() if refusal.remote_id}
        heirs = ledger.heirs(sorted(gone))
        return {
            draft.seq: _waits(draft, refusal, self._zone)
            for draft in drafts
            if (refusal := refused.get(draft.key)) is not None
            and draft.rejection is None
            and self._stands(draft, refusal, heirs)
        }

    def uncertain(self, drafts: Sequence[Draft]) -> dict[int, Operation]:
        """Return, by place, the operations of the rows of which a person has to say whether they are booked.

        However the plan is made, nothing is sent for them.
        """
        return {
            draft.seq: _in_doubt(draft, self._doubts[draft.key])
            for draft in drafts
            if draft.key in self._doubts
        }

    def marked(self, drafts: Sequence[Draft], operations: Sequence[Operation]) -> list[Operation]:
        """Return the operations with the digest of what is sent, by which a refusal is known again."""
        return [
            replace(operation, digest=self._digest(draft)) if operation.kind in SENDING else operation
            for draft, operation in zip(drafts, operations, strict=True)
        ]

    def _stands(self, draft: Draft, refusal: Refusal, heirs: Mapping[str, str]) -> bool:
        if draft.change is ChangeKind.REMOVED and refusal.remote_id in heirs:
            return False  # the record goes on as another row's
        due = refusal.next_try is not None and refusal.next_try <= self._now
        return not due and refusal.digest == self._digest(draft)

    def _digest(self, draft: Draft) -> str:
        leaves = draft.change is ChangeKind.REMOVED
        decides = [self._settings, leaves, draft.match_value, draft.payload, sorted(draft.create_only)]
        return hashlib.blake2b(exactjson.encode_sorted(decides), digest_size=16).hexdigest()


def _in_doubt(draft: Draft, doubt: Doubt) -> Operation:
    return Operation(
        seq=draft.seq,
        key=draft.key,
        change=draft.change,
        kind=OperationKind.UNCERTAIN,
        payload=draft.payload,
        notes=draft.notes,
        rejection=doubt.rejection,
    )


def _waits(draft: Draft, refusal: Refusal, zone: ZoneInfo) -> Operation:
    if refusal.next_try is None:
        kind, until = OperationKind.PARK, "It is sent again when the row or its mapping changed"
    else:
        at = refusal.next_try.astimezone(zone)
        kind, until = OperationKind.DEFER, f"It is sent again after {at:%Y-%m-%d %H:%M} {zone.key}"
    times = "once" if refusal.attempts == 1 else f"{refusal.attempts} times"
    return Operation(
        seq=draft.seq,
        key=draft.key,
        change=draft.change,
        kind=kind,
        remote_id=refusal.remote_id,
        payload=draft.payload,
        notes=(*draft.notes, f"Refused {times}. {until}, or when `bookward retry` asks for it."),
        rejection=refusal.rejection,
    )
