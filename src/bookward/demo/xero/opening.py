"""Opening the books of an organisation."""

from __future__ import annotations

import sqlite3

from bookward.demo.xero.books import Books
from bookward.demo.xero.new_books import begin
from bookward.demo.xero.options import Company
from bookward.demo.xero.world import World


def open_books(world: World, db: sqlite3.Connection, company: Company, provider: str = "") -> Books:
    """Return an organisation's books for work at this moment; those of a new one are begun."""
    books = Books(db=db, company=company, provider=provider, options=world.options, now=world.clock.now())
    if db.execute("INSERT OR IGNORE INTO begun VALUES (?)", (company.id,)).rowcount:
        begin(books)
    return books
