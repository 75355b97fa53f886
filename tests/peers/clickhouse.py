"""ClickHouse for the vendor's own client: a stub whose SQL DuckDB runs, and the real engine of chDB."""

from __future__ import annotations

import io
import json
import secrets
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pyarrow as pa
import pytest
from sqlglot import exp

from tests.peers import duckbehind
from tests.peers.clickhouse_http import ClickhouseHttp, Refused
from tests.peers.postgres import free_port, wait_until
from tests.planting import DATABASE_PASSWORD

ROOT = Path(__file__).parents[2]
_READONLY, _UNKNOWN_TABLE, _NO_SYNTAX, _UNKNOWN_DATABASE, _TOO_LONG, _OTHER = 164, 60, 62, 81, 159, 6
_NAMES = {
    "TINYINT": "Int8", "SMALLINT": "Int16", "INTEGER": "Int32", "BIGINT": "Int64", "HUGEINT": "Int128",
    "UTINYINT": "UInt8", "USMALLINT": "UInt16", "UINTEGER": "UInt32", "UBIGINT": "UInt64",
    "FLOAT": "Float32", "DOUBLE": "Float64", "VARCHAR": "String", "BOOLEAN": "Bool", "DATE": "Date32",
    "TIMESTAMP": "DateTime64(6, 'UTC')", "TIMESTAMP WITH TIME ZONE": "DateTime64(6, 'UTC')",
    "TIME": "Time64(6)", "UUID": "UUID",
}  # fmt: skip
_SYSTEM = """
CREATE SCHEMA ch_system;
CREATE TABLE ch_system.settings AS SELECT unnest(['readonly', 'max_execution_time']) AS name, '0' AS value,
    0::UTINYINT AS readonly;
CREATE VIEW ch_system.columns AS SELECT schema_name AS database, table_name AS "table", column_name AS name,
    CASE WHEN is_nullable THEN format('Nullable({})', data_type) ELSE data_type END AS type,
    column_index AS position FROM duckdb_columns() WHERE NOT internal;
CREATE VIEW ch_system.tables AS SELECT t.schema_name AS database, t.table_name AS name, 0 AS is_temporary,
    coalesce(array_to_string(c.constraint_column_names, ', '), '') AS primary_key
    FROM (FROM duckdb_tables() SELECT schema_name, table_name UNION ALL
        FROM duckdb_views() SELECT schema_name, view_name WHERE NOT internal) AS t
    LEFT JOIN duckdb_constraints() AS c ON c.schema_name = t.schema_name AND c.table_name = t.table_name
        AND c.constraint_type = 'PRIMARY KEY';
CREATE MACRO currentuser() AS 'bookward';
CREATE MACRO timezone() AS 'UTC';
CREATE MACRO tojsonstring(x) AS to_json(x)::VARCHAR;
"""


class DuckEngine:
    """Runs ClickHouse's SQL, as far as sqlglot can say it to DuckDB."""

    def __init__(self) -> None:
        self.duck = duckbehind.opened(_SYSTEM)
        self._locked = False

    @contextmanager
    def locked(self, readonly: int) -> Iterator[None]:
        """Let nobody change a setting, as the server does not for a user of a profile with readonly = 1."""
        self._locked = True
        told = f"CASE WHEN name = 'readonly' THEN '{readonly}' ELSE value END"
        self.duck.execute(f"UPDATE ch_system.settings SET readonly = 1, value = {told}")
        try:
            yield
        finally:
            self._locked = False
            self.duck.execute("UPDATE ch_system.settings SET readonly = 0, value = '0'")

    def run(
        self, sql: str, format_: str, database: str | None, settings: Mapping[str, str]
    ) -> Iterator[bytes]:
        if self._locked and settings:
            raise Refused(_READONLY, f"Cannot modify {', '.join(settings)} in readonly mode. (READONLY)")
        cursor = self.duck.cursor()
        timer = threading.Timer(float(settings.get("max_execution_time") or 0), cursor.interrupt)
        try:
            if timer.interval:
                timer.start()
            if database:
                _use(cursor, database)
            described = _inside(sql) if sql.startswith("DESCRIBE TABLE (") else None
            statement = _duckdb(described or sql, read_only=settings.get("readonly", "0") != "0")
            yield from _FORMATS[format_](cursor, statement, described is not None)
        except (duckdb.Error, OSError) as error:  # what fails while Arrow takes it is one of the system's
            raise _refused(error) from error
        finally:
            timer.cancel()
            cursor.close()


def _use(cursor: Any, database: str) -> None:
    try:
        cursor.execute(f"SET schema = '{database}'")
    except duckdb.Error:
        raise Refused(_UNKNOWN_DATABASE, f"Database {database} does not exist. (UNKNOWN_DATABASE)") from None


def _inside(sql: str) -> str:
    return sql.removeprefix("DESCRIBE TABLE (").rstrip().removesuffix(")")


def _duckdb(sql: str, *, read_only: bool) -> str:
    def mend(tree: exp.Expression) -> None:
        if read_only and not isinstance(tree, exp.Query):
            raise Refused(_READONLY, "Cannot execute query in readonly mode. (READONLY)")
        for table in tree.find_all(exp.Table):
            if table.db == "system":
                table.set("db", exp.to_identifier("ch_system"))

    try:
        return duckbehind.translated(sql.replace("version()", "'26.9.2.1'"), "clickhouse", mend)
    except ValueError as error:
        raise Refused(_NO_SYNTAX, f"{error}. (SYNTAX_ERROR)") from error


def _refused(error: Exception) -> Refused:
    if "INTERRUPT" in str(error):
        return Refused(_TOO_LONG, "Timeout exceeded. (TIMEOUT_EXCEEDED)")
    codes = {duckdb.CatalogException: _UNKNOWN_TABLE, duckdb.ParserException: _NO_SYNTAX}
    return Refused(codes.get(type(error), _OTHER), str(error))


def _clickhouse_type(duck: str) -> str:
    if duck.endswith("[]"):
        return f"Array({_clickhouse_type(duck[:-2])})"
    if duck.startswith("STRUCT"):
        return "Tuple(String)"
    return f"Nullable({_NAMES.get(duck, duck.replace('DECIMAL', 'Decimal').replace(',', ', '))})"


def _json(cursor: Any, statement: str, describe: bool) -> Iterator[bytes]:
    assert describe
    columns = duckbehind.described(cursor, statement)
    yield json.dumps({"data": [[name, _clickhouse_type(type_)] for name, type_ in columns]}).encode()


def _tabs(cursor: Any, statement: str, describe: bool) -> Iterator[bytes]:
    assert not describe
    for row in cursor.execute(statement).fetchall():
        yield ("\t".join(map(str, row)) + "\n").encode()


def _native(cursor: Any, statement: str, describe: bool) -> Iterator[bytes]:
    """Yield the one block of a small answer of texts and bytes."""
    assert not describe
    table = cursor.sql(statement).to_arrow_table()
    block = _counted(table.num_columns) + _counted(table.num_rows)
    for name, column in zip(table.column_names, table.columns, strict=True):
        numbers = pa.types.is_integer(column.type)
        block += _worded(name) + _worded("UInt8" if numbers else "String")
        values = column.to_pylist()
        block += bytes(values) if numbers else b"".join(map(_worded, values))
    yield block


def _counted(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + _counted(number >> 7)


def _worded(text: str) -> bytes:
    return _counted(len(text.encode())) + text.encode()


def _arrow(cursor: Any, statement: str, describe: bool) -> Iterator[bytes]:
    assert not describe
    reader = cursor.sql(statement).to_arrow_reader(10_000)
    schema = pa.schema([pa.field(each.name, _with_zone(each.type)) for each in reader.schema])
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, schema) as writer:
        yield _taken(sink)
        for batch in reader:
            writer.write_batch(batch.cast(schema))
            yield _taken(sink)
    yield _taken(sink)


def _with_zone(type_: Any) -> Any:
    return pa.timestamp(type_.unit, "UTC") if pa.types.is_timestamp(type_) else type_


def _taken(sink: io.BytesIO) -> bytes:
    data = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return data


_FORMATS = {"JSONCompact": _json, "TabSeparated": _tabs, "Native": _native, "ArrowStream": _arrow}


@contextmanager
def running_clickhouse(certificate: Path | None = None) -> Iterator[ClickhouseHttp]:
    """Give a stub whose ``engine.duck`` is filled through DuckDB."""
    shell = ClickhouseHttp(DuckEngine(), "bookward", f"{DATABASE_PASSWORD}-{secrets.token_urlsafe(12)}")
    server = shell.bind(certificate=str(certificate) if certificate else None)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield shell
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class RealClickhouse:
    """The real engine, in a process of its own; ``user`` may do everything."""

    user = "bookward"

    def __init__(self) -> None:
        self.port = free_port()
        self.password = f"{DATABASE_PASSWORD}-{secrets.token_urlsafe(12)}"

    def execute(self, sql: str, database: str = "default") -> list[tuple[Any, ...]]:
        """Run one statement, and return its rows."""
        answer = httpx.post(
            f"http://127.0.0.1:{self.port}/",
            params={"database": database, "default_format": "JSONCompact",
                    "date_time_input_format": "best_effort"},
            auth=(self.user, self.password), content=sql, timeout=60,
        )  # fmt: skip
        if answer.is_error:
            raise RuntimeError(answer.text)
        return [tuple(row) for row in answer.json()["data"]] if answer.content else []

    def answers(self) -> bool:
        try:
            return self.execute("SELECT 1") == [(1,)]
        except httpx.TransportError:
            return False


@contextmanager
def running_engine() -> Iterator[RealClickhouse]:
    """Give a fresh engine that is stopped and removed at the end."""
    python, server = ROOT / ".venv/chdb/bin/python", RealClickhouse()
    if not python.exists():
        pytest.fail("These tests need chDB. Let `make test-nightly` install it.", pytrace=False)
    with tempfile.TemporaryDirectory(prefix="bookward-clickhouse-") as home:
        asked = [python, "-m", "tests.peers.clickhouse_engine", str(server.port), home]
        process = subprocess.Popen([*asked, server.user, server.password], cwd=ROOT)
        try:
            wait_until(server.answers, "chDB did not start", seconds=60)
            yield server
        finally:
            process.kill()
            process.wait()
