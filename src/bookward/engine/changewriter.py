"""Writing the changes: the values of the rows that differ, brought together in the order of their keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from bookward.engine.columns import CONFIG, Array, Field
from bookward.engine.compare import text_sql
from bookward.engine.metadata import with_metadata
from bookward.engine.parquet import new_file
from bookward.engine.workspace import Scan, arrow_batches, single_row, spare_memory
from bookward.heavy import duckdb, pa, pc
from bookward.records import ChangeKind, row_key

KINDS = tuple(ChangeKind)
"""While DuckDB has it, a change's kind is its place in this tuple."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesFile:
    """Where the values of the changes come from."""

    old: Scan | None
    new: Scan
    keys: Sequence[str]
    config_version: int

    @property
    def new_fields(self) -> list[Field]:
        return list(self.new.schema)

    @property
    def old_fields(self) -> list[Field]:
        """The snapshot's own columns as it types them; the current ones where there is no snapshot."""
        if self.old is None:
            return self.new_fields
        return [field for field in self.old.schema if field.name != CONFIG]

    @property
    def schema(self) -> pa.Schema:
        columns: dict[str, pa.DataType] = {
            "seq": pa.int64(),
            "change": pa.string(),
            "key": pa.string(),
            "old": pa.struct(self.old_fields),
            "new": pa.struct(self.new_fields),
            "old_version": pa.int64(),
        }
        return with_metadata(pa.schema(columns), self.keys, self.config_version)


def write_changes(connection: duckdb.DuckDBPyConnection, file: ChangesFile, out: Path) -> None:
    """Write the rows that the table ``candidates`` points to, in the order of their keys, removed ones last.

    Kinds, old values and new values are sorted each for themselves and then go side by side: joined to
    one wide table first, they would not fit into memory when everything changed.
    """
    # The narrow side, the candidates, is to be the one held in memory, however many they are.
    connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    spare_memory(connection, *single_row(connection, "SELECT count(*) FROM candidates"))
    # Removed rows come last: whether another row takes over their record is known only then.
    order = ", ".join(["new_row IS NULL", *(f"k{place}" for place in range(len(file.keys)))])
    old = _Values(connection, file.old, file.old_fields, file.keys, f"old_row ORDER BY {order}")
    new = _Values(connection, file.new, file.new_fields, file.keys, f"new_row ORDER BY {order}")
    with new_file(out, file.schema, group_rows=16_384, group_bytes=None) as writer:
        kinds = f"SELECT change, config FROM candidates ORDER BY {order}"
        for batch in arrow_batches(connection.cursor(), kinds):
            writer.write(_change_batch(batch, old, new, file.schema, writer.rows))


class _Values:
    """The values that one file has for the candidates, in the order of their keys."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        scan: Scan | None,
        fields: Sequence[Field],
        keys: Sequence[str],
        row_and_order: str,
    ) -> None:
        self.fields = fields
        self._keys = len(keys)
        self._waiting: list[pa.RecordBatch] = []
        self._batches: Iterator[pa.RecordBatch] = iter(())
        if scan is not None:
            texts = [text_sql(scan.field(key), scan.column(key)) for key in keys]
            select = ", ".join([*texts, *scan.columns([field.name for field in fields])])
            query = f"SELECT {select} FROM {scan.sql} JOIN candidates ON {scan.row} = {row_and_order}"
            self._batches = arrow_batches(connection.cursor(), query)

    def take(self, there: Sequence[bool]) -> tuple[Array, Array]:
        """Return the next keys and values, null where ``there`` says that this file has none."""
        count = sum(there)
        structs: Array = pa.nulls(len(there), pa.struct(list(self.fields)))
        if not count:
            return pa.nulls(len(there), pa.string()), structs
        columns = self._next(count).columns
        place = accumulate(there, initial=0)
        places = pa.array([at if is_there else None for at, is_there in zip(place, there, strict=False)])
        values = [
            column.combine_chunks().cast(field.type)
            for column, field in zip(columns[self._keys :], self.fields, strict=True)
        ]
        structs = pa.StructArray.from_arrays(values, fields=list(self.fields))
        return _keys(columns[: self._keys]).take(places), structs.take(places)

    def _next(self, count: int) -> pa.Table:
        while sum(batch.num_rows for batch in self._waiting) < count:
            self._waiting.append(next(self._batches))
        table = pa.Table.from_batches(self._waiting)
        self._waiting = table.slice(count).to_batches()
        return table.slice(0, count)


def _keys(columns: Sequence[pa.ChunkedArray[Any]]) -> Array:
    if len(columns) == 1:  # text already, as ``row_key`` would give it
        return columns[0].combine_chunks()
    texts = [column.to_pylist() for column in columns]
    return pa.array([row_key(text) for text in zip(*texts, strict=True)], pa.string())


def _change_batch(
    batch: pa.RecordBatch, old: _Values, new: _Values, schema: pa.Schema, before: int
) -> pa.RecordBatch:
    places: list[Any] = batch.column(0).to_pylist()
    kinds = [KINDS[place] for place in places]
    old_keys, old_values = old.take([kind is not ChangeKind.ADDED for kind in kinds])
    new_keys, new_values = new.take([kind is not ChangeKind.REMOVED for kind in kinds])
    return pa.RecordBatch.from_arrays(
        [
            pa.array(range(before, before + batch.num_rows), pa.int64()),
            pa.array([kind.value for kind in kinds], pa.string()),
            pc.coalesce(new_keys, old_keys),
            old_values,
            new_values,
            batch.column(1).cast(pa.int64()),
        ],
        schema=schema,
    )
