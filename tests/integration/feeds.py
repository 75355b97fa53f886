"""A table of rows as Xero's fields, and a sync of it into any of Xero's objects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from bookward.run import RunReport
from tests.integration.world import World

_TYPES = {
    bool: "boolean",
    int: "bigint",
    float: "double precision",
    Decimal: "numeric(20,4)",
    str: "text",
    datetime: "timestamptz",
}


class Feed:
    """Rows whose columns are fields of an object; small letters begin other columns; dots lead inside."""

    def __init__(self, world: World, object_: str, match: str, **settings: Any) -> None:
        self._world = world
        self._object = object_
        self._match = match
        self.settings: dict[str, Any] = settings
        self.constants: dict[str, Any] = {}
        self.mapped: dict[str, Any] = {}  #: mappings beyond those of columns that have the name of a field
        self.ids: dict[str, str] = {}  #: value of the match field by key, where it is a record's id

    def rows(self, *rows: Mapping[str, Any]) -> Feed:
        """Make the table hold just these rows."""
        if self.ids:
            rows = tuple({self._match: self.ids.get(row["id"])} | dict(row) for row in rows)
        columns = {name: type(value) for row in rows for name, value in row.items() if value is not None}
        columns |= {self._match: str} if self.ids else {}
        places = {name: name.replace(".", "_").lower() for name in columns}
        typed = ", ".join(f"{places[name]} {_TYPES[type_]}" for name, type_ in columns.items())
        self._world.warehouse.execute(f"DROP TABLE IF EXISTS feed; CREATE TABLE feed ({typed or 'id text'})")
        for row in rows:
            given = {name: value for name, value in row.items() if value is not None}
            names = ", ".join(places[name] for name in given)
            marks = ", ".join(["%s"] * len(given))
            self._world.warehouse.execute(f"INSERT INTO feed ({names}) VALUES ({marks})", [*given.values()])
        self._write_sync(places)
        return self

    def run(self, **options: Any) -> RunReport:
        """Run the sync."""
        return self._world.run("feed", **options)

    def kinds(self) -> dict[str, int]:
        """Plan, and return the operations by kind."""
        return dict(self._world.plan("feed").header.operations)

    def rejected(self) -> dict[str, tuple[str, str | None]]:
        """Run, and return code and field of the rejected rows by key."""
        return {row.key: (str(row.code), row.field) for row in self._world.rows(self.run(), "rejected")}

    def _write_sync(self, places: Mapping[str, str]) -> None:
        fields: dict[str, Any] = {name: {"value": value} for name, value in self.constants.items()}
        fields |= self.mapped
        for name, column in places.items():
            group, dot, part = name.partition(".")
            if dot:
                fields.setdefault(group, {})[part] = column
            elif name[0].isupper() and not (name == self._match and name.endswith("ID")):
                fields[name] = column
        if isinstance(fields.get("LineItems"), dict) and "each" not in fields["LineItems"]:
            fields["LineItems"] = [fields["LineItems"]]
        match = {self._match: places.get(self._match, self._match.lower())}
        spec = {"model": "feed", "destination": "xero", "object": self._object, "match": match}
        self._world.write("models/feed.yaml", "source: warehouse\nprimary_key: id\n")
        self._world.write("models/feed.sql", "SELECT * FROM feed\n")
        self._world.write("syncs/feed.yaml", json.dumps(spec | {"fields": fields} | self.settings))
