"""From the rows of a source's catalogue to the tables that it lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from bookward.ports import Rows
from bookward.records import ListedColumn, ListedTable


def listed(rows: Rows) -> Iterator[ListedTable]:
    """Yield the tables of a catalogue.

    Args:
        rows: one of each column of a table, a table's columns in order and one after the other: schema,
            table, column, type, whether it may be null, and its place in the primary key, null where it
            has none.
    """
    return tables(tuple(row.values()) for batch in rows.batches for row in batch.to_pylist())


def tables(columns: Iterable[tuple[Any, ...]]) -> Iterator[ListedTable]:
    """Yield the tables that columns, as ``listed`` takes them, make up."""
    for (schema, name), found in groupby(columns, key=lambda column: column[:2]):
        members = [column[2:] for column in found]
        keys = sorted((place, column) for column, _, _, place in members if place is not None)
        yield ListedTable(
            schema=schema,
            name=name,
            columns=tuple(
                ListedColumn(name=column, type=type_, nullable=bool(nullable))
                for column, type_, nullable, _ in members
            ),
            primary_key=tuple(column for _, column in keys),
        )
