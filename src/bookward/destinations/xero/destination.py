"""Xero as a destination: the contract of ``destinations.base``, held by the parts beside this file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta, tzinfo
from functools import partial
from queue import SimpleQueue
from typing import Any, ClassVar

from bookward.destinations.base import Forecast, Services
from bookward.destinations.xero.batching import BatchSize, Cutter
from bookward.destinations.xero.checking import KINDS, OBJECTS, connection_steps, sync_problems
from bookward.destinations.xero.client import XeroClient
from bookward.destinations.xero.contact_groups import (
    CONTACT_GROUPS,
    MEMBERSHIPS,
    is_about_groups,
    step_counts,
)
from bookward.destinations.xero.contacts import CONTACTS
from bookward.destinations.xero.delivery import Delivery
from bookward.destinations.xero.facts import KnownFacts
from bookward.destinations.xero.forecast import forecast
from bookward.destinations.xero.group_calls import GroupMaking, StepDelivery
from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.letters import Post
from bookward.destinations.xero.matching import Question
from bookward.destinations.xero.memberships import Memberships
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.pauses import Pauses
from bookward.destinations.xero.problems import LOCKED
from bookward.destinations.xero.recheck import moved
from bookward.destinations.xero.resolve import resolve
from bookward.destinations.xero.signin import sign_in
from bookward.destinations.xero.signout import sign_out
from bookward.destinations.xero.spec import XeroSpec
from bookward.destinations.xero.writer import Outbox, batches, side_by_side
from bookward.destinations.xero.zones import zone_named
from bookward.errors import AccessDenied, RemoteRefused, RetryLater
from bookward.ports import BudgetState, Journal, RowLedger, Tokens
from bookward.records import (
    CheckStep,
    Draft,
    Intent,
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
        self._facts = KnownFacts(self._client, services.index, services.clock)
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
        return connection_steps(self._client, self._facts)

    def connect(
        self,
        show: Callable[[str], None],
        choose: Callable[[Sequence[Organisation]], Organisation],
        port: int,
    ) -> Tokens:
        tokens = sign_in(self._name, self._spec, self._services, show=show, choose=choose, port=port)
        with suppress(RetryLater, AccessDenied, RemoteRefused):  # read when they are needed, then
            self._facts.read()
        return tokens

    def disconnect(
        self, others: Mapping[str, DestinationSpec], confirm: Callable[[Organisation], None]
    ) -> SignedOut:
        return sign_out(self._name, self._spec, self._services, others=others, confirm=confirm)

    def organisation(self) -> Organisation:
        return self._client.organisation()

    def zone(self) -> tzinfo:
        return zone_named(self._facts.latest().timezone)

    def resolve(
        self, sync: SyncSpec, drafts: Sequence[Draft], ledger: RowLedger, doubles: Mapping[str, Sequence[str]]
    ) -> list[Operation]:
        question = Question(
            kind=self.object_type(sync),
            match_field=next(iter(sync.match)),
            mode=sync.mode,
            on_change=sync.on_change,
            on_removal=sync.on_removal,
            creates=frozenset(name for name, look in sync.look_up.items() if look.missing == "create"),
            ledger=ledger,
            facts=self._facts,
            doubles=doubles,
        )
        return resolve(question, drafts, self._indexes)

    def moved(self, sync: SyncSpec, operations: Sequence[Operation]) -> Mapping[int, Rejection]:
        match_field = next(iter(sync.match))
        return moved(self.object_type(sync), match_field, self._indexes[sync.object], operations)

    def write(
        self, sync: SyncSpec, run: str, operations: Iterator[Operation], journal: Journal
    ) -> Iterator[Sequence[Outcome]]:
        outbox: Outbox = SimpleQueue()
        delivery, groups = self._delivery(sync, run, journal, outbox)
        cutter = Cutter(delivery.kind, delivery.size)
        ready = batches(cutter, groups.set_aside(operations))
        jobs = (partial(delivery.send, batch) for batch in ready)
        return side_by_side([(jobs, delivery), *groups.stages()], outbox)

    def resume(
        self,
        sync: SyncSpec,
        run: str,
        operations: Callable[[Sequence[int]], Sequence[Operation]],
        journal: Journal,
    ) -> Iterator[Sequence[Outcome]]:
        outbox: Outbox = SimpleQueue()
        delivery, groups = self._delivery(sync, run, journal, outbox)
        unsettled: list[Intent] = []
        for intent in journal.open_intents():
            if is_about_groups(intent):
                groups.take_up(intent, operations(intent.seqs))
            else:
                unsettled.append(intent)
        jobs = (partial(delivery.resume, intent, operations(intent.seqs)) for intent in unsettled)
        return side_by_side([(jobs, delivery), *groups.stages()], outbox)

    def beside(self, operations: Sequence[Operation]) -> Mapping[str, int]:
        return step_counts(operations)

    def forecast(
        self, sync: SyncSpec, sending: Mapping[str, int], bytes_: int, beside: Mapping[str, int]
    ) -> Forecast:
        kind = self.object_type(sync)
        return forecast(kind, sending, bytes_, self._spec.batch_size, self._client.budget(), beside)

    def budget(self) -> BudgetState:
        return self._client.budget()

    def close(self) -> None:
        """Close the connections to Xero."""
        self._client.close()

    def _delivery(
        self, sync: SyncSpec, run: str, journal: Journal, outbox: Outbox
    ) -> tuple[Delivery, Memberships]:
        """Return what the batches of one run share. What they book makes the next plan read again."""
        for index in self._indexes.values():
            index.expire()
        self._facts.expire()

        def settled(outcomes: Sequence[Outcome]) -> None:
            if any(LOCKED in outcome.rejection.message.lower() for outcome in outcomes if outcome.rejection):
                self._facts.doubt()
            outbox.put(outcomes)

        pauses = Pauses(self._services.clock)

        def shared(kind: XeroObject, index: str) -> dict[str, Any]:
            size = BatchSize(self._spec.batch_size)
            post = Post(
                client=self._client,
                clock=self._services.clock,
                pauses=pauses,
                run=run,
                kind=kind,
                size=size,
                patience=timedelta(seconds=self._spec.patience_seconds),
            )
            return {
                "post": post,
                "index": self._indexes[index],
                "kind": kind,
                "clock": self._services.clock,
                "journal": journal,
                "run": run,
                "size": size,
                "settled": settled,
            }

        making = GroupMaking(match_field="Name", **shared(CONTACT_GROUPS, CONTACT_GROUPS.name))
        steps = StepDelivery(
            match_field=MEMBERSHIPS.id_field, groups=making.index, **shared(MEMBERSHIPS, CONTACTS.name)
        )
        groups = Memberships(making, steps)
        kind, match_field = self.object_type(sync), next(iter(sync.match))
        delivery = Delivery(match_field=match_field, follow_up=groups, **shared(kind, sync.object))
        return delivery, groups
