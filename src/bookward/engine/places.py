"""A plan that was made from some of the rows only: what they are compared with, and which row was where.

Where the warehouse has compared, it gives the rows that may differ and the keys that are gone, each at a
place counted from 0, the gone keys after the rows. What the plan found out about a row is told by its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bookward.engine.columns import Field
from bookward.engine.compare import group_sql, key_sql, text_sql
from bookward.engine.metadata import recorded_keys
from bookward.engine.parquet import new_file, read_groups
from bookward.engine.snapshot import flags_of, mask_of, with_same_key
from bookward.engine.workspace import Scan, Workspace, arrow_batches
from bookward.heavy import pa, pc, pq
from bookward.records import ChangeKind

_BATCH = 16_384


@cache
def _open() -> pa.Schema:
    columns: dict[str, pa.DataType] = {"place": pa.int64(), "held": pa.bool_()}
    return pa.schema(columns)


@cache
def _places() -> pa.Schema:
    return _open().append(pa.field("seq", pa.int64()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The files of what a plan has looked at."""

    read: Path  #: the rows as they were staged
    current: Path  #: the same, or what they were gathered to
    gone: Path | None  #: the keys that are not in the model any more; None: they are not known by themselves


def narrowed(snapshot: Path, looked: Looked, out: Path, workspace: Workspace) -> None:
    """Write the part of a snapshot that a plan has to be compared with, as a snapshot."""
    old = Scan(snapshot, "o")
    keys = recorded_keys(old.schema)
    wanted = bytearray(old.rows)
    with workspace.connect() as connection:
        for path in (looked.current, looked.gone):
            for batch in arrow_batches(connection, with_same_key(old, Scan(path, "t"), keys)) if path else ():
                places: list[Any] = batch.column(0).to_pylist()
                for place in places:
                    wanted[place] = 1
    with new_file(out, old.schema, durable=False) as file:
        for place, batch in read_groups(snapshot, size=_BATCH):
            file.write(batch.filter(mask_of(wanted, place, batch.num_rows)))


def all_known(snapshot: Path, gone: Path, workspace: Workspace) -> bool:
    """Return whether the snapshot has every one of the keys that are gone."""
    old, lost = Scan(snapshot, "o"), Scan(gone, "t")
    keys = recorded_keys(old.schema)
    with workspace.connect() as connection:
        query = with_same_key(old, lost, keys)
        return lost.rows == sum(batch.num_rows for batch in arrow_batches(connection, query))


def write_places(
    looked: Looked,
    compared: Path | None,
    changes: Path,
    out: Path,
    workspace: Workspace,
    *,
    bad: bool,
    said: Mapping[str, str],
) -> None:
    """Write down the places whose rows are not as they were accepted: which change of the plan each is about.

    Args:
        compared: the snapshot, or the part of it, that the rows were compared with.
        changes: what the diff wrote.
        bad: there are rows without a key of their own; these are about no change.
        said: what the file is to say about itself, in its metadata.
    """
    read, change = Scan(looked.read, "n"), Scan(changes, "t")
    keys = recorded_keys(change.schema)
    queries = [_changed(read, change, keys)]
    if looked.gone is not None:
        queries.append(_gone(Scan(looked.gone, "g"), change, keys, read.rows))
    if bad:
        old = Scan(compared, "o") if compared is not None else None
        queries.append(_bad(read, Scan(looked.current, "c"), old, keys))
    with workspace.connect() as connection, new_file(out, _places().with_metadata(dict(said))) as file:
        for query in queries:
            for batch in arrow_batches(connection, query):
                file.write(pa.RecordBatch.from_arrays(batch.columns, schema=_places()))


def open_places(
    places: Path, changes: Path, taken: Iterable[Iterable[int]], dropped: Iterable[Iterable[int]]
) -> pa.RecordBatchReader:
    """Return the places whose rows do not count for accepted: ``place``, and whether the key is ``held``.

    Args:
        taken: the places (``seq``) of the settled changes, as for ``snapshot.fold``.
        dropped: the places of the changes whose rows leave the snapshot.
    """
    settled, left = _settled(changes, taken, dropped)

    def batches() -> Iterator[pa.RecordBatch]:
        for _, batch in read_groups(places, size=_BATCH):
            place, held, seq = batch.columns
            is_open: Any = pc.invert(pc.fill_null(settled.take(seq), False))
            stays: Any = pc.and_(held, pc.invert(pc.fill_null(left.take(seq), False)))
            yield pa.RecordBatch.from_arrays([place.filter(is_open), stays.filter(is_open)], schema=_open())

    return pa.RecordBatchReader.from_batches(_open(), batches())


def strays(
    changes: Path, taken: Iterable[Iterable[int]], dropped: Iterable[Iterable[int]], workspace: Workspace
) -> pa.Table:
    """Return the keys, as text, of the removed rows that the snapshot keeps, as columns k0, k1 ...

    None of them where the columns of the key held values of another type when they were accepted.
    """
    change = Scan(changes, "t")
    keys = recorded_keys(change.schema)
    schema = pa.schema({f"k{place}": pa.string() for place in range(len(keys))})
    before, now = ([field for field, _ in _inside(change, side, keys)] for side in ("old", "new"))
    if not all(map(_alike, before, now)):
        return schema.empty_table()
    settled, left = _settled(changes, taken, dropped)
    gone: Any = pc.or_(settled, left)
    columns = [text_sql(field, sql) for field, sql in _inside(change, "old", keys)]
    removed = (
        f"SELECT {change.column('seq')}, {', '.join(columns)} FROM {change.sql} WHERE {_is_removed(change)}"
    )
    found = []
    with workspace.connect() as connection:
        for batch in arrow_batches(connection, removed):
            kept = batch.filter(pc.invert(gone.take(batch.column(0))))
            found.append(pa.RecordBatch.from_arrays(kept.columns[1:], schema=schema))
    return pa.Table.from_batches(found, schema)


def _alike(one: Field, other: Field) -> bool:
    decimals = pa.types.is_decimal(one.type) and pa.types.is_decimal(other.type)
    return decimals or one.equals(other, check_metadata=True)


def _settled(
    changes: Path, taken: Iterable[Iterable[int]], dropped: Iterable[Iterable[int]]
) -> tuple[Any, Any]:
    """Return, by place of the change, whether its new values count, and whether its row leaves."""
    rows = pq.read_metadata(changes).num_rows
    left = mask_of(flags_of(rows, dropped), 0, rows)
    return pc.and_(mask_of(flags_of(rows, taken), 0, rows), pc.invert(left)), left


def _inside(change: Scan, side: str, keys: Sequence[str]) -> list[tuple[Field, str]]:
    """Return the fields of the key columns inside of the old or new values, each with its SQL."""
    struct: Any = change.field(side).type
    quoted = {key: "'" + key.replace("'", "''") + "'" for key in keys}
    return [(struct.field(key), f"struct_extract({change.column(side)}, {quoted[key]})") for key in keys]


def _is_removed(change: Scan) -> str:
    return f"{change.column('change')} = '{ChangeKind.REMOVED.value}'"


def _same(scan: Scan, change: Scan, side: str, keys: Sequence[str]) -> str:
    return " AND ".join(
        f"{key_sql(scan.field(key), field, scan.column(key))} = {key_sql(field, scan.field(key), sql)}"
        for key, (field, sql) in zip(keys, _inside(change, side, keys), strict=True)
    )


def _changed(read: Scan, change: Scan, keys: Sequence[str]) -> str:
    held = f"{change.column('old')} IS NOT NULL"
    return (
        f"SELECT {read.row}, {held}, {change.column('seq')} FROM {read.sql} JOIN {change.sql} "
        f"ON {_same(read, change, 'new', keys)}"
    )


def _gone(gone: Scan, change: Scan, keys: Sequence[str], before: int) -> str:
    return (
        f"SELECT {gone.row} + {before}, true, {change.column('seq')} FROM {gone.sql} JOIN {change.sql} "
        f"ON {_same(gone, change, 'old', keys)} WHERE {_is_removed(change)}"
    )


def _bad(read: Scan, current: Scan, old: Scan | None, keys: Sequence[str]) -> str:
    """Return the query of the rows whose key more than one row has, gathered or not."""
    forms = [group_sql(current.field(key), current.column(key)) for key in keys]
    names = [f"k{place}" for place in range(len(keys))]
    twice = (
        f"(SELECT {', '.join(f'{form} AS {name}' for form, name in zip(forms, names, strict=True))} "
        f"FROM {current.sql} GROUP BY ALL HAVING count(*) > 1) AS bad"
    )
    same = " AND ".join(
        f"{group_sql(read.field(key), read.column(key))} = bad.{name}"
        for key, name in zip(keys, names, strict=True)
    )
    query = f"FROM {read.sql} JOIN {twice} ON {same}"
    if old is None:
        return f"SELECT {read.row}, false, NULL::BIGINT {query}"
    return f"SELECT {read.row}, {read.row} IN ({with_same_key(read, old, keys)}), NULL::BIGINT {query}"
