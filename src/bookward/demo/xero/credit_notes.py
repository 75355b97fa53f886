"""Credit notes: how they are stored, shown and found. Source: Xero, Accounting API, Credit notes."""

from __future__ import annotations

from decimal import Decimal

from bookward.demo.xero.bodies import Choice, Group, Id, Ignored, Text
from bookward.demo.xero.books import Books
from bookward.demo.xero.document_fields import HEADER
from bookward.demo.xero.document_kinds import (
    ACCPAY_CREDIT,
    ACCREC_CREDIT,
    FIELDS,
    NUMBER,
    derived,
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
from bookward.demo.xero.kinds import Keys, Record, RecordKind, View
from bookward.demo.xero.options import Options

CREDIT_NOTE = Group(
    {
        **HEADER,
        "CreditNoteID": Id(),
        "Type": Choice(frozenset({ACCPAY_CREDIT, ACCREC_CREDIT})),
        "CreditNoteNumber": Text(),
        **dict.fromkeys(("SentToContact", "RemainingCredit", "AppliedAmount", "Allocations"), Ignored()),
    }
)


def shown_allocation(part: Element) -> Element:
    """Return an allocation as it stands inside its credit note."""
    return {
        "AllocationID": part["AllocationID"],
        "Amount": Decimal(part["Amount"]),
        "Date": ms_day(part["Date"]),
        "Invoice": {"InvoiceID": part["InvoiceID"], "InvoiceNumber": part["InvoiceNumber"]},
        "IsDeleted": False,
    }


def _keys(doc: Element, _options: Options) -> Keys:
    return document_keys(doc, "CreditNoteNumber")


def _shown(books: Books, note: Record, view: View) -> Element:
    doc = note.doc
    shown: Element = {"CreditNoteID": note.id, "CreditNoteNumber": doc.get("CreditNoteNumber", "")}
    shown |= {"Payments": shown_payments(doc), "CurrencyRate": doc["CurrencyRate"], "Type": doc["Type"]}
    shown |= {"Reference": doc.get("Reference", ""), "SentToContact": False}
    shown |= {"RemainingCredit": doc["RemainingCredit"], "AppliedAmount": doc["AmountCredited"]}
    shown["Allocations"] = [shown_allocation(part) for part in doc["Applied"]]
    shown |= {"HasAttachments": False, "HasErrors": False, "Contact": shown_contact(books, doc, view)}
    shown |= days(doc, "Date", "DueDate")
    shown |= {"BrandingThemeID": doc["BrandingThemeID"]} if "BrandingThemeID" in doc else {}
    shown |= {"Status": note.status, "LineAmountTypes": doc["LineAmountTypes"]}
    shown["LineItems"] = shown_lines(books, doc, view)
    shown |= {name: doc[name] for name in ("SubTotal", "TotalTax", "Total")}
    shown |= updated(note) | {"CurrencyCode": doc["CurrencyCode"]}
    if "FullyPaidOnDate" in doc:
        shown["FullyPaidOnDate"] = ms_day(doc["FullyPaidOnDate"])
    return shown


CREDIT_NOTE_KIND = RecordKind(
    plural="CreditNotes",
    singular="CreditNote",
    id="CreditNoteID",
    group=CREDIT_NOTE,
    show=_shown,
    keys=_keys,
    natural=(NUMBER,),
    fields={**FIELDS, "CreditNoteID": "id", "CreditNoteNumber": "text", "RemainingCredit": "number"},
    derived=derived,
    paged=True,
    modified_since=True,
    by_update=True,
    error_flag="HasErrors",
)
