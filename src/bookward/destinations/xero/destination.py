"""Xero as a destination: the contract of ``destinations.base``, held by the parts beside this file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from queue import SimpleQueue
from typing import ClassVar

from bookward.destinations.base import Forecast, Services
from bookward.destinations.xero.batching import BatchSize, Cutter
from bookward.destinations.xero.checking import KINDS, OBJECTS, connection_steps, sync_problems
from bookward.destinations.xero.client import XeroClient
from bookward.destinations.xero.contactmaker import Apart, ContactMaker, as_sent
from bookward.destinations.xero.contacts import CONTACTS
from bookward.destinations.xero.delivery import Delivery
from bookward.destinations.xero.forecast import forecast
from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.letters import Post
from bookward.destinations.xero.matching import Question
from bookward.destinations.xero.newcomers import Newcomers
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.pauses import Pauses
from bookward.destinations.xero.recheck import moved
from bookward.destinations.xero.resolve import resolve
from bookward.destinations.xero.signin import sign_in
from bookward.destinations.xero.signout import sign_out
from bookward.destinations.xero.spec import XeroSpec
from bookward.destinations.xero.writer import Outbox, batches, side_by_side
from bookward.ports import BudgetState, Journal, RowLedger, Tokens
from bookward.records import (
    CheckStep,
    Draft,
    Operation,
    Organisation,
    Outcome,
    Rejection,
    SignedOut,
    SpecProblem,
)
from bookward.spec.destination import DestinationSpec
from bookward.spec.sync import SyncSpec


class XeroDestination:
    """One Xero organisation."""

    spec_class: ClassVar[type[XeroSpec]] = XeroSpec
    objects: ClassVar[Sequence[str]] = tuple(OBJECTS)

    def __init__(
        self, name: str, spec: XeroSpec, services: Services, client: XeroClient | None = None
    ) -> None:
        self._name = name
        self._spec = spec
        self._services = services
        self._client = client or XeroClient(name, spec, services)
        self._indexes = {
            name: XeroIndex(self._client, services.index, services.clock, kind)
            for name, kind in KINDS.items()
        }

    @classmethod
    def problems(cls, sync: SyncSpec) -> Sequence[SpecProblem]:
        return list(sync_problems(sync))

    @classmethod
    def object_type(cls, sync: SyncSpec) -> XeroObject:
        return OBJECTS[sync.object]

    def check(self) -> Iterator[CheckStep]:
        return connection_steps(self._client)

    def connect(
        self,
        show: Callable[[str], None],
        choose: Callable[[Sequence[Organisation]], Organisation],
        port: int,
    ) -> Tokens:
        return sign_in(self._name, self._spec, self._services, show=show, choose=choose, port=port)

    def disconnect(
        self, others: Mapping[str, DestinationSpec], confirm: Callable[[Organisation], None]
    ) -> SignedOut:
        return sign_out(self._name, self._spec, self._services, others=others, confirm=confirm)

    def organisation(self) -> Organisation:
        return self._client.organisation()

    def resolve(
        self, sync: SyncSpec, drafts: Sequence[Draft], ledger: RowLedger, doubles: Mapping[str, Sequence[str]]
    ) -> list[Operation]:
        question = Question(
            kind=self.object_type(sync),
            match_field=next(iter(sync.match)),
            mode=sync.mode,
            on_change=sync.on_change,
            on_removal=sync.on_removal,
            creates=_creates(sync),
            ledger=ledger,
            doubles=doubles,
        )
        return resolve(question, drafts, self._indexes)

    def moved(self, sync: SyncSpec, operations: Sequence[Operation]) -> Mapping[int, Rejection]:
        match_field = next(iter(sync.match))
        return moved(self.object_type(sync), match_field, self._indexes[sync.object], operations)

    def write(
        self, sync: SyncSpec, run: str, operations: Iterable[Operation], journal: Journal
    ) -> Iterator[Sequence[Outcome]]:
        outbox: Outbox = SimpleQueue()
        if _creates(sync):
            newcomers = self._newcomers(sync, run, operations, journal)
            operations = newcomers.ready(operations)
            if rejected := newcomers.rejected_rows():
                journal.record(rejected)
                outbox.put(rejected)
        delivery = self._delivery(sync, run, journal, outbox)
        cutter = Cutter(delivery.kind, delivery.size)
        jobs = (partial(delivery.send, batch) for batch in batches(cutter, operations))
        return side_by_side(jobs, delivery, outbox)

    def _newcomers(
        self, sync: SyncSpec, run: str, operations: Iterable[Operation], journal: Journal
    ) -> Newcomers:
        """Make the contacts that some operations need, but for those that are there by now."""
        newcomers = Newcomers.of(self.object_type(sync), operations)
        return newcomers if not newcomers.creations else self._maker(run, journal).make(newcomers)

    def _maker(self, run: str, journal: Journal) -> ContactMaker:
        return ContactMaker(self._delivery_of(CONTACTS, CONTACTS.title, run, Apart(journal)))

    def resume(
        self,
        sync: SyncSpec,
        run: str,
        operations: Callable[[Sequence[int]], Sequence[Operation]],
        journal: Journal,
    ) -> Iterator[Sequence[Outcome]]:
        kind, intents = self.object_type(sync), list(journal.open_intents())
        if _creates(sync):
            apart = [intent for intent in intents if intent.path == CONTACTS.path]
            intents = [intent for intent in intents if intent.path != CONTACTS.path]
            self._maker(run, journal).resume(kind, apart, operations)
        outbox: Outbox = SimpleQueue()
        delivery = self._delivery(sync, run, journal, outbox)
        jobs = (
            partial(delivery.resume, intent, as_sent(kind, intent, operations(intent.seqs)))
            for intent in intents
        )
        return side_by_side(jobs, delivery, outbox)

    def forecast(self, sync: SyncSpec, sending: Mapping[str, int], bytes_: int, first: int = 0) -> Forecast:
        kind = self.object_type(sync)
        return forecast(kind, sending, bytes_, self._spec.batch_size, self._client.budget(), first)

    def budget(self) -> BudgetState:
        return self._client.budget()

    def close(self) -> None:
        """Close the connections to Xero."""
        self._client.close()

    def _delivery(self, sync: SyncSpec, run: str, journal: Journal, outbox: Outbox) -> Delivery:
        """Return what the batches of one run share. What they book makes the next plan read again."""
        for index in self._indexes.values():
            index.expire()
        return self._delivery_of(self.object_type(sync), next(iter(sync.match)), run, journal, outbox.put)

    def _delivery_of(
        self,
        kind: XeroObject,
        match_field: str,
        run: str,
        journal: Journal,
        settled: Callable[[Sequence[Outcome]], None] = lambda outcomes: None,
    ) -> Delivery:
        size = BatchSize(self._spec.batch_size)
        post = Post(
            client=self._client,
            clock=self._services.clock,
            pauses=Pauses(self._services.clock),
            run=run,
            kind=kind,
            size=size,
            patience=timedelta(seconds=self._spec.patience_seconds),
        )
        return Delivery(
            post=post,
            index=self._indexes[kind.name],
            match_field=match_field,
            kind=kind,
            clock=self._services.clock,
            journal=journal,
            run=run,
            size=size,
            settled=settled,
        )


def _creates(sync: SyncSpec) -> frozenset[str]:
    """Return the fields whose look-ups create what they miss."""
    return frozenset(name for name, look_up in sync.look_up.items() if look_up.missing == "create")
