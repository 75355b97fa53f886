"""A destination without latency: takes rows over HTTP, counts them, and remembers whose they were.

A request with an Idempotency-Key that came before is answered and changes nothing, as at Xero or Stripe.
Below Xero's path it answers contacts as Xero does.

Runs in a process of its own; bodies are looked into only when somebody asks what came.

    python bench/sink.py     # prints its address
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import uvicorn
from xeroanswers import HEADERS, PREFIX, XeroAnswers, elements, is_removal


@dataclass(frozen=True, kw_only=True)
class Received:
    """What came since the sink was emptied."""

    requests: int
    rows: int
    removed: int
    twice: int  #: rows beyond the first of their key
    missing: int  #: keys from 1 to as many as were expected of which nothing came


class Sink:
    """A sink in another process, seen from this one."""

    def __init__(self, url: str) -> None:
        self.url = url

    def empty(self) -> None:
        """Forget what came."""
        httpx.post(f"{self.url}/empty").raise_for_status()

    def received(self, expected: int) -> Received:
        """Return what came; ``expected`` is the highest key of the first sync, 0 where none is missed."""
        answer = httpx.get(f"{self.url}/received", params={"expected": expected}, timeout=60)
        return Received(**answer.raise_for_status().json())

    def requests(self) -> int:
        """Return how many requests came, without looking into them."""
        return int(httpx.get(f"{self.url}/requests").text)


@contextmanager
def running_sink() -> Iterator[Sink]:
    """Run a sink until the block is left."""
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Sink(process.stdout.readline().strip())
        finally:
            process.terminate()


class _Bodies:
    """The ASGI application."""

    def __init__(self) -> None:
        self._came: list[tuple[str, bytes]] = []
        self._keys: set[bytes] = set()
        self._xero = XeroAnswers()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        parts = []
        while (message := await receive()).get("more_body"):
            parts.append(message["body"])
        if message["type"] == "http.disconnect":
            return  # whoever sent it was killed on the way: half a request is none
        body = self._answer(scope, b"".join([*parts, message.get("body", b"")]))
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *HEADERS]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, scope: Any, body: bytes) -> bytes:
        match scope["path"]:
            case "/received":
                return json.dumps(self._received(int(scope["query_string"].partition(b"=")[2]))).encode()
            case "/requests":
                return b"%d" % len(self._came)
            case "/empty":
                self._came.clear()
            case path:
                key = dict(scope["headers"]).get(b"idempotency-key", b"")
                if key not in self._keys:
                    self._came.append((path, body))
                self._keys |= {key} - {b""}
                if path.startswith(PREFIX):
                    return self._xero.answer(body)
        return b"{}"

    def _received(self, expected: int) -> dict[str, int]:
        keys: Counter[str] = Counter()
        removed = 0
        for path, body in self._came:
            if path.startswith(PREFIX):
                rows = elements(body) if body else []
                removed += sum(map(is_removal, rows))
                keys.update(_xero_key(row) for row in rows if not is_removal(row))
            elif path == "/removed":
                removed += len(msgspec.json.decode(body))
            else:
                keys.update(str(row["id"]) for row in msgspec.json.decode(body))
        return {
            "requests": len(self._came),
            "rows": keys.total(),
            "removed": removed,
            "twice": keys.total() - len(keys),
            "missing": sum(str(key) not in keys for key in range(1, expected + 1)),
        }


def _xero_key(element: dict[str, Any]) -> str:
    return str(element.get("ContactNumber") or element["ContactID"])


def main() -> None:
    """Serve until told to end."""
    # With its protocol named: asyncio sends small answers at once only where it sees that it is TCP.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        config = uvicorn.Config(_Bodies(), log_level="error", access_log=False, lifespan="off")
        uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))  # nothing here may stand in for a library's module
    main()
