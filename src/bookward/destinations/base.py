"""The contract of a destination, and how one is found by the `type` in its file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import cache
from importlib.metadata import entry_points
from threading import Event
from typing import Any, ClassVar, NamedTuple, Protocol

from bookward.bookings import Posting
from bookward.clock import Clock
from bookward.errors import NameUnknown
from bookward.ports import (
    Budget,
    BudgetState,
    CallLog,
    Consent,
    Journal,
    RemoteIndex,
    RowLedger,
    SignedIn,
    Tokens,
    TokenVault,
)
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
from bookward.spec.field import Field
from bookward.spec.sync import SyncSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a destination is given to do its work with."""

    clock: Clock
    calls: CallLog
    budget: Budget
    vault: TokenVault
    index: RemoteIndex
    stopped: Event = field(default_factory=Event)  #: a person wants it to end: nothing is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What executing a plan will cost."""

    calls: int  #: expected number of calls
    least_calls: int  #: the fewest that the destination's hard limits would allow
    seconds: float  #: expected duration at the destination's limits
    day_left: int | None  #: calls left today, when known


class ObjectType(Protocol):
    """One kind of record of a destination, for one sync."""

    name: ClassVar[str]
    noun: ClassVar[str]  #: one of them, for people
    fields: Mapping[str, Field]
    modes: ClassVar[tuple[str, ...]]  #: the first one is the usual one
    removals: ClassVar[tuple[str, ...]]  #: likewise
    has_amount: ClassVar[bool]  #: whether its records book money
    match_fields: ClassVar[tuple[str, ...]]  #: the usual one comes first
    also_called: ClassVar[Mapping[str, tuple[str, ...]]]
    """What people call its fields, their groups, and itself, by their names at the destination."""
    named_once: ClassVar[frozenset[str]]
    """The groups of fields that name another record, by one field."""
    summed: ClassVar[frozenset[str]]
    """The fields of lines that add up to what their record comes to."""

    @property
    def on_changes(self) -> tuple[str, ...]:
        """What a sync that only inserts may do about a row that changed; the first one is the usual one."""

    def amount(self, payload: Payload) -> tuple[str, Decimal] | None:
        """Return the currency and the money that a payload books; None when it books none.

        It is without the tax that the destination adds; tax that lines include is in it, since what it comes
        to is not known before the destination has said so.

        A payload without a currency is in that of the books, which is "" here.
        """

    def postings(self, payload: Payload, currency: str) -> Sequence[Posting]:
        """Return what a payload books on which account, without added tax; their sum is ``amount``.

        What the payload says no amount of is left out: it keeps the one that it has, or gets that of an item.

        Args:
            payload: what is booked.
            currency: what its plan found it to be in, where the payload itself cannot say; "" is unknown.
        """

    def claims(self, payload: Payload, *more: str) -> tuple[str, ...]:
        """Return the values of ``payload`` that no other record may have, as "Field=folded value".

        Args:
            more: fields that count as well, unique or not.
        """

    def tidy(self, payload: Payload) -> tuple[Payload, tuple[str, ...]]:
        """Return the payload as the destination would store it, with a note per thing that was changed.

        Raises:
            RowError: the destination is known to refuse it.
        """


class RecordPlace(NamedTuple):
    """A record in somebody's books."""

    organisation: str
    object: str  #: its kind, by the name that syncs use
    remote_id: str


class SignInLife(NamedTuple):
    """A sign-in, by what is known of it here."""

    at: datetime  #: when it was last renewed
    until: datetime | None  #: when it ends unless it is renewed; None where it does not


class Destination(Protocol):
    """A set of books that can be written to."""

    spec_class: ClassVar[type[DestinationSpec]]
    objects: ClassVar[Sequence[str]]
    """What can be written, each behind what its records may refer to."""
    metered: ClassVar[str]
    """What stands in the addresses of the calls that its limits count, and in no others."""

    def __init__(self, name: str, spec: Any, services: Services) -> None: ...

    @classmethod
    def problems(cls, sync: SyncSpec) -> Sequence[SpecProblem]:
        """Return what this kind of destination has to say against a sync, without connecting."""

    @classmethod
    def warnings(cls, spec: Any, syncs: Mapping[str, SyncSpec]) -> Iterable[SpecProblem]:
        """Return what in a destination's file will keep its syncs from doing what they should.

        Args:
            syncs: those into the destination, by name.
        """

    @classmethod
    def signed_in(cls, tokens: Tokens) -> SignInLife:
        """Return what the tokens of a sign-in tell of it."""

    @classmethod
    def object_type(cls, sync: SyncSpec) -> ObjectType:
        """Return the object that a sync writes to."""

    @classmethod
    def object_named(cls, name: str) -> ObjectType:
        """Return the object of a name that is one of ``objects``."""

    @classmethod
    def page_of(cls, spec: Any, place: RecordPlace, payload: Payload, index: RemoteIndex) -> str | None:
        """Return the address at which a person sees a record there; None where there is none.

        Args:
            place: where the record is.
            payload: what was sent for it; nothing where that is not known any more.
            index: what was read of the books; no call is made.
        """

    @classmethod
    def books_of(cls, spec: Any, organisation: str, index: RemoteIndex) -> str | None:
        """Return the address at which a person sees an organisation's books; None where there is none."""

    @classmethod
    def led_to(cls, spec: Any, at: str | None) -> bool:
        """Return whether a sign-in made at this place (as of ``Tokens``) is sent where ``spec`` leads."""

    @classmethod
    def zone_of(cls, organisation: str, index: RemoteIndex) -> str | None:
        """Return the name of an organisation's time zone as it was read last; None where it is not known.

        Args:
            organisation: its id.
            index: what was read of the books; no call is made.
        """

    def check(self) -> Iterator[CheckStep]:
        """Yield the steps of testing the connection; the first failed step is the last one."""

    def connect(
        self,
        show: Callable[[str], None],
        choose: Callable[[Sequence[Organisation]], Organisation],
        port: int,
    ) -> Tokens:
        """Sign in and keep the tokens.

        Args:
            show: is given the address at which a person grants access.
            choose: picks one of the organisations that the sign-in reaches, also when it is only one.
            port: the local port that the browser comes back to; 0 for any that is free.

        Raises:
            SignInLost: the sign-in was refused or given up.
        """

    def ask_consent(self, redirect_uri: str) -> Consent | None:
        """Return the question for a person's consent, None where none is needed; nothing is sent.

        With ``enter`` and ``keep`` this is ``connect`` in steps, for who cannot wait for the browser.

        Args:
            redirect_uri: where the browser is to come back to.

        Raises:
            SettingInvalid: the destination lets no browser come back there.
        """

    def enter(self, consent: Consent | None, visit: Mapping[str, str]) -> SignedIn:
        """Sign in with what the browser has brought back; nothing is kept.

        Args:
            consent: that was asked for; None where none is needed.
            visit: the query with which the browser came back.

        Raises:
            SignInLost: the sign-in was refused or given up.
            AccessDenied: it does not reach the organisation that the file names, or none at all.
        """

    def keep(self, signed_in: SignedIn, organisation: Organisation) -> Tokens:
        """Keep the tokens of a sign-in, for one of the organisations that it reaches."""

    def disconnect(
        self, others: Mapping[str, DestinationSpec], confirm: Callable[[Organisation], None]
    ) -> SignedOut:
        """End the sign-in at the destination and forget its tokens.

        Args:
            others: the other destinations of the project: what one of them still needs is not ended.
            confirm: is given the organisation before anything is done, and raises to stop it.

        Raises:
            NotConnected: there was no sign-in.
            RetryLater: the destination could not be told; nothing is forgotten.
        """

    def organisation(self) -> Organisation:
        """Return the organisation that is written to, as the sign-in named it; makes no call.

        Raises:
            NotConnected: there was no sign-in yet.
        """

    def zone(self) -> tzinfo:
        """Return the time zone in which the organisation tells the days; may make a call, once a plan.

        Raises:
            RowError: it is not known.
            StopRun, RetryLater: the organisation cannot be asked.
        """

    def resolve(
        self, sync: SyncSpec, drafts: Sequence[Draft], ledger: RowLedger, doubles: Mapping[str, Sequence[str]]
    ) -> list[Operation]:
        """Turn drafts into operations: match them with records, reading what is needed, in bulk.

        Args:
            ledger: knows which rows have a record already.
            doubles: claim to the keys of all rows of this plan that make it, where more than one does.

        Returns:
            One operation per draft, in order.
        """

    def in_books(self, sync: SyncSpec, remote_ids: Collection[str] | None = None) -> Iterator[BookedRecord]:
        """Read records of the object that a sync writes, as they are now, and return them.

        Args:
            remote_ids: of those to be read that are there; None for all that there are, each page once.
        """

    def moved(self, sync: SyncSpec, operations: Sequence[Operation]) -> Mapping[int, Rejection]:
        """Return, by place, why operations of a plan made before cannot be executed as it shows them.

        Reads what changed since; an operation that is not in the result still stands.
        """

    def write(
        self,
        sync: SyncSpec,
        run: str,
        operations: Iterable[Operation],
        journal: Journal,
    ) -> Iterator[Sequence[Outcome]]:
        """Send operations and yield the outcomes as they are known, journalled already.

        Args:
            operations: gone through twice where records of other kinds are made first.

        Raises:
            StopRun: nothing more can be sent.
            RetryLater: nothing more can be sent for now.
        """

    def resume(
        self,
        sync: SyncSpec,
        run: str,
        operations: Callable[[Sequence[int]], Sequence[Operation]],
        journal: Journal,
        *,
        edited: bool = False,
    ) -> Iterator[Sequence[Outcome]]:
        """Settle the batches that a run left open: by their key while it lives, else by reading back.

        Args:
            sync: as it was configured when the run began.
            operations: returns the plan's operations of the given places.
            edited: the sync says something else by now, so the next plan may not find what this one would.
        """

    def beside(self, operations: Sequence[Operation]) -> Mapping[str, int]:
        """Return what of some operations decides about their cost beside their kind.

        The figures are added up over all operations of a plan and given to ``forecast``.
        """

    def forecast(
        self,
        sync: SyncSpec,
        sending: Mapping[str, int],
        bytes_: int,
        beside: Mapping[str, int],
        first: int = 0,
    ) -> Forecast:
        """Return what sending so many operations per kind, of so many bytes together, will cost.

        Args:
            sync: what is written.
            sending: operations by kind.
            bytes_: of their payloads together.
            beside: the figures of ``beside``, added up.
            first: how many records of other kinds are made before.
        """

    def budget(self) -> BudgetState:
        """Return what is known about the calls left."""

    def close(self) -> None:
        """Close the connections."""


@cache
def destination_classes() -> dict[str, type[Destination]]:
    """Return every installed kind of destination by the name that stands under `type`."""
    return {point.name: point.load() for point in entry_points(group="bookward.destinations")}


def open_destination(name: str, spec: DestinationSpec, services: Services) -> Destination:
    """Return the destination that ``spec`` describes, not yet connected.

    Raises:
        NameUnknown: there is no such kind of destination.
    """
    try:
        return destination_classes()[spec.type](name, spec, services)
    except KeyError:
        raise NameUnknown(f"There is no destination of type {spec.type!r}.") from None
