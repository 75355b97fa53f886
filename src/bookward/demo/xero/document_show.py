"""How invoices and credit notes are shown, inside one another and inside payments too."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bookward.demo.xero.accounts import find_account
from bookward.demo.xero.books import Books
from bookward.demo.xero.contact_lookup import find_contact
from bookward.demo.xero.contact_shape import CONTACT_KIND
from bookward.demo.xero.document_fields import DAYS
from bookward.demo.xero.envelope import Element, millis, ms_date, read_moment
from bookward.demo.xero.kinds import Record, View
from bookward.demo.xero.money import rounded

_LINE_ORDER = (
    "TaxType",
    "TaxAmount",
    "LineAmount",
    "AccountCode",
    "AccountID",
    "DiscountRate",
    "DiscountAmount",
)


def ms_day(day: str) -> str:
    """Return a day (``YYYY-MM-DD``) as the fields of records have it."""
    moment = read_moment(day)
    assert moment is not None
    return ms_date(millis(moment))


def days(doc: Element, *names: str) -> Element:
    """Return those of some days that a document has, each also as a text."""
    shown: Element = {}
    for name in names:
        if name in doc:
            shown |= {f"{name}String": f"{doc[name]}T00:00:00", name: ms_day(doc[name])}
    return shown


def updated(record: Record) -> Element:
    """Return the moment of the last change, in both its forms."""
    moment = datetime.fromtimestamp(record.updated / 1000, UTC)
    return {
        "UpdatedDateUTC": ms_date(record.updated),
        "UpdatedDateUTCString": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
    }


def echoed(value: Any) -> Any:
    """Return what was sent as it is answered: without nulls, days in the form that records have."""
    if isinstance(value, list):
        return [echoed(part) for part in value]
    if not isinstance(value, dict):
        return value
    return {name: _echoed_field(name, part) for name, part in value.items() if part is not None}


def _echoed_field(name: str, value: Any) -> Any:
    if name in DAYS and isinstance(value, str) and (moment := read_moment(value)):
        return ms_date(millis(moment))
    return echoed(value)


def shown_contact(books: Books, doc: Element, view: View) -> Element:
    """Return a document's contact, whole or, in lists, by its names only."""
    contact = find_contact(books, id_=doc["Contact"]["ContactID"])
    assert contact is not None, "contacts are never deleted"
    if view.detail == "full" and not view.listed:
        return CONTACT_KIND.show(books, contact, View())
    brief = {"ContactID": contact.id, "Name": contact.doc["Name"]}
    if "ContactNumber" in contact.doc:
        brief["ContactNumber"] = contact.doc["ContactNumber"]
    nothing: Element = {name: [] for name in ("Addresses", "Phones", "ContactGroups", "ContactPersons")}
    return brief | nothing | {"HasValidationErrors": False}


def shown_lines(books: Books, doc: Element, view: View) -> list[Element]:
    """Return a document's lines; none in lists without pages."""
    return [_shown_line(books, line, view) for line in doc["LineItems"]] if view.detail == "full" else []


def _shown_line(books: Books, line: Element, view: View) -> Element:
    shown: Element = {name: line[name] for name in ("ItemCode", "Description") if name in line}
    if "UnitAmount" in line:
        shown["UnitAmount"] = rounded(Decimal(line["UnitAmount"]), view.decimals)
    account = find_account(books, id_=line.get("AccountID"))
    code = {"AccountCode": account.doc["Code"]} if account and "Code" in account.doc else {}
    line = line | code
    shown |= {name: line[name] for name in _LINE_ORDER if name in line}
    shown["Tracking"] = line["Tracking"]
    shown |= {name: line[name] for name in ("Quantity", "LineItemID") if name in line}
    return shown


def shown_payments(doc: Element) -> list[Element]:
    """Return the payments on a document as they stand inside it."""
    return [
        payment | {"Date": ms_day(payment["Date"]), "HasAccount": False, "HasValidationErrors": False}
        for payment in doc["Payments"]
    ]
