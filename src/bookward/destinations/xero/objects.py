"""What all kinds of Xero's records have in common; beside this file, one file for each kind."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, TypeAlias

from bookward.bookings import Posting
from bookward.destinations.xero.comparison import day_shown, differences
from bookward.destinations.xero.words import ALSO_CALLED, NAMED_ONCE, SUMMED
from bookward.errors import FieldRequired
from bookward.records import Operation, OperationKind, Payload, RemoteRecord, SpecProblem
from bookward.spec.field import Field
from bookward.spec.sync import SyncSpec

ZERO_ID = "00000000-0000-0000-0000-000000000000"
"""The id of an element that Xero did not save. Source: Xero, Requests and responses."""

SUMMARY_OFF: Mapping[str, str] = {"summarizeErrors": "false"}
"""One element out for every element in. Source: Xero, Requests and responses."""

OF_ANY_TYPE = " of any type"
"""Follows a field in the key by which the index finds records of every type by that field."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where an operation is sent; operations of one route may share a request."""

    method: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A value that names a record of another kind."""

    path: str  #: dotted, of the field that holds the value
    object: str  #: the other kind, by its name
    field: str  #: the field of the other kind that has the value
    value: str


Named: TypeAlias = Mapping[str, RemoteRecord]
"""The records in use that a row names, by the dotted path of what names them."""


Removal: TypeAlias = tuple[OperationKind, Payload]
"""How the record of a removed row is removed, and what is sent for it."""


Change: TypeAlias = tuple[Payload, tuple[str, ...]]
"""What is sent to change a record, and what a person should know of it."""


class XeroObject:
    """One kind of record in Xero (``destinations.base.ObjectType``). Subclasses say how theirs differs."""

    name: ClassVar[str]  #: as a sync's file says it
    noun: ClassVar[str]  #: one of them, in a message
    path: ClassVar[str]
    envelope: ClassVar[str]
    id_field: ClassVar[str]
    title: ClassVar[str]  #: the field by which people know a record
    fields: Mapping[str, Field]
    modes: ClassVar[tuple[str, ...]] = ("upsert", "update", "insert")
    match_fields: ClassVar[tuple[str, ...]]
    removals: ClassVar[tuple[str, ...]] = ("keep",)
    replaced_by: ClassVar[OperationKind | None] = None
    """How the old record goes where another replaces it, None where nothing is replaced."""
    has_amount: ClassVar[bool] = False
    also_called: ClassVar[Mapping[str, tuple[str, ...]]] = ALSO_CALLED
    named_once: ClassVar[frozenset[str]] = NAMED_ONCE
    summed: ClassVar[frozenset[str]] = SUMMED
    unique: ClassVar[tuple[str, ...]] = ()
    """Fields whose values no two records share."""
    held_by_archived: ClassVar[tuple[str, ...]] = ()
    """Fields whose values an archived record keeps new ones from having."""
    paged: ClassVar[bool] = True
    """Whether a list is read page by page, or whole in one call."""
    alone: ClassVar[frozenset[OperationKind]] = frozenset({OperationKind.DELETE})
    """The kinds of operation that take a call for each record."""
    list_params: ClassVar[Mapping[str, str]] = {}
    """What a list is asked for with, beyond its pages."""
    takes_ids: ClassVar[bool] = False
    """Whether a list can be narrowed down to some ids."""
    dated_by: ClassVar[str | None] = None
    """The field whose day must lie in an open period, where there is one."""
    asked_in_lists: ClassVar[Mapping[str, str]] = {}
    """Fields by whose values a list can be narrowed down, and the parameter that takes them."""
    asked_by_value: ClassVar[tuple[str, ...]] = ()
    """Fields by whose values a list can be filtered with ``where``."""
    most_rows: ClassVar[int | None] = None
    """The most rows of one request, None for no such limit."""
    decimals: ClassVar[str | None] = None
    """The decimal places of unit prices, where they are asked for. Source: Xero, Rounding."""
    when_missing: ClassVar[str | None] = None
    """What to do when a row names one that is not there, where that is not what it always is."""
    listed_under: ClassVar[str] = ""
    """The page of Xero's on which people see all of them, of kinds that every plan reads whole."""
    archived: ClassVar[Payload] = {}
    """What makes a record an archived one, where there is such a thing."""
    archived_remedy: ClassVar[str | None] = None
    """What to do about a row whose record is no longer in use, where it cannot be brought back."""

    @property
    def on_changes(self) -> tuple[str, ...]:
        return ("reject", "ignore") if self.replaced_by is None else ("reject", "ignore", "replace")

    def problems(self, sync: SyncSpec) -> Iterator[SpecProblem]:
        """Yield what Xero does not allow of a sync, beyond modes, matches and removals."""
        yield from ()

    def fold(self, field: str, value: object) -> str:
        """Return the form in which Xero takes two values of a field for the same."""
        text = unicodedata.normalize("NFC", str(value)).strip()
        return text.lower() if field == self.id_field else text

    def match_fold(self, field: str, value: object, payload: Mapping[str, Any]) -> str:
        """Return the form of a match value by which the index finds the record that a payload means."""
        return self.fold(field, value)

    def is_meant(self, field: str, value: object, body: Mapping[str, Any]) -> bool:
        """Return whether a record that was found by a match value is the one that is meant."""
        return True

    def tidy(self, payload: Payload) -> tuple[Payload, tuple[str, ...]]:
        trimmed, notes = dict(payload), []
        for field in self.unique:
            if isinstance(text := payload.get(field), str) and text != text.strip():
                trimmed[field] = text.strip()
                notes.append(f"{field} {text!r} is sent as {text.strip()!r}.")
        return trimmed, tuple(notes)

    def amount(self, payload: Payload) -> tuple[str, Decimal] | None:
        return None

    def amount_after(self, payload: Payload, body: Payload) -> tuple[str, Decimal] | None:
        """Return what a record comes to once a payload is sent; ``body`` is what it says before."""
        return self.amount(payload) or self.amount(body)

    def amount_before(
        self, payload: Payload, body: Payload, *, anew: bool = False
    ) -> tuple[str, Decimal] | None:
        """Return what a record comes to before a payload is sent, reckoned as that one will be.

        Args:
            payload: what is sent, or as much of it as is known.
            body: the record.
            anew: it is made of the payload alone, in the record's place.
        """
        return self.amount(body)

    def postings(self, payload: Payload, currency: str) -> Sequence[Posting]:
        return ()

    def currency(self, payload: Mapping[str, Any]) -> str:
        """Return the currency that a payload or a record says it is in, empty where it says none."""
        return str(payload.get("CurrencyCode") or "")

    def in_money_of(self, payload: Payload) -> Reference | None:
        """Return what names the record whose currency a payload is in; None where it is in its own."""
        return None

    def claims(self, payload: Payload, *more: str) -> tuple[str, ...]:
        fields = dict.fromkeys((self.id_field, *self.unique_of(payload), *more))
        folded = {f: self.match_fold(f, payload[f], payload) for f in fields if payload.get(f)}
        return tuple(f"{field}={value}" for field, value in folded.items())

    def unique_of(self, payload: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the fields whose values no two records share, where that depends on the record."""
        return self.unique

    def natural_keys(self, payload: Payload, match_field: str) -> dict[str, str]:
        """Return field to folded value for what tells a new record from all others.

        By that it is found again when the answer to its creation is lost.
        """
        fields = [field for field in self.unique_of(payload) if payload.get(field)] or [match_field]
        return {
            field: self.match_fold(field, payload[field], payload) for field in fields if payload.get(field)
        }

    def keys(self, body: Mapping[str, Any]) -> dict[str, str]:
        """Return field to folded value for the fields by which the index finds a record."""
        fields = dict.fromkeys((*self.unique, *self.match_fields))
        fields.pop(self.id_field, None)
        found = {field: self.match_fold(field, body.get(field) or "", body) for field in fields}
        return {field: folded for field, folded in found.items() if folded}

    def record(self, body: Payload) -> RemoteRecord:
        """Return an element of an answer as the index keeps it."""
        return RemoteRecord(
            remote_id=self.remote_id(body), body=body, archived=self.is_archived(body), keys=self.keys(body)
        )

    def is_archived(self, body: Mapping[str, Any]) -> bool:
        """Return whether a record is no longer in use, so that Xero lets nobody edit it."""
        return False

    def says_archived(self, payload: Payload) -> bool:
        """Return whether a row itself says that its record is no longer in use."""
        return bool(self.archived) and all(payload.get(name) == said for name, said in self.archived.items())

    def archived_word(self, body: Mapping[str, Any]) -> str:
        """Return for a message what has become of a record that is no longer in use."""
        return str(body.get("Status") or "archived").lower()

    def is_gone(self, body: Mapping[str, Any]) -> bool:
        """Return whether a record is only shown because it once was there."""
        return False

    def remote_id(self, body: Mapping[str, Any]) -> str:
        """Return an element's own id, empty when Xero did not save it."""
        found = str(body.get(self.id_field) or "").lower()
        return "" if found == ZERO_ID else found

    def called(self, record: RemoteRecord) -> str:
        """Return a record for a message."""
        return f"{self.noun} {record.body.get(self.title)!r} ({record.remote_id})"

    def total(self, body: Mapping[str, Any]) -> Decimal | None:
        """Return what a record comes to as Xero shows it, with tax; None for what has no amount."""
        return None

    def described(self, record: RemoteRecord) -> str:
        """Return a record for a person who has to tell it from others."""
        day = str(day_shown(record.body.get(self.dated_by or "")) or "")[:10]
        total = self.total(record.body)
        over = "" if total is None else f" over {total:,.2f} {record.body.get('CurrencyCode') or ''}".rstrip()
        return f"the {self.called(record)}{f' of {day}' if day else ''}{over}"

    def sendable(self, payload: Payload, leave_out: frozenset[str] = frozenset()) -> Payload:
        """Return the part of a payload that changes something: not the id, not ``leave_out``."""
        return {field: value for field, value in payload.items() if field not in leave_out | {self.id_field}}

    def differences(self, payload: Payload, live: Mapping[str, Any]) -> Payload:
        """Return what a live record says where ``payload`` says otherwise."""
        return differences(payload, live)

    def references(self, payload: Payload) -> Iterator[Reference]:
        """Yield the values that must name records of other kinds."""
        yield from ()

    def look_ups(self, payload: Payload, wanted: Set[str]) -> Iterator[Reference]:
        """Yield what names records of other kinds, to be replaced by their ids; paths have no dots.

        Args:
            wanted: the fields that the sync looks up, where there is a choice.
        """
        yield from ()

    def named_by(self, field: str) -> str:
        """Return the key of the index by which others find a record that they name by a field."""
        return field

    def check_named(self, payload: Payload, named: Named) -> None:
        """Refuse what does not go together of what a row names.

        Raises:
            RowError: Xero is known not to allow it.
        """

    def made_first(self, payload: Payload) -> Payload | None:
        """Return the contact that has to be made before this can be sent, None for none."""
        return None

    def check_new(self, payload: Payload) -> None:
        """Refuse what no record can be created of.

        Raises:
            RowError: something is missing.
        """
        for name, field in self.fields.items():
            if field.required and payload.get(name) in (None, "", [], {}):
                raise FieldRequired(
                    f"{name} has no value, and Xero creates no {self.noun} without one.", field=name
                )

    def change(self, record: RemoteRecord, payload: Payload, before: Payload) -> Change:
        """Return what is sent to change a record, and what a person should know of it.

        Args:
            payload: what the row says.
            before: what the record says where the two differ.

        Raises:
            RowError: Xero is known not to allow it.
        """
        return payload, ()

    def removal(self, on_removal: str, record: RemoteRecord) -> Removal:
        """Return how a record is removed.

        Raises:
            RowError: Xero is known not to allow it.
        """
        if on_removal == "archive":
            return OperationKind.ARCHIVE, dict(self.archived)
        return OperationKind.DELETE, {} if on_removal == "delete" else dict(self.archived)

    def replaced(self, record: RemoteRecord, payload: Payload) -> Payload:
        """Return what a record says where what is inserted in its place says otherwise.

        Raises:
            RowError: Xero is known not to remove it, or not to take the other.
        """
        if self.replaced_by is not None:
            self.removal(self.replaced_by.value, record)
        return self.differences(payload, record.body)

    def most_rows_of(self, kind: OperationKind) -> int | None:
        """Return how many operations of a kind one request carries at most, None for no such limit."""
        return 1 if kind in self.alone else self.most_rows

    def route(self, operation: Operation) -> Route:
        """Return where an operation is sent."""
        if operation.kind is OperationKind.DELETE:
            return Route("DELETE", f"{self.path}/{operation.remote_id}")
        return Route("PUT" if operation.kind is OperationKind.INSERT else "POST", self.path)

    def params(self, method: str) -> Mapping[str, str]:
        """Return the query that goes with a request of a method."""
        if method == "DELETE":
            return {}
        return {**SUMMARY_OFF, "unitdp": self.decimals} if self.decimals else SUMMARY_OFF

    def element(self, operation: Operation) -> Payload:
        """Return what is sent for an operation."""
        if operation.kind is OperationKind.INSERT:
            return operation.payload
        return {self.id_field: operation.remote_id} | operation.payload

    def body(self, route: Route, elements: Sequence[bytes]) -> bytes:
        """Return the body of a request that carries encoded elements."""
        if route.method == "DELETE":
            return b""
        return b'{"%b":[%b]}' % (self.envelope.encode(), b",".join(elements))

    def after_refusal(self, operation: Operation) -> Operation | None:
        """Return what to do instead of an operation that Xero refused, None for nothing."""
        return None

    def is_done(self, operation: Operation, record: RemoteRecord | None) -> bool:
        """Return whether a record as it is now shows that an operation on it was booked."""
        if operation.kind is OperationKind.DELETE:
            return record is None or self.is_gone(record.body)
        if record is None or operation.remote_id is None:
            return False
        return not self.differences(self.sendable(self.element(operation)), record.body)
