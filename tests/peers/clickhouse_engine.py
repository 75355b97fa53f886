"""The real engine of ClickHouse behind its HTTP interface; chDB is large, and has an environment of its own.

Usage: python -m tests.peers.clickhouse_engine PORT FOLDER USER PASSWORD
"""

from __future__ import annotations

import re
import struct
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import chdb

from tests.peers.clickhouse_http import ClickhouseHttp, Refused

_END = b"\xff\xff\xff\xff\0\0\0\0"
_SAID = re.compile(r"Code: (\d+)\. DB::Exception: (.+)", re.DOTALL)


class ChdbEngine:
    """Runs every query in a session of its own."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._held = chdb.connect(folder)  # the engine ends with its last session

    def run(
        self, sql: str, format_: str, database: str | None, settings: Mapping[str, str]
    ) -> Iterator[bytes]:
        try:
            session = chdb.connect(self._folder)
            if database:
                session.query(f"USE `{database}`")
            for name, value in settings.items():
                session.query(f"SET {name} = '{value}'")
            yield from (
                _joined(session, sql) if format_ == "ArrowStream" else [session.query(sql, format_).bytes()]
            )
        except Exception as error:
            said = _SAID.search(str(error))
            raise Refused(int(said[1]), said[2].strip()) if said else error from error


def _joined(session: Any, sql: str) -> Iterator[bytes]:
    """Yield one stream, of the whole streams that chDB makes of each block."""
    begun = False
    for block in session.send_query(sql, "ArrowStream"):
        stream = block.bytes()
        yield stream[_first_message(stream) if begun else 0 : -len(_END)]
        begun = True
    yield _END if begun else session.query(sql, "ArrowStream").bytes()


def _first_message(stream: bytes) -> int:
    (length,) = struct.unpack_from("<i", stream, 4)
    return 8 + length


def main(port: str, folder: str, user: str, password: str) -> None:
    ClickhouseHttp(ChdbEngine(folder), user, password).bind(int(port)).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
