"""The state in one SQLite file, with the settings that make it safe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from bookward.errors import StoreFailed
from bookward.store.database import Database, from_json, to_json
from bookward.store.sharedcommits import SharedCommits

STATE_FILE = "state.db"
"""The name of the file in the state's folder."""

_PATIENCE = 60.0  # seconds that a writer waits for others


class SqliteDatabase(Database):
    """Bookward's own state in one SQLite file, for the processes of one machine."""

    shared = False

    def __init__(self, folder: Path) -> None:
        """Open the state in ``folder``, making or migrating it where needed.

        Raises:
            StoreFailed: the folder cannot be written, or the state is of a newer Bookward.
        """
        self.shown = str(folder)
        path = folder / STATE_FILE
        try:
            path.touch(mode=0o600)  # recorded calls hold personal and bank data
        except OSError as error:
            raise StoreFailed(f"The state folder {folder} cannot be written: {error.strerror}.") from error
        super().__init__(
            create_engine(
                f"sqlite:///{path}",
                connect_args={"timeout": _PATIENCE},
                json_serializer=to_json,
                json_deserializer=from_json,
            )
        )
        _make_safe(self._engine)
        self._commits = SharedCommits(self._writable, _PATIENCE)
        self.migrate()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def _writing(self, *, at_once: bool, alone: str) -> AbstractContextManager[Connection]:
        # SQLite lets whoever finds another one writing sleep; threads of one process can do better.
        return self._commits.writing(at_once=at_once)

    def _writable(self, at_once: bool) -> Connection:
        return self._engine.connect().execution_options(writes="FULL" if at_once else "NORMAL")


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
