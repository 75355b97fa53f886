"""All that a run of a sync sends, stage by stage.

Contacts that documents need come first, then the removal of records that are replaced, then all else, and at
last contacts' groups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import chain
from queue import SimpleQueue
from threading import Event
from typing import Any

from bookward.clock import Clock
from bookward.destinations.xero.batching import BatchSize, Cutter
from bookward.destinations.xero.client import XeroClient
from bookward.destinations.xero.contact_groups import CONTACT_GROUPS, MEMBERSHIPS, is_about_groups
from bookward.destinations.xero.contactmaker import Apart, ContactMaker, as_sent
from bookward.destinations.xero.contacts import CONTACTS
from bookward.destinations.xero.delivery import Delivery, FollowUp
from bookward.destinations.xero.facts import KnownFacts
from bookward.destinations.xero.group_calls import GroupMaking, StepDelivery
from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.letters import Post
from bookward.destinations.xero.memberships import Memberships
from bookward.destinations.xero.newcomers import Newcomers
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.pauses import Pauses
from bookward.destinations.xero.problems import LOCKED
from bookward.destinations.xero.replacing import Replacing, is_note
from bookward.destinations.xero.spec import XeroSpec
from bookward.destinations.xero.writer import Job, Outbox, Stage, batches, side_by_side
from bookward.ports import Journal
from bookward.records import Intent, Operation, OperationKind, Outcome
from bookward.spec.sync import SyncSpec


def creates(sync: SyncSpec) -> frozenset[str]:
    """Return the fields whose look-ups create what they miss."""
    return frozenset(name for name, look_up in sync.look_up.items() if look_up.missing == "create")


@dataclass(kw_only=True)
class Outgoing:
    """The sending of one run."""

    client: XeroClient
    clock: Clock
    spec: XeroSpec
    indexes: Mapping[str, XeroIndex]
    facts: KnownFacts
    sync: SyncSpec
    kind: XeroObject
    run: str
    journal: Journal
    stopped: Event
    edited: bool = False  #: the sync says something else than it did when the run began
    _outbox: Outbox = field(default_factory=SimpleQueue)

    def __post_init__(self) -> None:
        # What is booked now makes the next plan read again.
        for index in self.indexes.values():
            index.expire()
        self.facts.expire()
        self._pauses = Pauses(self.clock, self.stopped)

    def write(self, operations: Iterable[Operation]) -> Iterator[Sequence[Outcome]]:
        """Send operations; they are gone through several times where contacts have to be made first."""
        ready: Callable[[Iterable[Operation]], Iterable[Operation]] = iter
        if self.kind is not CONTACTS and creates(self.sync):
            newcomers = Newcomers.of(self.kind, operations)
            if newcomers.creations:
                self._contact_maker().make(newcomers, operations)
            ready = newcomers.ready
            if rejected := newcomers.rejected_rows():
                self.journal.record(rejected)
                self._outbox.put(rejected)
        if self.sync.on_change == "replace":
            return side_by_side(self._replacing_stages(partial(ready, operations)), self._outbox)
        delivery, groups = self._records()
        jobs = _sending(delivery, groups.set_aside(ready(operations)))
        return side_by_side([(jobs, delivery), *groups.stages()], self._outbox)

    def _replacing_stages(self, ready: Callable[[], Iterable[Operation]]) -> Sequence[Stage]:
        """Return the stages of a run that replaces records; its operations are gone through twice."""
        replacing = self._replacing()
        removing, inserting = self._delivery(replacing), self._delivery(replacing)
        others = (operation for operation in ready() if operation.kind is not OperationKind.REPLACE)
        return [
            (_sending(removing, replacing.removals(ready())), removing),
            (_sending(inserting, chain(replacing.insertions(), others)), inserting),
            (replacing.closing(), inserting),
        ]

    def resume(
        self, operations: Callable[[Sequence[int]], Sequence[Operation]]
    ) -> Iterator[Sequence[Outcome]]:
        """Settle what a killed run left open; ``operations`` returns those of the plan at some places."""
        intents = list(self.journal.open_intents())
        if self.kind is not CONTACTS:
            # Whether the sync still creates contacts or not: that may have been edited since.
            apart = [intent for intent in intents if intent.path == CONTACTS.path]
            intents = [intent for intent in intents if intent.path != CONTACTS.path]
            self._contact_maker().resume(self.kind, apart, operations)
        if self.kind.replaced_by is not None:
            return side_by_side(self._resumed_stages(intents, operations), self._outbox)
        delivery, groups = self._records()
        unsettled: list[Intent] = []
        for intent in intents:
            if is_about_groups(intent):
                groups.take_up(intent, operations(intent.seqs))
            else:
                unsettled.append(intent)
        jobs = (partial(delivery.resume, intent, operations(intent.seqs)) for intent in unsettled)
        return side_by_side([(jobs, delivery), *groups.stages()], self._outbox)

    def _resumed_stages(
        self, intents: Sequence[Intent], operations: Callable[[Sequence[int]], Sequence[Operation]]
    ) -> Sequence[Stage]:
        """Return the stages that settle what a killed run left open of a kind whose records are replaced."""
        replacing = self._replacing()
        delivery = self._delivery(replacing)
        jobs: list[Job] = []
        for intent in intents:
            if is_note(intent):
                replacing.take_up(intent, operations(intent.seqs))
            else:
                parts = replacing.resumed(operations(intent.seqs), intent)
                jobs.append(partial(delivery.resume, intent, as_sent(self.kind, intent, parts)))
        return [(iter(jobs), delivery), (replacing.closing(), delivery)]

    def _contact_maker(self) -> ContactMaker:
        shared = self._shared(CONTACTS, CONTACTS.name) | {"journal": Apart(self.journal)}
        return ContactMaker(Delivery(match_field=CONTACTS.title, **shared))

    def _records(self) -> tuple[Delivery, Memberships]:
        making = GroupMaking(match_field="Name", **self._shared(CONTACT_GROUPS, CONTACT_GROUPS.name))
        steps = StepDelivery(
            match_field=MEMBERSHIPS.id_field, groups=making.index, **self._shared(MEMBERSHIPS, CONTACTS.name)
        )
        groups = Memberships(making, steps)
        return self._delivery(groups), groups

    def _replacing(self) -> Replacing:
        return Replacing(kind=self.kind, clock=self.clock, journal=self.journal, run=self.run)

    def _delivery(self, follow_up: FollowUp) -> Delivery:
        match_field = next(iter(self.sync.match))
        return Delivery(
            match_field=match_field, follow_up=follow_up, **self._shared(self.kind, self.sync.object)
        )

    def _shared(self, kind: XeroObject, index: str) -> dict[str, Any]:
        size = BatchSize(self.spec.batch_size)
        post = Post(
            client=self.client,
            clock=self.clock,
            pauses=self._pauses,
            journal=self.journal,
            run=self.run,
            kind=kind,
            size=size,
            patience=timedelta(seconds=self.spec.patience_seconds),
        )
        return {
            "post": post,
            "index": self.indexes[index],
            "kind": kind,
            "clock": self.clock,
            "journal": self.journal,
            "run": self.run,
            "size": size,
            "settled": self._settled,
            "edited": self.edited,
        }

    def _settled(self, outcomes: Sequence[Outcome]) -> None:
        said = [outcome.rejection.message.lower() for outcome in outcomes if outcome.rejection]
        if any(LOCKED in message for message in said):
            self.facts.doubt()
        self._outbox.put(outcomes)


def _sending(delivery: Delivery, operations: Iterable[Operation]) -> Iterator[Job]:
    """Yield what sends operations, a job for each batch."""
    for batch in batches(Cutter(delivery.kind, delivery.size), operations):
        yield partial(delivery.send, batch)
