"""Contacts: how they are matched, what must be unique about them, and what is sent."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from bookward.destinations.xero.comparison import differences
from bookward.destinations.xero.fields import CONTACT_FIELDS
from bookward.destinations.xero.tidying import tidy_contact, tidy_name
from bookward.records import Operation, OperationKind, Payload, RemoteRecord
from bookward.spec.field import Field

ZERO_ID = "00000000-0000-0000-0000-000000000000"
"""The id of an element that Xero did not save. Source: Xero, Requests and responses."""

ARCHIVED: Payload = {"ContactStatus": "ARCHIVED"}

_UNIQUE = ("Name", "ContactNumber", "AccountNumber")
_UNEDITABLE = frozenset({"ARCHIVED", "GDPRREQUEST"})


def fold(field: str, value: object) -> str:
    """Return the form in which Xero takes two values of a field for the same.

    Source: Xero, Contacts: names are unique whatever their case.
    """
    text = unicodedata.normalize("NFC", str(value))
    return (tidy_name(text) if field == "Name" else text.strip()).casefold()


class Contacts:
    """Xero's contacts, as ``destinations.base.ObjectType``."""

    name = "contacts"
    path = "Contacts"
    envelope = "Contacts"
    id_field = "ContactID"
    modes = ("upsert",)
    match_fields = ("Name", "ContactNumber", "ContactID")
    removals = ("keep", "archive")
    fields: Mapping[str, Field] = CONTACT_FIELDS

    def tidy(self, payload: Payload) -> tuple[Payload, tuple[str, ...]]:
        return tidy_contact(payload)

    def claims(self, payload: Payload) -> tuple[str, ...]:
        fields = (self.id_field, *_UNIQUE)
        return tuple(f"{field}={fold(field, payload[field])}" for field in fields if payload.get(field))

    def keys(self, body: Mapping[str, Any]) -> dict[str, str]:
        """Return field to folded value for the fields by which the index finds a contact."""
        return {field: folded for field in _UNIQUE if (folded := fold(field, body.get(field) or ""))}

    def record(self, body: Payload) -> RemoteRecord:
        """Return a contact of an answer as the index keeps it."""
        return RemoteRecord(
            remote_id=self.remote_id(body),
            body=body,
            archived=body.get("ContactStatus") in _UNEDITABLE,
            keys=self.keys(body),
        )

    def remote_id(self, body: Mapping[str, Any]) -> str:
        """Return an element's own id, empty when Xero did not save it."""
        found = str(body.get(self.id_field) or "").lower()
        return "" if found == ZERO_ID else found

    def sendable(self, payload: Payload, leave_out: frozenset[str] = frozenset()) -> Payload:
        """Return the part of a payload that changes something: not the id, not ``leave_out``."""
        return {field: value for field, value in payload.items() if field not in leave_out | {self.id_field}}

    def differences(self, payload: Payload, live: Mapping[str, Any]) -> Payload:
        """Return what a live contact says where ``payload`` says otherwise."""
        return differences(payload, live)

    def element(self, operation: Operation) -> Payload:
        """Return what is sent for an operation."""
        if operation.kind is OperationKind.INSERT:
            return operation.payload
        changes = ARCHIVED if operation.kind is OperationKind.ARCHIVE else operation.payload
        return {self.id_field: operation.remote_id} | changes


CONTACTS = Contacts()
