"""A DuckDB database in a file, read without being locked for whoever writes it elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from bookward.errors import SourceUnreachable
from bookward.heavy import duckdb
from bookward.ports import Rows
from bookward.records import CheckStep, ListedTable
from bookward.sources.duck import DIALECT, Duck, one_line
from bookward.spec.source import SourceSpec


class DuckdbSpec(SourceSpec):
    """A DuckDB database in a file."""

    first: ClassVar[tuple[str, ...]] = ("path",)

    type: Literal["duckdb"] = "duckdb"
    """A DuckDB file."""
    path: Annotated[str, Field(min_length=1)]
    """The file; a path that is not absolute begins at the project's folder."""


class DuckdbSource:
    """Reads a DuckDB file."""

    spec_class: ClassVar[type[SourceSpec]] = DuckdbSpec
    dialect: ClassVar[str] = DIALECT

    def __init__(self, name: str, spec: DuckdbSpec) -> None:
        self._name = name
        self._path = Path(spec.path)
        self._duck = Duck(name, self._opened)

    def check(self) -> Iterator[CheckStep]:
        query = "SELECT count(*) FROM duckdb_tables() WHERE NOT internal"
        yield from self._duck.check(query, str(self._path), "{:,} tables".format)

    def read(self, query: str) -> AbstractContextManager[Rows]:
        return self._duck.read(query)

    def tables(self) -> Iterator[ListedTable]:
        return self._duck.tables()

    def pushdown(self) -> None:
        """Return nothing: a file on this machine is read as fast as it is compared."""

    def _opened(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        return opened_file(self._name, self._path)


@contextmanager
def opened_file(name: str, path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection that reads a file, and no other of the machine.

    Raises:
        SourceUnreachable: it cannot be opened.
    """
    try:
        connection = duckdb.connect(str(path), read_only=True, config={"enable_external_access": "false"})
    except (duckdb.Error, OSError) as error:
        raise unopened(name, path, error) from error
    try:
        yield connection
    finally:
        connection.close()


def unopened(name: str, path: Path, error: Exception) -> SourceUnreachable:
    """Return the error for a file that cannot be opened."""
    return SourceUnreachable(
        f"Source {name!r} cannot open {path}: {one_line(error)}",
        remedy="Check the path, and that no other program has the file open for writing.",
    )
