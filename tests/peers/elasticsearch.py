"""OpenSearch's engine in memory (osmem), and before it a gate that also speaks Elastic's routes.

The engine lets everybody in and speaks OpenSearch's; the gate checks keys and passwords, and says either
product's words for a point in time, so that every document that comes was found by a real query.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.peers.awssigned import signature_is_right
from tests.peers.http import Answer, Asked, Stub

USER, PASSWORD, API_KEY = "reader", "reader-secret", base64.b64encode(b"id:key-secret").decode()
KEY, KEY_SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
_PACKAGES = Path(__file__).parents[2] / ".venv" / "peers" / "osmem" / "lib"
_LETS_IN = {f"ApiKey {API_KEY}", f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"}
_COMPATIBLE = "application/vnd.elasticsearch+json;compatible-with=9"


class Engine:
    """One private engine."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=60)

    def fill(
        self, index: str, documents: Sequence[str], properties: Mapping[str, Any] | None = None, **more: Any
    ) -> None:
        """Index documents, each given as JSON, in an index made anew, whose mapping may say more."""
        self.client.delete(f"/{index}")
        mappings = {"mappings": {"properties": properties or {}, **more}}
        self.client.put(f"/{index}", json=mappings).raise_for_status()
        for start in range(0, len(documents), 1_000):
            lines = [
                f'{{"index": {{"_id": "{number}"}}}}\n{document}\n'
                for number, document in enumerate(documents[start : start + 1_000], start)
            ]
            done = self.client.post(
                f"/{index}/_bulk", content="".join(lines).encode(),
                headers={"Content-Type": "application/x-ndjson"},
            )  # fmt: skip
            assert done.json()["errors"] is False, done.text
        self.client.post(f"/{index}/_refresh").raise_for_status()  # with each part it would take the longer


class Gate(Stub):
    """Elasticsearch or OpenSearch, as a client sees it."""

    def __init__(self, engine: Engine, product: str = "elasticsearch") -> None:
        super().__init__()
        self._engine = engine
        self._is_elastic = product == "elasticsearch"
        self.changed: dict[int, Mapping[str, Any]] = {}  #: of the n-th page of a search, what is other

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") not in _LETS_IN and not self._is_signed(asked):
            error = {"type": "security_exception", "reason": "unable to authenticate"}
            return Answer({"error": {"root_cause": [error], **error}, "status": 401}, 401)
        path, body = self._translated(asked)
        done = self._engine.client.request(
            asked.method, path, params=asked.query, content=body, headers={"Content-Type": "application/json"}
        )
        headers = {"X-Elastic-Product": "Elasticsearch"} if self._is_elastic else {}
        if "compatible-with" in asked.headers.get("accept", ""):
            headers["Content-Type"] = _COMPATIBLE
        return Answer(self._said(asked, done.content), done.status_code, headers)

    def _is_signed(self, asked: Asked) -> bool:
        url = f"{self.url}{asked.path}?{urlencode(asked.query)}"
        return signature_is_right(asked.method, url, asked.headers, asked.body, KEY, KEY_SECRET, "es")

    def _translated(self, asked: Asked) -> tuple[str, bytes]:
        path, body = asked.path, asked.body
        if self._is_elastic and path.endswith("/_pit"):
            path = path.removesuffix("_pit") + "_search/point_in_time"
            if asked.method == "DELETE":
                body = json.dumps({"pit_id": [asked.json["id"]]}).encode()
        return path, body

    def _said(self, asked: Asked, content: bytes) -> bytes:
        if self._is_elastic and asked.path == "/":
            version = {"number": "9.5.1", "build_flavor": "default"}
            return json.dumps({"version": version, "tagline": "You Know, for Search"}).encode()
        if self._is_elastic and asked.path.endswith("/_pit") and asked.method == "POST":
            return content.replace(b'"pit_id":', b'"id":')
        page = sum(each.path == "/_search" for each in self.asked)
        if asked.path == "/_search" and page in self.changed:
            return json.dumps(json.loads(content) | self.changed[page]).encode()
        return content  # not parsed and written again: numbers keep their digits


@contextmanager
def running_engine() -> Iterator[Engine]:
    """Give a fresh engine that is stopped at the end."""
    program = next(_PACKAGES.glob("python3*/site-packages/osmem_server/bin/osmem-server"), None)
    if program is None:
        pytest.fail("These tests need osmem-server: `make peers` installs it.", pytrace=False)
    command = [program, "-addr", "127.0.0.1:0", "-no-ja"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        engine = Engine(json.loads(process.stdout.readline())["url"])
        try:
            with engine.client:
                yield engine
        finally:
            process.kill()
