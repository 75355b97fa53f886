"""Payments: how they are stored, shown and found. Source: Xero, Accounting API, Payments."""

from __future__ import annotations

from typing import Any

from bookward.demo.xero.accounts import ACCOUNT, brief, find_account
from bookward.demo.xero.bodies import Boolean, Choice, Day, Group, Id, Ignored, Number, Text
from bookward.demo.xero.books import Books
from bookward.demo.xero.credit_notes import CREDIT_NOTE, CREDIT_NOTE_KIND
from bookward.demo.xero.document_kinds import ACCPAY, ACCPAY_CREDIT, ACCREC, ACCREC_CREDIT, derived
from bookward.demo.xero.document_show import ms_day, shown_contact, updated
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.filters import Indexed
from bookward.demo.xero.invoices import INVOICE, INVOICE_KIND
from bookward.demo.xero.kinds import Keys, Record, RecordKind, View
from bookward.demo.xero.options import Options
from bookward.demo.xero.records import Records
from bookward.demo.xero.settling import APPLIED
from bookward.demo.xero.uses import USES_ACCOUNT

AUTHORISED, DELETED = "AUTHORISED", "DELETED"
PAYMENT_TYPES = {
    ACCREC: "ACCRECPAYMENT",
    ACCPAY: "ACCPAYPAYMENT",
    ACCREC_CREDIT: "ARCREDITPAYMENT",
    ACCPAY_CREDIT: "APCREDITPAYMENT",
}
TEXTS = ("Reference", "BankAccountNumber", "Particulars", "Details")
PAYMENT = Group(
    {
        "PaymentID": Id(),
        "Invoice": INVOICE,
        "CreditNote": CREDIT_NOTE,
        "InvoiceNumber": Text(),
        "CreditNoteNumber": Text(),
        "Account": ACCOUNT,
        "Code": Text(),
        "Date": Day(),
        "CurrencyRate": Number(),
        "Amount": Number(),
        "BankAmount": Number(),
        **dict.fromkeys(TEXTS, Text()),
        "IsReconciled": Boolean(),
        "Status": Choice(frozenset({AUTHORISED, DELETED})),
        **dict.fromkeys(
            (
                "Prepayment",
                "Overpayment",
                "BatchPayment",
                "BatchPaymentID",
                "PaymentType",
                "UpdatedDateUTC",
                "UpdatedDateUTCString",
                "HasAccount",
                "HasValidationErrors",
                "StatusAttributeString",
                "ValidationErrors",
                "Warnings",
            ),
            Ignored(),
        ),
    }
)
_MONEY = ("BankAmount", "Amount")


def paid_kind(doc: Element) -> RecordKind:
    """Return the kind of what a payment pays, given by its ``doc``."""
    return INVOICE_KIND if doc["PaymentType"] in {"ACCRECPAYMENT", "ACCPAYPAYMENT"} else CREDIT_NOTE_KIND


def paid_document(books: Books, doc: Element) -> Record:
    """Return what a payment pays, given by its ``doc``."""
    held = Records(books, paid_kind(doc)).by_id(doc["DocumentID"])
    assert held is not None, "documents are never deleted from the books"
    return held


def _keys(doc: Element, _options: Options) -> Keys:
    return {USES_ACCOUNT: [doc["AccountID"]]}


def _shown(books: Books, payment: Record, view: View) -> Element:
    doc = payment.doc
    account = find_account(books, id_=doc["AccountID"])
    assert account is not None, "accounts that are used are never deleted"
    shown: Element = {"PaymentID": payment.id, "Date": ms_day(doc["Date"])}
    shown |= {name: doc[name] for name in (*_MONEY, *TEXTS, "CurrencyRate", "PaymentType") if name in doc}
    shown |= {"Status": payment.status} | updated(payment)
    shown |= {"HasAccount": True, "IsReconciled": doc["IsReconciled"], "Account": brief(account)}
    shown["Invoice"] = _paid(books, paid_document(books, doc), view)
    return shown | {"HasValidationErrors": False}


def _paid(books: Books, document: Record, view: View) -> Element:
    """Return what was paid; a credit note too looks like an invoice here. Source: Xero's OpenAPI examples."""
    doc = document.doc
    named = {"InvoiceID": document.id, "InvoiceNumber": _number(doc)}
    if view.listed:
        nothing: Element = {name: [] for name in ("Payments", "CreditNotes", "Prepayments", "Overpayments")}
        shown = {"Type": doc["Type"], **named, **nothing, "IsDiscounted": False, "HasErrors": False}
        contact = shown_contact(books, doc, view)
        return shown | {"Contact": contact, "LineItems": [], "CurrencyCode": doc["CurrencyCode"]}
    own: Element = {APPLIED: []} if doc["Type"] in {ACCREC_CREDIT, ACCPAY_CREDIT} else {}
    as_invoice = Record(document.id, document.status, document.updated, doc | named | own)
    shown = INVOICE_KIND.show(books, as_invoice, View(decimals=view.decimals))
    return shown | {"Contact": shown_contact(books, doc, View(listed=True))}


def _number(doc: Element) -> str:
    return str(doc.get("InvoiceNumber") or doc.get("CreditNoteNumber", ""))


def _derived(books: Books, payment: Record) -> dict[str, Any]:
    document = paid_document(books, payment.doc)
    account = find_account(books, id_=payment.doc["AccountID"])
    contact = {f"Invoice.{name}": value for name, value in derived(books, document).items()}
    return contact | {
        "Invoice.InvoiceID": document.id,
        "Invoice.InvoiceNumber": _number(document.doc),
        "Invoice.Contact.ContactID": document.doc["Contact"]["ContactID"],
        "Account.AccountID": payment.doc["AccountID"],
        "Account.Code": account.doc.get("Code") if account else None,
    }


PAYMENT_KIND = RecordKind(
    plural="Payments",
    singular="Payment",
    id="PaymentID",
    group=PAYMENT,
    show=_shown,
    keys=_keys,
    fields={
        "PaymentID": "id",
        **dict.fromkeys(("Date", "UpdatedDateUTC"), "date"),
        **dict.fromkeys((*_MONEY, "CurrencyRate"), "number"),
        **dict.fromkeys((*TEXTS, "Status", "PaymentType"), "text"),
        "IsReconciled": "boolean",
        "Invoice.InvoiceID": "id",
        "Invoice.InvoiceNumber": "text",
        "Invoice.Contact.ContactID": "id",
        "Invoice.Contact.Name": "text",
        "Invoice.Contact.ContactNumber": "text",
        "Account.AccountID": "id",
        "Account.Code": "text",
    },
    derived=_derived,
    indexed=Indexed(equal=frozenset({"PaymentID", "Invoice.InvoiceID", "Reference", "Status", "Date"})),
    paged=True,
    modified_since=True,
    by_update=True,
)
