"""Which database holds the state, and opening it."""

from __future__ import annotations

from contextlib import closing

from bookward.errors import StoreFailed
from bookward.settings import Settings
from bookward.store.database import Database, revision
from bookward.store.sqlite import STATE_FILE, SqliteDatabase


def open_database(settings: Settings) -> Database:
    """Open the state, making or migrating it where needed, and the folder of what belongs to it.

    Raises:
        StoreFailed: it cannot be used, or is of a newer Bookward.
        ExtraMissing: its driver is not installed.
    """
    try:
        settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreFailed(
            f"The state folder {settings.state} cannot be written: {error.strerror}."
        ) from error
    if settings.database_url is None:
        return SqliteDatabase(settings.state)
    database = _postgres(settings.database_url)
    try:
        database.migrate()
    except BaseException:
        database.close()
        raise
    return database


def lease_database(settings: Settings) -> Database | None:
    """Return the database that several machines share, for their leases alone; None where they share none."""
    return _postgres(settings.database_url) if settings.database_url else None


def has_state(settings: Settings) -> bool:
    """Return whether there is a state; looking makes none.

    Raises:
        StoreFailed, ExtraMissing: the database cannot be asked.
    """
    if settings.database_url is None:
        return (settings.state / STATE_FILE).is_file()
    with closing(_postgres(settings.database_url)) as database, database.reading() as connection:
        return revision(connection) is not None


def _postgres(url: str) -> Database:
    from bookward.store.postgres import PostgresDatabase  # only where it is used

    return PostgresDatabase(url)
