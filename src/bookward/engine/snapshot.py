"""The rows last accepted, each as it was then: a Parquet file that is replaced, never edited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from pathlib import Path
from typing import Any

from bookward.engine.columns import CONFIG, Array, Field
from bookward.engine.compare import key_sql
from bookward.engine.metadata import (
    recorded_config_version,
    recorded_keys,
    recorded_partial,
    with_metadata,
)
from bookward.engine.parquet import RowWriter, new_file, read_groups
from bookward.engine.sorts import sorts_of
from bookward.engine.widen import widen, wider
from bookward.engine.workspace import Scan, Workspace, arrow_batches
from bookward.failpoints import failpoint
from bookward.heavy import pa, pc, pq

_BATCH = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotCounts:
    """What a fold did; ``rows`` is what the new snapshot holds."""

    rows: int
    taken: int  #: rows that came in with their new values
    left: int  #: rows of the old snapshot that were replaced or removed


def fold(
    snapshot: Path | None,
    changes: Path,
    done: Iterable[Iterable[int]],
    out: Path,
    workspace: Workspace,
    dropped: Iterable[Iterable[int]] = (),
) -> SnapshotCounts:
    """Write the snapshot that follows ``snapshot`` when the changes in ``done`` are settled.

    A row that is added, changed or remapped there comes in with its new values, under the configuration
    that the changes were made with; a removed one leaves; every other row keeps the values it had, all
    columns of them. Folding the same changes again gives the same rows. ``out`` appears whole and on
    disk, or not at all.

    Args:
        done: the places (``seq``) of the settled changes, in batches, in any order.
        dropped: the places of the changes whose rows leave, whatever they say now.

    Raises:
        StoreFailed: the disk is full or the snapshot damaged.
    """
    taken = _Taken(changes, done, dropped)
    old = Scan(snapshot, "o") if snapshot is not None else None
    leaving = bytearray(old.rows) if old is not None else bytearray()
    if old is not None and taken.any:
        _mark_leaving(old, taken, workspace, leaving)
    schema = _schema(old, leaving, taken)
    with new_file(out, schema) as file:
        if old is not None:
            _copy(_staying(old, leaving), old.schema, schema, file)
        _copy(taken.new_rows(), taken.new_schema, schema, file)
        rows = file.rows
        failpoint("before-snapshot-rename")
    left = leaving.count(1)
    return SnapshotCounts(rows=rows, taken=rows - len(leaving) + left, left=left)


class _Taken:
    """The settled ones among the changes of a file."""

    def __init__(
        self, changes: Path, done: Iterable[Iterable[int]], dropped: Iterable[Iterable[int]]
    ) -> None:
        self._path = changes
        self._schema = pq.read_schema(changes)
        rows = pq.read_metadata(changes).num_rows
        self._chosen = {"new": flags_of(rows, done)}
        self._chosen["old"] = flags_of(rows, chain(dropped, [compress(range(rows), self._chosen["new"])]))
        self.any = any(self._chosen["old"])
        self.keys = recorded_keys(self._schema)
        self.config_version = recorded_config_version(self._schema)

    @property
    def new_schema(self) -> pa.Schema:
        return self.schema_of("new").append(pa.field(CONFIG, pa.int64()))

    def schema_of(self, side: str) -> pa.Schema:
        return pa.schema(list(self._schema.field(side).type))

    def values(self, side: str) -> Iterator[pa.RecordBatch]:
        """Yield the old or new values of the chosen changes that have any."""
        schema = self.schema_of(side)
        for place, batch in read_groups(self._path, columns=[side], size=_BATCH):
            chosen = mask_of(self._chosen[side], place, batch.num_rows)
            structs: Any = batch.column(side)
            structs = structs.filter(pc.and_(chosen, structs.is_valid()))
            yield pa.RecordBatch.from_arrays(structs.flatten(), schema=schema)

    def write_keys(self, side: str, path: Path) -> None:
        """Write the keys of the old or new values, so that DuckDB can read them."""
        every = self.schema_of(side)
        schema = pa.schema([every.field(key) for key in self.keys])
        with new_file(path, schema, durable=False) as file:
            for batch in self.values(side):
                file.write(
                    pa.RecordBatch.from_arrays([batch.column(key) for key in self.keys], schema=schema)
                )

    def new_rows(self) -> Iterator[pa.RecordBatch]:
        for batch in self.values("new"):
            version = pa.repeat(pa.scalar(self.config_version, pa.int64()), batch.num_rows)
            yield pa.RecordBatch.from_arrays([*batch.columns, version], schema=self.new_schema)


def flags_of(rows: int, chosen: Iterable[Iterable[int]]) -> bytearray:
    """Return one byte for each of so many rows, 1 for the chosen ones."""
    flags = bytearray(rows)
    for places in chosen:
        for place in places:
            if place < rows:  # behind the changes come the rows rejected for their keys
                flags[place] = 1
    return flags


def mask_of(flags: bytearray, place: int, rows: int) -> Array:
    """Return the flags of some rows from a place on, as Arrow has them."""
    part = pa.py_buffer(bytes(flags[place : place + rows]))
    bytes_: Array = pa.Array.from_buffers(pa.uint8(), rows, [None, part])
    return bytes_.cast(pa.bool_())


def _mark_leaving(old: Scan, taken: _Taken, workspace: Workspace, leaving: bytearray) -> None:
    """Mark the rows of the snapshot whose key a settled change has, as it was or as it is now."""
    with workspace.connect() as connection:
        for side in ("old", "new"):
            path = workspace.folder / f"taken-{side}.parquet"
            taken.write_keys(side, path)
            for batch in arrow_batches(connection, with_same_key(old, Scan(path, "t"), taken.keys)):
                places: list[Any] = batch.column(0).to_pylist()
                for place in places:
                    leaving[place] = 1
            path.unlink()


def with_same_key(old: Scan, taken: Scan, keys: Sequence[str]) -> str:
    """Return the query of the places in one file of the rows whose key another file has."""
    same = " AND ".join(
        f"{key_sql(old.field(key), taken.field(key), old.column(key))}"
        f" = {key_sql(taken.field(key), old.field(key), taken.column(key))}"
        for key in keys
    )
    return f"SELECT {old.row} FROM {old.sql} SEMI JOIN {taken.sql} ON {same}"


def _schema(old: Scan | None, leaving: bytearray, taken: _Taken) -> pa.Schema:
    """Return the columns of the new rows, and those of the old ones while a row that has them stays."""
    if old is not None and not taken.any:
        return old.schema
    fields = {field.name: field for field in taken.new_schema}
    partial: frozenset[str] = frozenset()
    if old is not None and not all(leaving):
        if _has_older_rows(old, leaving, taken):
            partial = recorded_partial(old.schema) | (fields.keys() ^ set(old.schema.names))
        for field in old.schema:
            if field.name in fields:
                fields[field.name] = wider(field, fields[field.name])
            elif partial:
                fields[field.name] = field
    version = fields.pop(CONFIG)
    sorts = sorts_of(taken.new_schema)
    return with_metadata(pa.schema([*fields.values(), version]), taken.keys, partial=partial, sorts=sorts)


def _has_older_rows(old: Scan, leaving: bytearray, taken: _Taken) -> bool:
    """Whether a row that stays was accepted under another configuration, and so with other columns."""
    if not recorded_partial(old.schema) and set(old.schema.names) == set(taken.new_schema.names):
        return False
    for place, batch in read_groups(old.path, columns=[CONFIG], size=_BATCH):
        staying = batch.filter(pc.invert(mask_of(leaving, place, batch.num_rows)))
        if set(staying.column(0).to_pylist()) - {taken.config_version}:
            return True
    return False


def _staying(old: Scan, leaving: bytearray) -> Iterator[pa.RecordBatch]:
    for place, batch in read_groups(old.path, size=_BATCH):
        yield batch.filter(pc.invert(mask_of(leaving, place, batch.num_rows)))


def _copy(batches: Iterable[pa.RecordBatch], source: pa.Schema, schema: pa.Schema, file: RowWriter) -> None:
    for batch in batches:
        if batch.num_rows:
            arrays = [_column(batch, source, field) for field in schema]
            file.write(pa.RecordBatch.from_arrays(arrays, schema=schema))


def _column(batch: pa.RecordBatch, source: pa.Schema, field: Field) -> Array:
    place = source.get_field_index(field.name)
    if place < 0:
        absent: Array = pa.nulls(batch.num_rows, field.type)
        return absent
    return widen(batch.column(place), source.field(place), field)
