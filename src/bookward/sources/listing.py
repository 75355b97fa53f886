"""The catalogue of a source: its tables with their columns, from one flat line a column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from bookward.records import ListedColumn, ListedTable


def listed(lines: Iterable[Mapping[str, Any]]) -> Iterator[ListedTable]:
    """Yield the tables that lines tell of.

    Args:
        lines: one a column, those of one table together and in their order: ``schema_name``, ``table_name``,
            ``column_name``, ``column_type``, ``nullable``, and ``key_place``, its place in the primary key or
            null.
    """
    for (schema, name), columns in groupby(lines, lambda line: (line["schema_name"], line["table_name"])):
        found = list(columns)
        keyed = [line for line in found if line["key_place"] is not None]
        keyed.sort(key=lambda line: int(line["key_place"]))
        yield ListedTable(
            schema=schema,
            name=name,
            columns=tuple(map(_column, found)),
            primary_key=tuple(line["column_name"] for line in keyed),
        )


def _column(line: Mapping[str, Any]) -> ListedColumn:
    return ListedColumn(name=line["column_name"], type=line["column_type"], nullable=bool(line["nullable"]))
