"""Which row owns which record, as it will be once the plan being made is executed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set

from bookward.engine.doubles import Doubles
from bookward.records import NARROWED, REFUSED, SENDING, ChangeKind, Draft, Operation, OperationKind, Payload
from bookward.store.doubts import Doubts
from bookward.store.syncs import SyncState

_TAKING = frozenset({OperationKind.UPDATE, OperationKind.ADOPT})


class PlanLedger:
    """A ``ports.RowLedger`` in which rows that leave the model let their records go.

    When a row's key changes, the model shows a row removed and another added. The added one takes the record
    over, and the removed one must not archive it: so removed rows are resolved last, and find the heir. Nor
    may the record go when the added row is rejected for now: then it is held back.
    """

    def __init__(
        self,
        ledger: SyncState,
        doubts: Doubts,
        removed: frozenset[str],
        others: frozenset[str],
        doubles: Doubles,
    ) -> None:
        """Wrap ``ledger`` for a plan that removes the rows with the keys ``removed``.

        Args:
            doubts: knows which records are not a row's.
            others: the other syncs that still exist.
            doubles: knows what the rows of the plan claim.
        """
        self._ledger = ledger
        self._doubts = doubts
        self._removed = removed
        self._others = others
        self._doubles = doubles
        self._heirs: dict[str, str] = {}
        self.handing_over: set[str] = set()  #: removed rows whose records are those of other rows by now
        self._held_back: dict[str, str] = {}
        self._makers: dict[tuple[str, str], tuple[str, Payload]] = {}
        self._needs: dict[str, tuple[str, str]] = {}
        self._first: set[tuple[str, str]] = set()

    def remote_ids(self, keys: Sequence[str]) -> Mapping[str, str]:
        return self._ledger.remote_ids(keys)

    def heirs(self, remote_ids: Sequence[str]) -> Mapping[str, str]:
        return {id_: self._heirs[id_] for id_ in remote_ids if id_ in self._heirs}

    def made(self, remote_ids: Sequence[str]) -> Set[str]:
        return self._ledger.made(remote_ids)

    def former_ids(self, keys: Sequence[str]) -> Mapping[str, str]:
        return self._ledger.former_ids(keys)

    def disowned(self, keys: Sequence[str]) -> Mapping[str, Sequence[str]]:
        return self._doubts.disowned(keys)

    def owners(self, remote_ids: Sequence[str]) -> Mapping[str, str]:
        found = self._ledger.owners(remote_ids)
        return {id_: key for id_, key in found.items() if key not in self._removed}

    def owned_elsewhere(self, remote_ids: Sequence[str]) -> Set[str]:
        return self._ledger.owned_by(self._others, remote_ids)

    def claimants(self, claims: Sequence[str]) -> Mapping[str, Sequence[str]]:
        return self._doubles.claimants(claims)

    def first_to_make(self, object_: str, claim: str, key: str, payload: Payload) -> tuple[str, Payload]:
        self._needs.setdefault(key, (object_, claim))
        return self._makers.setdefault((object_, claim), (key, payload))

    def made_first(self) -> dict[str, int]:
        """Return how many records of other kinds the rows noted so far need made first, by kind."""
        return dict(Counter(object_ for object_, _ in self._first))

    def held_back(self, claims: Sequence[str]) -> str | None:
        return next((self._held_back[claim] for claim in claims if claim in self._held_back), None)

    def note(self, drafts: Sequence[Draft], operations: Sequence[Operation]) -> None:
        """Take note of the records that other rows take over from removed ones, or would if they could."""
        waiting = [
            draft
            for draft, o in zip(drafts, operations, strict=True)
            if o.kind in REFUSED | {OperationKind.LEAVE}
        ]
        with_records = self._ledger.remote_ids([draft.key for draft in waiting])
        for draft in waiting:
            if draft.key not in with_records:  # one that has a record of its own is nobody's heir
                # What a rejected row would narrow its claims down to is not known for certain.
                wide = [claim.partition(NARROWED)[0] for claim in draft.claims]
                self._held_back.update(dict.fromkeys([*draft.claims, *wide], draft.key))
        sending = {operation.key for operation in operations if operation.kind in SENDING}
        needs = {draft.key: self._needs.pop(draft.key) for draft in drafts if draft.key in self._needs}
        self._first |= {needed for key, needed in needs.items() if key in sending}
        taken = {
            operation.remote_id: operation.key
            for operation in operations
            if operation.remote_id
            and operation.kind in _TAKING
            and operation.change is not ChangeKind.REMOVED
        }
        if self._removed and taken:
            before = self._ledger.owners(list(taken))
            handed = {id_: key for id_, key in before.items() if key in self._removed}
            self._heirs |= {id_: taken[id_] for id_ in handed}
            self.handing_over |= set(handed.values())
