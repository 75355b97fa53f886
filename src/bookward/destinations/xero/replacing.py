"""Replaces records: all old ones are removed first, then new ones are inserted, in batches.

At no moment are both in the books. That a row's old record is gone is written down in the transaction that
settles its removal, as a batch of its own that is never sent: while that is open, the row waits for its new
record. When it is closed, a row that has none is told so (``RecordRemoved``) and counts as new. So do the
rows of a killed run: what is booked of them is settled, and the next plan inserts the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

from msgspec.structs import replace

from bookward.clock import Clock
from bookward.destinations.xero.batching import Batch
from bookward.destinations.xero.elements import refused
from bookward.destinations.xero.letters import write_letter
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.writer import Job
from bookward.errors import RecordRemoved
from bookward.ports import Journal
from bookward.records import Intent, Operation, OperationKind, Outcome, OutcomeStatus, RemoteRecord


def is_note(intent: Intent) -> bool:
    """Return whether a batch only notes that old records are gone."""
    return intent.method == "PUT" and not intent.body


def part_of(kind: XeroObject, operation: Operation, intent: Intent) -> Operation:
    """Return the part of an operation that a batch carries: a replacement is a removal and an insertion."""
    if operation.kind is not OperationKind.REPLACE:
        return operation
    return insertion(operation) if intent.method == "PUT" else removal(kind, operation)


def insertion(operation: Operation) -> Operation:
    """Return the second part of a replacement."""
    return replace(operation, kind=OperationKind.INSERT, remote_id=None, before=None)


def removal(kind: XeroObject, operation: Operation) -> Operation:
    """Return the first part of a replacement."""
    assert kind.replaced_by is not None, "no plan replaces what is not replaced"
    old = RemoteRecord(
        remote_id=str(operation.remote_id), body=dict(operation.before or {}), archived=False, keys={}
    )
    removing, payload = kind.removal(kind.replaced_by.value, old)
    return replace(operation, kind=removing, payload=payload, before=None)


@dataclass(kw_only=True)
class Replacing:
    """The replacements of one run (``delivery.FollowUp``)."""

    kind: XeroObject
    clock: Clock
    journal: Journal
    run: str
    _whole: dict[int, Operation] = field(default_factory=dict)  #: by place, whose old record is to go
    _gone: dict[int, Operation] = field(default_factory=dict)  #: by place, the insertion still to come
    _notes: dict[str, list[int]] = field(default_factory=dict)  #: places by batch
    _lock: Lock = field(default_factory=Lock)

    def removals(self, operations: Iterable[Operation]) -> Iterator[Operation]:
        """Yield the removals of the records that are replaced."""
        for operation in operations:
            if operation.kind is OperationKind.REPLACE:
                self._whole[operation.seq] = operation
                yield removal(self.kind, operation)

    def insertions(self) -> Iterator[Operation]:
        """Yield the insertions of the rows whose old record is gone, in the order of the plan."""
        yield from (self._gone[seq] for seq in sorted(self._gone))

    def take_up(self, intent: Intent, operations: Sequence[Operation]) -> None:
        """Take over what an earlier process noted."""
        self._gone |= {operation.seq: insertion(operation) for operation in operations}
        self._notes[intent.batch] = list(intent.seqs)

    def resumed(self, operations: Sequence[Operation], intent: Intent) -> list[Operation]:
        """Return what a batch of an earlier process carries."""
        self._whole |= {o.seq: o for o in operations if o.kind is OperationKind.REPLACE}
        return [part_of(self.kind, operation, intent) for operation in operations]

    def closing(self) -> Iterator[Job]:
        """Yield what ends the waiting of the rows, once all insertions are settled."""
        yield from (partial(self._close, batch, seqs) for batch, seqs in self._notes.items())

    def prepare(self, operations: Sequence[Operation]) -> None:
        """Make nothing: neither part needs anything."""

    def after(
        self, operations: Sequence[Operation], outcomes: Sequence[Outcome]
    ) -> tuple[Sequence[Outcome], Sequence[Intent]]:
        kinds = {operation.seq: operation.kind for operation in operations}
        final: list[Outcome] = []
        gone: list[Operation] = []
        for outcome in outcomes:
            whole = self._whole.get(outcome.seq)
            if whole is None:
                final.append(outcome)
            elif kinds[outcome.seq] is OperationKind.INSERT:
                final.append(self._said(outcome))
            elif outcome.status is OutcomeStatus.ACCEPTED:
                gone.append(insertion(whole))
            else:
                final.append(outcome)
        return final, self._note(gone)

    def _said(self, outcome: Outcome) -> Outcome:
        """Return the outcome of an insertion; a refusal says too that the old record is gone."""
        if outcome.rejection is None:
            return outcome
        noun = self.kind.noun
        if outcome.status is OutcomeStatus.UNCERTAIN:  # it must not count as new: it may be booked
            message = f"The old {noun} is gone. {outcome.rejection.message}"
            return replace(outcome, rejection=replace(outcome.rejection, message=message))
        message = f"The old {noun} is gone, and Xero refused the new one: {outcome.rejection.message}"
        rejection = replace(outcome.rejection, code=RecordRemoved.code, message=message)
        return replace(outcome, rejection=rejection, remote_id=None)

    def _note(self, gone: Sequence[Operation]) -> list[Intent]:
        if not gone:
            return []
        batch = Batch(method="PUT", path=self.kind.path, operations=tuple(gone), body=b"")
        intent = write_letter(self.run, batch, self.clock).intent
        with self._lock:
            self._gone |= {operation.seq: operation for operation in gone}
            self._notes[intent.batch] = list(intent.seqs)
        return [intent]

    def _close(self, batch: str, seqs: Sequence[int]) -> None:
        """Close a note; the rows that have an outcome by now keep it."""
        said = RecordRemoved(f"The old {self.kind.noun} is gone, and the run ended before the new one came.")
        self.journal.settle(batch, [refused(self._gone[seq], said) for seq in seqs])
