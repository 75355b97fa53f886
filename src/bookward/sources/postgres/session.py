"""A session in a PostgreSQL database that has room for tables of Bookward's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from bookward.errors import RightsMissing, SourceFailed
from bookward.heavy import pa
from bookward.ports import Rows
from bookward.sources.postgres import types
from bookward.sources.postgres.rights import refuse_without_rights
from bookward.sources.postgres.words import quoted

_DENIED = "42501"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What is needed of a PostgreSQL source to work in its database."""

    name: str
    schema: str
    session: Callable[[], AbstractContextManager[Any]]
    """Gives a cursor; its connection commits when told to."""
    translated: Callable[[str], AbstractContextManager[None]]
    settings: Sequence[str]  #: statements that every transaction begins with
    batches: Callable[[pa.RecordBatchReader, Any], Iterator[pa.RecordBatch]]


class Session:
    """One connection, in transactions that are begun and committed by hand."""

    def __init__(self, server: Server, cursor: Any) -> None:
        self._server = server
        self._cursor = cursor

    def begin(self, *, read_only: bool = False) -> None:
        """Begin a transaction; unless it only reads, make sure of the schema.

        Raises:
            RightsMissing: there is no place for the tables.
        """
        self.do(f"SET TRANSACTION {'READ ONLY' if read_only else 'READ WRITE'}")
        for statement in self._server.settings:
            self.do(statement)
        if not read_only:
            schema = self._server.schema
            if refuse_without_rights(self.rows, self._server.name, schema):
                self.make(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")

    def commit(self) -> None:
        with self._translated():
            self._cursor.connection.commit()

    def do(self, *statements: str) -> None:
        """Run statements that return nothing."""
        for statement in statements:
            with self._translated():
                self._cursor.execute(statement)

    def make(self, statement: str) -> None:
        """Make something unless it is there, by now: two that make the same would trip over each other."""
        self.rows("SELECT pg_advisory_xact_lock(hashtext('bookward'))")
        self.do(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the few rows of a query."""
        with self._translated():
            self._cursor.execute(query)
            found: list[tuple[Any, ...]] = self._cursor.fetchall()
        return found

    def described(self, query: str) -> pa.Schema:
        with self._translated():
            schema: pa.Schema = self._cursor.adbc_execute_schema(query)
        return schema

    def stream(self, query: str) -> Rows:
        """Return the rows of a query as the source gives those of a model."""
        described = self.described(query)
        with self._translated():
            self._cursor.execute(query)
            reader = self._cursor.fetch_record_batch()
        shape = types.shape(described, reader.schema)
        return Rows(shape.schema, self._server.batches(reader, shape))

    def load(self, table: str, rows: pa.Table | pa.RecordBatchReader) -> None:
        """Make a temporary table of rows."""
        with self._translated():
            self._cursor.adbc_ingest(table, rows, mode="create", temporary=True)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with self._server.translated("refused what `diff: warehouse` needs"):
                yield
        except SourceFailed as error:
            if getattr(error.__cause__, "sqlstate", None) != _DENIED:
                raise
            schema = quoted(self._server.schema)
            raise RightsMissing(
                f"Source {self._server.name!r} leads to tables in schema {schema} that are another role's: "
                f"{error.__cause__}",
                remedy=f"Let their owner run: DROP SCHEMA {schema} CASCADE; all that is in it is made anew.",
            ) from error
