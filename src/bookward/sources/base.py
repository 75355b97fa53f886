"""The contract of a source, and how one is found by the `type` in its file."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

from bookward.errors import BookwardError, ExtraMissing, NameUnknown, SourceFailed
from bookward.heavy import pa
from bookward.ports import Rows, SqlPushdown
from bookward.records import CheckStep, ListedTable
from bookward.spec.source import SourceSpec

T = TypeVar("T")


class NotANumber(SourceFailed):
    """A column of numbers holds one that its type has no place for; read as text it can be told."""

    remedy = "Filter such rows out in the model, or replace the value there: NULLIF(amount, 'NaN')."

    def __init__(self, column: str) -> None:
        super().__init__(f"Column {column!r} holds NaN, which is not an amount.")
        self.column = column


class Source(Protocol):
    """A store that answers queries with Arrow batches."""

    spec_class: ClassVar[type[SourceSpec]]
    dialect: ClassVar[str]  #: sqlglot's name of the SQL that this source speaks

    def __init__(self, name: str, spec: Any) -> None: ...

    def check(self) -> Iterator[CheckStep]:
        """Yield the steps of testing the connection; the first failed step is the last one."""

    def tables(self) -> Iterator[ListedTable]:
        """Yield the tables and views that whoever is signed in can read, by schema and name.

        The system's own, and those that Bookward keeps, are left out.

        Raises:
            SourceUnreachable, SourceFailed, ExtraMissing: as ``read``.
        """

    def read(self, query: str) -> AbstractContextManager[Rows]:
        """Run a query in a read-only session and stream its rows in constant memory.

        Decimals arrive exact: as Arrow decimals, or as canonical text in a column whose field metadata
        says ``bookward=decimal``. Timestamps with a zone arrive in UTC.

        Raises:
            SourceUnreachable: there is no connection.
            SourceFailed: the query was refused, or the connection was lost while reading.
            NotANumber: while rows are taken; see there.
            ExtraMissing: the driver is not installed.
        """

    def pushdown(self) -> SqlPushdown | None:
        """Return what compares rows in the warehouse itself, None where that cannot be."""


@runtime_checkable
class LookGiver(Protocol):
    """A source that has Looks: what people have saved to be looked at again."""

    def add(self, url: str) -> str:
        """Let queries name the Look at an address as a table; return the table's name.

        Raises:
            ModelRefused: the address leads to none.
        """

    def sql(self, url: str, dialect: str) -> str:
        """Return the query that gives a Look's rows where its data are.

        Raises:
            ModelRefused: there is none that gives all of them.
            SourceUnreachable, SourceFailed: as ``Source.read``.
        """


class _Installed(Mapping[str, T]):
    """Something of each kind, imported when it is asked for: a kind brings much that others never need."""

    def __init__(self, take: Callable[[type[Source]], T]) -> None:
        self._points = {point.name: point for point in entry_points(group="bookward.sources")}
        self._take = take

    def __getitem__(self, name: str) -> T:
        return self._take(self._points[name].load())

    def __iter__(self) -> Iterator[str]:
        return iter(self._points)

    def __len__(self) -> int:
        return len(self._points)


@cache
def source_classes() -> Mapping[str, type[Source]]:
    """Return every installed kind of source by the name that stands under `type`."""
    return _Installed(lambda kind: kind)


@cache
def source_specs() -> Mapping[str, type[SourceSpec]]:
    """Return the specification of every installed kind of source, by the same name."""
    return _Installed(lambda kind: kind.spec_class)


def open_source(name: str, spec: SourceSpec) -> Source:
    """Return the source that ``spec`` describes, not yet connected.

    Raises:
        NameUnknown: there is no such kind of source.
    """
    try:
        return source_classes()[spec.type](name, spec)
    except KeyError:
        raise NameUnknown(f"There is no source of type {spec.type!r}.") from None


def failed(step: str, error: BookwardError) -> CheckStep:
    """Return the step of a check that ended with an error."""
    return CheckStep(name=step, ok=False, detail=error.message, remedy=error.remedy)


WHILE_READ = "failed while it was read"
"""What a source did where something goes wrong once it has answered."""


def guarded(
    batches: Iterator[pa.RecordBatch], translated: Callable[[str], AbstractContextManager[None]]
) -> Iterator[pa.RecordBatch]:
    """Yield batches; what goes wrong while one is taken is an error of the source, not of who takes it."""
    while True:
        with translated(WHILE_READ):
            batch = next(batches, None)
        if batch is None:
            return
        yield batch


def load_driver(kind: str, extra: str, module: str, *parts: str, quiet: bool = False) -> ModuleType:
    """Return a driver's module, once it and ``parts`` of it are imported.

    Args:
        kind: of source, for people.
        extra: of the package, that brings the driver.
        module: what is returned.
        parts: modules of it that it does not import by itself.
        quiet: it logs what it raises as well, which says everything twice, and some of it in the clear.

    Raises:
        ExtraMissing: it is not installed.
    """
    try:
        for part in (module.partition(".")[0], *parts):
            import_module(part)
        found = import_module(module)
    except ImportError:
        raise missing_extra(kind, extra) from None
    if quiet:
        logging.getLogger(module).setLevel(logging.CRITICAL)
    return found


def missing_extra(kind: str, extra: str) -> ExtraMissing:
    """Return the error for a source whose driver is not installed."""
    return ExtraMissing(
        f"The driver for {kind} is not installed.", remedy=f"Run: pip install 'bookward[{extra}]'"
    )
