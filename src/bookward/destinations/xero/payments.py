"""Payments of invoices and credit notes. Source: Xero, Accounting API, Payments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from decimal import Decimal
from typing import Any

from bookward.bookings import UNKNOWN, Posting
from bookward.destinations.xero.amounts import check_places
from bookward.destinations.xero.fields import FIELDS
from bookward.destinations.xero.fitting import check_takes_payments
from bookward.destinations.xero.objects import SUMMARY_OFF, Named, Reference, Route, XeroObject
from bookward.errors import FieldInvalid, FieldRequired
from bookward.records import Operation, OperationKind, Payload
from bookward.spec.field import Field

_PAID = {"Invoice": ("InvoiceID", "InvoiceNumber"), "CreditNote": ("CreditNoteID", "CreditNoteNumber")}
_CODE = "CurrencyCode"
_PLACES = {"Amount": 2}
_LOOKED_UP = {
    "Invoice": ("invoices", _PAID["Invoice"]),
    "CreditNote": ("credit-notes", _PAID["CreditNote"]),
    "Account": ("accounts", ("AccountID", "Code")),
}
"""The kind of record that a field names, and by what of it."""


class Payments(XeroObject):
    """Xero's payments. They can be made and deleted, never changed.

    Xero has no key for them, so each carries a key of yours in its reference: by that a payment is never
    booked twice, and one whose answer got lost is found again.

    What it comes to is in the currency of what it pays. A plan knows that currency where the sync looks up
    what is paid, or where the organisation has no other; else it says the amount without one.
    """

    name = "payments"
    noun = "payment"
    path = "Payments"
    envelope = "Payments"
    id_field = "PaymentID"
    title = "Reference"
    modes = ("insert",)
    archived_remedy = (
        "A deleted payment stays so in Xero. To pay again, give the row another key and reference; else "
        "filter it out in the model."
    )
    match_fields = ("Reference",)
    removals = ("keep", "delete")
    replaced_by = OperationKind.DELETE
    dated_by = "Date"
    has_amount = True
    unique = ("Reference",)
    asked_by_value = ("Reference",)
    fields: Mapping[str, Field] = FIELDS["Payment"]

    def tidy(self, payload: Payload) -> tuple[Payload, tuple[str, ...]]:
        if all(payload.get(paid) for paid in _PAID):
            raise FieldInvalid(
                "A payment is for an invoice or for a credit note, not for both.", field="CreditNote"
            )
        check_places(payload, _PLACES)
        return super().tidy(payload)

    def amount(self, payload: Payload) -> tuple[str, Decimal] | None:
        return (self.currency(payload), payload["Amount"]) if payload.get("Amount") is not None else None

    def postings(self, payload: Payload, currency: str) -> Sequence[Posting]:
        if payload.get("Amount") is None:
            return ()
        account = payload.get("Account") or {}
        said = str(account.get("Code") or account.get("AccountID") or "")
        return [Posting(said, self.currency(payload) or currency or UNKNOWN, payload["Amount"])]

    def currency(self, payload: Mapping[str, Any]) -> str:
        """Return the currency of what is paid, which a payment in Xero shows. Source: Xero, Payments."""
        return next((str(code) for paid in _PAID if (code := (payload.get(paid) or {}).get(_CODE))), "")

    def in_money_of(self, payload: Payload) -> Reference | None:
        return next(self.look_ups(payload, _PAID.keys()), None)

    def total(self, body: Mapping[str, Any]) -> Decimal | None:
        return Decimal(body.get("Amount") or 0)

    def check_new(self, payload: Payload) -> None:
        super().check_new(payload)
        if not any((payload.get(paid) or {}).get(name) for paid, names in _PAID.items() for name in names):
            raise FieldRequired("Neither an invoice nor a credit note is named.", field="Invoice")
        if not any(payload["Account"].get(name) for name in ("AccountID", "Code")):
            raise FieldRequired("No account is named.", field="Account")
        if payload["Amount"] <= 0:
            raise FieldInvalid(
                f"Amount is {payload['Amount']}; a payment is more than nothing.", field="Amount"
            )

    def is_archived(self, body: Mapping[str, Any]) -> bool:
        return self.is_gone(body)

    def archived_word(self, body: Mapping[str, Any]) -> str:
        return "deleted"

    def is_gone(self, body: Mapping[str, Any]) -> bool:
        return body.get("Status") == "DELETED"

    def keys(self, body: Mapping[str, Any]) -> dict[str, str]:
        return {} if self.is_gone(body) else super().keys(body)

    def differences(self, payload: Payload, live: Mapping[str, Any]) -> Payload:
        """Return what a live payment says where ``payload`` says otherwise.

        Source: Xero, Payments: the credit note that is paid is shown as the invoice. Numbers of documents are
        found whatever their case.
        """
        shown = live.get("Invoice") or {}
        note = {"CreditNoteID": shown.get("InvoiceID"), "CreditNoteNumber": shown.get("InvoiceNumber")}
        live = {"CreditNote": note, **live}
        return super().differences(_with_folded_numbers(payload), _with_folded_numbers(live))

    def look_ups(self, payload: Payload, wanted: Set[str]) -> Iterator[Reference]:
        """Yield what the sync looks up; all else goes to Xero as it is, which finds it without a call."""
        for path, (object_, names) in _LOOKED_UP.items():
            named = payload.get(path) or {}
            if path in wanted and (by := next((name for name in names if named.get(name)), None)):
                yield Reference(path=path, object=object_, field=by, value=named[by])

    def references(self, payload: Payload) -> Iterator[Reference]:
        for name in ("AccountID", "Code"):
            if value := payload.get("Account", {}).get(name):
                yield Reference(path=f"Account.{name}", object="accounts", field=name, value=value)

    def check_named(self, payload: Payload, named: Named) -> None:
        for path, account in named.items():
            check_takes_payments(account, path)

    def route(self, operation: Operation) -> Route:
        if operation.kind is OperationKind.DELETE:
            return Route("POST", f"{self.path}/{operation.remote_id}")
        return Route("PUT", self.path)

    def params(self, method: str) -> Mapping[str, str]:
        return SUMMARY_OFF if method == "PUT" else {}

    def element(self, operation: Operation) -> Payload:
        return {"Status": "DELETED"} if operation.kind is OperationKind.DELETE else operation.payload

    def body(self, route: Route, elements: Sequence[bytes]) -> bytes:
        return super().body(route, elements) if route.path == self.path else elements[0]


def _with_folded_numbers(payment: Mapping[str, Any]) -> Payload:
    named = {paid: dict(payment[paid]) for paid in _PAID if payment.get(paid)}
    for paid, (_, number) in _PAID.items():
        if paid in named and number in named[paid]:
            named[paid][number] = str(named[paid][number]).casefold()
    return {**payment, **named}


PAYMENTS = Payments()
