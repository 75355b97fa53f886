"""``/CreditNotes/{CreditNoteID}/Allocations``. Source: Xero, Accounting API, Credit notes, allocations."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from uuid import uuid4

from bookward.demo.xero.answers import ZERO_ID, Answer, json_answer, not_found
from bookward.demo.xero.bodies import Day, Group, Id, Ignored, Number, read_elements
from bookward.demo.xero.books import Books
from bookward.demo.xero.credit_note_write import SCOPES
from bookward.demo.xero.credit_notes import CREDIT_NOTE_KIND, shown_allocation
from bookward.demo.xero.document_kinds import ACCPAY, ACCPAY_CREDIT, ACCREC, ACCREC_CREDIT
from bookward.demo.xero.document_show import echoed
from bookward.demo.xero.document_status import AUTHORISED
from bookward.demo.xero.endpoints import results_answer
from bookward.demo.xero.envelope import Element, messages, summarised
from bookward.demo.xero.exchange import Incoming
from bookward.demo.xero.invoices import INVOICE, INVOICE_KIND
from bookward.demo.xero.kinds import Record
from bookward.demo.xero.listing import one
from bookward.demo.xero.lock_dates import lock_problems
from bookward.demo.xero.organisation import today
from bookward.demo.xero.payment_rules import NO_INVOICE, amount_problems
from bookward.demo.xero.payment_targets import find_invoice
from bookward.demo.xero.resources import Resource
from bookward.demo.xero.settling import APPLIED, add_to, take_from
from bookward.demo.xero.writing import Written

PLURAL = "Allocations"
NOTE_NOT_AUTHORISED = "Only authorised credit notes can be allocated."
INVOICE_NOT_AUTHORISED = "Credit notes can only be allocated to authorised invoices."
OTHER_SIDE = "A credit note can only be allocated to invoices of its own kind, sales or purchases."
OTHER_CONTACT = "A credit note can only be allocated to invoices of the same contact."
OTHER_CURRENCY = "A credit note can only be allocated to invoices in the same currency."
MORE_THAN_CREDIT = "The amount is more than the remaining credit of the credit note."
MORE_THAN_DUE = "The amount is more than the amount outstanding on the invoice."
ALLOCATION = Group(
    {
        "AllocationID": Id(),
        "Invoice": INVOICE,
        "Amount": Number(),
        "Date": Day(),
        **dict.fromkeys(
            (
                "Overpayment",
                "Prepayment",
                "CreditNote",
                "IsDeleted",
                "StatusAttributeString",
                "ValidationErrors",
            ),
            Ignored(),
        ),
    }
)
_SIDES = {ACCREC_CREDIT: ACCREC, ACCPAY_CREDIT: ACCPAY}


def _create(books: Books, incoming: Incoming) -> Answer:
    one(books, CREDIT_NOTE_KIND, incoming.params["key"])
    refuse_unknown = books.options.unknown_fields == "refuse"
    elements = read_elements(incoming.body, PLURAL, "Allocation", ALLOCATION, refuse_unknown=refuse_unknown)

    def write() -> list[Written]:
        return [_allocated(books, incoming.params["key"], element) for element in elements]

    return results_answer(books, incoming, PLURAL, write)


def _allocated(books: Books, key: str, sent: Element) -> Written:
    note = one(books, CREDIT_NOTE_KIND, key)
    invoice = find_invoice(books, sent.get("Invoice") or {})
    day = sent.get("Date") or today(books).isoformat()
    errors = _locked(books, day)
    errors += [NO_INVOICE] if invoice is None else _problems(note, invoice, sent.get("Amount"))
    if errors or invoice is None:
        shown = echoed(sent) | {"AllocationID": ZERO_ID, "ValidationErrors": messages(errors)}
        return Written(shown, "ERROR")
    part = {"AllocationID": str(uuid4()), "Amount": Decimal(sent["Amount"]), "Date": day}
    part |= {"InvoiceID": invoice.id, "InvoiceNumber": invoice.doc.get("InvoiceNumber", "")}
    part |= {"CreditNoteID": note.id, "CreditNoteNumber": note.doc.get("CreditNoteNumber", "")}
    add_to(books, CREDIT_NOTE_KIND, note.id, APPLIED, part)
    add_to(books, INVOICE_KIND, invoice.id, APPLIED, part)
    named = {"CreditNote": {"CreditNoteID": note.id, "CreditNoteNumber": part["CreditNoteNumber"]}}
    return Written(shown_allocation(part) | named)


def _locked(books: Books, day: str) -> list[str]:
    company = books.company
    return lock_problems(day, period=company.period_lock_date, year=company.year_lock_date)


def _problems(note: Record, invoice: Record, amount: Decimal | None) -> list[str]:
    found = amount_problems(amount)
    return found or [*_mismatches(note, invoice), *_excesses(note, invoice, amount or Decimal(0))]


def _mismatches(note: Record, invoice: Record) -> Iterator[str]:
    if note.status != AUTHORISED:
        yield NOTE_NOT_AUTHORISED
    if invoice.status != AUTHORISED:
        yield INVOICE_NOT_AUTHORISED
    if invoice.doc["Type"] != _SIDES[note.doc["Type"]]:
        yield OTHER_SIDE
    if invoice.doc["Contact"]["ContactID"] != note.doc["Contact"]["ContactID"]:
        yield OTHER_CONTACT
    if invoice.doc["CurrencyCode"] != note.doc["CurrencyCode"]:
        yield OTHER_CURRENCY


def _excesses(note: Record, invoice: Record, amount: Decimal) -> Iterator[str]:
    if amount > note.doc["RemainingCredit"]:
        yield MORE_THAN_CREDIT
    if amount > invoice.doc["AmountDue"]:
        yield MORE_THAN_DUE


def _delete(books: Books, incoming: Incoming) -> Answer:
    note = one(books, CREDIT_NOTE_KIND, incoming.params["key"])
    wanted = incoming.params["allocation"].lower()
    part = next((part for part in note.doc[APPLIED] if part["AllocationID"] == wanted), None)
    if part is None:
        raise not_found()
    if errors := _locked(books, part["Date"]):
        return summarised([shown_allocation(part) | {"ValidationErrors": messages(errors)}])
    take_from(books, CREDIT_NOTE_KIND, note.id, APPLIED, "AllocationID", wanted)
    take_from(books, INVOICE_KIND, part["InvoiceID"], APPLIED, "AllocationID", wanted)
    return json_answer(shown_allocation(part) | {"IsDeleted": True})


ALLOCATIONS = Resource(scopes=SCOPES, methods={"PUT": _create})
ALLOCATION_ONE = Resource(scopes=SCOPES, methods={"DELETE": _delete})
