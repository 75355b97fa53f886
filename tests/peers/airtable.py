"""Airtable as its documentation has it: records in pages of a hundred, filtered by formulas that are run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any
from urllib.parse import unquote

import duckdb
import pyarrow as pa

from tests.peers.http import Answer, Asked, Stub

BASE, TOKEN = "appBooks000000000", "pat-secret"
_FIELD = re.compile(r"\{([^}]*)\}")
_numbers = count(1)


class Airtable(Stub):
    """One base, whose tables are made by ``add`` and filled by Airtable's clients."""

    def __init__(self) -> None:
        super().__init__()
        self.scopes = {"data.records:read", "data.records:write", "schema.bases:read"}
        self.views: dict[str, str] = {}  #: formulas by the name of the view
        self._fields: dict[str, Sequence[tuple[str, str]]] = {}
        self._records: dict[str, list[dict[str, Any]]] = {}
        self._offsets: dict[str, tuple[Sequence[dict[str, Any]], int]] = {}  #: what was found, and how far

    def add(self, table: str, *fields: tuple[str, str]) -> None:
        """Make a table of fields with their types."""
        self._fields[table], self._records[table] = fields, []

    def fill(self, table: str, *fields: Mapping[str, Any]) -> None:
        """Make records, which would take a client long where they are many."""
        for each in fields:
            self._made(table, each)

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            error = {"type": "AUTHENTICATION_REQUIRED", "message": "Authentication required"}
            return Answer({"error": error}, 401)
        parts = [unquote(part) for part in asked.path.strip("/").split("/")]
        if parts == ["v0", "meta", "whoami"]:
            return Answer({"id": "usrReader"})
        if parts == ["v0", "meta", "bases", BASE, "tables"]:
            return self._schema()
        table = self._named(parts[2]) if parts[:2] == ["v0", BASE] else ""
        if table not in self._records:
            return Answer({"error": {"type": "TABLE_NOT_FOUND", "message": f"Could not find {table}"}}, 404)
        if asked.method == "POST" and parts[3:] != ["listRecords"]:
            return Answer({"records": [self._made(table, each["fields"]) for each in asked.json["records"]]})
        return self._listed(table, asked.json if asked.method == "POST" else asked.query)

    def _named(self, name: str) -> str:
        names = list(self._fields)
        return names[int(name[3:])] if re.fullmatch(r"tbl\d+", name) else name

    def _schema(self) -> Answer:
        if "schema.bases:read" not in self.scopes:
            error = {"type": "INVALID_PERMISSIONS", "message": "You are not permitted"}
            return Answer({"error": error}, 403)
        return Answer({
            "tables": [
                {
                    "id": f"tbl{number}", "name": name, "primaryFieldId": "fld0", "views": [],
                    "fields": [
                        {"id": f"fld{place}", "name": field, "type": type_, "options": {}}
                        for place, (field, type_) in enumerate(fields)
                    ],
                }
                for number, (name, fields) in enumerate(self._fields.items())
            ]
        })  # fmt: skip

    def _made(self, table: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        # What is empty is left out, a box that is not ticked too.
        kept = {name: value for name, value in fields.items() if value not in (None, False, "", [])}
        record = {"id": f"rec{next(_numbers):014}", "createdTime": "2026-01-31T11:00:00.000Z", "fields": kept}
        self._records[table].append(record)
        return record

    def _listed(self, table: str, asked: Mapping[str, Any]) -> Answer:
        start = 0
        if "offset" in asked:
            # It is good for once.
            if asked["offset"] not in self._offsets:
                return Answer({"error": {"type": "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"}}, 422)
            found, start = self._offsets.pop(asked["offset"])
        else:
            formulas = [asked.get("filterByFormula"), self.views.get(asked.get("view", ""))]
            try:
                found = self._found(table, [each for each in formulas if each])
            except duckdb.Error as error:
                told = {"type": "INVALID_FILTER_BY_FORMULA", "message": str(error).splitlines()[0]}
                return Answer({"error": told}, 422)
        end = start + min(int(asked.get("pageSize", 100)), 100)
        page = found[start:end]
        offset = f"itr{next(_numbers)}/{page[-1]['id']}" if end < len(found) else None
        if offset:
            self._offsets[offset] = found, end
        return Answer({"records": page} | ({"offset": offset} if offset else {}))

    def _found(self, table: str, formulas: Sequence[str]) -> list[dict[str, Any]]:
        records = self._records[table]
        if not formulas or not records:
            return records
        names = [name for name, _ in self._fields[table]]
        rows = pa.Table.from_pylist([
            {"place": place} | {name: str(record["fields"].get(name, "")) for name in names}
            for place, record in enumerate(records)
        ])  # fmt: skip
        where = " AND ".join(f"({each})" for each in formulas)
        where = _FIELD.sub(r'"\1"', where)
        with duckdb.connect() as connection:
            connection.register("rows", rows)
            found = connection.execute(f"SELECT place FROM rows WHERE {where} ORDER BY place").fetchall()
        return [records[place] for (place,) in found]
