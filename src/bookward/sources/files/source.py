"""Files, read by DuckDB: only those that the source names, and of these only what a query names."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from bookward.errors import SourceFailed
from bookward.ports import Rows
from bookward.records import CheckStep, ListedTable
from bookward.sources.duck import DIALECT, Duck, one_line
from bookward.sources.files.fetching import files_of
from bookward.sources.files.readers import by_its_word, csv_query, literal, parquet_query, plain
from bookward.sources.files.rows import as_parquet, excel_rows, json_rows
from bookward.sources.files.spec import FilesSpec, FileTable, TablesSpec
from bookward.sources.select import quoted
from bookward.spec.source import SourceSpec

_MEMORY = "512MB"
_DAMAGED = (duckdb.Error, pa.ArrowException, OSError, EOFError, zlib.error, UnicodeError, csv.Error)


class FilesSource:
    """Reads files as tables."""

    spec_class: ClassVar[type[SourceSpec]] = FilesSpec
    dialect: ClassVar[str] = DIALECT

    def __init__(self, name: str, spec: TablesSpec) -> None:
        self._name = name
        self._spec = spec

    def check(self) -> Iterator[CheckStep]:
        for table in self._spec.tables:
            duck = Duck(self._name, partial(self._opened, [table]))
            for step in duck.check(f"SELECT count(*) FROM {_named(table)}", table, "{:,} rows".format):
                if step.name == "read" or not step.ok:
                    yield replace(step, name=f"{step.name} {table}")
                if not step.ok:
                    return

    def read(self, query: str) -> AbstractContextManager[Rows]:
        return Duck(self._name, partial(self._opened, self._mentioned(query))).read(query)

    def tables(self) -> Iterator[ListedTable]:
        return Duck(self._name, partial(self._opened, list(self._spec.tables))).tables()

    def pushdown(self) -> None:
        """Return nothing: files do not compare themselves."""

    def _mentioned(self, query: str) -> list[str]:
        """Return the tables that a query may read; all, where it cannot be understood."""
        try:
            found = sqlglot.parse_one(query, read=DIALECT).find_all(exp.Table)
        except SqlglotError:
            return list(self._spec.tables)
        names = {table.name.casefold() for table in found}
        return [name for name in self._spec.tables if name.casefold() in names]

    @contextmanager
    def _opened(self, tables: Sequence[str]) -> Iterator[duckdb.DuckDBPyConnection]:
        with TemporaryDirectory(prefix="bookward-files-") as folder:
            own = [Path(folder) / str(number) for number in range(len(tables))]
            views = {name: self._view(name, place) for name, place in zip(tables, own, strict=True)}
            connection = duckdb.connect(config={"memory_limit": _MEMORY, "temp_directory": folder})
            try:
                allowed = [str(path) for paths, _ in views.values() for path in paths]
                connection.execute(f"SET allowed_paths = [{', '.join(map(literal, allowed))}]")
                # From here on a query reads those files, and no other of the machine.
                connection.execute("SET enable_external_access = false")
                with self._translated():
                    for name, (_, select) in views.items():
                        connection.execute(f"CREATE VIEW {_named(name)} AS {select}")
                yield connection
            finally:
                connection.close()

    def _view(self, name: str, folder: Path) -> tuple[Sequence[Path], str]:
        """Return the files of a table and the query that reads them; what is made goes into a folder."""
        folder.mkdir()
        table = self._spec.tables[name]
        found = [path.resolve() for path in self._files(name, table, folder)]
        files = [by_its_word(file, folder / "links") for file in found]
        with self._translated(name):
            if table.holds == "csv":
                places = (folder / "plain" / f"{n}-{file.stem}" for n, file in enumerate(files))
                files = [plain(file, table, place) for file, place in zip(files, places, strict=False)]
                return files, csv_query(files, table)
            if table.holds == "parquet":
                return files, parquet_query(files, table)
            target = folder / "rows.parquet"
            self._convert(table, files, target)
            return [target], parquet_query([target], table)

    def _convert(self, table: FileTable, files: Sequence[Path], target: Path) -> None:
        rows = {
            "excel": lambda: excel_rows(files, table),
            "json": lambda: json_rows(files, lines=False),
            "jsonl": lambda: json_rows(files, lines=True),
        }[table.holds]
        as_parquet(rows, target)

    def _files(self, name: str, table: FileTable, folder: Path) -> Sequence[Path]:
        """Return the files of a table on this machine; what is fetched for it goes into a folder."""
        return files_of(self._name, name, table, folder, self._spec.most_bytes)

    @contextmanager
    def _translated(self, table: str = "") -> Iterator[None]:
        where = f"Table {table!r} of source {self._name!r}" if table else f"Source {self._name!r}"
        try:
            yield
        except SourceFailed as error:
            raise SourceFailed(f"{where}: {error.message}", remedy=error.remedy) from error
        except _DAMAGED as error:
            raise SourceFailed(f"{where} cannot be read: {one_line(error)}") from error


def _named(table: str) -> str:
    return quoted(table, DIALECT)
