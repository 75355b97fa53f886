"""The sample warehouse: a DuckDB file with the data of a made-up software company, made on first use."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from uuid import uuid4

import duckdb
import pyarrow as pa
from pydantic import Field

from bookward.errors import BookwardError, SourceFailed, SourceUnreachable
from bookward.ports import Rows
from bookward.records import CheckStep, ListedTable
from bookward.sources import catalogue, select
from bookward.sources import sample_data as words
from bookward.sources.shape import Column, Shape, column
from bookward.spec.source import SourceSpec

_BATCH_ROWS = 10_000
_KINDS = {"UUID": "uuid", "JSON": "json", "UHUGEINT": "decimal"}
_TO_TEXT = ("INTERVAL", "BIT", "TIME WITH TIME ZONE", "UHUGEINT", "UUID")
_TO_JSON = ("STRUCT", "MAP", "UNION")
_CATALOGUE = """
SELECT c.schema_name, c.table_name, c.column_name, c.data_type, c.is_nullable,
    CAST(list_position(k.constraint_column_names, c.column_name) AS INTEGER) AS key_place
FROM duckdb_columns() AS c
LEFT JOIN duckdb_constraints() AS k ON k.table_oid = c.table_oid AND k.constraint_type = 'PRIMARY KEY'
WHERE NOT c.internal AND c.database_name = current_database()
ORDER BY c.schema_name, c.table_name, c.column_index
"""


class SampleSpec(SourceSpec):
    """The sample warehouse, for trying Bookward without a database."""

    type: Literal["sample"] = "sample"
    """The sample warehouse."""
    path: str = "sample.duckdb"
    """The DuckDB file; made on first use, left alone when it exists."""
    users: Annotated[int, Field(ge=1_000, le=1_000_000)] = 1_000
    """How many users the company has when the file is made."""


class SampleSource:
    """Reads the sample warehouse."""

    spec_class: ClassVar[type[SourceSpec]] = SampleSpec
    dialect: ClassVar[str] = "duckdb"

    def __init__(self, name: str, spec: SampleSpec) -> None:
        self._name = name
        self._path = Path(spec.path)
        self._users = spec.users

    def check(self) -> Iterator[CheckStep]:
        existed = self._path.exists()
        try:
            with self.read("SELECT count(*) AS users FROM users") as rows:
                counted = next(rows.batches).column(0)[0].as_py()
        except SourceUnreachable as error:
            yield _failed("reach", error)
            return
        except BookwardError as error:
            yield CheckStep(name="reach", ok=True, detail=str(self._path))
            yield _failed("read", error)
            return
        yield CheckStep(name="reach", ok=True, detail=f"{self._path}{'' if existed else ', just made'}")
        yield CheckStep(name="read", ok=True, detail=f"{counted:,} users, read-only")

    def tables(self) -> Iterator[ListedTable]:
        with self.read(_CATALOGUE) as rows:
            yield from catalogue.listed(rows)

    @contextmanager
    def read(self, query: str) -> Iterator[Rows]:
        with self._connection() as connection:
            with self._translated("refused the query"):
                described = connection.sql(query)
                names, types = described.columns, [str(each) for each in described.types]
                reader = _reader(connection, select.recast(query, names, _casts(types), self.dialect))
            shape = Shape([_column(*pair) for pair in zip(reader.schema, types, strict=True)])
            try:
                yield Rows(shape.schema, self._batches(reader, shape))
            finally:
                reader.close()

    def pushdown(self) -> None:
        """Return nothing: a file on this machine is read as fast as it is compared."""

    def _batches(self, reader: pa.RecordBatchReader, shape: Shape) -> Iterator[pa.RecordBatch]:
        while True:
            with self._translated("failed while it was read"):
                try:
                    batch = shape.apply(reader.read_next_batch())
                except StopIteration:
                    return
            yield batch

    @contextmanager
    def _connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            if not self._path.exists():
                generate(self._path, self._users)
            # Without external access a model reads this file and no other of the machine.
            connection = duckdb.connect(
                str(self._path), read_only=True, config={"enable_external_access": "false"}
            )
        except (duckdb.Error, OSError) as error:
            raise SourceUnreachable(
                f"Source {self._name!r} cannot open {self._path}: {_one_line(error)}",
                remedy="Check the path, and that no other program has the file open for writing.",
            ) from error
        try:
            connection.execute("SET TimeZone = 'UTC'")
            yield connection
        finally:
            connection.close()

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        try:
            yield
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise SourceFailed(f"Source {self._name!r} {what}: {_one_line(error)}") from error


def generate(path: Path, users: int) -> None:
    """Make the sample warehouse at ``path``, unless it is there already.

    The file appears whole or not at all; of two processes that make it at once, the first one's is kept.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with duckdb.connect(str(unfinished)) as connection:
            _fill(connection, users)
        _publish(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
        unfinished.with_name(f"{unfinished.name}.wal").unlink(missing_ok=True)


def _publish(unfinished: Path, path: Path) -> None:
    with suppress(FileExistsError):
        try:
            os.link(unfinished, path)  # unlike renaming, it refuses when somebody else was first
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if not path.exists():
                unfinished.replace(path)


def _fill(connection: duckdb.DuckDBPyConnection, users: int) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET memory_limit = '512MB'")
    connection.execute("SET preserve_insertion_order = false")
    # The joins stand in a good order; DuckDB 1.4 finds one that multiplies the word lists with each other.
    connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    connection.execute(f"SET VARIABLE users = {users:d}")
    for name, table in _word_lists().items():
        connection.register(name, table)
    script = files("bookward.sources").joinpath("sample_data.sql").read_text(encoding="utf-8")
    for statement in connection.extract_statements(script):
        connection.execute(statement)
    for name in _word_lists():
        connection.unregister(name)


def _word_lists() -> dict[str, pa.Table]:
    return {
        "first_names": _listed(words.FIRST_NAMES),
        "last_names": _listed(words.LAST_NAMES),
        "company_first": _listed(words.COMPANY_FIRST),
        "company_second": _listed(words.COMPANY_SECOND),
        "company_third": _listed(words.COMPANY_THIRD),
        "street_list": _listed(words.STREETS),
        "special_list": _table(["name"], [(name,) for name in words.SPECIAL_COMPANIES]),
        "place_list": _table(
            [
                "city",
                "region",
                "country",
                "country_code",
                "area_code",
                "postal_code",
                "tax_number",
                "currency",
            ],
            words.PLACES,
        ),
        "plan_list": _table(["code", "name", "cents"], words.PLANS),
        "product_list": _table(["code", "name", "price", "account"], words.PRODUCTS),
        "account_list": _table(["code", "name", "type", "tax_type"], words.ACCOUNTS),
    }


def _listed(names: Sequence[str]) -> pa.Table:
    return _table(["word", "letters"], [(name, words.ascii_letters(name)) for name in names])


def _table(columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> pa.Table:
    places = [{"place": place, **dict(zip(columns, row, strict=True))} for place, row in enumerate(rows)]
    return pa.Table.from_pylist(places)


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


def _one_line(error: Exception) -> str:
    """Return the first paragraph: the others repeat the query."""
    return " ".join(str(error).split("\n\n")[0].split())


def _failed(step: str, error: BookwardError) -> CheckStep:
    return CheckStep(name=step, ok=False, detail=error.message, remedy=error.remedy)
