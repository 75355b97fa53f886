"""Contacts: how they are matched, what must be unique about them, and what is sent."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from bookward.destinations.xero.contact_groups import GROUPS, group_differences
from bookward.destinations.xero.fields import FIELDS
from bookward.destinations.xero.objects import Reference, XeroObject
from bookward.destinations.xero.tidying import tidy_contact, tidy_name
from bookward.records import Operation, Payload
from bookward.spec.field import Field

_UNEDITABLE = frozenset({"ARCHIVED", "GDPRREQUEST"})
_EXACT = frozenset({"ContactNumber", "AccountNumber"})
_ACCOUNT_CODES = ("SalesDefaultAccountCode", "PurchasesDefaultAccountCode")
_TAX_TYPES = ("AccountsReceivableTaxType", "AccountsPayableTaxType")


class Contacts(XeroObject):
    """Xero's contacts."""

    name = "contacts"
    noun = "contact"
    path = "Contacts"
    envelope = "Contacts"
    id_field = "ContactID"
    title = "Name"
    match_fields = ("Name", "ContactNumber", "AccountNumber", "EmailAddress", "ContactID")
    removals = ("keep", "archive")
    list_params: ClassVar[Mapping[str, str]] = {"includeArchived": "true"}
    takes_ids = True
    asked_by_value = ("Name", "ContactNumber", "AccountNumber", "EmailAddress")
    unique = ("Name", "ContactNumber", "AccountNumber")
    held_by_archived = ("Name", "ContactNumber")
    archived: ClassVar[Payload] = {"ContactStatus": "ARCHIVED"}
    fields: Mapping[str, Field] = FIELDS["Contact"]

    def fold(self, field: str, value: object) -> str:
        """Return the form in which Xero takes two values of a field for the same.

        Source: Xero, Contacts: names are unique whatever their case.
        """
        text = unicodedata.normalize("NFC", str(value))
        return (tidy_name(text) if field == "Name" else text.strip()).casefold()

    def is_meant(self, field: str, value: object, body: Mapping[str, Any]) -> bool:
        """Return whether a record found by ``value`` has just that.

        Nobody says that the case of numbers is nothing: a record whose number differs in it is not taken
        over, and as Xero may take the two for the same, the row is refused for the number's sake.
        """
        return field not in _EXACT or str(body.get(field)).strip() == str(value).strip()

    def tidy(self, payload: Payload) -> tuple[Payload, tuple[str, ...]]:
        return tidy_contact(payload)

    def is_archived(self, body: Mapping[str, Any]) -> bool:
        return body.get("ContactStatus") in _UNEDITABLE

    def differences(self, payload: Payload, live: Mapping[str, Any]) -> Payload:
        plain = {name: value for name, value in payload.items() if name != GROUPS}
        return super().differences(plain, live) | group_differences(payload, live)

    def element(self, operation: Operation) -> Payload:
        return {name: value for name, value in super().element(operation).items() if name != GROUPS}

    def references(self, payload: Payload) -> Iterator[Reference]:
        for name in _ACCOUNT_CODES:
            if payload.get(name):
                yield Reference(path=name, object="accounts", field="Code", value=payload[name])
        for name in _TAX_TYPES:
            if payload.get(name):
                yield Reference(path=name, object="tax rates", field="TaxType", value=payload[name])


CONTACTS = Contacts()
