"""The contact of a document: found, created or changed by what stands in it.

Source: Xero, Accounting API, Invoices; XeroAPI/xero-node#306.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bookward.demo.xero.answers import not_found
from bookward.demo.xero.books import Books
from bookward.demo.xero.contact_lookup import find_contact
from bookward.demo.xero.contact_rules import ARCHIVED_CONTACT
from bookward.demo.xero.contact_shape import ARCHIVED
from bookward.demo.xero.contact_write import ContactWriter
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.kinds import Record

NO_CONTACT = "A Contact must be specified for this type of transaction"
UNKNOWN_CONTACT = "The contact with the specified ContactID could not be found."
_IDENTITY = ("ContactID", "ContactNumber", "Name")


def contact_of(books: Books, sent: Element) -> tuple[Record | None, list[str]]:
    """Return the contact that a document is for, or what is wrong with it.

    What is more than needed to find the contact is written to it, and its contact persons are lost.

    Raises:
        Refused: there is no contact with that id, and the switches say that the request is lost then.
    """
    meant = {name: value for name, value in sent.items() if value not in (None, "", [])}
    id_, number, name = (meant.get(field) for field in _IDENTITY)
    if not (id_ or number or name):
        return None, [NO_CONTACT]
    held = find_contact(books, id_=id_, number=number, name=name)
    if id_ and held is None:
        if books.options.unknown_contact == "not_found":
            raise not_found()
        return None, [UNKNOWN_CONTACT]
    if held is not None and held.status == ARCHIVED:
        return None, [ARCHIVED_CONTACT]
    if held is not None and _says_nothing_new(meant, held):
        return held, []
    result = ContactWriter(books, create_only=False).write(meant | {"ContactPersons": []})
    if result.failed:
        return None, list(dict.fromkeys(_said(result.element)))
    return find_contact(books, id_=result.element["ContactID"]), []


def _said(part: Any) -> Iterator[str]:
    """Yield what is wrong with a contact: it may be wrong with a phone of its only."""
    if isinstance(part, Mapping):
        yield from (error["Message"] for error in part.get("ValidationErrors") or ())
        for value in part.values():
            yield from _said(value)
    elif isinstance(part, list):
        for value in part:
            yield from _said(value)


def _says_nothing_new(meant: Element, held: Record) -> bool:
    return all(
        name == "ContactID" or (name in _IDENTITY and held.doc.get(name, "").casefold() == value.casefold())
        for name, value in meant.items()
    )
