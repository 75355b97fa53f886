"""All kinds of records that the local Xero keeps, and the paths they are served at."""

from __future__ import annotations

from collections.abc import Mapping

from bookward.demo.xero.accounting import Resource
from bookward.demo.xero.books import Books
from bookward.demo.xero.contact_write import ContactWriter
from bookward.demo.xero.contacts import CONTACT_ONE, CONTACTS
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.kinds import RecordKind, View
from bookward.demo.xero.organisation import ACTIONS, ORGANISATION
from bookward.demo.xero.records import Records, Selection
from bookward.demo.xero.writing import Writer

WRITERS: Mapping[str, type[Writer]] = {writer.kind.plural: writer for writer in (ContactWriter,)}
"""What writes each kind of records, by the name around them on the wire."""

PATHS: Mapping[str, Resource] = {
    "/Organisation": ORGANISATION,
    "/Organisation/Actions": ACTIONS,
    "/Contacts": CONTACTS,
    "/Contacts/{key:path}": CONTACT_ONE,
}
"""The resources of the Accounting API by their paths below its root; of two that fit the first serves."""


def all_of(books: Books, kind: RecordKind) -> list[Element]:
    """Return all records of a kind, archived ones too, by last update."""
    order = [("UpdatedDateUTC", False)]
    return [kind.show(books, held, View()) for held in Records(books, kind).select(Selection(order=order))]
