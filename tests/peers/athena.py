"""A stub of Athena's JSON interface for Amazon's own client; DuckDB answers, results lie in a real S3 server.

No Athena can be had for tests. Kept are signed requests, whose signatures are checked, the states of a query,
and results as Athena writes them: a CSV file with every value in quotes, and nothing for a null.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Thread
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from pydantic import SecretStr
from sqlglot.errors import SqlglotError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bookward.sources.athena import AthenaSpec
from tests.integration.web.site import listening
from tests.peers.awssigned import signed
from tests.peers.broken import CutOff
from tests.peers.duckwarehouse import DuckWarehouse
from tests.peers.objectstore import READER, ObjectStore

ZONE = "UTC"  # of every moment
_REGION = "ap-southeast-2"
_KINDS = (
    (pa.types.is_int8, "tinyint"), (pa.types.is_int16, "smallint"), (pa.types.is_int32, "integer"),
    (pa.types.is_integer, "bigint"), (pa.types.is_float32, "float"), (pa.types.is_floating, "double"),
    (pa.types.is_boolean, "boolean"), (pa.types.is_date, "date"), (pa.types.is_binary, "varbinary"),
    (pa.types.is_decimal, "decimal"), (pa.types.is_list, "array"), (pa.types.is_struct, "row"),
    (pa.types.is_time, "time"),
)  # fmt: skip
_TABLES = """
SELECT table_name, column_name, lower(data_type) FROM information_schema.columns
WHERE table_schema = '{}' ORDER BY table_name, ordinal_position
"""


@dataclass
class AthenaStub:
    """One account, whose keys are those of the S3 server's reader."""

    objects: ObjectStore
    url: str = ""
    agents: list[str] = field(default_factory=list)  #: who says to ask, of each request
    history: list[str] = field(default_factory=list)  #: the queries
    stopped: bool = False  #: whether a query was stopped
    data: DuckWarehouse = field(default_factory=lambda: DuckWarehouse("trino"))
    _queries: dict[str, dict[str, Any]] = field(default_factory=dict)
    _columns: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @contextmanager
    def running(self) -> Iterator[AthenaStub]:
        routes = [
            Route("/", self._answer, methods=["POST"]),
            Route("/bookward/{key:path}", lambda _: CutOff(b'"id"\n' + b'"1"\n' * 100_000, "text/csv")),
        ]
        with listening(lambda _: Starlette(routes=routes)) as self.url:
            yield self

    def spec(self, schema: str, **changes: Any) -> AthenaSpec:
        given = {
            "region": _REGION, "database": schema, "endpoint_url": self.url,
            "s3_endpoint_url": f"http://127.0.0.1:{self.objects.ports[3]}",
            "output_location": "s3://bookward/results/",
            "access_key_id": READER["AWS_ACCESS_KEY_ID"],
            "secret_access_key": SecretStr(READER["AWS_SECRET_ACCESS_KEY"]),
        }  # fmt: skip
        return AthenaSpec(**(given | changes))

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        keys = (READER["AWS_ACCESS_KEY_ID"], READER["AWS_SECRET_ACCESS_KEY"])
        if not signed(request, body, self.url, *keys, "athena"):
            said = "The request signature we calculated does not match the signature you provided."
            return _refused("InvalidSignatureException", said)
        self.agents.append(request.headers["user-agent"])
        asked = json.loads(body)
        operation = request.headers["x-amz-target"].removeprefix("AmazonAthena.")
        handlers = {
            "StartQueryExecution": self._start, "GetQueryExecution": self._state,
            "GetQueryResults": self._results, "StopQueryExecution": self._stop,
            "ListDatabases": self._databases, "ListTableMetadata": self._tables,
        }  # fmt: skip
        answer: Response = handlers[operation](asked)
        return answer

    def _start(self, asked: dict[str, Any]) -> Response:
        name = f"q{next(self._numbers)}"
        place = f"{asked['ResultConfiguration']['OutputLocation']}{name}.csv"
        self.history.append(asked["QueryString"])
        self._queries[name] = {
            "QueryExecutionId": name, "Status": {"State": "QUEUED"},
            "ResultConfiguration": {"OutputLocation": place},
        }  # fmt: skip
        Thread(target=self._work, args=(name, asked, place), daemon=True).start()
        return _answered({"QueryExecutionId": name})

    def _work(self, name: str, asked: dict[str, Any], place: str) -> None:
        try:
            table = self.data.answer(asked["QueryString"], asked["QueryExecutionContext"].get("Database"))
            self._columns[name] = [_described(each) for each in table.schema]
            with self.objects._opened().open_output_stream(place.removeprefix("s3://")) as file:
                pacsv.write_csv(_texts(table), file, pacsv.WriteOptions(quoting_style="all_valid"))
        except SqlglotError as error:
            said = f"SYNTAX_ERROR: {error}"
            self._queries[name]["Status"] = {"State": "FAILED", "StateChangeReason": said}
        except duckdb.Error as error:
            self._queries[name]["Status"] = {"State": "FAILED", "StateChangeReason": str(error)}
        else:
            self._queries[name]["Status"] = {"State": "SUCCEEDED"}

    def _state(self, asked: dict[str, Any]) -> Response:
        return _answered({"QueryExecution": self._queries[asked["QueryExecutionId"]]})

    def _results(self, asked: dict[str, Any]) -> Response:
        metadata = {"ColumnInfo": self._columns[asked["QueryExecutionId"]]}
        return _answered({"ResultSet": {"Rows": [], "ResultSetMetadata": metadata}})

    def _stop(self, _asked: dict[str, Any]) -> Response:
        self.stopped = True
        self.data.interrupt()
        return _answered({})

    def _databases(self, asked: dict[str, Any]) -> Response:
        found = self.data.load(
            "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'warehouse%' "
            "ORDER BY length(schema_name), schema_name", "main",
        )  # fmt: skip
        start = int(asked.get("NextToken", 0))
        page = {"DatabaseList": [{"Name": name} for (name,) in found[start : start + 3]]}
        return _answered(page | ({"NextToken": str(start + 3)} if start + 3 < len(found) else {}))

    def _tables(self, asked: dict[str, Any]) -> Response:
        found: dict[str, list[dict[str, str]]] = {}
        for table, name, type_ in self.data.load(_TABLES.format(asked["DatabaseName"]), "main"):
            found.setdefault(table, []).append({"Name": name, "Type": type_})
        listed = [{"Name": table, "Columns": columns} for table, columns in found.items()]
        return _answered({"TableMetadataList": listed})


@contextmanager
def running_athena(objects: ObjectStore) -> Iterator[AthenaStub]:
    with AthenaStub(objects).running() as stub:
        yield stub


def _answered(body: dict[str, Any]) -> Response:
    return JSONResponse(body, media_type="application/x-amz-json-1.1")


def _refused(code: str, said: str) -> Response:
    return JSONResponse({"__type": code, "message": said}, 400, media_type="application/x-amz-json-1.1")


def _described(field_: Any) -> dict[str, Any]:
    type_ = field_.type
    kind = next((kind for fits, kind in _KINDS if fits(type_)), "varchar")
    if pa.types.is_timestamp(type_):
        kind = "timestamp with time zone" if type_.tz else "timestamp"
    digits = {"Precision": type_.precision, "Scale": type_.scale} if kind == "decimal" else {}
    return {"Name": field_.name, "Type": kind, "Precision": 0, "Scale": 0, **digits}


def _texts(table: pa.Table) -> pa.Table:
    return pa.table([_text(column) for column in table.columns], names=table.schema.names)


def _text(column: Any) -> Any:
    if pa.types.is_binary(column.type):
        return pa.array([None if each is None else each.hex(" ") for each in column.to_pylist()], pa.string())
    if pa.types.is_timestamp(column.type) and column.type.tz:
        return pc.binary_join_element_wise(column.cast(pa.timestamp("us")).cast(pa.string()), ZONE, " ")
    if pa.types.is_nested(column.type):
        return pa.array([None if each is None else str(each) for each in column.to_pylist()], pa.string())
    return column.cast(pa.string())
