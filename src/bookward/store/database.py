"""Opening the database: its safety settings, its migrations, its errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from bookward import exactjson
from bookward.errors import StoreFailed

MIGRATIONS = Path(__file__).parent / "migrations"

STATE_FILE = "state.db"
"""The name of the file in the state's folder."""


def has_state(folder: Path) -> bool:
    """Return whether a folder holds a state."""
    return (folder / STATE_FILE).is_file()


class Database:
    """Bookward's own state in one SQLite file, safe for several threads and processes."""

    def __init__(self, folder: Path) -> None:
        """Open the state in ``folder``, making or migrating it where needed.

        Raises:
            StoreFailed: the folder cannot be written, or the state is of a newer Bookward.
        """
        self.folder = folder
        path = folder / STATE_FILE
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)  # recorded calls hold personal and bank data
        except OSError as error:
            raise StoreFailed(f"The state folder {folder} cannot be written: {error.strerror}.") from error
        self._engine = create_engine(
            f"sqlite:///{path}",
            connect_args={"timeout": 60},
            json_serializer=lambda value: exactjson.encode(value).decode(),
            json_deserializer=exactjson.decode,
        )
        _make_safe(self._engine)
        with _translated():
            self._migrate()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one consistent state."""
        with _translated(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, *, at_once: bool = True) -> Iterator[Connection]:
        """Yield a connection whose changes are on disk, all of them, when the block is left.

        Args:
            at_once: whether the disk is waited for. If not, the changes outlive this process, and a power cut
                as soon as anything else is written.
        """
        writable = self._engine.connect().execution_options(writes="FULL" if at_once else "NORMAL")
        with _translated(), writable as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _migrate(self) -> None:
        known = revisions()
        with self._engine.connect() as connection:
            present = _revision(connection)
        if present == known[-1]:
            return
        if present is not None and present not in known:
            raise StoreFailed(
                f"The state in {self.folder} was written by a newer Bookward.",
                remedy="Upgrade Bookward: pip install --upgrade bookward",
            )
        # Only here, since Alembic takes a good part of the time that a command needs to start.
        from bookward.store.migrating import migrate

        with self.writing() as connection:
            migrate(connection)


def revisions() -> list[str]:
    """Return the revisions of the state that this Bookward knows, the newest one last."""
    return sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StoreFailed(f"Bookward's state could not be used: {error.orig}.") from error


def _make_safe(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # Transactions are begun below, with the lock that they need: the driver must not begin its own.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        # Every checkpoint waits for the disk too; this is one for 32 MB.
        cursor.execute("PRAGMA wal_autocheckpoint = 8000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        if writes:
            # NORMAL loses commits on a power cut, and a lost intent is a double booking.
            connection.exec_driver_sql(f"PRAGMA synchronous = {writes}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
