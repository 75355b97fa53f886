"""fakesnow, an emulator of Snowflake: snowflake's own dialect, catalogue and folding of names, on DuckDB."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import snowflake.connector

from tests.peers.emulators import environment, running
from tests.peers.postgres import free_port

_SERVER = Path(__file__).with_name("fakesnow_server.py")


@contextmanager
def running_fakesnow() -> Iterator[int]:
    """Give the port of a fresh emulator; any user and password sign in."""
    python = environment("fakesnow", "fakesnow[server]==0.12.1", "snowflake-connector-python==4.8.1")
    port = free_port()

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    with running([python / "bin" / "python", "-I", _SERVER, str(port)], answers):
        yield port


def execute(port: int, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements with the vendor's client, and return the rows of the last."""
    with snowflake.connector.connect(
        account="books", user="owner", password="owner", protocol="http", host="127.0.0.1", port=port,
        enable_server_session_keep_alive_auto_detection=False,
    ) as connection, connection.cursor() as cursor:  # fmt: skip
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall()
