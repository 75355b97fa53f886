"""Makes the contacts that documents need before the documents leave; safe like every batch.

The rows of a contact's batch are those of the documents, which are not settled by it: so its outcomes stay
out of the journal. Nothing is lost by that: what a process that died has made is found by the next plan, and
what it has not made is made then. Made twice it cannot be, since Xero takes every name once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue

from bookward import exactjson
from bookward.destinations.xero.batching import Cutter
from bookward.destinations.xero.contacts import CONTACTS
from bookward.destinations.xero.delivery import Delivery
from bookward.destinations.xero.newcomers import Newcomers, contact_operation, with_contact
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.queries import Wanted
from bookward.destinations.xero.writer import Job, Outbox, batches, side_by_side
from bookward.errors import MatchAmbiguous, RecordArchived
from bookward.ports import Journal
from bookward.records import Intent, Operation, Outcome, Rejection


@dataclass(frozen=True, slots=True)
class Apart:
    """A journal (``ports.Journal``) for batches that settle no row."""

    journal: Journal

    def check(self) -> None:
        self.journal.check()

    def intend(self, intent: Intent) -> None:
        self.journal.intend(intent)

    def settle(self, batch: str, outcomes: Sequence[Outcome], next_intents: Sequence[Intent] = ()) -> None:
        self.journal.settle(batch, (), next_intents)

    def record(self, outcomes: Sequence[Outcome]) -> None:
        """Write nothing down: no row has an outcome by this."""

    def open_intents(self) -> Sequence[Intent]:
        return self.journal.open_intents()


class ContactMaker:
    """Makes contacts through one delivery of theirs."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._outbox: Outbox = SimpleQueue()
        delivery.settled = self._outbox.put

    def make(self, newcomers: Newcomers, operations: Iterable[Operation]) -> None:
        """Make the contacts that are needed; those that have appeared meanwhile are taken as they are.

        Args:
            operations: the documents'; when they end early, so do the contacts.

        Raises:
            StopRun, RetryLater: nothing more can be sent; what was made is found by the next plan.
        """
        index = self._delivery.index
        index.refresh(Wanted.of(CONTACTS, (), newcomers.creations))
        self._adopt(newcomers, newcomers.creations)
        cutter = Cutter(CONTACTS, self._delivery.size)
        missing = batches(cutter, newcomers.missing(operations))
        for outcomes in self._run(partial(self._delivery.send, batch) for batch in missing):
            newcomers.settle(outcomes)
        if refused := [claim for claim in newcomers.refused if claim not in newcomers.ids]:
            index.look_again(Wanted.of(CONTACTS, (), refused))
            self._adopt(newcomers, refused)

    def resume(
        self,
        kind: XeroObject,
        intents: Sequence[Intent],
        operations: Callable[[Sequence[int]], Sequence[Operation]],
    ) -> None:
        """Settle the batches of contacts that a run left open.

        Args:
            kind: that of the documents.
            operations: returns the documents' operations of the given places.
        """
        jobs = []
        for intent in intents:
            contacts = [contact_operation(kind, operation) for operation in operations(intent.seqs)]
            jobs.append(partial(self._delivery.resume, intent, contacts))
        for _ in self._run(jobs):
            pass

    def _run(self, jobs: Iterable[Job]) -> Sequence[Sequence[Outcome]]:
        return list(side_by_side([(iter(jobs), self._delivery)], self._outbox))

    def _adopt(self, newcomers: Newcomers, claims: Sequence[str] | dict[str, Operation]) -> None:
        """Take the contacts that the index has by now."""
        for claim in claims:
            field, _, folded = claim.partition("=")
            held = self._delivery.index.by_key(field, [folded]).get(folded, ())
            active = [record for record in held if not record.archived]
            if len(active) == 1:
                newcomers.ids[claim] = active[0].remote_id
                newcomers.refused.pop(claim, None)
            elif active:
                names = " and ".join(CONTACTS.called(record) for record in active[:3])
                error = MatchAmbiguous(f"{field} {folded!r} is that of {names} by now.", field="Contact")
                newcomers.refused[claim] = Rejection.of(error)
            elif held:
                gone = RecordArchived(f"The {CONTACTS.called(held[0])} is archived by now.", field="Contact")
                newcomers.refused[claim] = Rejection.of(gone)


def as_sent(kind: XeroObject, intent: Intent, operations: Sequence[Operation]) -> Sequence[Operation]:
    """Return the operations of a batch with the contacts that its body names."""
    if not any(kind.made_first(operation.payload) for operation in operations):
        return operations
    elements = exactjson.decode(intent.body)[kind.envelope]
    pairs = zip(operations, elements, strict=True)
    return [with_contact(o, e["Contact"]) if kind.made_first(o.payload) else o for o, e in pairs]
