"""Invoices, bills and credit notes: what they have in common.

Source: Xero, Accounting API, Invoices; Credit notes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from decimal import Decimal
from typing import Any, ClassVar

from bookward.bookings import Posting
from bookward.destinations.xero.amounts import check_places
from bookward.destinations.xero.contacts import CONTACTS
from bookward.destinations.xero.editing import DRAFTS, GONE, PAID, approved, is_open, is_settled
from bookward.destinations.xero.fitting import check_tax, check_tracking, tracking_references
from bookward.destinations.xero.lines import (
    PLACES,
    account_of,
    check_discount,
    completed,
    line_amount,
    line_differences,
    open_lines,
    says_amount,
    with_line_ids,
)
from bookward.destinations.xero.looked_up import currency
from bookward.destinations.xero.objects import (
    OF_ANY_TYPE,
    Change,
    Named,
    Reference,
    Removal,
    XeroObject,
)
from bookward.errors import FieldInvalid, FieldRequired, RecordLocked
from bookward.records import NARROWED, OperationKind, Payload, RemoteRecord, SpecProblem
from bookward.spec.mapping import ConstantMapping
from bookward.spec.sync import SyncSpec

_TYPES, _INCLUSIVE = "LineAmountTypes", "Inclusive"
_APPROVED = frozenset({"SUBMITTED", "AUTHORISED"})
_CONTACT_KEYS = ("ContactID", "ContactNumber", "EmailAddress", "Name")
_LINE_REFERENCES = (
    ("AccountCode", "accounts", "Code"),
    ("AccountID", "accounts", "AccountID"),
    ("ItemCode", "items", "Code"),
    ("TaxType", "tax rates", "TaxType"),
)


class Documents(XeroObject):
    """What invoices and credit notes have in common."""

    removals = ("keep", "void")
    replaced_by = OperationKind.VOID
    dated_by = "Date"
    archived_remedy = (
        "What is voided or deleted stays so in Xero: give the row another number, or filter it out in the "
        "model."
    )
    list_params: ClassVar[Mapping[str, str]] = {"unitdp": "4"}
    decimals = "4"
    has_amount = True
    sales_type: ClassVar[str]  #: of those whose numbers are unique
    number: ClassVar[str]  #: the field that holds the document's number
    bought: ClassVar[str]  #: what one from a supplier is called

    def problems(self, sync: SyncSpec) -> Iterator[SpecProblem]:
        type_ = sync.fields.get("Type")
        bought = isinstance(type_, ConstantMapping) and type_.value != self.sales_type
        if bought and "Reference" in sync.match:
            yield SpecProblem(
                where=("match", "Reference"),
                message="Documents from suppliers cannot be matched by 'Reference': Xero ignores it there.",
                remedy=f"Match by {self.number} (together with the contact) or {self.id_field}.",
            )

    def is_archived(self, body: Mapping[str, Any]) -> bool:
        return self.is_gone(body)

    def is_gone(self, body: Mapping[str, Any]) -> bool:
        return body.get("Status") in GONE

    def called(self, record: RemoteRecord) -> str:
        body = record.body
        if self.unique_of(body):
            return super().called(record)
        supplier = (body.get("Contact") or {}).get("Name")
        return f"{self.bought} {body.get(self.title)!r} from {supplier!r} ({record.remote_id})"

    def match_fold(self, field: str, value: object, payload: Mapping[str, Any]) -> str:
        """Return the value by which a document is found: bills of several suppliers may share a number."""
        folded = self.fold(field, value)
        if field == self.id_field or not folded or payload.get("Type", self.sales_type) == self.sales_type:
            return folded
        contact = payload.get("Contact") or {}
        by = found_by(contact)
        return f"{folded}{NARROWED}{CONTACTS.fold(by, contact.get(by, ''))}"

    def keys(self, body: Mapping[str, Any]) -> dict[str, str]:
        """Return what the index finds a document by: of a dead one only its number.

        A payment names a document by its number alone, so that is a key as well, whoever it is from.
        """
        found = super().keys(body)
        if self.is_gone(body):
            found = {field: found[field] for field in self.unique_of(body) if field in found}
        number = self.fold(self.number, body.get(self.number) or "")
        return found | ({self.named_by(self.number): number} if number else {})

    def named_by(self, field: str) -> str:
        return f"{field}{OF_ANY_TYPE}" if field == self.number else field

    def natural_keys(self, payload: Payload, match_field: str) -> dict[str, str]:
        """Return what tells a new document from all others: of bills their number, with the contact."""
        if self.unique_of(payload):
            return super().natural_keys(payload, match_field)
        if match_field == "Reference":
            raise FieldInvalid(
                "A document from a supplier cannot be matched by Reference: Xero ignores it there.",
                field="Reference",
            )
        number = payload.get(self.number)
        return {self.number: self.match_fold(self.number, number, payload)} if number else {}

    def tidy(self, payload: Payload) -> tuple[Payload, tuple[str, ...]]:
        for place, line in enumerate(payload.get("LineItems") or (), 1):
            check_places(line, PLACES, f"LineItems[{place}].")
            check_discount(line, f"LineItems[{place}]")
        tidied, notes = super().tidy(payload)
        if tidied.get("Reference") and not self.unique_of(tidied):
            del tidied["Reference"]
            notes = (*notes, "Reference is left out: Xero ignores it on documents from suppliers.")
        return tidied, notes

    def amount(self, payload: Payload) -> tuple[str, Decimal] | None:
        lines = payload.get("LineItems")
        return (self.currency(payload), sum(map(line_amount, lines), Decimal())) if lines else None

    def amount_after(self, payload: Payload, body: Payload) -> tuple[str, Decimal] | None:
        if lines := payload.get("LineItems"):
            payload = payload | {"LineItems": completed(lines, body.get("LineItems") or ())}
        return super().amount_after(payload, body)

    def amount_before(
        self, payload: Payload, body: Payload, *, anew: bool = False
    ) -> tuple[str, Decimal] | None:
        """Return what the lines of a document come to, reckoned with tax or without it as ``payload`` is.

        Source: Xero, Invoices: a new document whose LineAmountTypes are not said is exclusive of tax.
        """
        said = payload.get(_TYPES) or (None if anew else body.get(_TYPES))
        before, change = self.amount(body), (said == _INCLUSIVE) - (body.get(_TYPES) == _INCLUSIVE)
        if before is None or not change:
            return before
        taxes = [line.get("TaxAmount") for line in body["LineItems"]]
        known = [Decimal(tax) for tax in taxes if tax is not None]
        return (before[0], before[1] + change * sum(known, Decimal())) if len(known) == len(taxes) else None

    def postings(self, payload: Payload, currency: str) -> Sequence[Posting]:
        money = self.currency(payload)
        lines = payload.get("LineItems") or ()
        return [Posting(account_of(line), money, line_amount(line)) for line in lines if says_amount(line)]

    def total(self, body: Mapping[str, Any]) -> Decimal | None:
        return Decimal(body.get("Total") or 0)

    def unique_of(self, payload: Mapping[str, Any]) -> tuple[str, ...]:
        return self.unique if payload.get("Type", self.sales_type) == self.sales_type else ()

    def check_new(self, payload: Payload) -> None:
        super().check_new(payload)
        if payload.get("Status") not in _APPROVED:
            return
        if "DueDate" in self.fields and not payload.get("DueDate") and self.number == "InvoiceNumber":
            raise FieldRequired("An approved invoice has a DueDate, and this row has none.", field="DueDate")
        for place, line in enumerate(payload["LineItems"], 1):
            if not (line.get("AccountCode") or line.get("AccountID") or line.get("ItemCode")):
                path = f"LineItems[{place}].AccountCode"
                raise FieldRequired(f"{path} has no value, and no line is approved without one.", field=path)

    def references(self, payload: Payload) -> Iterator[Reference]:
        for place, line in enumerate(payload.get("LineItems") or (), 1):
            for name, object_, field in _LINE_REFERENCES:
                if line.get(name):
                    path = f"LineItems[{place}].{name}"
                    yield Reference(path=path, object=object_, field=field, value=line[name])
            yield from tracking_references(line, f"LineItems[{place}]")
        if payload.get("CurrencyCode"):
            yield currency(payload["CurrencyCode"])

    def check_named(self, payload: Payload, named: Named) -> None:
        for place, line in enumerate(payload.get("LineItems") or (), 1):
            path = f"LineItems[{place}]"
            account = named.get(f"{path}.AccountID") or named.get(f"{path}.AccountCode")
            if payload.get("LineAmountTypes") != "NoTax":
                check_tax(account, named.get(f"{path}.TaxType"), f"{path}.TaxType")
            check_tracking(line, path, named)

    def look_ups(self, payload: Payload, wanted: Set[str]) -> Iterator[Reference]:
        contact = payload.get("Contact") or {}
        if by := found_by(contact):
            yield Reference(path="Contact", object="contacts", field=by, value=contact[by])

    def made_first(self, payload: Payload) -> Payload | None:
        contact = payload.get("Contact")
        return None if not contact or contact.get("ContactID") else contact

    def differences(self, payload: Payload, live: Mapping[str, Any]) -> Payload:
        """Return what a live document says where ``payload`` says otherwise.

        A paid document was authorised before; no draft is sent to its contact; lines are compared one by one.
        Source: Xero, Invoices: SentToContact can be set on approved invoices only.
        """
        plain = {name: value for name, value in payload.items() if name != "LineItems"}
        status = live.get("Status")
        if status == PAID and plain.get("Status") == "AUTHORISED":
            del plain["Status"]
        if status in DRAFTS and plain.get("Status", status) in DRAFTS:
            plain.pop("SentToContact", None)
        differing = super().differences(plain, live)
        if "LineItems" in payload:
            differing |= line_differences(payload["LineItems"], live.get("LineItems") or [])
        return differing

    def change(self, record: RemoteRecord, payload: Payload, before: Payload) -> Change:
        """Return what is sent to change a document, and what a person should know of it.

        Lines keep their ids, so that Xero changes them instead of making new ones. Of a document that is
        paid, or partly so, only what differs is sent, and Xero still lets be edited.
        """
        self._check_status(record, payload)
        if is_settled(record.body):
            return self._change_of_paid(record, payload, before)
        sent = dict(payload)
        if record.body.get("Status") == PAID:  # it comes to nothing, and was AUTHORISED before
            sent.pop("Status", None)
        if "LineItems" in sent:
            sent["LineItems"] = with_line_ids(sent["LineItems"], record.body.get("LineItems") or [])
        return sent, ()

    def _check_status(self, record: RemoteRecord, payload: Payload) -> None:
        """Source: Xero, Types, invoice status codes: no approval is taken back."""
        wanted = payload.get("Status")
        if word := approved(wanted, record.body):
            raise RecordLocked(
                f"The {self.called(record)} is {word} by now, and cannot be {wanted} again.",
                field="Status",
                remedy="Set `only_on_create: true` for Status, or leave it out: what is new is a draft.",
            )

    def _change_of_paid(self, record: RemoteRecord, payload: Payload, before: Payload) -> Change:
        body = record.body
        bought = not self.unique_of(body)
        sent = {name: payload[name] for name in before}
        locked = {name for name in sent if not is_open(name, body, bought=bought)}
        if "LineItems" in sent:
            sent["LineItems"] = open_lines(sent["LineItems"], body.get("LineItems") or [])
            locked |= set() if sent["LineItems"] else {"LineItems"}
        if locked:
            raise RecordLocked(
                f"The {self.called(record)} has payments or credits: "
                f"{', '.join(sorted(locked))} cannot be changed.",
                remedy="Remove the payments first, or put the row back as it was; other fields may change.",
            )
        if payload.keys() == sent.keys():
            return sent, ()
        word = "paid" if body.get("Status") == PAID else "part-paid"
        verb = "is" if len(sent) == 1 else "are"
        return sent, (f"It is {word}: only {', '.join(sorted(sent))} {verb} sent.",)

    def removal(self, on_removal: str, record: RemoteRecord) -> Removal:
        if is_settled(record.body):
            raise RecordLocked(
                f"The {self.called(record)} has payments or credits.",
                remedy="Remove them first; it is then voided by the next run.",
            )
        status = record.body.get("Status")
        if status == PAID:
            raise RecordLocked(
                f"The {self.called(record)} comes to nothing: Xero shows it as paid, and voids it no more.",
                remedy="Void it in Xero by hand, or leave it as it is.",
            )
        return OperationKind.VOID, {"Status": "DELETED" if status in DRAFTS else "VOIDED"}

    def replaced(self, record: RemoteRecord, payload: Payload) -> Payload:
        """Return what a document says where what replaces it says otherwise, and always its status.

        By the status it is known whether the document is voided or deleted.
        Source: Xero, Invoices: numbers of voided and deleted sales invoices stay taken.
        """
        before = super().replaced(record, payload)
        number = str(payload.get(self.number) or "").strip()
        same = number.casefold() == str(record.body.get(self.number) or "").casefold()
        if number and same and self.number in self.unique_of(payload):
            raise RecordLocked(
                f"{self.number} {number!r} would have to go to a new {self.noun}, and Xero gives a number no "
                "second time, not even when the first one is voided or deleted.",
                field=self.number,
                remedy="Give the changed row a number of its own, or use `mode: upsert`, which changes the "
                f"{self.noun} itself.",
            )
        return before | {"Status": record.body.get("Status")}


def found_by(contact: Mapping[str, Any]) -> str:
    """Return the field that a contact is found by: its id, else the first one that is named; "" for none."""
    if contact.get("ContactID"):
        return "ContactID"
    return next((name for name in contact if name in _CONTACT_KEYS and contact[name]), "")
