"""bqemulator, an emulator of BigQuery: dialect, catalogue, REST interface and Storage Read API, on DuckDB."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, bigquery_storage
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport

from tests.peers.emulators import environment, running
from tests.peers.postgres import free_port

_PINS = (
    "bqemulator==1.4.0", "duckdb==1.5.5", "numpy", "duckdb-extension-spatial==1.5.5",
    "duckdb-extension-avro==1.5.5",
)  # fmt: skip
_PROJECT = "books"


@dataclass
class BigQueryEmulator:
    """One emulator; whoever asks is let in."""

    rest: int
    grpc: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.rest}"

    @contextmanager
    def client(self) -> Iterator[Any]:
        options = {"api_endpoint": self.url}
        client = bigquery.Client(_PROJECT, credentials=AnonymousCredentials(), client_options=options)
        try:
            yield client
        finally:
            client.close()

    def execute(self, *statements: str) -> None:
        with self.client() as client:
            for statement in statements:
                client.query(statement).result()

    @contextmanager
    def storage(self) -> Iterator[Any]:
        """Give the client of the Storage Read API, which is reached at a port of its own."""
        unlimited = [("grpc.max_receive_message_length", -1)]
        with grpc.insecure_channel(f"127.0.0.1:{self.grpc}", options=unlimited) as channel:
            yield bigquery_storage.BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))


@contextmanager
def running_bqemulator() -> Iterator[BigQueryEmulator]:
    """Give a fresh emulator with nothing in it."""
    python = environment("bqemulator", *_PINS)
    emulator = BigQueryEmulator(free_port(), free_port())

    def answers() -> bool:
        try:
            return httpx.get(f"{emulator.url}/healthz", timeout=5).status_code < 500
        except httpx.TransportError:
            return False

    with tempfile.TemporaryDirectory(prefix="bookward-bqemulator-") as home:
        _extensions(python, Path(home))
        ports = ["--rest-port", str(emulator.rest), "--grpc-port", str(emulator.grpc)]
        with running([python / "bin" / "bqemulator", "start", *ports], answers, {"HOME": home}):
            yield emulator


def _extensions(python: Path, home: Path) -> None:
    """Lay DuckDB's extensions where the emulator would download them to."""
    for file in python.glob("lib/python*/site-packages/duckdb_extension_*/extensions/v*/*.duckdb_extension"):
        folder = home / ".duckdb" / "extensions" / file.parent.name / "linux_amd64"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder / file.name)
