"""ClickHouse's HTTP interface around an engine, of Python's own parts: an engine may live elsewhere.

Source: ClickHouse, docs/en/interfaces/http.md.
"""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

_FORMAT = re.compile(r"\s+FORMAT\s+(\w+)\s*$", re.IGNORECASE)
_NO_SETTINGS = {
    "query",
    "default_format",
    "database",
    "query_id",
    "wait_end_of_query",
    "client_protocol_version",
}
_TAG = "dmrdfnujjqvszhav"
_AUTHENTICATION_FAILED = 516


class Refused(Exception):
    """A query that the engine does not answer."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Engine(Protocol):
    """What runs the queries."""

    def run(
        self, sql: str, format_: str, database: str | None, settings: Mapping[str, str]
    ) -> Iterator[bytes]:
        """Yield the answer; of ArrowStream, one of its messages at a time."""


@dataclass
class ClickhouseHttp:
    """One server; it may be told to break off."""

    engine: Engine
    user: str
    password: str
    cut_after: int | None = None  #: chunks of an answer in Arrow, after which the connection is closed
    cut_cleanly: bool = False  #: as a proxy does that takes a lost connection for the end
    heard: list[str] = field(default_factory=list)  #: the queries
    agents: list[str] = field(default_factory=list)  #: of each query, who says to ask
    left: int = 0  #: clients that went before the end of an answer
    port: int = 0

    def bind(self, port: int = 0, certificate: str | None = None) -> ThreadingHTTPServer:
        """Return the server, listening and not yet answering."""
        server = ThreadingHTTPServer(("127.0.0.1", port), type("Bound", (_Handler,), {"shell": self}))
        server.daemon_threads = True
        if certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = server.server_port
        return server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  #: head and body are written apart
    shell: ClickhouseHttp

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        url = urlsplit(self.path)
        asked = dict(parse_qsl(url.query))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        given = f"{self.shell.user}:{self.shell.password}".encode()
        if self.headers.get("Authorization") != f"Basic {base64.b64encode(given).decode()}":
            self._refuse(Refused(_AUTHENTICATION_FAILED, f"{self.shell.user}: Authentication failed"), 403)
            return
        sql = asked.get("query", "") + body
        self.shell.heard.append(sql)
        self.shell.agents.append(self.headers["User-Agent"])
        settings = {name: value for name, value in asked.items() if name not in _NO_SETTINGS}
        named = _FORMAT.search(sql)
        format_ = named[1] if named else asked.get("default_format", "TabSeparated")
        try:
            answer = self.shell.engine.run(
                sql[: named.start()] if named else sql, format_, asked.get("database"), settings
            )
            first = next(answer, b"")
        except Refused as error:
            self._refuse(error, 500)
            return
        self._stream(chain([first], answer), format_)

    def _refuse(self, error: Refused, status: int) -> None:
        body = f"Code: {error.code}. DB::Exception: {error}\n".encode()
        self.send_response(status)
        self.send_header("X-ClickHouse-Exception-Code", str(error.code))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, answer: Iterator[bytes], format_: str) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("X-ClickHouse-Format", format_)
        self.send_header("X-ClickHouse-Exception-Tag", _TAG)
        self.end_headers()
        arrow = format_ == "ArrowStream"
        try:
            for place, chunk in enumerate(answer):
                if arrow and place == self.shell.cut_after:
                    self._cut()
                    return
                self._chunk(chunk)
        except Refused as error:
            text = f"Code: {error.code}. DB::Exception: {error}".replace("\n", " ")
            self._chunk(
                f"\r\n__exception__\r\n{_TAG}\r\n{text}\r\n{len(text)} {_TAG}\r\n__exception__\r\n".encode()
            )
        except ConnectionError:  # the client has left
            self.shell.left += 1
            self.close_connection = True
            return
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, data: bytes) -> None:
        if data:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _cut(self) -> None:
        if self.shell.cut_cleanly:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True
