"""DuckDB behind the stubs of warehouses: what such a stub is asked is executed, in a schema of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import Timer
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

_FUNCTIONS = """
CREATE MACRO farm_fingerprint(words) AS (hash(words) >> 1)::BIGINT;
CREATE MACRO xxhash64(words) AS (hash(words) >> 1)::BIGINT;
"""
"""Vendors' hashes of a text: as there a 64-bit number of all of it, if another one; DuckDB has a ``hash`` of
any values by itself, as Snowflake has."""


class Denied(Exception):
    """Whoever asks may only read."""


class DuckWarehouse:
    """One database in memory; names keep the case that they are written in, and are found in any."""

    def __init__(self, dialect: str, name: str = "books") -> None:
        self.dialect = dialect
        self.name = name
        self._numbers = count(1)
        self._working: list[duckdb.DuckDBPyConnection] = []
        self._connection = duckdb.connect()
        self._connection.execute(f"ATTACH ':memory:' AS {name}; USE {name}; SET TimeZone = 'UTC'")
        self._connection.execute(_FUNCTIONS)
        self.read_only = False  #: whoever asks may change nothing

    def new_schema(self) -> str:
        name = f"warehouse {next(self._numbers)}"
        self._connection.execute(f'CREATE SCHEMA "{name}"')
        return name

    def load(self, sql: str, schema: str) -> list[tuple[Any, ...]]:
        """Run statements in DuckDB's own SQL, as the owner of the data."""
        with self._cursor(schema) as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def answer(self, sql: str, schema: str | None = None, seconds: int = 0) -> pa.Table:
        """Return the rows of a query in the dialect of the warehouse.

        Raises:
            duckdb.InterruptException: it takes longer than ``seconds``; 0 for no end.
        """
        (tree,) = sqlglot.parse(sql, read=self.dialect)
        with self._cursor(schema) as cursor:
            timer = Timer(seconds, cursor.interrupt)
            if seconds:
                timer.start()
            try:
                return cursor.sql(self.words(tree)).to_arrow_table()
            finally:
                timer.cancel()

    def run(self, sql: str, schema: str | None = None, seconds: int = 0) -> pa.Table:
        """Run one statement of any kind, in the dialect of the warehouse, as whoever signs in.

        Raises:
            Denied: it is no query, and nothing else is allowed.
        """
        (tree,) = sqlglot.parse(sql, read=self.dialect)
        if isinstance(tree, exp.Query):
            return self.answer(sql, schema, seconds)
        if self.read_only:
            raise Denied("Insufficient privileges")
        with self._cursor(schema) as cursor:
            cursor.execute(self.words(tree))
        return pa.table({})

    def interrupt(self) -> None:
        """End what is being answered."""
        for cursor in list(self._working):
            cursor.interrupt()

    def words(self, tree: Any) -> str:
        for written in tree.find_all(exp.JSONFormat):
            written.set("options", None)  # how moments are written, which DuckDB does in whole
        return tree.sql("duckdb")

    @contextmanager
    def _cursor(self, schema: str | None) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._connection.cursor() as cursor:
            cursor.execute(f"USE {self.name}; SET TimeZone = 'UTC'")
            if schema:
                cursor.execute(f"SET search_path = '{self.name}.\"{schema}\",{self.name}.main'")
            self._working.append(cursor)
            try:
                yield cursor
            finally:
                self._working.remove(cursor)
