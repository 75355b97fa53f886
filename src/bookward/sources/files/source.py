"""Files, read by DuckDB: only those that the source names, and of these only what a query names."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import ClassVar, TypeAlias

from bookward.errors import SourceFailed
from bookward.heavy import duckdb, pa
from bookward.records import CheckStep, ListedTable
from bookward.sources.duck import DIALECT, one_line
from bookward.sources.files.fetching import files_of
from bookward.sources.files.readers import by_its_word, csv_query, parquet_query, plain
from bookward.sources.files.rows import as_parquet, excel_rows, json_rows
from bookward.sources.files.spec import FilesSpec, FileTable, TablesSpec
from bookward.sources.queried import QueriedSource, View
from bookward.sources.select import quoted
from bookward.spec.source import SourceSpec

_State: TypeAlias = tuple[int, int, int]


@cache
def _damaged() -> tuple[type[Exception], ...]:
    return (duckdb.Error, pa.ArrowException, OSError, EOFError, zlib.error, UnicodeError, csv.Error)


class FilesSource(QueriedSource):
    """Reads files as tables."""

    spec_class: ClassVar[type[SourceSpec]] = FilesSpec

    def __init__(self, name: str, spec: TablesSpec) -> None:
        super().__init__(name)
        self._spec = spec

    def check(self) -> Iterator[CheckStep]:
        for table in self._spec.tables:
            query = f"SELECT count(*) FROM {quoted(table, DIALECT)}"
            for step in self.duck([table]).check(query, table, "{:,} rows".format):
                if step.name == "read" or not step.ok:
                    yield replace(step, name=f"{step.name} {table}")
                if not step.ok:
                    return

    def tables(self) -> Iterator[ListedTable]:
        return self.duck(self.names()).tables()

    def names(self) -> Sequence[str]:
        return list(self._spec.tables)

    def view(self, name: str, folder: Path) -> View:
        table = self._spec.tables[name]
        found = [path.resolve() for path in self._files(name, table, folder)]
        end = partial(self._refuse_changed, name, {path: _state(path) for path in found})
        files = [by_its_word(file, folder / "links") for file in found]
        with self.translated(name):
            if table.holds == "csv":
                places = (folder / "plain" / f"{n}-{file.stem}" for n, file in enumerate(files))
                files = [plain(file, table, place) for file, place in zip(files, places, strict=False)]
                return View(files, csv_query(files, table), end)
            if table.holds == "parquet":
                return View(files, parquet_query(files, table), end)
            target = folder / "rows.parquet"
            self._convert(table, files, target)
            return View([target], parquet_query([target], table), end)

    def _convert(self, table: FileTable, files: Sequence[Path], target: Path) -> None:
        rows = {
            "excel": lambda: excel_rows(files, table),
            "json": lambda: json_rows(files, lines=False),
            "jsonl": lambda: json_rows(files, lines=True),
        }[table.holds]
        as_parquet(rows, target)

    def _refuse_changed(self, name: str, before: Mapping[Path, _State | None]) -> None:
        for path, state in before.items():
            if _state(path) != state:
                raise SourceFailed(
                    f"Table {name!r} of source {self._name!r}: {path.name} was changed while it was read.",
                    remedy="Run again when it is written; best is to write under another name and rename it.",
                )

    def _files(self, name: str, table: FileTable, folder: Path) -> Sequence[Path]:
        """Return the files of a table on this machine; what is fetched for it goes into a folder."""
        return files_of(self._name, name, table, folder, self._spec.most_bytes)

    @contextmanager
    def translated(self, table: str = "") -> Iterator[None]:
        where = f"Table {table!r} of source {self._name!r}" if table else f"Source {self._name!r}"
        try:
            yield
        except SourceFailed as error:
            raise SourceFailed(f"{where}: {error.message}", remedy=error.remedy) from error
        except _damaged() as error:
            raise SourceFailed(f"{where} cannot be read: {one_line(error)}") from error


def _state(path: Path) -> _State | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino
