"""Whether what is kept of the state can still be read as it was written."""

from __future__ import annotations

from sqlalchemy import text

from bookward.errors import StoreFailed
from bookward.store.database import Database


def faults(database: Database) -> str:
    """Return what SQLite finds wrong with its file, "" where all is well; PostgreSQL looks after itself."""
    try:
        with database.reading() as connection:
            if connection.dialect.name != "sqlite":
                return ""
            found = list(connection.scalars(text("PRAGMA quick_check(5)")))
    except StoreFailed as error:  # where it is worst, it cannot even be looked over
        return error.message
    return "" if found == ["ok"] else "; ".join(found)
