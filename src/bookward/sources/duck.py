"""Reading with DuckDB, whatever a source lets it see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from bookward.errors import BookwardError, SourceFailed, SourceUnreachable
from bookward.heavy import duckdb, pa
from bookward.ports import Rows
from bookward.records import CheckStep, ListedTable
from bookward.sources import select
from bookward.sources.base import failed, guarded
from bookward.sources.catalogue import listed
from bookward.sources.shape import Column, Shape, column

DIALECT = "duckdb"

_BATCH_ROWS = 10_000
_KINDS = {"UUID": "uuid", "JSON": "json", "UHUGEINT": "decimal", "BIGNUM": "decimal"}
_TO_TEXT = ("INTERVAL", "BIT", "TIME WITH TIME ZONE", "UHUGEINT", "BIGNUM", "UUID")
_TO_JSON = ("STRUCT", "MAP", "UNION", "VARIANT")
_FILE = re.compile(r"^\s+file = (.+)$", re.MULTILINE)
_MOST_SAID = 1000  # characters of an error
_TABLES = """
SELECT c.schema_name, c.table_name, c.column_name, c.data_type AS column_type, c.is_nullable AS nullable,
       CASE WHEN k.position > 0 THEN k.position END AS key_place
FROM duckdb_columns() AS c
LEFT JOIN (
    SELECT schema_name, table_name, unnest(constraint_column_names) AS column_name,
           generate_subscripts(constraint_column_names, 1) AS position
    FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'
) AS k USING (schema_name, table_name, column_name)
WHERE NOT c.internal
ORDER BY c.schema_name, c.table_name, c.column_index
"""


class Duck:
    """What one source gives to DuckDB, to be queried in its SQL."""

    def __init__(
        self, name: str, opened: Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]
    ) -> None:
        """Open nothing yet.

        Args:
            name: of the source.
            opened: gives a connection that sees what the source has, and nothing else of the machine.
        """
        self._name = name
        self._opened = opened

    @contextmanager
    def read(self, query: str) -> Iterator[Rows]:
        """Run a query and stream its rows; see ``Source.read``."""
        with self._opened() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            with self.translated("refused the query"):
                described = connection.sql(query)
                names, types = described.columns, [str(each) for each in described.types]
                reader = _reader(connection, select.recast(query, names, _casts(types), DIALECT))
            shape = Shape([_column(*pair) for pair in zip(reader.schema, types, strict=True)])
            try:
                yield Rows(shape.schema, guarded(map(shape.apply, reader), self.translated))
            finally:
                reader.close()

    def tables(self) -> Iterator[ListedTable]:
        """Yield the tables and views; see ``Source.tables``."""
        with self.read(_TABLES) as rows:
            yield from listed(rows)

    def check(self, query: str, reached: str, says: Callable[[Any], str]) -> Iterator[CheckStep]:
        """Yield the steps of testing the source.

        Args:
            query: gives one value.
            reached: says what is there.
            says: what the value tells.
        """
        try:
            with self.read(query) as rows:
                found = next(rows.batches).column(0)[0].as_py()
        except SourceUnreachable as error:
            yield failed("reach", error)
            return
        except BookwardError as error:
            yield CheckStep(name="reach", ok=True, detail=reached)
            yield failed("read", error)
            return
        yield CheckStep(name="reach", ok=True, detail=reached)
        yield CheckStep(name="read", ok=True, detail=f"{says(found)}, read-only")

    @contextmanager
    def translated(self, what: str) -> Iterator[None]:
        """Make every error of DuckDB and Arrow ours."""
        try:
            yield
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise SourceFailed(f"Source {self._name!r} {what}: {one_line(error)}") from error


def literal(text: str) -> str:
    """Return a text as a string of SQL."""
    return "'" + text.replace("'", "''") + "'"


def one_line(error: Exception) -> str:
    """Return what went wrong: the rest repeats the query, or names options of DuckDB that nobody can set."""
    text = str(error)
    said, advised, _ = text.partition("\nPossible ")
    line = " ".join((said if advised else text.split("\n\n", maxsplit=1)[0]).split())
    file = _FILE.search(text) if advised else None
    return (f"{Path(file[1]).name}: " if file else "") + _shorten(line)


def _shorten(line: str) -> str:
    """Return a line without its middle, where it is very long: a whole line of a file may be in it."""
    half = _MOST_SAID // 2
    return line if len(line) <= _MOST_SAID else f"{line[:half]} ... {line[-half:]}"


def _reader(connection: duckdb.DuckDBPyConnection, query: str) -> pa.RecordBatchReader:
    reader: pa.RecordBatchReader
    relation: Any = connection.sql(query)
    if hasattr(relation, "to_arrow_reader"):
        reader = relation.to_arrow_reader(_BATCH_ROWS)  # a statement's own would gather all rows first
    else:  # DuckDB before 1.5
        statement: Any = connection.execute(query)
        reader = statement.fetch_record_batch(_BATCH_ROWS)
    return reader


def _casts(types: Sequence[str]) -> Mapping[int, str]:
    """Return, by place, the expressions for columns that Arrow or Parquet have no good type for."""
    found = {place: _cast(type_) for place, type_ in enumerate(types)}
    return {place: cast for place, cast in found.items() if cast is not None}


def _cast(type_: str) -> str | None:
    if type_.startswith(_TO_JSON):
        return "CAST(to_json({}) AS VARCHAR)"
    if type_.endswith("]") and ("][" in type_ or type_.startswith((*_TO_TEXT, "ENUM"))):
        return "CAST(to_json({}) AS VARCHAR)"
    return "CAST({} AS VARCHAR)" if type_ in _TO_TEXT else None


def _column(read: pa.Field[Any], type_: str) -> Column:
    kind = "json" if (_cast(type_) or "").startswith("CAST(to_json") else _KINDS.get(type_)
    return column(read.name, read.type, kind)
