"""What the stubs of services over HTTP share: a server that can be busy, or cut an answer off."""

from __future__ import annotations

import json
import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, urlsplit

Served = TypeVar("Served", bound="Stub")


class Asked(NamedTuple):
    """A request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"{}")


class Answer(NamedTuple):
    """What is answered: JSON, or bytes as they are."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = {}


class Stub(ABC):
    """A service that answers as its documentation says."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.busy = 0  #: so many requests are told to come later
        self.says_when = True  #: namely at once
        self.whole = -1  #: so many answers are given whole, and the next is cut off; -1 for all
        self.chunked = False  #: answers do not say beforehand how long they are

    @abstractmethod
    def answer(self, asked: Asked) -> Answer:
        """Return what is answered."""

    def answered(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if self.busy:
            self.busy -= 1
            return Answer({"error": "busy"}, 429, {"Retry-After": "0"} if self.says_when else {})
        return self.answer(asked)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  #: head and body are written apart
    stub: Stub

    def _take(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self._give(self.stub.answered(Asked(self.command, parts.path, query, headers, body)))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _take  # noqa: N815 - the library's names

    def _give(self, given: Answer) -> None:
        stub = self.stub
        body = given.body if isinstance(given.body, bytes) else json.dumps(given.body).encode()
        cut, stub.whole = stub.whole == 0, stub.whole - 1
        self.send_response(given.status)
        for name, value in ({"Content-Type": "application/json"} | dict(given.headers)).items():
            self.send_header(name, value)
        if stub.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        part = body[: len(body) // 2] if cut else body
        if self.command != "HEAD":
            end = b"" if cut else b"0\r\n\r\n"
            self.wfile.write(b"%x\r\n%s\r\n%s" % (len(part), part, end) if stub.chunked else part)
        self.close_connection = self.close_connection or cut

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(stub: Served, certificate: Path | None = None) -> Iterator[Served]:
    """Let a stub answer at its ``url``; encrypted where there is a certificate with its key."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stub": stub}))
    host, scheme = "127.0.0.1", "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        host, scheme = "localhost", "https"
    stub.url = f"{scheme}://{host}:{server.server_port}"
    with server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield stub
        server.shutdown()
