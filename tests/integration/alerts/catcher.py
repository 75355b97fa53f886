"""A real HTTP server that keeps what it is asked and answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Caught:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]  #: names in lower case
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    status: int = 200
    body: Any = field(default_factory=dict)  #: bytes, or what is written as JSON
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Catcher:
    url: str
    caught: list[Caught] = field(default_factory=list)
    answer: Callable[[Caught], Reply] = field(default=lambda _: Reply())

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Catcher]:
        catcher = cls("")

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                caught = Caught(self.command, self.path, headers, self.rfile.read(length))
                catcher.caught.append(caught)
                reply = catcher.answer(caught)
                body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                self.send_response(reply.status)
                for name, value in ({"Content-Type": "application/json"} | reply.headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = _answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        catcher.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield catcher
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
