"""A trial: a run of some rows only, which counts as real; the others are left for the next run."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from bookward.records import SENDING, Draft, Operation, OperationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Which rows a plan is about; by default all."""

    limit: int | None = None  #: so many records are created, changed or removed at most
    keys: frozenset[str] | None = None  #: only these rows

    def chosen(self, drafts: Sequence[Draft], sending: int, handing_over: Set[str]) -> list[Draft]:
        """Return the drafts to be looked at.

        Args:
            drafts: the next ones.
            sending: operations planned so far that spend calls.
            handing_over: keys of removed rows whose records rows of this plan take: a record that the next
                run finds with both would be removed.
        """
        full = self.limit is not None and sending >= self.limit
        asked = frozenset() if full else self.keys
        return [d for d in drafts if asked is None or d.key in asked or d.key in handing_over]

    def cut(self, operations: Sequence[Operation], sending: int) -> list[Operation]:
        """Return the operations that do not go beyond the limit."""
        if self.limit is None:
            return list(operations)
        kept: list[Operation] = []
        for operation in operations:
            sending += operation.kind in SENDING
            if operation.kind not in SENDING or sending <= self.limit:
                kept.append(operation)
        return kept


WHOLE = Trial()


def left(draft: Draft) -> Operation:
    """Return the operation of a row that a trial leaves for later."""
    return Operation(seq=draft.seq, key=draft.key, change=draft.change, kind=OperationKind.LEAVE)
