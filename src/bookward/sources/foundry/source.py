"""Palantir Foundry: datasets through its SQL queries, and objects of its ontologies, as Arrow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any, ClassVar

import httpx

from bookward.errors import BookwardError, SourceFailed
from bookward.heavy import pa
from bookward.ports import Rows
from bookward.records import ListedTable
from bookward.sources import arrays, arrowtables
from bookward.sources.foundry import objects
from bookward.sources.foundry.client import NAMES, SCOPE, Foundry, Query, Result, ResultBroken, opened
from bookward.sources.foundry.named import wanted
from bookward.sources.foundry.spec import FoundrySpec
from bookward.sources.server import RemoteSource
from bookward.sources.shape import column
from bookward.sources.statements import StatementRefused, StatementSlow, failure
from bookward.spec.source import SourceSpec


class FoundrySource(RemoteSource):
    """Reads datasets and objects in Foundry."""

    spec_class: ClassVar[type[SourceSpec]] = FoundrySpec
    dialect: ClassVar[str] = "spark"
    who: ClassVar[str] = "SELECT 'whose token it is' AS who, 'Foundry SQL' AS version"
    catalogue: ClassVar[str] = ""  #: datasets are named by their paths, and there is no table of them

    def __init__(self, name: str, spec: FoundrySpec) -> None:
        super().__init__(name, spec.host)
        self._spec = spec

    def tables(self) -> Iterator[ListedTable]:
        """Yield the object types of every ontology; nothing lists datasets, which have paths and ids."""
        try:
            with (
                opened(self._spec, objects.SCOPE) as client,
                self._translated("refused to list object types"),
            ):
                yield from list(objects.listed(Foundry(client)))
        except SourceFailed as error:
            remedy = f"{error.remedy} Object types are listed for the scope {objects.SCOPE}."
            raise SourceFailed(error.message, remedy=remedy) from error

    @contextmanager
    def session(self) -> Iterator[ExitStack]:
        with ExitStack() as held:
            yield held

    def answer(self, session: ExitStack, query: str) -> Rows:
        asked = wanted(query)
        if asked is not None:
            return objects.rows(Foundry(session.enter_context(opened(self._spec, objects.SCOPE))), asked)
        return self._result(
            Query(session.enter_context(opened(self._spec, SCOPE)), self._spec), session, query
        )

    def _result(self, asked: Query, held: ExitStack, query: str) -> Rows:
        # Foundry gives out a million rows of a result and says nothing of the others.
        counted = f"SELECT CAST(count(*) AS BIGINT) AS n FROM (\n{query}\n)"
        ((rows,),) = _all(asked.result(asked.run(counted)))
        result = held.enter_context(closing(Result(asked.result(asked.run(query)))))
        reader = pa.ipc.open_stream(result)
        columns = [_column(field) for field in reader.schema]
        batches = arrowtables.batches(result.batches(reader), columns)
        return Rows(arrays.schema(columns), self.counted(batches, int(rows)))

    def errors(self) -> tuple[type[Exception], ...]:
        return (httpx.HTTPError, StatementRefused, StatementSlow, ResultBroken)

    def failure(self, what: str, error: Exception) -> BookwardError:
        return failure(self, what, error, *NAMES)


def _all(answer: httpx.Response) -> list[tuple[Any, ...]]:
    with closing(answer):
        table = pa.ipc.open_stream(answer.read()).read_all()
    return [tuple(row.values()) for row in table.to_pylist()]


def _column(field: pa.Field[Any]) -> arrays.Taken:
    if pa.types.is_nested(field.type) and not _is_plain_list(field.type):
        return arrowtables.texts(field.name, "json")
    if pa.types.is_decimal(field.type):
        return arrowtables.amounts(field.name, field.type.precision, field.type.scale)
    made = column(field.name, field.type)
    return arrays.Taken(made.field, made.convert)


def _is_plain_list(type_: Any) -> bool:
    return pa.types.is_list(type_) and not pa.types.is_nested(type_.value_type)
