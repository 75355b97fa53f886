"""The state in a PostgreSQL database, which several machines can share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from bookward.errors import ExtraMissing, StoreFailed
from bookward.store.database import Database, from_json, to_json

OLDEST = 13
"""The oldest release of PostgreSQL whose makers still care for it, or did when this was written."""

_NAME = "BOOKWARD_DATABASE_URL"
_REMEDY = (
    f"Check that the database of {_NAME} answers this machine, that its user may create and write tables "
    "there, and that it has room."
)
# A server that vanished without a word is noticed within a minute.
_CONNECTION = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "application_name": "bookward",
    "client_encoding": "UTF8",
}
_BEGIN = text("SELECT set_config('synchronous_commit', :commit, true)")
_BEGIN_ALONE = text(
    "SELECT set_config('synchronous_commit', :commit, true),"
    " pg_advisory_xact_lock(hashtextextended(:alone, 0))"
)


class PostgresDatabase(Database):
    """Bookward's own state in a PostgreSQL database."""

    shared = True
    refused = _REMEDY

    def __init__(self, url: str) -> None:
        """Connect to nothing yet.

        Raises:
            ExtraMissing: the driver is not installed.
        """
        self._url = url
        self.shown = f"the database {shown(url)}"
        super().__init__(
            create_engine(
                "postgresql+psycopg://",
                creator=self._connect,
                pool_pre_ping=True,
            )
        )
        # Whatever the server has as its own default.
        self._writer = self._engine.execution_options(isolation_level="READ COMMITTED")
        self._reader = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        event.listen(self._engine, "connect", _refuse_old)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _writing(self, *, at_once: bool, alone: str) -> Iterator[Connection]:
        with self._writer.connect() as connection, connection.begin():
            begin = _BEGIN_ALONE if alone else _BEGIN
            commit = {"commit": "on" if at_once else "off"}
            connection.execute(begin, commit | ({"alone": f"bookward {alone}"} if alone else {}))
            yield connection

    def _connect(self) -> Any:
        try:
            import psycopg  # a driver
            from psycopg.types.json import set_json_dumps, set_json_loads
        except ImportError as error:
            raise ExtraMissing(
                f"The driver for {_NAME} is not installed.", remedy="Run: pip install 'bookward[server]'"
            ) from error
        try:
            given = psycopg.conninfo.conninfo_to_dict(self._url)
            missing = {name: value for name, value in _CONNECTION.items() if name not in given}
            address = psycopg.conninfo.make_conninfo(self._url, **missing)
        except psycopg.Error as error:  # it may name a part of the password
            raise StoreFailed(
                f"{_NAME} is no address of a PostgreSQL database.",
                remedy=f"{_NAME}=postgresql://user:password@host:port/database, with special characters in "
                "the password percent-encoded.",
            ) from error
        try:
            # Prepared statements do not survive a pooler between here and the server.
            connection = psycopg.connect(address, prepare_threshold=None)
        except psycopg.Error as error:
            raise StoreFailed(
                f"{_NAME}: {self.shown} cannot be used: {self._clean(str(error))}.", remedy=_REMEDY
            ) from error

        # The engine would give these to a connection of its own making only.
        set_json_dumps(to_json, connection)
        set_json_loads(from_json, connection)
        return connection

    def _said(self, error: DBAPIError) -> str:
        return f"{self.shown} of {_NAME} says: {self._clean(str(error.orig))}"

    def _clean(self, message: str) -> str:
        password = urlsplit(self._url).password or ""
        for secret in {self._url, password, unquote(password)} - {""}:
            message = message.replace(secret, "***")
        return message.strip().splitlines()[0].rstrip(".") if message.strip() else "nothing"


def shown(url: str) -> str:
    """Return an address as people may see it: hosts, ports and database."""
    parts = urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"


def _refuse_old(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    version = connection.info.server_version // 10_000
    if version < OLDEST:
        raise StoreFailed(
            f"{_NAME}: the server is PostgreSQL {version}.", remedy=f"Use PostgreSQL {OLDEST} or newer."
        )
