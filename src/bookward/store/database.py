"""Opening the database: its safety settings, its migrations, its errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from bookward.errors import StoreFailed

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
        self._engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 60})
        _make_safe(self._engine)
        with _translated():
            self._migrate()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one consistent state."""
        with _translated(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection whose changes are on disk, all of them, when the block is left."""
        writable = self._engine.connect().execution_options(writes=True)
        with _translated(), writable as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _migrate(self) -> None:
        scripts = Path(__file__).parent / "migrations"
        config = Config()
        config.set_main_option("script_location", str(scripts))
        newest = ScriptDirectory(str(scripts)).get_current_head()
        with self._engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
        if present == newest:
            return
        known = {script.revision for script in ScriptDirectory(str(scripts)).walk_revisions()}
        if present is not None and present not in known:
            raise StoreFailed(
                f"The state in {self.folder} was written by a newer Bookward.",
                remedy="Upgrade Bookward: pip install --upgrade bookward",
            )
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


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
        # NORMAL would lose commits on a power cut, and a lost intent is a double booking.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
