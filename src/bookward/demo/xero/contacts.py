"""``/Contacts``. Source: Xero, Accounting API, Contacts."""

from __future__ import annotations

from collections.abc import Sequence

from bookward.demo.xero.accounting import Books, Resource
from bookward.demo.xero.answers import Answer, not_found
from bookward.demo.xero.bodies import read_elements
from bookward.demo.xero.contact_list import listing, one
from bookward.demo.xero.contact_shape import CONTACT
from bookward.demo.xero.contact_table import ContactTable
from bookward.demo.xero.contact_write import Writer, Written
from bookward.demo.xero.envelope import Element, enveloped, millis, summarised
from bookward.demo.xero.exchange import Incoming
from bookward.demo.xero.world import World

PLURAL = "Contacts"


def table_of(world: World, books: Books) -> ContactTable:
    """Return the contacts in ``books``."""
    return ContactTable(books.db, books.company.id, fold_accents=world.options.names_fold_accents)


def _list(world: World, books: Books, incoming: Incoming) -> Answer:
    now = world.clock.now()
    since = incoming.headers.get("if-modified-since")
    found = listing(table_of(world, books), incoming.query, since, now, world.options)
    return enveloped(PLURAL, found.elements, provider=books.provider, now=now, pagination=found.pagination)


def _one(world: World, books: Books, incoming: Incoming) -> Answer:
    contact = one(table_of(world, books), incoming.params["key"])
    return enveloped(PLURAL, [contact], provider=books.provider, now=world.clock.now())


def _create(world: World, books: Books, incoming: Incoming) -> Answer:
    return _written(world, books, incoming, _sent(world, incoming), create_only=True)


def _upsert(world: World, books: Books, incoming: Incoming) -> Answer:
    return _written(world, books, incoming, _sent(world, incoming), create_only=False)


def _update_one(world: World, books: Books, incoming: Incoming) -> Answer:
    contact = table_of(world, books).by_id(incoming.params["key"])
    if contact is None:
        raise not_found()
    element = _sent(world, incoming)[0] | {"ContactID": contact.id}
    return _written(world, books, incoming, [element], create_only=False)


def _sent(world: World, incoming: Incoming) -> list[Element]:
    refuse_unknown = world.options.unknown_fields == "refuse"
    return read_elements(incoming.body, PLURAL, CONTACT, refuse_unknown=refuse_unknown)


def _written(
    world: World, books: Books, incoming: Incoming, elements: Sequence[Element], *, create_only: bool
) -> Answer:
    now = world.clock.now()
    writer = Writer(table_of(world, books), world.options, millis(now), create_only=create_only)
    summarise = incoming.query.get("summarizeerrors", "").lower() != "false"
    books.db.execute("SAVEPOINT elements")
    written = writer.write_all(elements)
    failed = [one_.element for one_ in written if one_.failed]
    if summarise and failed and world.options.summarised_saves == "none":
        books.db.execute("ROLLBACK TO elements")
    books.db.execute("RELEASE elements")
    if summarise and failed:
        return summarised(failed)
    shown = [one_.element if summarise else _with_status(world, one_) for one_ in written]
    return enveloped(PLURAL, shown, provider=books.provider, now=now)


def _with_status(world: World, written: Written) -> Element:
    if written.failed:
        return written.element | {"StatusAttributeString": "ERROR"}
    return written.element | {"StatusAttributeString": "OK"} if world.options.says_ok else written.element


CONTACTS = Resource(scope="accounting.contacts", methods={"GET": _list, "PUT": _create, "POST": _upsert})
CONTACT_ONE = Resource(scope="accounting.contacts", methods={"GET": _one, "POST": _update_one})
