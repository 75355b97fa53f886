"""The books as a person reads them in a browser: what is kept, newest first, and every record whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from urllib.parse import quote

from bookward.demo.xero.answers import HTML, Answer, not_found
from bookward.demo.xero.books import Books
from bookward.demo.xero.catalogue import WRITERS
from bookward.demo.xero.exchange import Admission, Incoming
from bookward.demo.xero.faults import Fault
from bookward.demo.xero.kinds import RecordKind, View
from bookward.demo.xero.opening import open_books
from bookward.demo.xero.pagehtml import Table, columns_of, link, numbers_of, page, record_html, table
from bookward.demo.xero.records import Records, Selection
from bookward.demo.xero.world import World

BOOKS = "/books/"

_A_PAGE = 200
_NEWEST = Selection(order=(("UpdatedDateUTC", True),))


class Pages:
    """Serves ``/`` and what stands behind ``/books/``; nothing can be changed here."""

    def __init__(self, world: World, show: Callable[[Pages, sqlite3.Connection, Incoming], Answer]) -> None:
        self._world = world
        self._show = show

    def admit(self, incoming: Incoming) -> Admission:
        if incoming.method != "GET":
            raise not_found()
        return Admission()

    def handle(self, incoming: Incoming, admission: Admission, fault: Fault | None) -> Answer:
        with self._world.storage.transaction() as db:
            return self._show(self, db, incoming)

    def overview(self, db: sqlite3.Connection, _incoming: Incoming) -> Answer:
        """Show every organisation, and how many records of each kind it has."""
        parts = []
        for company in self._world.options.companies:
            books = open_books(self._world, db, company)
            counts = {plural: Records(books, writer.kind).count() for plural, writer in WRITERS.items()}
            lines = [
                [link(f"{BOOKS}{company.id}/{plural}", plural), f"{count:,}"]
                for plural, count in counts.items()
            ]
            parts.append(Table(company.name, ["", "records"], lines, numbers={1}))
        return _html(page("Local Xero", "".join(map(table, parts)), []))

    def listing(self, db: sqlite3.Connection, incoming: Incoming) -> Answer:
        """Show the records of a kind, those that changed last before others."""
        books, kind = self._opened(db, incoming)
        number = max(int(text) if (text := incoming.query.get("page", "1")).isdecimal() else 1, 1)
        records, offset = Records(books, kind), (number - 1) * _A_PAGE
        shown = [
            (record.id, kind.show(books, record, View()))
            for record in records.select(_NEWEST, _A_PAGE, offset)
        ]
        here, count = f"{BOOKS}{books.company.id}/{kind.plural}", records.count()
        found = columns_of(kind.plural, [element for _, element in shown])
        lines = [
            [link(f"{here}/{quote(id_, safe='')}", cells[0] or id_), *cells[1:]]
            for id_, element in shown
            for cells in [[column.cell(element) for column in found]]
        ]
        told = Table(f"{count:,} in all", [column.name for column in found], lines, numbers=numbers_of(found))
        more = link(f"{here}?page={number + 1}", "More") if offset + len(shown) < count else ""
        return _html(page(kind.plural, table(told) + more, [("/", books.company.name)]))

    def record(self, db: sqlite3.Connection, incoming: Incoming) -> Answer:
        """Show one record with all of its fields."""
        books, kind = self._opened(db, incoming)
        found = Records(books, kind).by_id(incoming.params["id"])
        if found is None:
            raise not_found()
        above = [("/", books.company.name), (f"{BOOKS}{books.company.id}/{kind.plural}", kind.plural)]
        element = kind.show(books, found, View())
        title = columns_of(kind.plural, [element])[0].cell(element) or found.id
        return _html(page(title, record_html(element), above))

    def _opened(self, db: sqlite3.Connection, incoming: Incoming) -> tuple[Books, RecordKind]:
        tenant, writer = incoming.params["tenant"], WRITERS.get(incoming.params["kind"])
        company = next((each for each in self._world.options.companies if each.id == tenant), None)
        if company is None or writer is None:
            raise not_found()
        return open_books(self._world, db, company), writer.kind


def _html(text: str) -> Answer:
    return Answer(type=HTML, body=text.encode())
