"""The records of organisations as last seen."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, select

from bookward import exactjson
from bookward.ports import IndexMark
from bookward.records import RemoteRecord
from bookward.store.database import Database
from bookward.store.tables import index_keys, index_marks, index_records
from bookward.store.upserts import insert, insert_new

_MOST_VALUES = 500  # values in one IN list: far below what SQLite allows, and enough to be fast

T = TypeVar("T")


class Index:
    """Remembers remote records (``ports.RemoteIndex``)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, organisation: str, object_: str) -> IndexMark:
        query = select(index_marks.c.watermark).where(_within(index_marks, organisation, object_))
        with self._database.reading() as connection:
            return IndexMark(watermark=connection.scalar(query))

    def put(
        self, organisation: str, object_: str, records: Iterable[RemoteRecord], watermark: str | None = None
    ) -> None:
        place = {"organisation": organisation, "object": object_}
        with self._database.writing(at_once=False, alone=_alone(place)) as connection:
            for part in _parts(records):
                _replace(connection, place, part)
            if watermark is not None:
                line = insert(connection, index_marks).values(**place, watermark=watermark)
                key = [index_marks.c.organisation, index_marks.c.object]
                connection.execute(
                    line.on_conflict_do_update(index_elements=key, set_={"watermark": watermark})
                )

    def replace(self, organisation: str, object_: str, records: Iterable[RemoteRecord]) -> None:
        place = {"organisation": organisation, "object": object_}
        with self._database.writing(at_once=False, alone=_alone(place)) as connection:
            for table in (index_keys, index_records):
                connection.execute(delete(table).where(_within(table, organisation, object_)))
            for part in _parts(records):
                _replace(connection, place, part)

    def by_id(self, organisation: str, object_: str, remote_ids: Sequence[str]) -> Mapping[str, RemoteRecord]:
        found: dict[str, RemoteRecord] = {}
        with self._database.reading() as connection:
            for part in _parts(remote_ids):
                found |= _records(connection, organisation, object_, part)
        return found

    def by_key(
        self, organisation: str, object_: str, field: str, folded: Sequence[str]
    ) -> Mapping[str, Sequence[RemoteRecord]]:
        found: dict[str, list[RemoteRecord]] = defaultdict(list)
        keys = index_keys.c
        with self._database.reading() as connection:
            for part in _parts(folded):
                query = (
                    select(keys.folded, keys.remote_id)
                    .where(
                        _within(index_keys, organisation, object_), keys.field == field, keys.folded.in_(part)
                    )
                    .order_by(keys.folded, keys.remote_id)
                )
                pairs = connection.execute(query).all()
                records = _records(connection, organisation, object_, [pair.remote_id for pair in pairs])
                for pair in pairs:
                    found[pair.folded].append(records[pair.remote_id])
        return found


def _alone(place: Mapping[str, str]) -> str:
    return f"index {place['organisation']} {place['object']}"


def _within(table: Table, organisation: str, object_: str) -> ColumnElement[bool]:
    return and_(table.c.organisation == organisation, table.c.object == object_)


def _parts(values: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(values)
    while part := list(islice(iterator, _MOST_VALUES)):
        yield part


def _replace(connection: Connection, place: dict[str, str], records: Sequence[RemoteRecord]) -> None:
    lines = [
        place
        | {
            "remote_id": record.remote_id,
            "archived": record.archived,
            "body": zlib.compress(exactjson.encode(record.body), 1),
        }
        for record in records
    ]
    keys = [
        place | {"field": field, "folded": folded, "remote_id": record.remote_id}
        for record in records
        for field, folded in record.keys.items()
    ]
    stale = index_keys.c.remote_id.in_([record.remote_id for record in records])
    connection.execute(delete(index_keys).where(_within(index_keys, **_named(place)), stale))
    line = insert(connection, index_records)
    connection.execute(
        line.on_conflict_do_update(
            index_elements=list(index_records.primary_key),
            set_={"archived": line.excluded.archived, "body": line.excluded.body},
        ),
        lines,
    )
    if keys:
        connection.execute(insert_new(connection, index_keys), keys)


def _named(place: dict[str, str]) -> dict[str, str]:
    return {"organisation": place["organisation"], "object_": place["object"]}


def _records(
    connection: Connection, organisation: str, object_: str, remote_ids: Sequence[str]
) -> dict[str, RemoteRecord]:
    chosen = (_within(index_records, organisation, object_), index_records.c.remote_id.in_(remote_ids))
    key_chosen = (_within(index_keys, organisation, object_), index_keys.c.remote_id.in_(remote_ids))
    keys: dict[str, dict[str, str]] = defaultdict(dict)
    for line in connection.execute(select(index_keys).where(*key_chosen)):
        keys[line.remote_id][line.field] = line.folded
    return {
        line.remote_id: _record(line, keys[line.remote_id])
        for line in connection.execute(select(index_records).where(*chosen))
    }


def _record(line: Any, keys: dict[str, str]) -> RemoteRecord:
    return RemoteRecord(
        remote_id=line.remote_id,
        body=exactjson.decode(zlib.decompress(line.body)),
        archived=line.archived,
        keys=keys,
    )
