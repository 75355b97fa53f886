"""The file of changes that a diff writes: one line per row that differs, with its old and new values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from bookward.engine.columns import CONFIG, Array, Field
from bookward.engine.compare import text_sql
from bookward.engine.metadata import with_metadata
from bookward.engine.parquet import new_file, read_groups
from bookward.engine.values import python_rows
from bookward.engine.workspace import Scan, arrow_batches
from bookward.records import ChangeKind, row_key

KINDS = tuple(ChangeKind)
"""While DuckDB has it, a change's kind is its place in this tuple."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One row that differs; values are exact, and text where Python has no equal (the year 12026)."""

    seq: int
    key: str
    kind: ChangeKind
    old: dict[str, Any] | None  #: what was last accepted; None for added
    new: dict[str, Any] | None  #: what the model says now; None for removed
    old_version: int | None  #: the configuration that the old values were accepted under


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
    """Write the rows that the table ``candidates`` points to, in the order of their keys."""
    with new_file(out, file.schema, group_rows=16_384, group_bytes=None) as writer:
        for batch in arrow_batches(connection, _query(file)):
            writer.write(_change_batch(batch, file, writer.rows))


def _query(file: ChangesFile) -> str:
    new, old = file.new, file.old
    names = [f"k{place}" for place in range(len(file.keys))]
    select = ["change", "config", *(_key_text(file, name) for name in file.keys)]
    select += new.columns([field.name for field in file.new_fields])
    joins = f"LEFT JOIN {new.sql} ON {new.row} = new_row"
    if old is not None:
        select += old.columns([field.name for field in file.old_fields])
        joins += f" LEFT JOIN {old.sql} ON {old.row} = old_row"
    # Removed rows come last: whether another row takes over their record is known only then.
    order = ", ".join(["new_row IS NULL", *names])
    return f"SELECT {', '.join(select)} FROM candidates {joins} ORDER BY {order}"


def _key_text(file: ChangesFile, name: str) -> str:
    now = text_sql(file.new.field(name), file.new.column(name))
    if file.old is None:
        return now
    before = text_sql(file.old.field(name), file.old.column(name))
    return f"CASE WHEN new_row IS NULL THEN {before} ELSE {now} END"


def _change_batch(batch: pa.RecordBatch, file: ChangesFile, before: int) -> pa.RecordBatch:
    columns = batch.columns
    values = columns[2 + len(file.keys) :]
    kind = columns[0]
    is_added = pc.equal(kind, pa.scalar(KINDS.index(ChangeKind.ADDED), kind.type))
    is_removed = pc.equal(kind, pa.scalar(KINDS.index(ChangeKind.REMOVED), kind.type))
    new = values[: len(file.new_fields)]
    # Without a snapshot there are no old columns: every row is added, and every old value null.
    old = values[len(file.new_fields) :] if file.old is not None else new
    texts = [column.to_pylist() for column in columns[2 : 2 + len(file.keys)]]
    return pa.RecordBatch.from_arrays(
        [
            pa.array(range(before, before + batch.num_rows), pa.int64()),
            pa.array([change.value for change in KINDS], pa.string()).take(kind),
            pa.array([row_key(text) for text in zip(*texts, strict=True)], pa.string()),
            _struct(old, file.old_fields, is_added),
            _struct(new, file.new_fields, is_removed),
            columns[1].cast(pa.int64()),
        ],
        schema=file.schema,
    )


def _struct(columns: Sequence[Array], fields: Sequence[Field], absent: Array) -> Array:
    typed = [
        column if column.type.equals(field.type) else column.cast(field.type)
        for column, field in zip(columns, fields, strict=True)
    ]
    return pa.StructArray.from_arrays(typed, fields=list(fields), mask=absent)


def read_changes(path: Path, start: int = 0) -> Iterator[list[ChangeRow]]:
    """Yield the changes of a file from place ``start`` on, in batches of bounded size."""
    for _, batch in read_groups(path, start):
        yield [
            ChangeRow(seq=seq, key=key, kind=ChangeKind(kind), old=old, new=new, old_version=version)
            for seq, kind, key, old, new, version in zip(
                batch.column("seq").to_pylist(),
                batch.column("change").to_pylist(),
                batch.column("key").to_pylist(),
                python_rows(batch.column("old")),
                python_rows(batch.column("new")),
                batch.column("old_version").to_pylist(),
                strict=True,
            )
        ]
