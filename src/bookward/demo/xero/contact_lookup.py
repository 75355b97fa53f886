"""Finding contacts by what they are named by."""

from __future__ import annotations

from bookward.demo.xero.books import Books
from bookward.demo.xero.contact_shape import CONTACT_KIND, name_key
from bookward.demo.xero.kinds import Record
from bookward.demo.xero.records import Records


def find_contact(
    books: Books, *, id_: str | None = None, number: str | None = None, name: str | None = None
) -> Record | None:
    """Return the contact with that id, else that number, else that name; active before archived.

    Source: Xero, Accounting API, Contacts: where an id is given, nothing else counts.
    """
    contacts = Records(books, CONTACT_KIND)
    if id_:
        return contacts.by_id(id_)
    found = contacts.by_key("number", number.casefold()) if number else None
    if found is None and name:
        found = contacts.by_key("name", name_key(name, books.options))
    return found
