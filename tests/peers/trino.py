"""A stub that speaks Trino's protocol to its client, and has DuckDB run the SQL.

Source: Trino, "Trino client REST API".
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from sqlglot import exp

from tests.peers import duckbehind
from tests.planting import DATABASE_PASSWORD

_PAGE_ROWS = 1_000
_ZONE = ZoneInfo("Europe/Berlin")  # of every moment, unless a query asks for UTC
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_SYSTEM = "CREATE MACRO at_timezone(moment, zone) AS moment;"
_NAMES = {
    "BOOLEAN": "boolean", "TINYINT": "tinyint", "SMALLINT": "smallint", "INTEGER": "integer",
    "BIGINT": "bigint", "FLOAT": "real", "DOUBLE": "double", "DATE": "date", "BLOB": "varbinary",
    "UUID": "uuid", "JSON": "json",
}  # fmt: skip
_TIMES = {
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_NS": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
}
_SYNTAX, _USER, _READ_ONLY, _TIME = (
    "SYNTAX_ERROR",
    "GENERIC_USER_ERROR",
    "READ_ONLY_VIOLATION",
    "EXCEEDED_TIME_LIMIT",
)


class _Query:
    """One query: its columns, and its rows as they are computed."""

    def __init__(self, shell: Trino, sql: str, headers: Any) -> None:
        self.cursor = shell.duck.cursor()
        self.zone = ZoneInfo("UTC") if "AT_TIMEZONE" in sql.upper() else _ZONE
        self.page, self.pages = 0, {}  # type: ignore[var-annotated]
        self.statement = duckbehind.translated(sql, "trino", _refuse_writing)
        schema = headers.get("X-Trino-Schema")
        self.cursor.execute(f"SET schema = '{schema}'" if schema else "SELECT 1")
        self.columns = duckbehind.described(self.cursor, self.statement)
        self.rows = duckbehind.rows(self.cursor, self.statement)
        limit = re.search(r"query_max_run_time=(\d+)s", headers.get("X-Trino-Session") or "")
        self.timer = threading.Timer(int(limit[1]) if limit else 3_600, self.cursor.interrupt)
        self.timer.start()

    def take(self, page: int) -> list[Any]:
        """Return the rows of a page; the last one may be asked for again."""
        if page not in self.pages:
            values = [[_value(value, self.zone) for value in row] for row in islice(self.rows, _PAGE_ROWS)]
            self.pages = {page: values}
        return self.pages[page]

    def end(self) -> None:
        self.timer.cancel()
        with suppress(duckdb.ConnectionException):  # it has ended before
            self.cursor.interrupt()
            self.cursor.close()


class Trino:
    """One coordinator; ``duck`` holds the tables of all its catalogs."""

    user = "bookward"

    def __init__(self, certificate: Path | None) -> None:
        self.certificate = certificate
        self.password = f"{DATABASE_PASSWORD}-{secrets.token_urlsafe(12)}"
        self.token = secrets.token_urlsafe(12)
        self.duck = duckbehind.opened(_SYSTEM)
        self.queries: dict[str, _Query] = {}
        self.cancelled: list[str] = []
        self.asked: list[Any] = []  #: the headers of each statement
        self.cut_at: int | None = None  #: the page in which the connection breaks
        self.forget_at: int | None = None  #: the page of which the coordinator, started anew, knows nothing
        self.port = 0

    def lets_in(self, authorization: str | None, client: Any) -> bool:
        """Tell whether it takes a client, which shows nothing but its name where nothing is encrypted."""
        basic = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        known = authorization in (f"Basic {basic}", f"Bearer {self.token}")
        return self.certificate is None or known or bool(client.getpeercert())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  #: head and body are written apart
    shell: Trino

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        sql = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if not self.shell.lets_in(self.headers.get("Authorization"), self.connection):
            self._send(b"Invalid credentials", status=401)
            return
        self.shell.asked.append(self.headers)
        query = secrets.token_hex(8)
        if sql == "START TRANSACTION READ ONLY":
            self._answer({"id": query}, started=query)
        elif sql == "ROLLBACK":
            self._answer({"id": query})
        else:
            self._begin(query, sql)

    def do_GET(self) -> None:
        *_, name, page = self.path.split("/")
        query = self.shell.queries.get(name)
        if query is None or int(page) == self.shell.forget_at:
            self._send(b"Query not found", status=404)
            return
        try:
            rows = query.take(int(page))
        except (duckdb.Error, OSError, ValueError) as error:
            query.end()
            self._fail(name, _TIME if "INTERRUPT" in str(error) else _USER, str(error))
            return
        body: dict[str, Any] = {"id": name, "columns": [_column(*column) for column in query.columns]}
        if rows:
            body |= {"data": rows, "nextUri": self._uri(name, int(page) + 1)}
        else:
            query.end()
        self._answer(body, cut=int(page) == self.shell.cut_at)

    def do_DELETE(self) -> None:
        name = self.path.split("/")[-2]
        self.shell.cancelled.append(name)
        self.shell.queries.pop(name).end()
        self._send(b"", status=204)

    def _begin(self, name: str, sql: str) -> None:
        try:
            self.shell.queries[name] = _Query(self.shell, sql, self.headers)
        except _Writing as error:
            self._fail(name, _READ_ONLY, str(error))
        except ValueError as error:
            self._fail(name, _SYNTAX, f"line 1:1: {error}")
        except duckdb.Error as error:
            self._fail(name, _USER, str(error))
        else:
            self._answer({"id": name, "nextUri": self._uri(name, 0)})

    def _uri(self, name: str, page: int) -> str:
        return f"{'https' if self.shell.certificate else 'http'}://{self.headers['Host']}/v1/statement/executing/{name}/{page}"

    def _fail(self, name: str, what: str, message: str) -> None:
        kind = "INSUFFICIENT_RESOURCES" if what == _TIME else "USER_ERROR"
        error = {"message": message, "errorCode": 1, "errorName": what, "errorType": kind, "failureInfo": {}}
        self._answer({"id": name, "error": error})

    def _answer(self, body: dict[str, Any], *, started: str | None = None, cut: bool = False) -> None:
        state = "FAILED" if "error" in body else "RUNNING" if "nextUri" in body else "FINISHED"
        body |= {"infoUri": "http://127.0.0.1/", "stats": {"state": state}, "warnings": []}
        self._send(json.dumps(body).encode(), started=started, cut=cut)

    def _send(self, body: bytes, *, status: int = 200, started: str | None = None, cut: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if started:
            self.send_header("X-Trino-Started-Transaction-Id", started)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = self.close_connection or cut


class _Writing(Exception):
    """A statement that writes, in a transaction that may not."""


def _refuse_writing(tree: exp.Expression) -> None:
    if not isinstance(tree, exp.Query):
        raise _Writing("Cannot execute write in a read-only transaction")


def _column(name: str, duck: str) -> dict[str, Any]:
    signature = _signature(duck)
    return {"name": name, "type": signature["rawType"], "typeSignature": signature}


def _signature(duck: str) -> dict[str, Any]:
    if duck.endswith("[]"):
        return _typed("array", {"kind": "TYPE", "value": _signature(duck[:-2])})
    if found := _DECIMAL.fullmatch(duck.replace("HUGEINT", "DECIMAL(38,0)")):
        return _typed("decimal", *({"kind": "LONG", "value": int(number)} for number in found.groups()))
    if duck in _TIMES:
        return _typed(_TIMES[duck], {"kind": "LONG", "value": 9 if duck.endswith("NS") else 6})
    if found := re.fullmatch(r"MAP\((\w+), (.+)\)", duck):
        return _typed("map", *({"kind": "TYPE", "value": _signature(each)} for each in found.groups()))
    if found := re.fullmatch(r"STRUCT\((.+)\)", duck):
        pairs = [each.rsplit(" ", 1) for each in re.split(r", (?![^(]*\))", found[1])]
        return _typed("row", *(_named(name.strip('"'), type_) for name, type_ in pairs))
    return _typed(_NAMES.get(duck, "varchar"))


def _typed(raw: str, *arguments: dict[str, Any]) -> dict[str, Any]:
    return {"rawType": raw, "arguments": list(arguments)}


def _named(name: str, duck: str) -> dict[str, Any]:
    value = {"fieldName": {"name": name}, "typeSignature": _signature(duck)}
    return {"kind": "NAMED_TYPE", "value": value}


def _value(value: Any, zone: ZoneInfo) -> Any:
    """Return a value as the protocol has it in JSON."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime) and value.tzinfo:
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M:%S.%f} {zone.key}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float) and not abs(value) < float("inf"):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if isinstance(value, dict):
        return [_value(item, zone) for item in value.values()]
    if isinstance(value, list):
        pairs = bool(value) and isinstance(value[0], tuple)
        return (
            {key: _value(item, zone) for key, item in value}
            if pairs
            else [_value(item, zone) for item in value]
        )
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


@contextmanager
def running_trino(certificate: Path | None = None) -> Iterator[Trino]:
    """Give a coordinator; one with a certificate asks who is there, and takes the same for an answer."""
    shell = Trino(certificate)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"shell": shell}))
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        context.load_verify_locations(certificate)
        context.verify_mode = ssl.CERT_OPTIONAL
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    shell.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield shell
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        for query in shell.queries.values():
            query.end()
