"""A stub that speaks Firebolt's protocol to its SDK, as an account's and as Core's, with DuckDB behind.

Source: the SDK's own client, and Firebolt, "Streaming query results".
"""

from __future__ import annotations

import json
import re
import secrets
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
from sqlglot import exp

from tests.peers import duckbehind

_LINE_ROWS = 1_000
_NAMES = {
    "INTEGER": "int", "SMALLINT": "int", "TINYINT": "int", "BIGINT": "long", "FLOAT": "float",
    "DOUBLE": "double", "BOOLEAN": "boolean", "DATE": "date", "BLOB": "bytea",
    "TIMESTAMP": "timestampntz", "TIMESTAMP WITH TIME ZONE": "timestamptz",
}  # fmt: skip
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


class Firebolt:
    """One account with one engine, and Firebolt Core, on the same tables."""

    client_id, account, engine = "bookward", "books", "reader"

    def __init__(self) -> None:
        self.secret = secrets.token_urlsafe(12)
        self.token = secrets.token_urlsafe(12)
        self.duck = duckbehind.opened("CREATE MACRO session_user() AS 'bookward'")
        self.cut_after: int | None = None  #: lines of an answer
        self.left = 0  #: clients that went before the end of an answer
        self.cut_at = 0.0  #: how much of the next line still comes
        self.cut_cleanly = False  #: as a proxy does that takes a lost connection for the end
        self.agents: list[str] = []  #: who says to ask, of each statement
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  #: head and body are written apart
    shell: Firebolt

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        known = self.path == f"/web/v3/account/{self.shell.account}/engineUrl"
        if self.headers.get("Authorization") != f"Bearer {self.shell.token}":
            self._send(401, {"error": "unauthorized"})
        elif not known:
            self._send(404, {"error": "no such account"})
        else:
            self._send(200, {"engineUrl": f"{self.shell.url}/system"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.shell.agents.append(self.headers["User-Agent"])
        url = urlsplit(self.path)
        if url.path == "/oauth/token":
            self._sign_in(parse_qs(body))
        elif url.path != "/" and self.headers.get("Authorization") != f"Bearer {self.shell.token}":
            self._send(401, {"error": "unauthorized"})
        elif body.startswith("USE "):
            self._use(body)
        else:
            self._answer(body, parse_qs(url.query).get("database", [""])[0])

    def _sign_in(self, form: dict[str, list[str]]) -> None:
        shown = form.get("client_id"), form.get("client_secret")
        if shown == ([self.shell.client_id], [self.shell.secret]):
            self._send(200, {"access_token": self.shell.token, "expires_in": 3600})
        else:
            self._send(401, {"error": "invalid_client"})

    def _use(self, sql: str) -> None:
        what, name = re.fullmatch(r'USE (DATABASE|ENGINE) "(.*)"', sql).groups()  # type: ignore[union-attr]
        if what == "ENGINE" and name != self.shell.engine:
            self._send(400, _failed(f"Engine '{name}' does not exist"))
        elif what == "ENGINE":
            # An engine elsewhere would be named by a header that has room for a host and for no port.
            self._send(200, None, {"Firebolt-Update-Parameters": f"engine={name}"})
        else:
            self._send(200, None, {"Firebolt-Update-Parameters": f"database={name}"})

    def _answer(self, sql: str, database: str) -> None:
        cursor = self.shell.duck.cursor()
        try:
            statement = duckbehind.translated(sql, "postgres", _refuse_what_is_none)
            cursor.execute(f"SET schema = '{database}'" if database else "SELECT 1")
            columns = duckbehind.described(cursor, statement)
        except (ValueError, duckdb.Error) as error:
            self._send(400, _failed(str(error)))
            return
        with _interrupting(self.connection, cursor):
            self._stream(columns, duckbehind.rows(cursor, statement))
        cursor.close()

    def _stream(self, columns: list[tuple[str, str]], rows: Iterator[Any]) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for place, line in enumerate(_lines(columns, rows)):
                data = json.dumps(line, ensure_ascii=False).encode() + b"\n"
                if place == self.shell.cut_after:
                    self._chunk(data[: int(len(data) * self.shell.cut_at)])
                    self.close_connection = True
                    self.wfile.write(b"0\r\n\r\n" if self.shell.cut_cleanly else b"")
                    return
                self._chunk(data)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:  # the client has left
            self.shell.left += 1
            self.close_connection = True

    def _chunk(self, data: bytes) -> None:
        if data:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _send(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def _lines(columns: list[tuple[str, str]], rows: Iterator[Any]) -> Iterator[dict[str, Any]]:
    ids = {"query_id": "1", "query_label": "", "request_id": "1"}
    described = [{"name": name, "type": _type(duck)} for name, duck in columns]
    yield {"message_type": "START", "result_columns": described, **ids}
    statistics = {"elapsed": 0.1}
    try:
        while taken := list(islice(rows, _LINE_ROWS)):
            yield {"message_type": "DATA", "data": [[_value(value) for value in row] for row in taken]}
    except (duckdb.Error, OSError) as error:
        yield {"message_type": "FINISH_WITH_ERRORS", "statistics": statistics, **_failed(str(error)), **ids}
    else:
        yield {"message_type": "FINISH_SUCCESSFULLY", "statistics": statistics}


def _failed(message: str) -> dict[str, Any]:
    return {"errors": [{"description": message}]}


def _refuse_what_is_none(tree: exp.Expression) -> None:
    if not isinstance(tree, exp.Query) or tree.find(exp.DML, exp.Create):
        raise ValueError("Syntax error: a SELECT was expected")


def _type(duck: str) -> str:
    if duck.endswith("[]"):
        return f"array({_type(duck[:-2])})"
    if found := _DECIMAL.fullmatch(duck.replace("HUGEINT", "DECIMAL(38,0)")):
        return f"numeric({found[1]}, {found[2]}) null"
    if found := re.fullmatch(r'STRUCT\("?(\w+)"? (.+)\)', duck):
        return f"struct({found[1]} {_type(found[2])})"
    return f"{_NAMES.get(duck, 'text')} null"


def _value(value: Any) -> Any:
    """Return a value as Firebolt has it in JSON."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=None).isoformat(' ')}{'+00' if value.tzinfo else ''}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float) and not abs(value) < float("inf"):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return str(value) if isinstance(value, (date, time)) else value
    return value if abs(value) < 2**31 else str(value)


@contextmanager
def _interrupting(client: Any, cursor: Any) -> Iterator[None]:
    """End a query whose client has left: until it is answered, a client says nothing else."""
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            if select.select([client], [], [], 0.1)[0]:
                cursor.interrupt()
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


@contextmanager
def running_firebolt() -> Iterator[Firebolt]:
    """Give an account's engine and Core in one; Core, as it is, asks nobody who is there."""
    shell = Firebolt()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"shell": shell}))
    server.daemon_threads = True
    shell.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield shell
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
