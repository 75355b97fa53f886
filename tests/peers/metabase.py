"""Metabase as its documentation has it: questions and SQL, run by DuckDB and streamed row by row.

An error in the middle stands behind the rows that have been sent, as in Metabase before version 63; later
versions leave the list without its end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import duckdb
import pyarrow as pa

from tests.peers.http import Answer, Asked, Stub

API_KEY = "mb_metabase-secret"


class Metabase(Stub):
    """One Metabase with one database, number 1, which is ``connection``."""

    def __init__(self) -> None:
        super().__init__()
        self.chunked = True
        self.connection = duckdb.connect()
        self.questions: dict[int, str] = {}
        self.titles: dict[int, Sequence[str]] = {}  #: of a question's columns, where they are other
        self.limit = 1_048_575
        self.engine = "duckdb"  #: what it says the database is
        self.tells = True  #: what failed, behind the rows

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("x-api-key") != API_KEY:
            return Answer(b"Unauthenticated", 401)
        if asked.path == "/api/user/current":
            return Answer({"id": 7, "common_name": "Bookward key"})
        if asked.path == "/api/database/1":
            return Answer({"id": 1, "name": "shop", "engine": self.engine})
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if asked.path == "/api/dataset/json":
            query = json.loads(form["query"])
            assert (query["database"], query["type"]) == (1, "native")
            return self._exported(query["native"]["query"])
        number = int(asked.path.split("/")[3])
        if number not in self.questions:
            return Answer(b"Not found.", 404)
        if asked.method == "GET":
            names = self.titles.get(number) or self.connection.sql(self.questions[number]).columns
            return Answer({"result_metadata": [{"name": name, "display_name": name} for name in names]})
        assert form["format_rows"] == "false"
        return self._exported(self.questions[number])

    def _exported(self, sql: str) -> Answer:
        parts: list[str] = []
        try:
            cursor = self.connection.cursor()
            # Rows are sent while others are still to be found, and so before an error.
            cursor.execute("SET streaming_buffer_size = '10KB'")
            found: Any = cursor.sql(f"SELECT * FROM ({sql}) LIMIT {self.limit}")
            for batch in found.to_arrow_reader(1_000):
                parts += map(_object, batch.to_pylist())
            body = "[\n" + ",\n".join(parts) + "\n]"
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            told = {"status": "failed", "error": str(error).splitlines()[0], "data": {"rows": [], "cols": []}}
            begun = "[\n" + ",\n".join(parts) if parts else ""
            body = begun + (json.dumps(told) if self.tells or not parts else "")
        return Answer(body.encode())


def _object(row: Mapping[str, Any]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{_written(value)}" for name, value in row.items()) + "}"


def _written(value: Any) -> str:
    return str(value) if isinstance(value, Decimal) else json.dumps(value, default=str)
