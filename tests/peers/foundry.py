"""A stub of Foundry's SQL queries and ontologies; DuckDB answers them.

No Foundry can be had for tests. Kept is what is published: tokens and clients of their own, queries that are
begun, asked after and cancelled, ids that have to be encoded, results as one stream of Arrow, and no more
than so many rows of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from secrets import token_urlsafe
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs

import duckdb
import pyarrow as pa
from pydantic import SecretStr
from sqlglot.errors import SqlglotError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bookward.sources.foundry import FoundrySpec
from tests.integration.web.site import listening
from tests.peers.broken import CutOff
from tests.peers.duckwarehouse import DuckWarehouse
from tests.peers.foundry_ontologies import Ontologies

_QUERIES = "/api/v2/sqlQueries"
_BATCH_ROWS = 2_000


@dataclass
class FoundryStub:
    """One enrolment with a token and an application. A branch is a schema of DuckDB's."""

    token: str = field(default_factory=token_urlsafe)
    client_secret: str = field(default_factory=token_urlsafe)
    url: str = ""
    cut: bool = False  #: results end in their middle
    without_end: bool = False  #: results end after a batch, as if that were all
    most_rows: int = 1_000_000
    granted: str = "granted"  #: what the application is given; changed, what it was given has run out
    scopes: list[str] = field(default_factory=list)  #: that tokens were asked for with
    late: bool = False  #: results come only when they are asked for again
    cancelled: Event = field(default_factory=Event)
    data: DuckWarehouse = field(default_factory=lambda: DuckWarehouse("spark"))
    _states: dict[str, dict[str, Any]] = field(default_factory=dict)
    _tables: dict[str, pa.Table] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    ontologies: Ontologies = field(init=False)

    def __post_init__(self) -> None:
        self.ontologies = Ontologies(self.data, self._turned_away)

    @contextmanager
    def running(self) -> Iterator[FoundryStub]:
        routes = [
            Route("/multipass/api/oauth2/token", self._grant, methods=["POST"]),
            Route(f"{_QUERIES}/execute", self._execute, methods=["POST"]),
            Route(f"{_QUERIES}/{{id:path}}/getStatus", self._status),
            Route(f"{_QUERIES}/{{id:path}}/getResults", self._results),
            Route(f"{_QUERIES}/{{id:path}}/cancel", self._cancel, methods=["POST"]),
            *self.ontologies.routes(),
        ]
        with listening(lambda _: Starlette(routes=routes)) as self.url:
            yield self

    def spec(self, branch: str, **ways: Any) -> FoundrySpec:
        return FoundrySpec(host=self.url, branches=[branch], **(ways or {"token": SecretStr(self.token)}))

    async def _grant(self, request: Request) -> Response:
        form = {name: value[0] for name, value in parse_qs((await request.body()).decode()).items()}
        if (form.get("client_id"), form.get("client_secret")) != ("application", self.client_secret):
            return JSONResponse({"error": "invalid_client", "error_description": "Unknown client"}, 401)
        self.scopes.append(form.get("scope", ""))
        return JSONResponse({"access_token": self.granted, "token_type": "bearer", "expires_in": 3600})

    def _turned_away(self, request: Request) -> Response | None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if given in (self.token, self.granted):
            return None
        said = {"errorCode": "UNAUTHORIZED", "errorName": "Unauthorized", "errorDescription": "Invalid token"}
        return JSONResponse(said, 401)

    async def _execute(self, request: Request) -> Response:
        if refused := self._turned_away(request):
            return refused
        asked = await request.json()
        assert asked["serializationFormat"] == "ARROW"
        id_ = f"query/{next(self._numbers)}"
        self._states[id_] = {"type": "running", "queryId": id_}
        work = Thread(target=self._work, args=(id_, asked), daemon=True)
        work.start()
        if not self.late:
            work.join()
        return JSONResponse(self._states[id_])

    def _work(self, id_: str, asked: dict[str, Any]) -> None:
        try:
            table = self.data.answer(asked["query"], asked.get("fallbackBranchIds", ["main"])[0])
        except (SqlglotError, duckdb.Error) as error:
            self._states[id_] = {"type": "failed", "errorMessage": f"syntax or analysis: {error}"}
            return
        self._tables[id_] = table.slice(0, self.most_rows)
        self._states[id_] = {"type": "succeeded", "queryId": id_}

    def _status(self, request: Request) -> Response:
        return self._turned_away(request) or JSONResponse(self._states[request.path_params["id"]])

    def _cancel(self, request: Request) -> Response:
        self.cancelled.set()
        self.data.interrupt()
        return self._turned_away(request) or Response(status_code=204)

    def _results(self, request: Request) -> Any:
        if refused := self._turned_away(request):
            return refused
        table = self._tables[request.path_params["id"]]
        large = table.num_rows > _BATCH_ROWS
        sink = pa.BufferOutputStream()
        writer = pa.ipc.new_stream(sink, table.schema)
        for batch in table.to_batches(max_chunksize=_BATCH_ROWS):
            writer.write_batch(batch)
            if large and self.without_end:
                return Response(sink.getvalue().to_pybytes())
        writer.close()
        body = sink.getvalue().to_pybytes()
        return CutOff(body) if large and self.cut else Response(body)


@contextmanager
def running_foundry() -> Iterator[FoundryStub]:
    with FoundryStub().running() as stub:
        yield stub
