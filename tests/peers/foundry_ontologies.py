"""A stub of Foundry's ontologies: a schema of DuckDB's is one, and its tables are object types.

Kept is what is published: lists by page, values as PropertyValue says, properties that are null left out,
pages that may be smaller than was asked for, snapshots, and the 10,000 objects that Object Storage V1 gives.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pyarrow as pa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bookward.sources.jsontext import written
from tests.peers.broken import CutOff
from tests.peers.duckwarehouse import DuckWarehouse

_ONTOLOGIES = "/api/v2/ontologies"
_MOST_AT_ONCE = 10_000
_TYPES_AT_ONCE = 2
_TYPES = {
    "BOOLEAN": "boolean",
    "TINYINT": "byte",
    "SMALLINT": "short",
    "INTEGER": "integer",
    "BIGINT": "long",
    "FLOAT": "float",
    "DOUBLE": "double",
    "DATE": "date",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
    "VARCHAR": "string",
}


@dataclass
class Ontologies:
    """The ontologies of an enrolment, and what can be wrong with them."""

    data: DuckWarehouse
    turned_away: Callable[[Request], Response | None]
    names: list[str] = field(default_factory=list)  #: of those that are there
    types: dict[str, dict[str, Any]] = field(
        default_factory=dict
    )  #: of properties that DuckDB has no type for
    cut_after: int | None = None  #: pages; the next one ends in its middle
    repeats: bool = False  #: the second page's token is given again and again
    stops_after: int | None = None  #: pages; there is no token for the next, as if that were all
    busy: int = 0  #: requests that are turned away for now
    most: int | None = None  #: objects that are given, as by Object Storage V1
    after_page: Callable[[], None] = lambda: None  #: is called once the first page was made
    asked: list[dict[str, Any]] = field(default_factory=list)  #: what pages were asked for with
    _snapshots: dict[str, pa.Table] = field(default_factory=dict)

    def routes(self) -> Sequence[Route]:
        one = f"{_ONTOLOGIES}/{{ontology}}"
        places: Mapping[str, Callable[[Request], Any]] = {
            _ONTOLOGIES: lambda _: JSONResponse({"data": list(map(self._ontology, self.names))}),
            f"{one}/objectTypes": self._object_types,
            f"{one}/objectTypes/{{type}}": self._object_type,
        }
        loading = Route(f"{one}/objectSets/loadObjects", self._load, methods=["POST"])
        return [*(Route(path, self._guarded(answer)) for path, answer in places.items()), loading]

    def _guarded(self, answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
        def guarded(request: Request) -> Any:
            return self.turned_away(request) or answer(request)

        return guarded

    def _ontology(self, name: str) -> dict[str, Any]:
        rid = f"ri.ontology.main.ontology.{uuid4()}"
        return {"apiName": name, "displayName": name.title(), "description": "", "rid": rid}

    def _object_types(self, request: Request) -> Any:
        found = self._tables(request.path_params["ontology"])
        start = int(request.query_params.get("pageToken", "0"))
        end = start + _TYPES_AT_ONCE
        page = [self._described(request.path_params["ontology"], name) for name in found[start:end]]
        return JSONResponse({"data": page} | ({"nextPageToken": str(end)} if end < len(found) else {}))

    def _object_type(self, request: Request) -> Any:
        ontology, name = request.path_params["ontology"], request.path_params["type"]
        if name not in self._tables(ontology):
            return _refused(404, "NOT_FOUND", "ObjectTypeNotFound", objectType=name)
        return JSONResponse(self._described(ontology, name))

    def _tables(self, ontology: str) -> list[str]:
        found = self.data.load(
            f"SELECT table_name FROM duckdb_tables() WHERE schema_name = '{ontology}' ORDER BY 1", ontology
        )
        return [name for (name,) in found]

    def _described(self, ontology: str, name: str) -> dict[str, Any]:
        columns = self.data.load(f'DESCRIBE "{ontology}"."{name}"', ontology)
        properties = {
            column: {"dataType": self.types.get(column) or _type(duck), "rid": f"ri.p.main.p.{column}"}
            for column, duck, *_ in columns
        }
        key = next((column for column, _, _, key, *_ in columns if key), columns[0][0])
        return {
            "apiName": name,
            "displayName": name,
            "pluralDisplayName": f"{name}s",
            "status": "ACTIVE",
            "icon": {"type": "blueprint", "name": "cube", "color": "blue"},
            "primaryKey": key,
            "titleProperty": key,
            "properties": properties,
            "rid": f"ri.ontology.main.object-type.{uuid4()}",
        }

    async def _load(self, request: Request) -> Any:
        if refused := self.turned_away(request):
            return refused
        if self.busy:
            self.busy -= 1
            return JSONResponse({"errorCode": "TOO_MANY_REQUESTS"}, 429, {"Retry-After": "0"})
        asked = await request.json()
        self.asked.append(asked)
        ontology, size = request.path_params["ontology"], asked.get("pageSize", 1_000)
        name = asked["objectSet"]["objectType"]
        if size > _MOST_AT_ONCE:
            return _refused(400, "INVALID_ARGUMENT", "InvalidPageSize", pageSize=size)
        if unknown := set(asked["select"]) - set(self._described(ontology, name)["properties"]):
            return _refused(400, "INVALID_ARGUMENT", "PropertiesNotFound", properties=sorted(unknown))
        token = _token(asked)
        start, key = token["start"], token["key"]
        if self.most is not None and start >= self.most:
            return _refused(400, "INVALID_ARGUMENT", "ObjectsExceededLimit")
        table = self._table(ontology, name, asked, key)
        return self._answered(table, ontology, name, asked, start, key)

    def _table(self, ontology: str, name: str, asked: Mapping[str, Any], key: str) -> pa.Table:
        if asked.get("snapshot") and key in self._snapshots:
            return self._snapshots[key]
        primary = self._described(ontology, name)["primaryKey"]
        table = self.data.answer(
            f'SELECT * FROM "{ontology}"."{name}" ORDER BY "{primary}"'.replace('"', "`")
        )
        self._snapshots[key] = table
        return table

    def _answered(
        self, table: pa.Table, ontology: str, name: str, asked: Mapping[str, Any], start: int, key: str
    ) -> Any:
        size = asked.get("pageSize", 1_000)
        size = (
            min(size, self.most - start) if self.most is not None else max(1, size - 1)
        )  # smaller than asked
        described = self._described(ontology, name)["properties"]
        rows = table.select(asked["select"] or list(described)).slice(start, size).to_pylist()
        data = [
            {
                each: _value(value, described[each]["dataType"])
                for each, value in row.items()
                if value is not None
            }
            for row in rows
        ]
        answer: dict[str, Any] = {"data": data, "totalCount": str(table.num_rows)}
        end, page = start + len(rows), start // size
        if end < table.num_rows and page != self.stops_after:
            repeated = size if self.repeats and page else end
            answer["nextPageToken"] = b64encode(json.dumps({"start": repeated, "key": key}).encode()).decode()
        if page == 0:
            self.after_page()
        body = written(answer).encode()
        if page == self.cut_after:
            return CutOff(body, "application/json")
        return Response(body, media_type="application/json")


def _token(asked: Mapping[str, Any]) -> dict[str, Any]:
    token = asked.get("pageToken")
    found: dict[str, Any] = json.loads(b64decode(token)) if token else {"start": 0, "key": str(uuid4())}
    return found


def _type(duck: str) -> dict[str, Any]:
    if duck.endswith("[]"):
        return {"type": "array", "subType": _type(duck[:-2]), "reducers": []}
    if duck.startswith("DECIMAL"):
        precision, scale = duck.removeprefix("DECIMAL(").removesuffix(")").split(",")
        return {"type": "decimal", "precision": int(precision), "scale": int(scale)}
    return {"type": _TYPES[duck]}


def _value(value: Any, type_: Mapping[str, Any]) -> Any:
    """Return a value of a property as Foundry writes it."""
    kind = type_["type"]
    if value is None:
        return None
    if kind == "struct":
        fields = {each["apiName"]: each["dataType"] for each in type_["structFieldTypes"]}
        return {name: _value(each, fields[name]) for name, each in value.items() if each is not None}
    if kind == "array":
        return [_value(each, type_["subType"]) for each in value]
    if kind in ("long", "decimal"):
        return str(value)
    if kind == "timestamp":
        return (
            value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
        )
    if kind == "date":
        return value.isoformat() if isinstance(value, date) else value
    return json.loads(value) if kind in ("geopoint", "unheardOf") else value


def _refused(status: int, code: str, name: str, **parameters: Any) -> Response:
    instance = str(uuid4())
    said = {"errorCode": code, "errorName": name, "errorInstanceId": instance, "parameters": parameters}
    return JSONResponse(said, status)
