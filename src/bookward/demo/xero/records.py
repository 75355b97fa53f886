"""Records in SQLite, of all kinds in one table, found by their keys without scanning."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from bookward import exactjson
from bookward.demo.xero.books import Books
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.kinds import ID, STATUS, Record, RecordKind

_COLUMNS = "id, status, updated, doc"
# The join is crossed so that SQLite begins with the few keys and not with all records.
_KEYED = (
    "(SELECT {distinct} record FROM record_keys"
    " WHERE tenant = ? AND kind = ? AND name = ? AND value IN ({places}))"
    " CROSS JOIN records ON seq = record"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which records to list, as far as SQL decides it; times in milliseconds."""

    keys: Mapping[str, Sequence[str]] = field(default_factory=dict)  #: any of these values under each
    archived: bool = True
    since: int | None = None
    created_until: int | None = None
    updated_until: int | None = None
    order: Sequence[tuple[str, bool]] = ()  #: field, descending


EVERYTHING = Selection()


class Records:
    """The records of one kind in one organisation, inside a transaction."""

    def __init__(self, books: Books, kind: RecordKind) -> None:
        self._books = books
        self._db = books.db
        self._kind = kind
        self._own = (books.company.id, kind.plural)

    def by_id(self, id_: str) -> Record | None:
        return self._first("records", [], "id = ?", id_.lower() if self._kind.guid else id_.upper())

    def by_key(
        self, name: str, value: str, but: str | None = None, *, status: str | None = None
    ) -> Record | None:
        """Return the record with that value under a key which is not ``but``; active before archived."""
        source, values = self._keyed(name, [value])
        return self._first(source, values, "id IS NOT ? AND status = coalesce(?, status)", but, status)

    def insert(self, status: str, doc: Element, id_: str | None = None) -> Record:
        """Store a new record and return it."""
        record = Record(id_ or str(uuid4()), status, self._books.millis, doc)
        inserted = self._db.execute(
            "INSERT INTO records (tenant, kind, id, status, created, updated, doc)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*self._own, record.id, status, record.updated, record.updated, _text(doc)),
        )
        self._index(inserted.lastrowid, doc)
        return record

    def update(self, record: Record) -> None:
        """Put ``record`` in the place of the one with its id."""
        (seq,) = self._db.execute(
            "UPDATE records SET status = ?, updated = ?, doc = ? WHERE tenant = ? AND kind = ? AND id = ?"
            " RETURNING seq",
            (record.status, record.updated, _text(record.doc), *self._own, record.id),
        ).fetchone()
        self._db.execute("DELETE FROM record_keys WHERE record = ?", (seq,))
        self._index(seq, record.doc)

    def delete(self, record: Record) -> None:
        (seq,) = self._db.execute(
            "DELETE FROM records WHERE tenant = ? AND kind = ? AND id = ? RETURNING seq",
            (*self._own, record.id),
        ).fetchone()
        self._db.execute("DELETE FROM record_keys WHERE record = ?", (seq,))

    def count(self, selection: Selection = EVERYTHING) -> int:
        source, values = self._selected(selection)
        return int(self._db.execute(f"SELECT COUNT(*) FROM {source}", values).fetchone()[0])

    def select(self, selection: Selection = EVERYTHING, limit: int = -1, offset: int = 0) -> list[Record]:
        """Return records in order; ties by id."""
        source, values = self._selected(selection)
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM {source} ORDER BY {self._order(selection.order)} LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return [_record(row) for row in rows]

    def _first(self, source: str, before: list[str], condition: str, *values: str | None) -> Record | None:
        rows = self._db.execute(
            f"SELECT {_COLUMNS}, seq FROM {source} WHERE tenant = ? AND kind = ? AND {condition}",
            (*before, *self._own, *values),
        )
        row = min(rows, key=lambda row: (row["status"], row["seq"]), default=None)
        return None if row is None else _record(row)

    def _keyed(self, name: str, values: Sequence[str]) -> tuple[str, list[str]]:
        """Return the records with one of some values under a key, as a source for SQL."""
        distinct = "DISTINCT" if len(values) > 1 else ""
        return _KEYED.format(distinct=distinct, places=_places(values)), [*self._own, name, *values]

    def _index(self, seq: int | None, doc: Element) -> None:
        keys = self._kind.keys(doc, self._books.options)
        found = {(name, value) for name, values in keys.items() for value in values if value}
        self._db.executemany(
            "INSERT INTO record_keys (tenant, kind, name, value, record) VALUES (?, ?, ?, ?, ?)",
            [(*self._own, name, value, seq) for name, value in found],
        )

    def _selected(self, selection: Selection) -> tuple[str, list[str | int]]:
        """Return source and conditions of a selection; of several keys the first leads."""
        source, values = "records", list[str | int]()
        columns = {name: wanted for name, wanted in selection.keys.items() if name in {ID, STATUS}}
        keys = [(name, wanted) for name, wanted in selection.keys.items() if name not in columns]
        if keys:
            source, found = self._keyed(*keys.pop(0))
            values += found
        parts, more = self._conditions(selection, columns)
        for name, wanted in keys:
            inner, found = self._keyed(name, wanted)
            parts.append(f"seq IN (SELECT seq FROM {inner})")
            more += found
        return f"{source} WHERE {' AND '.join(parts)}", [*values, *more]

    def _conditions(
        self, selection: Selection, columns: Mapping[str, Sequence[str]]
    ) -> tuple[list[str], list[str | int]]:
        parts: list[str] = ["tenant = ? AND kind = ?"]
        values: list[str | int] = [*self._own]
        if not selection.archived:
            parts.append(f"status NOT IN ({_places(self._kind.archived)})")
            values += self._kind.archived
        for name, wanted in columns.items():
            parts.append(f"{name} IN ({_places(wanted)})")
            values += wanted
        bounds = (
            ("updated >= ?", selection.since),
            ("created <= ?", selection.created_until),
            ("updated <= ?", selection.updated_until),
        )
        for part, bound in bounds:
            if bound is not None:
                parts.append(part)
                values.append(bound)
        return parts, values

    def _order(self, order: Sequence[tuple[str, bool]]) -> str:
        if not order and not self._kind.by_update:
            return "seq"
        parts = [
            f"{self._expression(field)} {'DESC' if falling else 'ASC'}"
            for field, falling in order or [("UpdatedDateUTC", False)]
        ]
        return ", ".join([*parts, "id"])

    def _expression(self, field: str) -> str:
        assert field in self._kind.fields, "only known fields may come near SQL"
        columns = {self._kind.id: "id", self._kind.status: "status", "UpdatedDateUTC": "updated"}
        return columns.get(field, f"json_extract(doc, '$.{field}') COLLATE NOCASE")


def _record(row: sqlite3.Row) -> Record:
    return Record(row["id"], row["status"], row["updated"], exactjson.decode(row["doc"]))


def _text(doc: Element) -> str:
    return exactjson.encode(doc).decode()


def _places(values: Sequence[str] | frozenset[str]) -> str:
    return ", ".join("?" * len(values))
