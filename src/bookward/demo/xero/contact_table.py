"""Contacts in SQLite: found by id, number, name and account number without scanning."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from bookward import exactjson
from bookward.demo.xero import filters
from bookward.demo.xero.contact_shape import ARCHIVED, FILTERABLE, Contact
from bookward.demo.xero.envelope import Element

_COLUMNS = "id, status, updated, doc"
_SQL_OF = {"ContactID": "id", "ContactStatus": "status", "UpdatedDateUTC": "updated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which contacts to list, as far as SQL decides it; times in milliseconds."""

    ids: Sequence[str] | None = None
    archived: bool = False
    since: int | None = None
    created_until: int | None = None
    updated_until: int | None = None
    order: Sequence[tuple[str, bool]] = ()  #: field, descending


class ContactTable:
    """The contacts of one organisation, inside a transaction."""

    def __init__(self, db: sqlite3.Connection, tenant: str, *, fold_accents: bool) -> None:
        self._db = db
        self._tenant = tenant
        self._fold_accents = fold_accents

    def by_id(self, id_: str) -> Contact | None:
        return self._first("id = ?", id_.lower())

    def by_number(self, number: str) -> Contact | None:
        return self._first("number_key = ?", number.casefold())

    def by_name(self, name: str) -> Contact | None:
        """Return the contact of that name; an active one before an archived one."""
        return self._first("name_key = ?", self._name_key(name))

    def by_account_number(self, number: str, but: str | None) -> Contact | None:
        return self._first("account_key = ? AND id IS NOT ?", number.casefold(), but)

    def other_active(self, name: str, but: str | None) -> Contact | None:
        """Return an active contact of that name which is not ``but``."""
        return self._first("name_key = ? AND status = 'ACTIVE' AND id IS NOT ?", self._name_key(name), but)

    def insert(self, status: str, doc: Element, now: int) -> Contact:
        contact = Contact(str(uuid4()), status, now, doc)
        self._db.execute(
            "INSERT INTO contacts"
            " (tenant, id, status, updated, doc, name_key, number_key, account_key, created)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (self._tenant, contact.id, status, now, *self._stored(doc), now),
        )
        return contact

    def update(self, contact: Contact) -> None:
        self._db.execute(
            "UPDATE contacts SET status = ?, updated = ?, doc = ?, name_key = ?, number_key = ?,"
            " account_key = ? WHERE tenant = ? AND id = ?",
            (contact.status, contact.updated, *self._stored(contact.doc), self._tenant, contact.id),
        )

    def count(self, selection: Selection) -> int:
        where, values = self._where(selection)
        return int(self._db.execute(f"SELECT COUNT(*) FROM contacts WHERE {where}", values).fetchone()[0])

    def select(self, selection: Selection, limit: int = -1, offset: int = 0) -> list[Contact]:
        """Return contacts in order; by last update where no order is given, ties by id."""
        where, values = self._where(selection)
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM contacts WHERE {where} ORDER BY {_order(selection.order)}"
            " LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return [_contact(row) for row in rows]

    def _first(self, condition: str, *values: str | None) -> Contact | None:
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM contacts WHERE tenant = ? AND {condition} ORDER BY status, seq LIMIT 1",
            (self._tenant, *values),
        ).fetchone()
        return None if row is None else _contact(row)

    def _where(self, selection: Selection) -> tuple[str, list[str | int]]:
        parts: list[str] = ["tenant = ?"]
        values: list[str | int] = [self._tenant]
        if not selection.archived:
            parts.append(f"status <> '{ARCHIVED}'")
        if selection.ids is not None:
            parts.append(f"id IN ({', '.join('?' * len(selection.ids))})")
            values += selection.ids
        bounds = (
            ("updated >= ?", selection.since),
            ("created <= ?", selection.created_until),
            ("updated <= ?", selection.updated_until),
        )
        for part, bound in bounds:
            if bound is not None:
                parts.append(part)
                values.append(bound)
        return " AND ".join(parts), values

    def _stored(self, doc: Element) -> tuple[str, str, str, str]:
        return (
            exactjson.encode(doc).decode(),
            self._name_key(doc["Name"]),
            doc.get("ContactNumber", "").casefold(),
            doc.get("AccountNumber", "").casefold(),
        )

    def _name_key(self, name: str) -> str:
        return filters.fold(name) if self._fold_accents else name.casefold()


def _contact(row: sqlite3.Row) -> Contact:
    return Contact(row["id"], row["status"], row["updated"], exactjson.decode(row["doc"]))


def _order(order: Sequence[tuple[str, bool]]) -> str:
    parts = [
        f"{_expression(field)} {'DESC' if falling else 'ASC'}"
        for field, falling in order or [("UpdatedDateUTC", False)]
    ]
    return ", ".join([*parts, "id"])


def _expression(field: str) -> str:
    assert field in FILTERABLE, "only known fields may come near SQL"
    return _SQL_OF.get(field, f"json_extract(doc, '$.{field}') COLLATE NOCASE")
