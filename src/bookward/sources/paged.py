"""Sources whose tables come page by page and have no SQL of their own: brought here whole, then queried."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from bookward.errors import BookwardError, SourceFailed, SourceUnreachable
from bookward.heavy import duckdb, pa
from bookward.records import CheckStep, ListedColumn, ListedTable
from bookward.sources.base import failed
from bookward.sources.collected import Columns, Page, collect
from bookward.sources.duck import one_line
from bookward.sources.queried import QueriedSource, View


class PagedSource(QueriedSource):
    """Reads tables that come page by page."""

    def __init__(self, name: str, server: str) -> None:
        """Connect to nothing yet.

        Args:
            name: of the source.
            server: its address as people may see it.
        """
        super().__init__(name)
        self._server = server

    @abstractmethod
    def greeting(self) -> str:
        """Sign in, and return as whom, in words.

        Raises:
            SourceUnreachable: nobody answers.
            SourceFailed: the sign-in is refused.
            ExtraMissing: what it takes is not installed.
        """

    @abstractmethod
    def pages(self, table: str) -> Generator[Page, None, None]:
        """Yield the rows of a table to its end, or raise; the first page may have none.

        Raises:
            SourceUnreachable, SourceFailed, ExtraMissing: as ``Source.read``.
        """

    def columns(self, table: str) -> Sequence[str]:
        """Return the columns that a table has whatever comes."""
        return ()

    def columns_if_empty(self, table: str) -> Sequence[str]:
        """Return the columns of a table of which no row came, and no column was known; at least one."""
        raise SourceFailed(
            f"{self.where(table)} is empty, and does not say which columns it has.",
            remedy="Run again when there is a row.",
        )

    def primary_key(self, table: str) -> Sequence[str]:
        """Return the columns of a table's primary key; none where it is not known."""
        return ()

    def check(self) -> Iterator[CheckStep]:
        answers = CheckStep(name="reach", ok=True, detail=f"{self._server} answers")
        try:
            with self.translated():
                whom, names = self.greeting(), self.names()
        except SourceUnreachable as error:
            yield failed("reach", error)
            return
        except SourceFailed as error:
            yield answers
            yield failed("sign in", error)
            return
        except BookwardError as error:
            yield failed("driver", error)
            return
        yield answers
        yield CheckStep(name="sign in", ok=True, detail=whom)
        for name in names:
            try:
                columns = len(list(self._first(name)))
            except BookwardError as error:
                yield failed(f"read {name}", error)
                return
            yield CheckStep(name=f"read {name}", ok=True, detail=f"{columns:,} columns, read-only")

    def tables(self) -> Iterator[ListedTable]:
        for name in self.names():
            columns = tuple(
                ListedColumn(name=column.name, type=str(column.type), nullable=True)
                for column in self._first(name)
            )
            key = tuple(self.primary_key(name))
            yield ListedTable(schema="main", name=name, columns=columns, primary_key=key)

    def view(self, name: str, folder: Path) -> View:
        with self.translated(name), closing(self.pages(name)) as pages:
            columns, if_empty = self.columns(name), partial(self.columns_if_empty, name)
            file, query = collect(pages, folder, columns, if_empty, self.where(name))
        return View([file], query)

    @contextmanager
    def translated(self, table: str = "") -> Iterator[None]:
        try:
            yield
        except (duckdb.Error, pa.ArrowException, UnicodeError, OSError) as error:
            raise SourceFailed(f"{self.where(table)} cannot be read: {one_line(error)}") from error
        except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
            raise SourceFailed(
                f"{self.where(table)} answers with something else than it should: {error!r}",
                remedy="Check the address in the source's file: another service may answer there.",
            ) from error

    def where(self, table: str = "") -> str:
        """Return what errors begin with."""
        of = f"Table {table!r} of source" if table else "Source"
        return f"{of} {self._name!r} ({self._server})"

    def lost(self, table: str, message: str) -> SourceFailed:
        """Return the error for a connection that was lost while reading."""
        return SourceFailed(
            f"The connection to {self.where(table)[0].lower()}{self.where(table)[1:]} was lost while "
            f"reading: {message}",
            remedy="See why the server or the network went away, then run again; nothing was sent.",
        )

    def _first(self, name: str) -> Columns:
        """Return the columns of a table, as its first page has them."""
        columns = Columns(self.columns(name))
        with self.translated(name), closing(self.pages(name)) as pages:
            columns.take(next(pages, []))
            return columns if len(columns) else Columns(self.columns_if_empty(name))
