"""SQL of another dialect that DuckDB runs: what stubs of servers have behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError


def opened(prepare: str) -> duckdb.DuckDBPyConnection:
    """Return an empty database whose days are those of UTC."""
    duck = duckdb.connect()
    duck.execute(f"SET GLOBAL TimeZone = 'UTC'; {prepare}")
    return duck


def translated(sql: str, dialect: str, change: Callable[[exp.Expression], object]) -> str:
    """Return one statement as DuckDB has it, after ``change`` has mended its tree.

    Raises:
        ValueError: it is not one statement of the dialect.
    """
    try:
        (tree,) = [tree for tree in sqlglot.parse(sql, read=dialect) if tree is not None]
    except SqlglotError as error:
        raise ValueError(f"Syntax error: {error}") from error
    change(tree)
    return tree.sql("duckdb")


def described(cursor: Any, statement: str) -> list[tuple[str, str]]:
    """Return name and type of each column of a query; none where it is no query."""
    if not statement.lstrip("( ").upper().startswith(("SELECT", "WITH", "FROM", "VALUES")):
        return []
    return [(name, type_) for name, type_, *_ in cursor.execute(f"DESCRIBE {statement}").fetchall()]


def rows(cursor: Any, statement: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query as they are computed: what fails late comes late."""
    for batch in cursor.sql(statement).to_arrow_reader(10_000):
        yield from zip(*map(_values, batch.columns), strict=True)


def _values(column: Any) -> list[Any]:
    """Return a column's values; those that Python's moments have no place for as text."""
    nanoseconds = pa.types.is_timestamp(column.type) and column.type.unit == "ns"
    return (column.cast(pa.string()) if nanoseconds else column).to_pylist()
