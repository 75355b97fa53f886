"""What a state holds, kind by kind, and how much room that takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Table, exists, func, select, text
from sqlalchemy.exc import DBAPIError

from bookward.store.database import Database
from bookward.store.tables import calls, intents, outcomes, rows, run_rows, runs, settlements

_TABLES = {
    "calls": (calls,),
    "outcomes": (run_rows, outcomes, intents, settlements),
    "runs": (runs,),
    "rows": (rows,),
}
_OLDEST = {
    "calls": select(func.min(calls.c.at)),
    "outcomes": select(func.min(runs.c.started_at)).where(exists().where(run_rows.c.run == runs.c.id)),
    "runs": select(func.min(runs.c.started_at)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What is held of one kind."""

    kind: str  #: "calls", "outcomes", "runs", "rows", "snapshots", "plans"
    count: int  #: of lines in its first table, or of files
    bytes: int | None  #: with what finds them; None where the database cannot say
    oldest: datetime | None = None  #: None where there is nothing, or no moment to it


def holdings(database: Database, state: Path) -> Sequence[Holding]:
    """Return what is held. Reads every page of an SQLite file: minutes, where it has many gigabytes."""
    with database.reading() as connection:
        kept = [
            Holding(
                kind=kind,
                count=connection.scalar(select(func.count()).select_from(tables[0])) or 0,
                bytes=_bytes(connection, tables),
                oldest=connection.scalar(_OLDEST[kind]) if kind in _OLDEST else None,
            )
            for kind, tables in _TABLES.items()
        ]
    return [*kept, *(_files(state / kind) for kind in ("snapshots", "plans"))]


def _bytes(connection: Connection, tables: Sequence[Table]) -> int | None:
    sizes = [_size(connection, table.name) for table in tables]
    return None if None in sizes else sum(size or 0 for size in sizes)


def _size(connection: Connection, table: str) -> int | None:
    query = (
        "SELECT pg_total_relation_size(CAST(:name AS regclass))"
        if connection.dialect.name == "postgresql"
        else "SELECT sum(pgsize) FROM dbstat JOIN sqlite_master USING (name) WHERE tbl_name = :name"
    )
    with suppress(DBAPIError):  # an SQLite that was built without dbstat
        return int(connection.scalar(text(query), {"name": table}) or 0)
    return None


def _files(folder: Path) -> Holding:
    sizes = list(_sizes(folder))
    return Holding(kind=folder.name, count=len(sizes), bytes=sum(sizes))


def _sizes(folder: Path) -> Iterator[int]:
    for file in folder.rglob("*"):
        with suppress(OSError):  # swept away meanwhile
            if file.is_file():
                yield file.stat().st_size
