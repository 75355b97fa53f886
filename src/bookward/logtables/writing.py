"""Writing a run's tables: whole or not at all, and a second time without doubling anything."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from bookward.errors import ExtraMissing, StorageRefused
from bookward.heavy import duckdb, pa, pafs, pq
from bookward.logtables.making import Tables
from bookward.settings import without_keys
from bookward.spec.logs import DuckdbLogs, Logs, ParquetLogs, PostgresLogs

SNAPSHOT = """
CREATE OR REPLACE VIEW {schema}sync_snapshot AS
SELECT * FROM (
    SELECT *, row_number() OVER (
        PARTITION BY sync_id, row_id ORDER BY started_at DESC, sync_run_id DESC
    ) AS newest
    FROM {schema}sync_changelog
) AS known WHERE newest = 1
"""
"""What is known of each row last."""

_TYPES = {"string": "text", "int64": "bigint", "double": "double precision"}


class Writer(Protocol):
    """Keeps the tables of runs."""

    def write(self, tables: Tables) -> None:
        """Write one run, in place of what was written of it before.

        Raises:
            StorageRefused: it cannot be written.
        """


def open_writer(logs: Logs, root: Path) -> Writer:
    """Return what writes where ``logs`` says; ``root`` is the project's folder."""
    if isinstance(logs, DuckdbLogs):
        return _Duckdb(root / logs.path)
    return _Parquet(logs) if isinstance(logs, ParquetLogs) else _Postgres(logs)


class _Duckdb:
    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, tables: Tables) -> None:
        try:
            with closing(duckdb.connect(str(self._path))) as connection:
                connection.begin()
                for name, (schema, batches) in tables.parts.items():
                    empty = schema.empty_table()  # noqa: F841 - read by its name
                    connection.execute(f"CREATE TABLE IF NOT EXISTS {name} AS SELECT * FROM empty")
                    connection.execute(f"DELETE FROM {name} WHERE sync_run_id = ?", [tables.run])
                    new = pa.RecordBatchReader.from_batches(schema, batches())  # noqa: F841 - likewise
                    connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM new")
                connection.execute(SNAPSHOT.format(schema=""))
                connection.commit()
        except (duckdb.Error, OSError) as error:
            raise _refused(str(self._path), error) from error


class _Parquet:
    def __init__(self, logs: ParquetLogs) -> None:
        self._url = logs.url

    def write(self, tables: Tables) -> None:
        try:
            storage, root = pafs.FileSystem.from_uri(self._url)
            for name, (schema, batches) in tables.parts.items():
                folder = f"{root.rstrip('/')}/{name}/sync_id={tables.sync}"
                storage.create_dir(folder, recursive=True)
                partial, file = f"{folder}/.{tables.run}.partial", f"{folder}/{tables.run}.parquet"
                with pq.ParquetWriter(partial, schema, filesystem=storage) as writer:
                    for batch in batches():
                        writer.write_batch(batch)
                storage.move(partial, file)
        except (pa.ArrowException, OSError) as error:
            shown = without_keys(self._url)
            raise _refused(shown, str(error).replace(self._url, shown)) from error


class _Postgres:
    def __init__(self, logs: PostgresLogs) -> None:
        self._logs = logs

    def write(self, tables: Tables) -> None:
        try:
            import psycopg
            from psycopg import sql
        except ImportError:
            raise ExtraMissing(
                "The driver for logs in PostgreSQL is not installed.",
                remedy="Run: pip install 'bookward[server]'",
            ) from None
        schema = sql.Identifier(self._logs.schema_)
        try:
            with psycopg.connect(self._logs.url.get_secret_value()) as connection:
                connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
                for name, (columns, batches) in tables.parts.items():
                    table = sql.SQL("{}.{}").format(schema, sql.Identifier(name))
                    connection.execute(_table(sql, table, columns))
                    connection.execute(
                        sql.SQL("DELETE FROM {} WHERE sync_run_id = %s").format(table), [tables.run]
                    )
                    with connection.cursor().copy(_copy(sql, table, columns)) as copy:
                        for batch in batches():
                            for line in batch.to_pylist():
                                copy.write_row(tuple(line.values()))
                prefix = f"{schema.as_string(connection)}."
                connection.execute(SNAPSHOT.format(schema=prefix))
        except psycopg.Error as error:
            raise _refused("the database of the logs", error) from error


def _table(sql: Any, table: Any, columns: pa.Schema) -> Any:
    said = [
        sql.SQL("{} {}").format(sql.Identifier(each.name), sql.SQL(_TYPES.get(str(each.type), "timestamptz")))
        for each in columns
    ]
    return sql.SQL("CREATE TABLE IF NOT EXISTS {} ({})").format(table, sql.SQL(", ").join(said))


def _copy(sql: Any, table: Any, columns: pa.Schema) -> Any:
    names = sql.SQL(", ").join(map(sql.Identifier, columns.names))
    return sql.SQL("COPY {} ({}) FROM STDIN").format(table, names)


def _refused(where: str, error: object) -> StorageRefused:
    said = " ".join(str(error).split())
    return StorageRefused(
        f"The logs cannot be written to {where}: {said}",
        remedy="Correct `logs` in project.yaml. Runs go on; what is missing is written by the next one.",
    )
