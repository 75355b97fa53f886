"""Snowflake, read through its own driver as Arrow, one chunk of a result after the other.

Snowflake knows no read-only session: every query is run as a query within a SELECT, where nothing but a query
can stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any, ClassVar

from bookward.errors import BookwardError, SourceFailed
from bookward.heavy import pa
from bookward.ports import Rows, SqlPushdown
from bookward.records import ListedTable
from bookward.sources import arrays, arrowtables, catalogue
from bookward.sources.base import guarded, load_driver
from bookward.sources.select import quoted
from bookward.sources.server import ServerSource
from bookward.sources.snowflake import signin, types
from bookward.sources.snowflake.spec import SnowflakeSpec
from bookward.sources.workshop import Hand, Workshop, literal
from bookward.sources.workshop_pushdown import WorkshopPushdown
from bookward.spec.source import SourceSpec

_TOOK_TOO_LONG = (604, 630)
_NO_WAREHOUSE = 606
_DENIED = 3001
_SIGNED_OUT = range(390_000, 400_000)
_REFUSED = re.compile(
    r"(?i)incorrect|invalid|denied|not authorized|expired|disabled|locked|39\d{4}|\b40[013]\b"
)


class SnowflakeSource(ServerSource):
    """Reads a database in Snowflake."""

    spec_class: ClassVar[type[SourceSpec]] = SnowflakeSpec
    dialect: ClassVar[str] = "snowflake"
    who: ClassVar[str] = "SELECT CURRENT_USER() AS who, 'Snowflake ' || CURRENT_VERSION() AS version"
    catalogue: ClassVar[str] = """
        SELECT table_schema, table_name, column_name,
            data_type || CASE WHEN data_type = 'NUMBER'
                THEN '(' || numeric_precision || ',' || numeric_scale || ')' ELSE '' END AS type,
            is_nullable = 'YES' AS nullable
        FROM information_schema.columns
        WHERE table_schema <> 'INFORMATION_SCHEMA'
        ORDER BY table_schema, table_name, ordinal_position
    """

    def __init__(self, name: str, spec: SnowflakeSpec) -> None:
        super().__init__(name, f"{spec.url or spec.account}/{spec.database}")
        self._spec = spec

    def tables(self) -> Iterator[ListedTable]:
        keys = self._keys()
        with self.read(self.catalogue) as rows:
            found = (tuple(row.values()) for batch in rows.batches for row in batch.to_pylist())
            listed = catalogue.tables((*column, keys.get(column[:3])) for column in found)
            yield from (table for table in listed if table.schema != self._own_schema)

    def pushdown(self) -> SqlPushdown:
        schema = quoted(self._own_schema, self.dialect)
        return WorkshopPushdown(
            Workshop(
                name=self._name,
                dialect=self.dialect,
                schema=(self._own_schema,),  # in the database of the session
                hand=self._hand,
                read=self._read_own,
                described=self.described,
                translated=self._translated,
                there=self._has_schema,
                denied=lambda error: _said(error)[0] == _DENIED,
                who="SELECT CURRENT_ROLE()",
                make=lambda _: f"CREATE SCHEMA {schema}",
                grant=lambda who: (
                    f"GRANT USAGE, CREATE TABLE ON SCHEMA {schema} TO ROLE {quoted(who, self.dialect)}"
                ),
                create="CREATE TRANSIENT TABLE",  # whose past costs nothing; all in it can be made anew
            )
        )

    @property
    def _own_schema(self) -> str:
        name: str = self._spec.bookward_schema
        return name.upper() if re.fullmatch(r"[A-Za-z_]\w*", name) else name  # as Snowflake itself does

    def _has_schema(self, hand: Hand) -> bool:
        name = literal(self._own_schema)
        return bool(hand.ask(f"SELECT 1 FROM INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME = {name}"))

    @contextmanager
    def _hand(self) -> Iterator[_Hand]:
        with self._connected() as connection:
            yield _Hand(connection.cursor())

    @contextmanager
    def _read_own(self, query: str) -> Iterator[Rows]:
        with self._connected() as connection:
            with self._translated("refused the query"):
                rows = self.answer(_Query(connection.cursor(), wrapped=False), query)
            yield Rows(rows.schema, guarded(rows.batches, self._translated))

    @contextmanager
    def session(self) -> Iterator[Any]:
        with self._connected() as connection:
            yield _Query(connection.cursor())

    def columns(self, cursor: Any) -> Sequence[arrays.Taken]:
        return [types.column(each) for each in cursor.description]

    def batches(self, cursor: Any, columns: Sequence[arrays.Taken]) -> Iterator[pa.RecordBatch]:
        return self.counted(arrowtables.batches(cursor.tables(), columns), cursor.rowcount)

    def errors(self) -> tuple[type[Exception], ...]:
        return (_driver().errors.Error,)

    def failure(self, what: str, error: Exception) -> SourceFailed:
        code, message = _said(error)
        if code in _TOOK_TOO_LONG:
            return self.gave_up(message)
        if code == _NO_WAREHOUSE:
            return SourceFailed(
                f"Source {self._name!r} has nothing to compute with: {message}",
                remedy="Name a `warehouse` in the source's file, and let the role use it.",
            )
        if what.startswith("failed") or code in _SIGNED_OUT:
            return self.lost(message)  # a result is whole before its first row comes: only its way can fail
        return self.refused(what, message)

    def _keys(self) -> dict[tuple[str, str, str], int]:
        """Return the place in its table's primary key, of every column that is part of one."""
        show = f"SHOW PRIMARY KEYS IN DATABASE {quoted(self._spec.database, self.dialect)}"
        with self._connected() as connection, self._translated("refused to show its keys"):
            cursor = connection.cursor()
            cursor.execute(show)
            names = [each.name for each in cursor.description]
            found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return {
            (row["schema_name"], row["table_name"], row["column_name"]): int(row["key_sequence"])
            for row in found
        }

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        driver = _driver()
        try:
            connection = driver.connect(**signin.options(self._name, self._spec), **_quiet(driver))
        except (driver.errors.Error, OSError) as error:
            raise self._refusal(error) from error
        try:
            yield connection
        finally:
            with suppress(driver.errors.Error, OSError):
                connection.close(retry=False)

    def _refusal(self, error: Exception) -> BookwardError:
        _, message = _said(error)
        return self.turned_away(message) if _REFUSED.search(message) else self.unreachable(message)


class _Query:
    """A cursor of the driver that runs nothing but queries."""

    def __init__(self, cursor: Any, *, wrapped: bool = True) -> None:
        """Run nothing yet.

        Args:
            wrapped: what is run is somebody else's query, whose order does not matter.
        """
        self._cursor = cursor
        self._wrapped = wrapped

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int | None:
        found: int | None = self._cursor.rowcount
        return found

    def execute(self, query: str) -> None:
        # The line break ends a comment that the query may end with.
        self._cursor.execute(f"SELECT * FROM (\n{query}\n)" if self._wrapped else query)

    def tables(self) -> Any:
        if self.rowcount == 0:
            return ()  # versions of the driver differ in how they take a result without a row
        if _is_old(_driver()):
            return self._cursor.fetch_arrow_batches(force_microsecond_precision=True)
        # Its like in version 5 reads every chunk by the types of the first, and numbers come out wrong.
        as_sent = {"number_to_decimal": True, "force_microsecond_precision": True}
        return (chunk.to_arrow(**as_sent) for chunk in self._cursor.get_result_batches())


class _Hand:
    """A cursor of the driver that runs Bookward's own statements."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def do(self, statement: str) -> None:
        self._cursor.execute(statement)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        self._cursor.execute(query)
        return [tuple(row) for row in self._cursor.fetchall()]


def _driver() -> ModuleType:
    return load_driver("Snowflake", "snowflake", "snowflake.connector")


def _quiet(driver: ModuleType) -> dict[str, Any]:
    """Return what keeps the driver's version 5 from warning of how it will end sessions."""
    return {} if _is_old(driver) else {"enable_server_session_keep_alive_auto_detection": False}


def _is_old(driver: ModuleType) -> bool:
    return str(driver.__version__).startswith("4.")


def _said(error: Exception) -> tuple[int, str]:
    """Return the code of an error, 0 where it has none, and its words on one line."""
    code = getattr(error, "errno", None)
    words = str(getattr(error, "msg", None) or error)
    return code if isinstance(code, int) else 0, " ".join(words.split())
