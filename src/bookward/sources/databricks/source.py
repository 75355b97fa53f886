"""Databricks, read through its Statement Execution API as Arrow, one chunk after the other."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import httpx

from bookward.errors import BookwardError, SourceFailed
from bookward.heavy import pa
from bookward.ports import Rows, SqlPushdown
from bookward.records import ListedTable
from bookward.sources import arrays, arrowtables, catalogue
from bookward.sources.base import guarded
from bookward.sources.databricks import types
from bookward.sources.databricks.client import Statement, opened, trusted
from bookward.sources.databricks.spec import DatabricksSpec
from bookward.sources.select import quoted
from bookward.sources.server import ServerSource
from bookward.sources.statements import StatementRefused, StatementSlow, failure
from bookward.sources.workshop import Hand, Workshop, literal
from bookward.sources.workshop_pushdown import WorkshopPushdown
from bookward.spec.source import SourceSpec

_DENIED = re.compile(r"PERMISSION_DENIED|INSUFFICIENT_PERMISSIONS")


class DatabricksSource(ServerSource):
    """Reads a catalog in Databricks."""

    spec_class: ClassVar[type[SourceSpec]] = DatabricksSpec
    dialect: ClassVar[str] = "databricks"
    who: ClassVar[str] = "SELECT current_user() AS who, 'Databricks' AS version"
    catalogue: ClassVar[str] = """
        SELECT c.table_schema, c.table_name, c.column_name, c.full_data_type AS type,
            c.is_nullable = 'YES' AS nullable, k.place
        FROM {own}.columns AS c
        LEFT JOIN (
            SELECT u.table_schema, u.table_name, u.column_name, u.ordinal_position AS place
            FROM {own}.key_column_usage AS u
            JOIN {own}.table_constraints AS t ON t.constraint_name = u.constraint_name
                AND t.table_schema = u.table_schema AND t.table_name = u.table_name
            WHERE t.constraint_type = 'PRIMARY KEY'
        ) AS k ON k.table_schema = c.table_schema AND k.table_name = c.table_name
            AND k.column_name = c.column_name
        WHERE c.table_schema <> 'information_schema'
        ORDER BY c.table_schema, c.table_name, c.ordinal_position
    """

    def __init__(self, name: str, spec: DatabricksSpec) -> None:
        super().__init__(name, f"{spec.host}/{spec.catalog}")
        self._spec = spec

    def tables(self) -> Iterator[ListedTable]:
        own = f"{quoted(self._spec.catalog, self.dialect)}.information_schema"
        with self.read(self.catalogue.format(own=own)) as rows:
            yield from (table for table in catalogue.listed(rows) if table.schema != self._own_schema)

    def pushdown(self) -> SqlPushdown:
        schema = (self._spec.catalog, self._own_schema)
        where = ".".join(quoted(part, self.dialect) for part in schema)
        return WorkshopPushdown(
            Workshop(
                name=self._name,
                dialect=self.dialect,
                schema=schema,
                hand=self._statement,
                read=self._read_own,
                described=self.described,
                translated=self._translated,
                there=self._has_schema,
                denied=lambda error: bool(_DENIED.search(str(error))),
                who="SELECT current_user()",
                make=lambda _: f"CREATE SCHEMA {where}",
                grant=lambda who: (
                    f"GRANT USE SCHEMA, CREATE TABLE ON SCHEMA {where} TO {quoted(who, self.dialect)}"
                ),
            )
        )

    @property
    def _own_schema(self) -> str:
        name: str = self._spec.bookward_schema
        return name.lower()  # which is how they are kept there, however written

    def _has_schema(self, hand: Hand) -> bool:
        own = f"{quoted(self._spec.catalog, self.dialect)}.information_schema"
        name = literal(self._own_schema)
        return bool(hand.ask(f"SELECT 1 FROM {own}.schemata WHERE schema_name = {name}"))

    @contextmanager
    def _read_own(self, query: str) -> Iterator[Rows]:
        with self._statement(wrapped=False) as statement:
            with self._translated("refused the query"):
                rows = self.answer(statement, query)
            yield Rows(rows.schema, guarded(rows.batches, self._translated))

    @contextmanager
    def session(self) -> Iterator[Any]:
        with self._statement() as statement:
            yield statement

    @contextmanager
    def _statement(self, *, wrapped: bool = True) -> Iterator[Statement]:
        try:
            client = opened(self._spec, self._name)
            links = httpx.Client(verify=trusted(self._spec), timeout=client.timeout)
        except (ssl.SSLError, OSError) as error:
            raise SourceFailed(
                f"The certificates in {self._spec.sslrootcert} cannot be read: {error}.",
                remedy="Correct sslrootcert in the source's file: PEM certificates of who is trusted.",
            ) from error
        with client, links:
            yield Statement(client, links, self._spec, wrapped=wrapped)

    def columns(self, cursor: Any) -> Sequence[arrays.Taken]:
        return [types.column(each) for each in cursor.columns]

    def batches(self, cursor: Any, columns: Sequence[arrays.Taken]) -> Iterator[pa.RecordBatch]:
        return self.counted(arrowtables.batches(cursor.tables(), columns), cursor.rowcount)

    def errors(self) -> tuple[type[Exception], ...]:
        return (httpx.HTTPError, StatementRefused, StatementSlow)

    def failure(self, what: str, error: Exception) -> BookwardError:
        return failure(self, what, error, "message", "error_description", "error")
