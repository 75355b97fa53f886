"""Sales invoices and bills. Source: Xero, Accounting API, Invoices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from bookward.destinations.xero.documents import Documents
from bookward.destinations.xero.fields import FIELDS
from bookward.spec.field import Field


class Invoices(Documents):
    """Xero's sales invoices (type ACCREC) and bills (type ACCPAY), drafts unless the mapping says otherwise.

    The numbers of sales invoices are unique. Bills carry their suppliers' numbers, so a bill is found by its
    number and its contact.
    """

    name = "invoices"
    noun = "invoice"
    path = "Invoices"
    envelope = "Invoices"
    id_field = "InvoiceID"
    title = "InvoiceNumber"
    number = "InvoiceNumber"
    sales_type = "ACCREC"
    bought = "bill"
    match_fields = ("InvoiceNumber", "InvoiceID", "Reference")
    unique = ("InvoiceNumber",)
    takes_ids = True
    asked_in_lists: ClassVar[Mapping[str, str]] = {"InvoiceNumber": "InvoiceNumbers"}
    asked_by_value = ("InvoiceNumber", "Reference")
    list_params: ClassVar[Mapping[str, str]] = {"unitdp": "4", "includeArchived": "true"}
    fields: Mapping[str, Field] = FIELDS["Invoice"]


class CreditNotes(Documents):
    """Xero's credit notes: for customers (type ACCRECCREDIT) and from suppliers (type ACCPAYCREDIT)."""

    name = "credit-notes"
    noun = "credit note"
    path = "CreditNotes"
    envelope = "CreditNotes"
    id_field = "CreditNoteID"
    title = "CreditNoteNumber"
    number = "CreditNoteNumber"
    sales_type = "ACCRECCREDIT"
    bought = noun
    match_fields = ("CreditNoteNumber", "CreditNoteID", "Reference")
    unique = ("CreditNoteNumber",)
    asked_by_value = ("CreditNoteNumber", "Reference")
    fields: Mapping[str, Field] = FIELDS["CreditNote"]


INVOICES = Invoices()
CREDIT_NOTES = CreditNotes()
