"""What differs between the current rows and those last accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bookward.engine.changewriter import KINDS, ChangesFile, write_changes
from bookward.engine.columns import CONFIG
from bookward.engine.compare import key_sql, value_sql
from bookward.engine.metadata import recorded_keys, recorded_partial
from bookward.engine.workspace import Scan, Workspace, single_row
from bookward.errors import KeyChanged, ProjectInvalid
from bookward.heavy import duckdb
from bookward.records import ChangeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffCounts:
    """How many rows there are of each kind; ``rows`` is the sum of all but ``removed``."""

    rows: int  #: in the model
    same: int
    added: int
    changed: int
    remapped: int
    removed: int
    resynced: int
    null_keys: int  #: rows left out because a key column is null
    duplicate_rows: int  #: rows left out because another row has the same key

    @property
    def changes(self) -> int:
        """How many changes were written."""
        return self.added + self.changed + self.remapped + self.removed + self.resynced

    @property
    def bad_keys(self) -> int:
        """How many rows were left out for their key: if none, there is no need to look for them."""
        return self.null_keys + self.duplicate_rows


def diff(
    current: Path,
    snapshot: Path | None,
    keys: Sequence[str],
    config_version: int,
    out: Path,
    workspace: Workspace,
    *,
    full: bool = False,
) -> DiffCounts:
    """Compare the staged rows with the snapshot and write what differs: in key order, removed rows last.

    Rows are joined on their key as it is. Values are compared by a 64-bit hash taken now, over the
    columns that both files have; where a column's type changed, by value. Rows with a null or a
    duplicate key are left out, and what was accepted under a duplicate key is not taken for removed.

    Args:
        config_version: a row accepted under any other is remapped, if nothing else about it changed.
        out: a file for ``read_changes``; equal input gives equal bytes.
        full: write rows that do not differ too, as resynced.

    Raises:
        ColumnMissing: a key column is not in the current rows.
        ProjectInvalid: the snapshot's rows do not have this primary key.
        StoreFailed: the work could not be done for want of disk or memory.
    """
    new = Scan(current, "n")
    old = Scan(snapshot, "o") if snapshot is not None else None
    for key in keys:
        new.field(key)
    with workspace.connect() as connection:
        if old is None:
            connection.execute(_all_added(new, keys))
        else:
            _check_snapshot_keys(connection, old, keys)
            connection.execute(_differing(old, new, keys, config_version, full=full))
        counts = _set_bad_keys_aside(connection, old, new, keys)
        file = ChangesFile(old=old, new=new, keys=keys, config_version=config_version)
        write_changes(connection, file, out)
    return counts


def _check_snapshot_keys(connection: duckdb.DuckDBPyConnection, old: Scan, keys: Sequence[str]) -> None:
    """Make sure that the primary key, if it was edited, still tells the accepted rows apart."""
    if recorded_keys(old.schema) == tuple(keys):
        return
    missing = [key for key in keys if key not in old.schema.names]
    if missing:
        raise ProjectInvalid(
            f"The rows accepted so far have no column {missing[0]!r}, which the primary key now names.",
            remedy=KeyChanged.remedy,
        )
    columns = old.columns(keys)
    there = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    distinct = f"SELECT DISTINCT {', '.join(columns)} FROM {old.sql} WHERE {there}"
    (rows,) = single_row(connection, f"SELECT count(*) FROM ({distinct})")
    if rows != old.rows:
        raise ProjectInvalid(
            f"{old.rows - rows} of the {old.rows} rows accepted so far are not told apart by the primary key "
            f"{', '.join(map(repr, keys))}.",
            remedy=KeyChanged.remedy,
        )


def _aliased(expressions: Sequence[str]) -> str:
    return ", ".join(f"{sql} AS k{place}" for place, sql in enumerate(expressions))


def _all_added(new: Scan, keys: Sequence[str]) -> str:
    key = _aliased([key_sql(new.field(name), new.field(name), new.column(name)) for name in keys])
    return f"""
        CREATE TABLE candidates AS
        SELECT NULL::BIGINT AS old_row, {new.row} AS new_row, NULL::BIGINT AS config,
               {KINDS.index(ChangeKind.ADDED)}::TINYINT AS change, {key}
        FROM {new.sql}"""


def _differing(old: Scan, new: Scan, keys: Sequence[str], config_version: int, *, full: bool) -> str:
    shared = [name for name in new.schema.names if name in old.schema.names and name not in keys]
    partial = recorded_partial(old.schema)
    always = [name for name in shared if name not in partial]
    # A row of an older configuration is compared only by columns that it surely had.
    differs = "old.hash <> new.hash"
    if len(always) < len(shared):
        differs = f"CASE old.config WHEN {config_version} THEN {differs} ELSE old.known <> new.known END"
    places = range(len(keys))
    both = " AND ".join(f"old.k{place} = new.k{place}" for place in places)
    key = ", ".join(f"coalesce(new.k{place}, old.k{place}) AS k{place}" for place in places)
    return f"""
        CREATE TABLE candidates AS
        SELECT old.row AS old_row, new.row AS new_row, old.config,
               (CASE WHEN old.row IS NULL THEN {KINDS.index(ChangeKind.ADDED)}
                     WHEN new.row IS NULL THEN {KINDS.index(ChangeKind.REMOVED)}
                     WHEN {differs} THEN {KINDS.index(ChangeKind.CHANGED)}
                     WHEN old.config <> {config_version} THEN {KINDS.index(ChangeKind.REMAPPED)}
                     ELSE {KINDS.index(ChangeKind.RESYNCED)} END)::TINYINT AS change, {key}
        FROM ({_side(old, new, keys, shared, always, old.column(CONFIG))}) AS old
        FULL JOIN ({_side(new, old, keys, shared, always, "NULL")}) AS new ON {both}
        WHERE {full} OR old.row IS NULL OR new.row IS NULL OR old.config <> {config_version} OR {differs}"""


def _side(
    scan: Scan, other: Scan, keys: Sequence[str], shared: Sequence[str], always: Sequence[str], config: str
) -> str:
    key = _aliased([key_sql(scan.field(name), other.field(name), scan.column(name)) for name in keys])
    hashes = f"{_hash(scan, other, shared)} AS hash"
    if len(always) < len(shared):
        hashes += f", {_hash(scan, other, always)} AS known"
    return f"SELECT {scan.row} AS row, {config} AS config, {hashes}, {key} FROM {scan.sql}"


def _hash(scan: Scan, other: Scan, names: Sequence[str]) -> str:
    values = [value_sql(scan.field(name), other.field(name), scan.column(name)) for name in names]
    return f"hash({', '.join(values)})" if values else "0"


def _set_bad_keys_aside(
    connection: duckdb.DuckDBPyConnection, old: Scan | None, new: Scan, keys: Sequence[str]
) -> DiffCounts:
    names = [f"k{place}" for place in range(len(keys))]
    null = " OR ".join(f"{name} IS NULL" for name in names)
    (null_keys,) = single_row(connection, f"SELECT count(*) FROM candidates WHERE {null}")
    if null_keys:
        connection.execute(f"DELETE FROM candidates WHERE {null}")
    duplicate_rows = _find_doubles(connection, old, new, keys, null_keys)
    if duplicate_rows:
        same = " AND ".join(f"candidates.{name} = doubles.{name}" for name in names)
        connection.execute(f"DELETE FROM candidates USING doubles WHERE {same}")
    per_kind = dict.fromkeys(KINDS, 0)
    for place, count in connection.execute(
        "SELECT change, count(*) FROM candidates GROUP BY change"
    ).fetchall():
        per_kind[KINDS[place]] = count
    of_current = sum(per_kind.values()) - per_kind[ChangeKind.REMOVED]
    return DiffCounts(
        rows=new.rows,
        same=new.rows - null_keys - duplicate_rows - of_current,
        null_keys=null_keys,
        duplicate_rows=duplicate_rows,
        **{kind.value: count for kind, count in per_kind.items()},
    )


def _find_doubles(
    connection: duckdb.DuckDBPyConnection, old: Scan | None, new: Scan, keys: Sequence[str], null_keys: int
) -> int:
    """Collect the duplicate keys of the current rows and return how many rows have one.

    Each accepted row meets at most one current row unless keys are double, so the counts of the join
    tell, and a second pass over all keys is needed only when they do.
    """
    added = KINDS.index(ChangeKind.ADDED)
    names = ", ".join(f"k{place}" for place in range(len(keys)))
    rows = f"SELECT {names} FROM candidates WHERE change = {added}"
    if old is not None and _met(connection, new, null_keys) != _met(connection, old):
        key = _aliased([key_sql(new.field(name), old.field(name), new.column(name)) for name in keys])
        rows = f"SELECT {key} FROM {new.sql}"
    connection.execute(f"""
        CREATE TEMP TABLE doubles AS
        SELECT {names}, count(*) AS rows FROM ({rows})
        WHERE {names.replace(",", " IS NOT NULL AND")} IS NOT NULL
        GROUP BY {names} HAVING count(*) > 1""")
    (duplicate_rows,) = single_row(connection, "SELECT sum(rows) FROM doubles")
    return duplicate_rows


def _met(connection: duckdb.DuckDBPyConnection, side: Scan, left_out: int = 0) -> int:
    """Return how many rows of one side of the join met a row of the other."""
    place = "new_row" if side.alias == "n" else "old_row"
    other = "old_row" if side.alias == "n" else "new_row"
    (alone,) = single_row(
        connection, f"SELECT count(*) FROM candidates WHERE {place} IS NOT NULL AND {other} IS NULL"
    )
    return side.rows - left_out - alone
