"""Looker's API 4.0 as its published OpenAPI has it: Looks and queries, which DuckDB answers.

No Looker can be had for tests. ``looker_contract.json`` is what its OpenAPI says of the operations that are
asked for; every request and every answer is held against it, and what does not fit is in ``unlike``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qs

import duckdb
import pyarrow as pa
from jsonschema import Draft202012Validator

from tests.peers.http import Answer, Asked, Stub

CONTRACT = json.loads(Path(__file__).with_name("looker_contract.json").read_text(encoding="utf-8"))
_BASE = "/api/4.0"
_DOCUMENTATION = "https://cloud.google.com/looker/docs/"
_QUERY_TYPES = {"integer": r"-?\d+", "boolean": "true|false", "string": ".*"}


@dataclass
class Look:
    """A Look, or with ``slug`` a query that nobody has saved."""

    id: str
    sql: str  #: what gives its rows, in DuckDB's words
    fields: Sequence[str]
    title: str = "Invoices"
    folder: str = "Finance"
    slug: str = ""
    limit: str = "500"
    deleted: bool = False
    more: Mapping[str, Any] | None = None  #: what else its query has


class Looker(Stub):
    """One Looker with one user, whose connection is ``connection``."""

    def __init__(self) -> None:
        super().__init__()
        self.chunked = True
        self.client_id, self.client_secret = "looker-client", token_hex(12)
        self.connection = duckdb.connect()
        self.looks: list[Look] = []
        self.may_download = True  #: without a limit
        self.keeps_limits = False  #: of Looks, whatever is asked for
        self.tokens: set[str] = set()
        self.unlike: list[str] = []  #: what was not as the contract has it

    def answer(self, asked: Asked) -> Answer:
        given = self._answer(asked)
        self.unlike += [f"{asked.method} {asked.path}: {said}" for said in _problems(asked, given)]
        return given

    def _answer(self, asked: Asked) -> Answer:
        path = asked.path.removeprefix(_BASE)
        if path == "/login":
            return self._signed_in(asked)
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme not in ("Bearer", "token") or token not in self.tokens:
            return _error(401, "Requires authentication.")
        if path == "/user":
            return Answer({"id": "7", "display_name": "Bookward"})
        if path == "/looks/search":
            start, most = int(asked.query["offset"]), int(asked.query["limit"])
            found = [look for look in self.looks if not look.slug and not look.deleted]
            return Answer([_look(look) for look in found[start : start + most]])
        if found := re.fullmatch(r"/looks/(\w+)(?:/run/(\w+))?", path):
            look = next((look for look in self.looks if look.id == found[1] and not look.slug), None)
            return self._given(look, found[2], asked)
        if found := re.fullmatch(r"/queries/slug/(\w+)", path):
            query = next((look for look in self.looks if look.slug == found[1]), None)
            return Answer(_query(query)) if query else _error(404, "Not found")
        if found := re.fullmatch(r"/queries/(\w+)/run/(\w+)", path):
            query = next((look for look in self.looks if look.id == found[1]), None)
            return self._given(query, found[2], asked)
        return _error(404, "Not found")

    def _signed_in(self, asked: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if form != {"client_id": self.client_id, "client_secret": self.client_secret}:
            return _error(404, "Not found")  # which is what it says of wrong credentials
        self.tokens.add(token := token_hex(20))
        granted = {"access_token": token, "token_type": "Bearer", "expires_in": 3600}
        return Answer({**granted, "refresh_token": None})

    def _given(self, look: Look | None, form: str | None, asked: Asked) -> Answer:
        if look is None or (look.deleted and form):
            return _error(404, "Not found")
        if form is None:
            return Answer({**_look(look), "query": _query(look)})
        limit = asked.query.get("limit", look.limit)
        limit = look.limit if self.keeps_limits else limit
        if form == "sql":
            cut = "" if limit == "-1" else f"\nLIMIT {limit}"
            return Answer(f"{look.sql}{cut}".encode(), 200, {"Content-Type": "text/plain"})
        most = {"-1": 5_000}.get(limit, int(limit)) if not self.may_download else int(limit)
        cut = "" if most == -1 else f" LIMIT {most}"
        return Answer(self._rows(f"SELECT * FROM ({look.sql}){cut}"))

    def _rows(self, sql: str) -> bytes:
        parts: list[str] = []
        try:
            for batch in self.connection.cursor().sql(sql).to_arrow_reader(1_000):
                parts += map(_object, batch.to_pylist())
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            parts.append(json.dumps({"looker_error": str(error).splitlines()[0]}))
        return ("[" + ",\n".join(parts) + "]").encode()


def _look(look: Look) -> dict[str, Any]:
    return {
        "id": look.id, "title": look.title, "deleted": look.deleted, "query_id": f"q{look.id}",
        "folder": {"id": "3", "name": look.folder, "parent_id": None},
    }  # fmt: skip


def _query(look: Look) -> dict[str, Any]:
    said = {
        "id": look.id,
        "model": "shop",
        "view": "orders",
        "fields": list(look.fields),
        "limit": look.limit,
    }
    return {**said, **(look.more or {})}


def _error(status: int, message: str) -> Answer:
    return Answer({"message": message, "documentation_url": _DOCUMENTATION}, status)


def _object(row: Mapping[str, Any]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{_written(value)}" for name, value in row.items()) + "}"


def _written(value: Any) -> str:
    return str(value) if isinstance(value, Decimal) else json.dumps(value, default=str)


def _problems(asked: Asked, given: Answer) -> Iterator[str]:
    """Yield what is not as the contract says."""
    operation = _operation(asked)
    if operation is None:
        yield "no such operation"
        return
    for name, value in asked.query.items():
        kind = operation["query"].get(name)
        if kind is None or not re.fullmatch(_QUERY_TYPES[kind], value):
            yield f"query {name}={value}"
    answer = operation["answers"].get(str(given.status))
    if answer is None and given.status != 401:  # which it says of all
        yield f"status {given.status}"
    if answer is not None and answer["content"] == "application/json":
        schema = _schema(answer["schema"])
        yield from (error.message for error in Draft202012Validator(schema).iter_errors(given.body))


def _operation(asked: Asked) -> Mapping[str, Any] | None:
    for name, operation in CONTRACT["operations"].items():
        method, _, path = name.partition(" ")
        if method == asked.method and re.fullmatch(re.sub(r"{\w+}", r"[^/]+", _BASE + path), asked.path):
            found: Mapping[str, Any] = operation
            return found
    return None


def _schema(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema of OpenAPI 3.0 as one of JSON Schema, what it refers to inside it."""
    if "$ref" in said:
        return _schema(CONTRACT["schemas"][said["$ref"].rpartition("/")[2]])
    made = dict(said)
    if made.pop("nullable", False) and "type" in made:
        made["type"] = [made["type"], "null"]
    if "properties" in made:
        made["properties"] = {name: _schema(each) for name, each in made["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(made.get(key), dict):
            made[key] = _schema(made[key])
    return made
