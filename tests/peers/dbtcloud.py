"""A stub of dbt Cloud: the runs of jobs and what they wrote, as its Administrative API, version 2, has them.

No dbt Cloud can be had for tests. What is published of the API is kept: the address, the token, the filters,
the orders that are allowed since May 2023, pages of at most 100, the envelope, the numbers of the statuses
(1 queued, 2 starting, 3 running, 10 success, 20 error, 30 cancelled), times with a space before the hour, and
that a job's artefacts are those of its last good run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.integration.web.site import listening

STATUS = {"queued": 1, "starting": 2, "running": 3, "success": 10, "error": 20, "cancelled": 30}
_ORDERS = ("id", "created_at", "finished_at")
_MOST = 100


@dataclass
class DbtCloudStub:
    """One account; ``down`` answers everything with that status."""

    account: int
    token: str
    url: str = ""
    down: int | None = None
    headers: dict[str, str] = field(default_factory=dict)  #: of answers while it is down
    runs: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)  #: the queries that came in
    artefacts: dict[int, dict[str, bytes]] = field(default_factory=dict)  #: by the number of a run, and name

    @contextmanager
    def running(self) -> Iterator[DbtCloudStub]:
        account = "/api/v2/accounts/{account:int}"
        routes = [
            Route(f"{account}/runs/", self._list),
            Route(f"{account}/runs/{{run:int}}/artifacts/{{name:path}}", self._of_run),
            Route(f"{account}/jobs/{{job:int}}/artifacts/{{name:path}}", self._of_job),
        ]
        with listening(lambda _: Starlette(routes=routes)) as self.url:
            yield self

    def add(self, job: int, status: str, at: datetime, **artefacts: bytes) -> int:
        """Add a run of a job.

        Args:
            job: its number.
            status: how the run is, or how it ended.
            at: when it was made, and when it ended if it has.
            artefacts: that it wrote, by their names without ``.json``.
        """
        number = 7000 + len(self.runs)
        ended = _time(at) if STATUS[status] >= STATUS["success"] else None
        run = {"id": number, "job_definition_id": job, "account_id": self.account, "status": STATUS[status]}
        run |= {"created_at": _time(at), "finished_at": ended, "status_humanized": status.title()}
        self.artefacts[number] = {f"{name}.json": content for name, content in artefacts.items()}
        self.runs.append(run | {"is_complete": ended is not None, "is_success": status == "success"})
        return number

    def _list(self, request: Request) -> Response:
        self.calls.append(request.url.query)
        if refusal := self._refusal(request):
            return refusal
        asked = request.query_params
        order = asked.get("order_by", "id")
        limit, offset = int(asked.get("limit", _MOST)), int(asked.get("offset", 0))
        if order.removeprefix("-") not in _ORDERS or not 1 <= limit <= _MOST:
            return _answer(400, "The request was invalid.")
        found = [run for run in self.runs if _fits(run, asked)]
        by = order.removeprefix("-")
        # As in PostgreSQL: what has no value comes last, and first when the order is turned round.
        found.sort(key=lambda run: (run[by] is None, run[by] or 0), reverse=order.startswith("-"))
        page = found[offset : offset + limit]
        pagination = {"count": len(page), "total_count": len(found)}
        extra = {"filters": {"limit": limit, "offset": offset}, "order_by": order, "pagination": pagination}
        return _answer(200, "Success!", page, extra)

    def _of_run(self, request: Request) -> Response:
        return self._refusal(request) or self._artefact(request.path_params["run"], request)

    def _of_job(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        job = request.path_params["job"]
        good = [run["id"] for run in self.runs if run["job_definition_id"] == job and run["is_success"]]
        return self._artefact(good[-1] if good else None, request)

    def _artefact(self, run: int | None, request: Request) -> Response:
        content = self.artefacts.get(run or 0, {}).get(request.path_params["name"])
        return _not_found() if content is None else Response(content, media_type="application/json")

    def _refusal(self, request: Request) -> Response | None:
        if self.down is not None:
            return Response("<html>not now</html>", self.down, self.headers)
        if request.headers.get("authorization") not in (f"Token {self.token}", f"Bearer {self.token}"):
            return _answer(401, "Invalid token.")
        return _not_found() if request.path_params["account"] != self.account else None


def _not_found() -> Response:
    return _answer(404, "The requested resource was not found.")


def _fits(run: dict[str, Any], asked: Any) -> bool:
    return all(str(run[name]) == asked[name] for name in ("job_definition_id", "status") if name in asked)


def _answer(code: int, said: str, data: Any = None, extra: Any = None) -> Response:
    status = {"code": code, "is_success": code == 200, "user_message": said, "developer_message": ""}
    return JSONResponse({"status": status, "data": data, "extra": extra}, code)


def _time(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="microseconds")
