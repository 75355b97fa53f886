"""Xero as a destination: the contract of ``destinations.base``, held by the parts beside this file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import tzinfo
from typing import ClassVar

from bookward.clock import EvenClock
from bookward.destinations.base import Forecast, RecordPlace, Services, SignInLife
from bookward.destinations.xero.checking import KINDS, OBJECTS, connection_steps, sync_problems
from bookward.destinations.xero.client import XeroClient
from bookward.destinations.xero.contact_groups import step_counts
from bookward.destinations.xero.deeplinks import books_link, deep_link, local_link
from bookward.destinations.xero.facts import KnownFacts, short_code, zone_on_file
from bookward.destinations.xero.forecast import forecast
from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.matching import Question
from bookward.destinations.xero.oauth import signed_in
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.outgoing import Outgoing, creates
from bookward.destinations.xero.recheck import moved
from bookward.destinations.xero.resolve import resolve
from bookward.destinations.xero.scopes import scope_warnings
from bookward.destinations.xero.signin import ask_consent, enter, keep, needs_person, sign_in
from bookward.destinations.xero.signout import sign_out
from bookward.destinations.xero.spec import XeroSpec
from bookward.destinations.xero.survey import in_books
from bookward.destinations.xero.zones import zone_named
from bookward.errors import AccessDenied, RemoteRefused, RetryLater
from bookward.ports import BudgetState, Consent, Journal, RemoteIndex, RowLedger, SignedIn, Tokens
from bookward.records import (
    BookedRecord,
    CheckStep,
    Draft,
    Operation,
    Organisation,
    Outcome,
    Payload,
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
    metered: ClassVar[str] = "/api.xro/"

    def __init__(
        self, name: str, spec: XeroSpec, services: Services, client: XeroClient | None = None
    ) -> None:
        self._name = name
        self._spec = spec
        self._services = services
        self._client = client or XeroClient(name, spec, services)
        self._facts = KnownFacts(self._client, services.index, services.clock)
        self._indexes = {
            name: XeroIndex(self._client, services.index, EvenClock(services.clock), kind)
            for name, kind in KINDS.items()
        }

    @classmethod
    def problems(cls, sync: SyncSpec) -> Sequence[SpecProblem]:
        return list(sync_problems(sync))

    @classmethod
    def warnings(cls, spec: XeroSpec, syncs: Mapping[str, SyncSpec]) -> Iterable[SpecProblem]:
        return scope_warnings(spec.scopes, syncs)

    @classmethod
    def signed_in(cls, tokens: Tokens) -> SignInLife:
        return signed_in(tokens)

    @classmethod
    def object_type(cls, sync: SyncSpec) -> XeroObject:
        return OBJECTS[sync.object]

    @classmethod
    def object_named(cls, name: str) -> XeroObject:
        return OBJECTS[name]

    @classmethod
    def page_of(cls, spec: XeroSpec, place: RecordPlace, payload: Payload, index: RemoteIndex) -> str | None:
        if spec.base_url is not None:
            return local_link(spec.base_url, OBJECTS[place.object].path, place.remote_id, place.organisation)
        return deep_link(place.object, place.remote_id, payload, short_code(index, place.organisation))

    @classmethod
    def books_of(cls, spec: XeroSpec, organisation: str, index: RemoteIndex) -> str:
        return books_link(spec.base_url, short_code(index, organisation))

    @classmethod
    def led_to(cls, spec: XeroSpec, at: str | None) -> bool:
        return at == spec.stand_in

    @classmethod
    def zone_of(cls, organisation: str, index: RemoteIndex) -> str | None:
        return zone_on_file(index, organisation)

    def check(self) -> Iterator[CheckStep]:
        return connection_steps(self._client, self._facts)

    def connect(
        self,
        show: Callable[[str], None],
        choose: Callable[[Sequence[Organisation]], Organisation],
        port: int,
    ) -> Tokens:
        tokens = sign_in(self._name, self._spec, self._services, show=show, choose=choose, port=port)
        self._read_facts()
        return tokens

    def ask_consent(self, redirect_uri: str) -> Consent | None:
        return ask_consent(self._spec, redirect_uri) if needs_person(self._spec) else None

    def enter(self, consent: Consent | None, visit: Mapping[str, str]) -> SignedIn:
        return enter(self._name, self._spec, self._services, consent, visit)

    def keep(self, signed_in: SignedIn, organisation: Organisation) -> Tokens:
        tokens = keep(self._name, self._services, signed_in, organisation)
        self._read_facts()
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
            look_ups=sync.look_up.keys(),
            creates=creates(sync),
            ledger=ledger,
            facts=self._facts,
            doubles=doubles,
        )
        return resolve(question, drafts, self._indexes)

    def in_books(self, sync: SyncSpec, remote_ids: Collection[str] | None = None) -> Iterator[BookedRecord]:
        return in_books(self.object_type(sync), sync, self._indexes[sync.object], remote_ids)

    def moved(self, sync: SyncSpec, operations: Sequence[Operation]) -> Mapping[int, Rejection]:
        match_field = next(iter(sync.match))
        return moved(self.object_type(sync), match_field, self._indexes[sync.object], operations)

    def write(
        self, sync: SyncSpec, run: str, operations: Iterable[Operation], journal: Journal
    ) -> Iterator[Sequence[Outcome]]:
        return self._outgoing(sync, run, journal).write(operations)

    def resume(
        self,
        sync: SyncSpec,
        run: str,
        operations: Callable[[Sequence[int]], Sequence[Operation]],
        journal: Journal,
        *,
        edited: bool = False,
    ) -> Iterator[Sequence[Outcome]]:
        return self._outgoing(sync, run, journal, edited=edited).resume(operations)

    def beside(self, operations: Sequence[Operation]) -> Mapping[str, int]:
        return step_counts(operations)

    def forecast(
        self,
        sync: SyncSpec,
        sending: Mapping[str, int],
        bytes_: int,
        beside: Mapping[str, int],
        first: int = 0,
    ) -> Forecast:
        kind, budget = self.object_type(sync), self._client.budget()
        return forecast(kind, sending, bytes_, self._spec.batch_size, budget, beside, first)

    def budget(self) -> BudgetState:
        return self._client.budget()

    def close(self) -> None:
        """Close the connections to Xero."""
        self._client.close()

    def _outgoing(self, sync: SyncSpec, run: str, journal: Journal, *, edited: bool = False) -> Outgoing:
        return Outgoing(
            client=self._client,
            clock=self._services.clock,
            spec=self._spec,
            indexes=self._indexes,
            facts=self._facts,
            sync=sync,
            kind=self.object_type(sync),
            run=run,
            journal=journal,
            stopped=self._services.stopped,
            edited=edited,
        )

    def _read_facts(self) -> None:
        with suppress(RetryLater, AccessDenied, RemoteRefused):  # read when they are needed, then
            self._facts.read()
