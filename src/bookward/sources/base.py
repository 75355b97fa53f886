"""The contract of a source, and how one is found by the `type` in its file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import cache
from importlib.metadata import entry_points
from typing import Any, ClassVar, Protocol

import pyarrow as pa

from bookward.errors import BookwardError, ExtraMissing, NameUnknown, SourceFailed
from bookward.ports import Rows, SqlPushdown
from bookward.records import CheckStep, ListedTable
from bookward.spec.source import SourceSpec


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


@cache
def source_classes() -> dict[str, type[Source]]:
    """Return every installed kind of source by the name that stands under `type`."""
    return {point.name: point.load() for point in entry_points(group="bookward.sources")}


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


def guarded(
    batches: Iterator[pa.RecordBatch], translated: Callable[[str], AbstractContextManager[None]]
) -> Iterator[pa.RecordBatch]:
    """Yield batches; what goes wrong while one is taken is an error of the source, not of who takes it."""
    while True:
        with translated("failed while it was read"):
            batch = next(batches, None)
        if batch is None:
            return
        yield batch


def missing_extra(kind: str, extra: str) -> ExtraMissing:
    """Return the error for a source whose driver is not installed."""
    return ExtraMissing(
        f"The driver for {kind} is not installed.", remedy=f"Run: pip install 'bookward[{extra}]'"
    )
