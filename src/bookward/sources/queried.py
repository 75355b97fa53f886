"""Tables that are brought onto this machine and read there by DuckDB: those only that a query names."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, NamedTuple

from bookward.heavy import duckdb, exp, sqlglot
from bookward.ports import Rows, SqlPushdown
from bookward.sources.duck import DIALECT, Duck, literal
from bookward.sources.select import quoted

_MEMORY = "512MB"
_THREADS = 2  # each holds a part of a file, however many cores there are


class View(NamedTuple):
    """A table, as DuckDB reads it."""

    files: Sequence[Path]
    query: str
    end: Callable[[], None] = lambda: None  #: is called when all is read; raises where that was no whole


class QueriedSource(ABC):
    """Reads tables that DuckDB finds in files of this machine."""

    dialect: ClassVar[str] = DIALECT

    def __init__(self, name: str) -> None:
        self._name = name

    @abstractmethod
    def names(self) -> Sequence[str]:
        """Return the names of the tables."""

    @abstractmethod
    def view(self, name: str, folder: Path) -> View:
        """Return the files of a table and the query that reads them.

        Args:
            name: of the table.
            folder: a new one, for what is made for it.
        """

    @abstractmethod
    def translated(self, table: str = "") -> AbstractContextManager[None]:
        """Make errors of what is read ours."""

    def read(self, query: str) -> AbstractContextManager[Rows]:
        return self.duck(_mentioned(query, self.names())).read(query)

    def pushdown(self) -> SqlPushdown | None:
        """Return nothing: what is here is compared as fast as it is read."""
        return None

    def duck(self, tables: Sequence[str]) -> Duck:
        """Return what reads some of the tables."""
        return Duck(self._name, partial(self._opened, tables))

    @contextmanager
    def _opened(self, tables: Sequence[str]) -> Iterator[duckdb.DuckDBPyConnection]:
        with TemporaryDirectory(prefix="bookward-files-") as folder:
            own = [Path(folder) / str(number) for number in range(len(tables))]
            views = {name: self._view(name, place) for name, place in zip(tables, own, strict=True)}
            limits: Any = {"memory_limit": _MEMORY, "threads": _THREADS, "temp_directory": folder}
            connection = duckdb.connect(config=limits)
            try:
                allowed = [str(path) for view in views.values() for path in view.files]
                connection.execute(f"SET allowed_paths = [{', '.join(map(literal, allowed))}]")
                # From here on a query reads those files, and no other of the machine.
                connection.execute("SET enable_external_access = false")
                with self.translated():
                    for name, view in views.items():
                        connection.execute(f"CREATE VIEW {quoted(name, DIALECT)} AS {view.query}")
                yield connection
                for view in views.values():
                    view.end()
            finally:
                connection.close()

    def _view(self, name: str, folder: Path) -> View:
        folder.mkdir()
        return self.view(name, folder)


def _mentioned(query: str, names: Sequence[str]) -> Sequence[str]:
    """Return the tables that a query may read; all, where it cannot be understood."""
    try:
        found = sqlglot.parse_one(query, read=DIALECT).find_all(exp.Table)
    except sqlglot.errors.SqlglotError:
        return names
    said = {table.name.casefold() for table in found}
    return [name for name in names if name.casefold() in said]
