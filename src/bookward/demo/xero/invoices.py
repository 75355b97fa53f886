"""Invoices and bills: how they are stored, shown and found. Source: Xero, Accounting API, Invoices."""

from __future__ import annotations

from decimal import Decimal

from bookward.demo.xero.bodies import Boolean, Choice, Day, Group, Id, Ignored, Text
from bookward.demo.xero.books import Books
from bookward.demo.xero.document_fields import HEADER
from bookward.demo.xero.document_kinds import (
    ACCPAY,
    ACCPAY_CREDIT,
    ACCREC,
    ACCREC_CREDIT,
    APP,
    CHOICES,
    FIELDS,
    NUMBER,
    derived,
    discount,
    document_keys,
)
from bookward.demo.xero.document_show import (
    days,
    ms_day,
    shown_contact,
    shown_lines,
    shown_payments,
    updated,
)
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.filters import Indexed
from bookward.demo.xero.kinds import Keys, Record, RecordKind, View
from bookward.demo.xero.options import Options

_TYPES = frozenset(
    {
        ACCREC,
        ACCPAY,
        ACCREC_CREDIT,
        ACCPAY_CREDIT,
        "AROVERPAYMENT",
        "APOVERPAYMENT",
        "ARPREPAYMENT",
        "APPREPAYMENT",
    }
)
INVOICE = Group(
    {
        **HEADER,
        "InvoiceID": Id(),
        "Type": Choice(_TYPES),
        "InvoiceNumber": Text(255),
        "Url": Text(),
        "SentToContact": Boolean(),
        "ExpectedPaymentDate": Day(),
        "PlannedPaymentDate": Day(),
        **dict.fromkeys(
            (
                "TotalDiscount",
                "RepeatingInvoiceID",
                "IsDiscounted",
                "Prepayments",
                "Overpayments",
                "AmountDue",
                "AmountPaid",
                "AmountCredited",
                "CreditNotes",
                "Attachments",
            ),
            Ignored(),
        ),
    }
)
_AMOUNTS = ("AmountDue", "AmountPaid", "AmountCredited")
_RANGED = frozenset({"Date", "DueDate", "AmountDue"})
_INDEXED = Indexed(
    equal=_RANGED
    | {"Status", "Type", "Reference", "InvoiceNumber", "InvoiceID", "AmountPaid"}
    | {name for name in FIELDS if name.startswith("Contact.")},
    ranged=_RANGED,
    either=frozenset({"InvoiceID"}),
)
_SUMMARY_DROPS = frozenset({"LineItems", "Payments", "CreditNotes", "Prepayments", "Overpayments"})


def _keys(doc: Element, _options: Options) -> Keys:
    return document_keys(doc, "InvoiceNumber")


def _shown(books: Books, invoice: Record, view: View) -> Element:
    doc = invoice.doc
    shown: Element = {"Type": doc["Type"], "InvoiceID": invoice.id}
    shown |= {name: doc.get(name, "") for name in ("InvoiceNumber", "Reference")}
    shown |= {
        "Payments": shown_payments(doc),
        "CreditNotes": [_shown_credit(part) for part in doc["Applied"]],
    }
    shown |= {"Prepayments": [], "Overpayments": []} | {name: doc[name] for name in _AMOUNTS}
    shown |= {"SentToContact": doc["SentToContact"], "CurrencyRate": doc["CurrencyRate"]}
    shown |= {"IsDiscounted": discount(doc) != 0, "HasAttachments": False, "HasErrors": False}
    shown["Contact"] = shown_contact(books, doc, view)
    shown |= days(doc, "Date", "DueDate")
    shown |= {
        name: ms_day(doc[name]) for name in ("ExpectedPaymentDate", "PlannedPaymentDate") if name in doc
    }
    shown |= {name: doc[name] for name in ("BrandingThemeID", "Url") if name in doc}
    shown |= {"Status": invoice.status, "LineAmountTypes": doc["LineAmountTypes"]}
    shown["LineItems"] = shown_lines(books, doc, view)
    shown |= {name: doc[name] for name in ("SubTotal", "TotalTax", "Total")}
    shown |= {"TotalDiscount": discount(doc)} if discount(doc) else {}
    shown |= updated(invoice) | {"CurrencyCode": doc["CurrencyCode"]}
    if "FullyPaidOnDate" in doc:
        shown["FullyPaidOnDate"] = ms_day(doc["FullyPaidOnDate"])
    if view.detail == "summary":
        return {name: value for name, value in shown.items() if name not in _SUMMARY_DROPS}
    return shown


def _shown_credit(part: Element) -> Element:
    return {
        "CreditNoteID": part["CreditNoteID"],
        "CreditNoteNumber": part["CreditNoteNumber"],
        "AppliedAmount": Decimal(part["Amount"]),
        "Date": ms_day(part["Date"]),
        "HasErrors": False,
    }


INVOICE_KIND = RecordKind(
    plural="Invoices",
    singular="Invoice",
    id="InvoiceID",
    group=INVOICE,
    show=_shown,
    keys=_keys,
    natural=(NUMBER,),
    fields={
        **FIELDS,
        "InvoiceID": "id",
        "InvoiceNumber": "text",
        **dict.fromkeys(_AMOUNTS, "number"),
        **dict.fromkeys(("ExpectedPaymentDate", "PlannedPaymentDate"), "date"),
    },
    derived=derived,
    indexed=_INDEXED,
    searched=("InvoiceNumber", "Reference"),
    choices={**CHOICES, "invoicenumbers": NUMBER},
    made_by=APP,
    paged=True,
    modified_since=True,
    summaries=True,
    by_update=True,
    error_flag="HasErrors",
)
