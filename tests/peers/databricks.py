"""A stub of Databricks' Statement Execution API; DuckDB answers the queries.

No Databricks can be had for tests. Kept is what is published: tokens and service principals, statements that
answer later, Arrow in chunks behind links that take no sign-in and are handed out one by one.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from secrets import token_urlsafe
from threading import Event, Thread
from typing import Any

import duckdb
import pyarrow as pa
from pydantic import SecretStr
from sqlglot.errors import SqlglotError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bookward.sources.databricks import DatabricksSpec
from tests.integration.web.site import listening
from tests.peers.broken import CutOff
from tests.peers.duckwarehouse import Denied, DuckWarehouse

_CHUNK_ROWS = 8_000
_CATALOGUE = """
CREATE SCHEMA databricks; CREATE VIEW databricks.columns AS SELECT *, lower(data_type) AS full_data_type
    FROM information_schema.columns;
CREATE VIEW databricks.schemata AS FROM information_schema.schemata;
CREATE VIEW databricks.key_column_usage AS SELECT schema_name AS table_schema, table_name,
    constraint_name, unnest(constraint_column_names) AS column_name,
    generate_subscripts(constraint_column_names, 1) AS ordinal_position
FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY';
CREATE VIEW databricks.table_constraints AS SELECT schema_name AS table_schema, table_name, constraint_name,
    constraint_type FROM duckdb_constraints()
"""
_KINDS = (
    (pa.types.is_int8, "BYTE"), (pa.types.is_int16, "SHORT"), (pa.types.is_int32, "INT"),
    (pa.types.is_integer, "LONG"), (pa.types.is_float32, "FLOAT"), (pa.types.is_floating, "DOUBLE"),
    (pa.types.is_boolean, "BOOLEAN"), (pa.types.is_date, "DATE"), (pa.types.is_binary, "BINARY"),
    (pa.types.is_decimal, "DECIMAL"), (pa.types.is_list, "ARRAY"), (pa.types.is_struct, "STRUCT"),
    (pa.types.is_map, "MAP"),
)  # fmt: skip


@dataclass
class DatabricksStub:
    """One workspace with one warehouse, a token, and a service principal."""

    token: str = field(default_factory=token_urlsafe)
    client_secret: str = field(default_factory=token_urlsafe)
    url: str = ""
    cut: bool = False  #: chunks after the first end in their middle
    forgets: bool = False  #: the second chunk says that it is the last
    truncates: bool = False  #: results are too large
    granted: str = "granted"  #: what a service principal is given; changed, what it was given has run out
    agents: list[str] = field(default_factory=list)  #: who says to ask, of each statement
    late: bool = False  #: results come only when they are asked for again
    cancelled: Event = field(default_factory=Event)
    data: DuckWarehouse = field(default_factory=lambda: DuckWarehouse("databricks"))
    _statements: dict[str, dict[str, Any]] = field(default_factory=dict)
    _tables: dict[str, pa.Table] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @contextmanager
    def running(self, certificate: Path | None = None) -> Iterator[DatabricksStub]:
        self.data.load(_CATALOGUE, "main")
        base = "/api/2.0/sql/statements"
        routes = [
            Route("/oidc/v1/token", self._grant, methods=["POST"]),
            Route(base, self._begin, methods=["POST"]),
            Route(f"{base}/{{id}}", self._state),
            Route(f"{base}/{{id}}/cancel", self._cancel, methods=["POST"]),
            Route(f"{base}/{{id}}/result/chunks/{{index:int}}", self._link),
            Route("/kept/{id}/{index:int}", self._chunk),
        ]
        with listening(lambda _: Starlette(routes=routes), certificate) as self.url:
            yield self

    def spec(self, schema: str, **ways: Any) -> DatabricksSpec:
        ways = ways or {"token": SecretStr(self.token)}
        given = {"host": self.url, "warehouse_id": "w1", "catalog": self.data.name, "default_schema": schema}
        return DatabricksSpec(**given, **ways)

    async def _grant(self, request: Request) -> Response:
        given = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        form = (await request.body()).decode()
        if given != f"principal:{self.client_secret}" or "grant_type=client_credentials" not in form:
            said = {"error": "invalid_client", "error_description": "Client authentication failed"}
            return JSONResponse(said, 401)
        return JSONResponse({"access_token": self.granted, "token_type": "Bearer", "expires_in": 3600})

    def _turned_away(self, request: Request) -> Response | None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if given in (self.token, self.granted):
            return None
        return JSONResponse({"error_code": "403", "message": "Invalid access token."}, 401)

    async def _begin(self, request: Request) -> Response:
        if refused := self._turned_away(request):
            return refused
        self.agents.append(request.headers["user-agent"])
        asked = await request.json()
        if asked["warehouse_id"] != "w1":
            said = f"Warehouse {asked['warehouse_id']} does not exist."
            return JSONResponse({"error_code": "NOT_FOUND", "message": said}, 404)
        name = f"s{next(self._numbers)}"
        self._statements[name] = {"statement_id": name, "status": {"state": "PENDING"}}
        work = Thread(target=self._work, args=(name, asked), daemon=True)
        work.start()
        if asked["wait_timeout"] != "0s" and not self.late:
            work.join()
        return JSONResponse(self._statements[name])

    def _work(self, name: str, asked: dict[str, Any]) -> None:
        own = f"`{self.data.name}`.information_schema."
        sql = asked["statement"].replace(own, "databricks.").replace("current_user()", "'principal'")
        try:
            table = self.data.run(sql, asked.get("schema"))
        except (SqlglotError, duckdb.Error) as error:
            said = {"error_code": "BAD_REQUEST", "message": f"[PARSE_SYNTAX_ERROR] Syntax error: {error}"}
            if isinstance(error, duckdb.Error):
                said["message"] = str(error)
            self._statements[name] |= {"status": {"state": "FAILED", "error": said}}
            return
        except Denied:
            words = "[INSUFFICIENT_PERMISSIONS] User does not have CREATE TABLE on Schema 'books.bookward'."
            said = {"error_code": "BAD_REQUEST", "message": words}
            self._statements[name] |= {"status": {"state": "FAILED", "error": said}}
            return
        # A time of day is text: Databricks has no type for it. No more has it one for identifiers.
        self._tables[name] = pa.table([_sent(column) for column in table.columns], names=table.schema.names)
        manifest = {
            "schema": {"columns": [_described(each) for each in self._tables[name].schema]},
            "total_row_count": table.num_rows, "format": "ARROW_STREAM",
            "truncated": self.truncates,
        }  # fmt: skip
        result = self._links(name, 0) if table.num_rows else {}
        self._statements[name] |= {
            "status": {"state": "SUCCEEDED"}, "manifest": manifest, "result": result,
        }  # fmt: skip

    def _links(self, name: str, index: int) -> dict[str, Any]:
        link = {"chunk_index": index, "external_link": f"{self.url}/kept/{name}/{index}?signature=s3cret"}
        more = (index + 1) * _CHUNK_ROWS < self._tables[name].num_rows and not (self.forgets and index)
        return {"external_links": [link | ({"next_chunk_index": index + 1} if more else {})]}

    def _state(self, request: Request) -> Response:
        return self._turned_away(request) or JSONResponse(self._statements[request.path_params["id"]])

    def _link(self, request: Request) -> Response:
        place = request.path_params
        return self._turned_away(request) or JSONResponse(self._links(place["id"], place["index"]))

    def _cancel(self, request: Request) -> Response:
        self.cancelled.set()
        self.data.interrupt()
        return self._turned_away(request) or JSONResponse({})

    def _chunk(self, request: Request) -> Any:
        if "authorization" in request.headers:
            return JSONResponse({"message": "Only one auth mechanism allowed"}, 400)
        index = request.path_params["index"]
        part = self._tables[request.path_params["id"]].slice(index * _CHUNK_ROWS, _CHUNK_ROWS)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, part.schema) as writer:
            writer.write_table(part)
        body = sink.getvalue().to_pybytes()
        return CutOff(body) if self.cut and index else Response(body)


@contextmanager
def running_databricks(certificate: Path | None = None) -> Iterator[DatabricksStub]:
    with DatabricksStub().running(certificate) as stub:
        yield stub


def _sent(column: Any) -> Any:
    no_type = pa.types.is_time(column.type) or pa.types.is_null(column.type)
    return column.cast(pa.string()) if no_type else column


def _described(field_: Any) -> dict[str, Any]:
    type_ = field_.type
    if pa.types.is_timestamp(type_):
        return {"name": field_.name, "type_name": "TIMESTAMP" if type_.tz else "TIMESTAMP_NTZ"}
    kind = next((kind for fits, kind in _KINDS if fits(type_)), "STRING")
    digits = {"type_precision": type_.precision, "type_scale": type_.scale} if kind == "DECIMAL" else {}
    return {"name": field_.name, "type_name": kind, **digits}
