"""A SQLite database in a file.

SQLite types values, not columns: before a query is read, it is asked which types its columns hold, in the
same transaction. Whole numbers stay whole, and a column that mixes them with others is read as decimals.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple
from urllib.parse import quote

from pydantic import Field

from bookward.errors import BookwardError, SourceFailed, SourceUnreachable
from bookward.heavy import pa
from bookward.ports import Rows
from bookward.records import CheckStep, ListedTable
from bookward.sources import catalogue, select
from bookward.sources.base import failed, guarded
from bookward.sources.shape import field
from bookward.spec.source import SourceSpec

_BATCH_ROWS = 5_000
_TYPES = ("integer", "real", "text", "blob")
_TABLES = """
SELECT '' AS schema_name, t.name, c.name, lower(c.type), NOT c."notnull", nullif(c.pk, 0)
FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c
WHERE t.schema = 'main' AND t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
ORDER BY t.name, c.cid
"""


class SqliteSpec(SourceSpec):
    """A SQLite database in a file."""

    first: ClassVar[tuple[str, ...]] = ("path",)

    type: Literal["sqlite"] = "sqlite"
    """A SQLite file."""
    path: Annotated[str, Field(min_length=1)]
    """The file; a path that is not absolute begins at the project's folder."""


class _Column(NamedTuple):
    field: pa.Field[Any]
    convert: Callable[[Any], Any] | None


class SqliteSource:
    """Reads a SQLite file."""

    spec_class: ClassVar[type[SourceSpec]] = SqliteSpec
    dialect: ClassVar[str] = "sqlite"

    def __init__(self, name: str, spec: SqliteSpec) -> None:
        self._name = name
        self._path = Path(spec.path)

    def check(self) -> Iterator[CheckStep]:
        try:
            with self.read("SELECT count(*) FROM sqlite_schema WHERE type = 'table'") as rows:
                tables = next(rows.batches).column(0)[0].as_py()
        except SourceUnreachable as error:
            yield failed("reach", error)
            return
        except BookwardError as error:
            yield CheckStep(name="reach", ok=True, detail=str(self._path))
            yield failed("read", error)
            return
        yield CheckStep(name="reach", ok=True, detail=str(self._path))
        yield CheckStep(name="read", ok=True, detail=f"{tables:,} tables, read-only")

    def tables(self) -> Iterator[ListedTable]:
        with self._connection() as connection, self._translated("does not list its tables"):
            yield from catalogue.tables(connection.execute(_TABLES))

    @contextmanager
    def read(self, query: str) -> Iterator[Rows]:
        with self._connection() as connection:
            with self._translated("refused the query"):
                connection.execute("BEGIN")
                types = _types(connection, query)
                cursor = connection.execute(query)
                names = [name for name, *_ in cursor.description]
                columns = [_column(*pair) for pair in zip(names, types, strict=True)]
            schema = pa.schema([column.field for column in columns])
            yield Rows(schema, guarded(_batches(cursor, columns, schema), self._translated))

    def pushdown(self) -> None:
        """Return nothing: a file on this machine is read as fast as it is compared."""

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            # "mode=ro" makes no file, and takes no write lock.
            address = f"file:{quote(str(self._path))}?mode=ro"
            connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=30)
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except (sqlite3.Error, OSError) as error:
            raise SourceUnreachable(
                f"Source {self._name!r} cannot open {self._path}: {error}",
                remedy="Check the path, and that it is a SQLite file that this user may read.",
            ) from error
        with closing(connection):
            connection.text_factory = _text
            yield connection

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, sqlite3.Warning, pa.ArrowException, UnicodeDecodeError) as error:
            raise SourceFailed(f"Source {self._name!r} {what}: {error}") from error


def _types(connection: sqlite3.Connection, query: str) -> list[dict[str, Any]]:
    """Return, of each column, which types there are among its values."""
    width = len(connection.execute(f"SELECT * FROM (\n{query}\n) LIMIT 0").description)
    aliases = [select.quoted(f"column{place}", "sqlite") for place in range(width)]
    asked = ", ".join(f"max(typeof({alias}) = '{type_}')" for alias in aliases for type_ in _TYPES)
    found = connection.execute(
        f"WITH model({', '.join(aliases)}) AS (\n{query}\n) SELECT {asked} FROM model"
    ).fetchone()
    return [dict(zip(_TYPES, found[place : place + 4], strict=True)) for place in range(0, width * 4, 4)]


def _column(name: str, holds: dict[str, Any]) -> _Column:
    there = {type_ for type_, is_there in holds.items() if is_there}
    if there == {"integer"}:
        return _Column(field(name, pa.int64()), None)
    if there == {"real"}:
        return _Column(field(name, pa.float64()), None)
    if there == {"integer", "real"}:
        return _Column(field(name, pa.string(), "decimal"), _plain)
    if there == {"blob"}:
        return _Column(field(name, pa.binary()), None)
    return _Column(field(name, pa.string()), _as_text)


def _batches(
    cursor: sqlite3.Cursor, columns: Sequence[_Column], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    while rows := cursor.fetchmany(_BATCH_ROWS):
        yield _batch(rows, columns, schema)


def _batch(rows: Sequence[tuple[Any, ...]], columns: Sequence[_Column], schema: pa.Schema) -> pa.RecordBatch:
    arrays = []
    for values, column in zip(zip(*rows, strict=True), columns, strict=True):
        given = values if column.convert is None else map(column.convert, values)
        arrays.append(pa.array(list(given), column.field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _plain(number: Any) -> str | None:
    """Return a number's digits, as few as tell it from every other, without exponent or zeros at the end."""
    if number is None or isinstance(number, int):
        return None if number is None else str(number)
    return f"{Decimal(repr(number)).normalize():f}"


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return _text(value) if isinstance(value, bytes) else _plain(value)


def _text(raw: bytes) -> str:
    return raw.decode()
