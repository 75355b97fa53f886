"""Files, read by DuckDB: only those that the source names, and of these only what a query names."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from bookward.errors import SourceFailed
from bookward.ports import Rows
from bookward.records import CheckStep, ListedTable
from bookward.sources.duck import DIALECT, Duck, one_line
from bookward.sources.files.fetching import files_of
from bookward.sources.files.rows import as_parquet, excel_rows, json_rows
from bookward.sources.files.spec import FilesSpec, FileTable, TablesSpec
from bookward.sources.select import quoted
from bookward.spec.source import SourceSpec

_MEMORY = "512MB"


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
            views = {name: self._view(name, Path(folder)) for name in tables}
            connection = duckdb.connect(config={"memory_limit": _MEMORY, "temp_directory": folder})
            try:
                allowed = [str(path) for paths, _ in views.values() for path in paths]
                connection.execute(f"SET allowed_paths = [{', '.join(map(_literal, allowed))}]")
                # From here on a query reads those files, and no other of the machine.
                connection.execute("SET enable_external_access = false")
                with self._translated():
                    for name, (_, select) in views.items():
                        connection.execute(f"CREATE VIEW {_named(name)} AS {select}")
                yield connection
            finally:
                connection.close()

    def _view(self, name: str, folder: Path) -> tuple[Sequence[Path], str]:
        """Return the files of a table and the query that reads them."""
        table = self._spec.tables[name]
        files = [path.resolve() for path in self._files(name, table, folder)]
        if table.holds == "csv":
            return files, self._csv(name, table, files)
        if table.holds == "parquet":
            return files, f"SELECT * FROM read_parquet({_list(files)}, union_by_name = true)"
        target = folder / f"{len(list(folder.iterdir()))}.parquet"
        rows = {
            "excel": lambda: excel_rows(files, table),
            "json": lambda: json_rows(files, lines=False),
            "jsonl": lambda: json_rows(files, lines=True),
        }[table.holds]
        with self._translated(name):
            as_parquet(rows, target)
        return [target], f"SELECT * FROM read_parquet({_list([target])})"

    def _files(self, name: str, table: FileTable, folder: Path) -> Sequence[Path]:
        """Return the files of a table on this machine; what is fetched for it goes into a folder."""
        return files_of(self._name, name, table, folder, self._spec.most_bytes)

    def _csv(self, name: str, table: FileTable, files: Sequence[Path]) -> str:
        with self._translated(name):
            heads = {file: _head(file, table) for file in files}
        first = heads[files[0]]
        other = next((file for file, head in heads.items() if head != first), None)
        if other is not None:
            raise SourceFailed(
                f"Table {name!r} of source {self._name!r}: {other.name} has other columns than "
                f"{files[0].name}: {', '.join(heads[other])} instead of {', '.join(first)}.",
                remedy="Let the pattern match files with the same first line only.",
            )
        twice = next((column for column in first if first.count(column) > 1), None)
        if twice is not None:
            raise SourceFailed(f"{files[0].name} has two columns {twice!r}.", remedy="Rename one of them.")
        columns = ", ".join(f"{_literal(column)}: 'VARCHAR'" for column in first)
        return (
            f"SELECT * FROM read_csv({_list(files)}, auto_detect = false, columns = {{{columns}}}, "
            f"header = {table.header}, delim = {_literal(table.separator)}, quote = '\"', escape = '\"', "
            f"encoding = {_literal(table.encoding)})"
        )

    @contextmanager
    def _translated(self, table: str = "") -> Iterator[None]:
        where = f"Table {table!r} of source {self._name!r}" if table else f"Source {self._name!r}"
        try:
            yield
        except SourceFailed as error:
            raise SourceFailed(f"{where}: {error.message}", remedy=error.remedy) from error
        except (duckdb.Error, OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
            raise SourceFailed(f"{where} cannot be read: {one_line(error)}") from error


def _head(file: Path, table: FileTable) -> list[str]:
    opened = gzip.open if file.suffix == ".gz" else open
    encoding = "utf-8-sig" if table.encoding == "utf-8" else table.encoding
    with opened(file, "rt", encoding=encoding, newline="") as stream:
        first = next(csv.reader(stream, delimiter=table.separator), [])
    if not first:
        raise SourceFailed(f"{file.name} is empty.", remedy="Its first line has to name the columns.")
    return first if table.header else [f"column{place + 1}" for place in range(len(first))]


def _named(table: str) -> str:
    return quoted(table, DIALECT)


def _list(files: Sequence[Path]) -> str:
    return f"[{', '.join(_literal(str(file)) for file in files)}]"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
