"""Contacts that documents name and Xero does not have yet: what they are, and which rows wait for them.

A document sent with a contact of its own would have Xero create it on the way; were the answer lost, nobody
could tell a bill from another. So the contacts are made first, each once, and documents carry their ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from bookward.destinations.xero.contacts import CONTACTS
from bookward.destinations.xero.documents import found_by
from bookward.destinations.xero.objects import Reference, XeroObject
from bookward.errors import FieldInvalid, FieldRequired, MatchTaken, Retry
from bookward.ports import RowLedger
from bookward.records import (
    WRITING,
    ChangeKind,
    Draft,
    Operation,
    OperationKind,
    Outcome,
    OutcomeStatus,
    Payload,
    Rejection,
)

_NAMED = {"name": "Name", "email": "EmailAddress", "contact number": "ContactNumber"}


def to_be_made(ledger: RowLedger, draft: Draft, reference: Reference) -> Payload:
    """Return the contact that is made for a row, as the first row of the plan that needs it says it.

    Raises:
        FieldRequired, FieldInvalid: no contact can be made of what the row says.
        MatchTaken: another row says something else about the contact, or means another by its name.
    """
    path, by = reference.path, reference.field
    try:
        contact, _ = CONTACTS.tidy(draft.payload[path])
        CONTACTS.check_new(contact)
    except (FieldRequired, FieldInvalid) as error:
        raise type(error)(error.message, field=f"{path}.{error.field}", remedy=error.remedy) from error
    own = claim_of(contact)
    key, first = ledger.first_to_make(CONTACTS.name, own, draft.key, contact)
    if _folded(first, "Name") != _folded(contact, "Name"):
        raise MatchTaken(
            f"The contact with {by} {reference.value!r} is called {contact['Name']!r} here, and "
            f"{first['Name']!r} by row {key!r}.",
            field=f"{path}.Name",
            remedy="Give it one name in all rows.",
        )
    for claim in CONTACTS.claims(contact):
        key, other = ledger.first_to_make(CONTACTS.name, claim, draft.key, contact)
        if claim_of(other) != own:
            name = claim.partition("=")[0]
            raise MatchTaken(
                f"{name} {contact[name]!r} is also that of the contact with {by} {other[by]!r}, which row "
                f"{key!r} needs, and no two contacts share it.",
                field=f"{path}.{name}",
            )
    return first


def claim_of(contact: Payload) -> str:
    """Return what tells a contact to be made from the others of a plan: the value that it is looked up by."""
    by = found_by(contact)
    return f"{by}={_folded(contact, by)}"


def with_note(kind: XeroObject, operation: Operation) -> Operation:
    """Return the operation, with a note where a contact is made first."""
    contact = kind.made_first(operation.payload) if operation.kind in WRITING else None
    if contact is None:
        return operation
    note = f"The contact {contact['Name']!r} is created first."
    return replace(operation, notes=(*operation.notes, note))


def contact_operation(kind: XeroObject, operation: Operation) -> Operation:
    """Return the creation of the contact that a row's operation needs, at the place of the row."""
    return Operation(
        seq=operation.seq,
        key=operation.key,
        change=ChangeKind.ADDED,
        kind=OperationKind.INSERT,
        payload=kind.made_first(operation.payload) or {},
    )


@dataclass(kw_only=True)
class Newcomers:
    """The contacts that a plan needs, and what became of them."""

    kind: XeroObject  #: of the documents
    creations: dict[str, Operation] = field(default_factory=dict)  #: by claim, that of the first row
    waiting: dict[str, list[Operation]] = field(default_factory=dict)  #: by claim, all rows
    ids: dict[str, str] = field(default_factory=dict)  #: by claim, of those that are there
    refused: dict[str, Rejection] = field(default_factory=dict)  #: by claim

    @classmethod
    def of(cls, kind: XeroObject, operations: Iterable[Operation]) -> Newcomers:
        """Return the contacts that some operations need."""
        found = cls(kind=kind)
        for operation in operations:
            if (contact := kind.made_first(operation.payload)) is not None:
                claim = claim_of(contact)
                found.creations.setdefault(claim, contact_operation(kind, operation))
                found.waiting.setdefault(claim, []).append(replace(operation, payload={}))
        return found

    def missing(self, operations: Iterable[Operation]) -> Iterator[Operation]:
        """Yield the creations of contacts that are not there, each at the place of its row."""
        settled = self.ids.keys() | self.refused.keys()
        places = {made.seq: made for claim, made in self.creations.items() if claim not in settled}
        return (places[operation.seq] for operation in operations if operation.seq in places)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Take note of what became of some creations."""
        claims = {operation.seq: claim for claim, operation in self.creations.items()}
        for outcome in outcomes:
            if outcome.status is OutcomeStatus.ACCEPTED and outcome.remote_id:
                self.ids[claims[outcome.seq]] = outcome.remote_id
            elif outcome.rejection is not None:
                self.refused[claims[outcome.seq]] = _about_the_contact(outcome.rejection)

    def rejected_rows(self) -> list[Outcome]:
        """Return the outcomes of the rows whose contact cannot be had."""
        return [
            Outcome(
                seq=row.seq,
                key=row.key,
                status=OutcomeStatus.REJECTED,
                remote_id=row.remote_id,
                rejection=rejection,
            )
            for claim, rejection in self.refused.items()
            for row in self.waiting[claim]
        ]

    def ready(self, operations: Iterable[Operation]) -> Iterator[Operation]:
        """Yield the operations that can be sent, with the ids of their contacts."""
        for operation in operations:
            contact = self.kind.made_first(operation.payload)
            if contact is None:
                yield operation
            elif (id_ := self.ids.get(claim_of(contact))) is not None:
                yield with_contact(operation, {CONTACTS.id_field: id_})


def with_contact(operation: Operation, contact: Mapping[str, object]) -> Operation:
    """Return a document's operation with its contact as it is sent."""
    return replace(operation, payload=operation.payload | {"Contact": dict(contact)})


def _folded(contact: Payload, name: str) -> str:
    return CONTACTS.fold(name, contact.get(name, ""))


def _about_the_contact(rejection: Rejection) -> Rejection:
    said = rejection.message.lower()
    named = rejection.field or next((name for word, name in _NAMED.items() if word in said), None)
    return replace(
        rejection,
        message=f"Its contact cannot be created: {rejection.message}",
        field=f"Contact.{named}" if named else "Contact",
        retry=Retry.LATER,  # a contact put right in Xero is found, and the row says nothing new then
    )
