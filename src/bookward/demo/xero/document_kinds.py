"""How invoices and credit notes are kept, found and filtered alike."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bookward.demo.xero.books import Books
from bookward.demo.xero.contact_lookup import find_contact
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.filters import FieldType
from bookward.demo.xero.kinds import ID, STATUS, Keys, Record
from bookward.demo.xero.uses import IS_CUSTOMER, IS_SUPPLIER, USES_ACCOUNT, USES_ITEM, USES_OPTION, USES_TAX

ACCREC, ACCPAY = "ACCREC", "ACCPAY"
ACCREC_CREDIT, ACCPAY_CREDIT = "ACCRECCREDIT", "ACCPAYCREDIT"
SALES = frozenset({ACCREC, ACCREC_CREDIT})

NUMBER = "number"  #: the key of the number of any document
SALES_NUMBER = "sales_number"  #: the key of the number of those whose numbers are unique
CONTACT = "contact"
APP = "app"  #: the key of the app that made a document
CREATED_BY = "CreatedBy"  #: the field of a document's ``doc`` with the name of that app

FIELDS: Mapping[str, FieldType] = {
    "Type": "text",
    "Status": "text",
    "Reference": "text",
    "CurrencyCode": "text",
    "LineAmountTypes": "text",
    "Contact.ContactID": "id",
    "Contact.Name": "text",
    "Contact.ContactNumber": "text",
    "BrandingThemeID": "id",
    **dict.fromkeys(("Date", "DueDate", "FullyPaidOnDate", "UpdatedDateUTC"), "date"),
    **dict.fromkeys(("SubTotal", "TotalTax", "Total", "CurrencyRate"), "number"),
    "SentToContact": "boolean",
}
CHOICES = {"ids": ID, "contactids": CONTACT, "statuses": STATUS}


def document_keys(doc: Element, number: str) -> Keys:
    """Return by what a document is found, and what it uses."""
    lines = doc["LineItems"]
    sales, contact = doc["Type"] in SALES, doc["Contact"]["ContactID"]
    numbers = [doc.get(number, "").casefold()]
    return {
        NUMBER: numbers,
        SALES_NUMBER: numbers if sales else [],
        CONTACT: [contact],
        APP: [doc[CREATED_BY].casefold()],
        IS_CUSTOMER if sales else IS_SUPPLIER: [contact],
        USES_ACCOUNT: [line.get("AccountID", "") for line in lines],
        USES_ITEM: [line.get("ItemID", "") for line in lines],
        USES_TAX: [line.get("TaxType", "").casefold() for line in lines],
        USES_OPTION: [part["TrackingOptionID"] for line in lines for part in line["Tracking"]],
    }


def derived(books: Books, record: Record) -> dict[str, Any]:
    """Return the values of a document's filterable fields that are not its own."""
    contact = find_contact(books, id_=record.doc["Contact"]["ContactID"])
    assert contact is not None, "contacts are never deleted"
    return {
        "Contact.Name": contact.doc["Name"],
        "Contact.ContactNumber": contact.doc.get("ContactNumber"),
    }


def discount(doc: Element) -> Decimal:
    """Return what the discounts of a document's lines took off."""
    return sum((Decimal(line["Discount"]) for line in doc["LineItems"]), Decimal("0.00"))
