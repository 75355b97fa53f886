"""One request and its answer: limits, faults and commit in their order, between ASGI and the resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bookward.demo.xero.answers import Answer, Refused, empty_answer, html_answer
from bookward.demo.xero.faults import CutConnection, Fault, FaultKind, Trouble
from bookward.demo.xero.options import Company
from bookward.demo.xero.tokens import Session
from bookward.demo.xero.world import Call, World

CONTROL = "/_control/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One request, whole."""

    method: str
    path: str
    query_text: str
    headers: Mapping[str, str]
    base_url: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def query(self) -> dict[str, str]:
        """Return the query's values, names in lower case, the last of equal names."""
        pairs = parse_qsl(self.query_text, keep_blank_values=True)
        return {name.lower(): value for name, value in pairs}

    @property
    def form(self) -> dict[str, list[str]]:
        values: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True):
            values.setdefault(name, []).append(value)
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A request that was let in, and what to do when it leaves."""

    headers: Mapping[str, str] = field(default_factory=dict)
    session: Session | None = None
    company: Company | None = None
    leave: Callable[[], None] = lambda: None


class Handler(Protocol):
    """What serves one kind of path."""

    def admit(self, incoming: Incoming) -> Admission:
        """Let a request in, before its body is read.

        Raises:
            Refused: it does not get in.
        """

    def handle(self, incoming: Incoming, admission: Admission, fault: Fault | None) -> Answer:
        """Do what is asked and commit it.

        Raises:
            Refused: nothing was done.
        """


class Endpoint:
    """A handler as an ASGI application, faults included."""

    def __init__(self, world: World, handler: Handler) -> None:
        self._world = world
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            answer = await self._answered(request)
        except ClientDisconnect:
            self._log(request, 0)
        except CutConnection as cut:
            self._log(request, 0)
            await _cut(scope, receive, send, cut.sent)
        else:
            self._log(request, answer.status)
            date = {"Date": format_datetime(self._world.clock.now(), usegmt=True)}
            await _response(replace(answer, headers={**date, **answer.headers}))(scope, receive, send)

    async def _answered(self, request: Request) -> Answer:
        options = self._world.options
        incoming = _incoming(request)
        if len(incoming.query_text) > options.query_limit:
            return html_answer(404)
        trouble = self._trouble(incoming)
        fault = trouble.fault
        try:
            if fault is not None and fault.kind in {FaultKind.TOKEN_EXPIRED, FaultKind.RATE_LIMIT}:
                return fault.refusal()
            admission = self._handler.admit(incoming)
        except Refused as refused:
            return refused.answer
        try:
            answer = await self._carried_out(request, incoming, admission, trouble)
            return replace(answer, headers={**answer.headers, **admission.headers})
        finally:
            admission.leave()

    def _trouble(self, incoming: Incoming) -> Trouble:
        if incoming.path.startswith(CONTROL):
            return Trouble()
        return self._world.faults.take(incoming.method, incoming.path)

    async def _carried_out(
        self,
        request: Request,
        incoming: Incoming,
        admission: Admission,
        trouble: Trouble,
    ) -> Answer:
        fault = trouble.fault
        begun = self._world.clock.now()
        body = await _body(request, self._world.options.body_limit)
        if body is None:
            return empty_answer(self._world.options.too_large_status)
        for delay in trouble.delays:
            await self._wait(delay, trouble, "before", 0, begun)
        if fault is not None and (early := fault.before()) is not None:
            return early
        answer = await run_in_threadpool(self._handled, replace(incoming, body=body), admission, fault)
        for delay in trouble.delays:
            await self._wait(delay, trouble, "after", answer.elements, begun)
        return answer if fault is None else fault.after(answer)

    def _handled(self, incoming: Incoming, admission: Admission, fault: Fault | None) -> Answer:
        try:
            return self._handler.handle(incoming, admission, fault)
        except Refused as refused:
            return refused.answer

    async def _wait(self, delay: Fault, trouble: Trouble, side: str, elements: int, begun: datetime) -> None:
        seconds = delay.delay(side, elements, (self._world.clock.now() - begun).total_seconds())
        if delay.kind is FaultKind.HOLD and delay.when == side:
            await run_in_threadpool(trouble.released.wait)
        elif seconds:
            await run_in_threadpool(self._world.clock.sleep, seconds)

    def _log(self, request: Request, status: int) -> None:
        if not request.url.path.startswith(CONTROL):
            self._world.calls.append(Call(request.method, request.url.path, status))


def _incoming(request: Request) -> Incoming:
    return Incoming(
        method=request.method,
        path=request.url.path,
        query_text=request.url.query,
        headers=request.headers,
        base_url=str(request.base_url).rstrip("/"),
        params=request.path_params,
    )


async def _body(request: Request, limit: int) -> bytes | None:
    """Return the body, None where it is larger than allowed."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size <= limit:
            parts.append(part)
    return b"".join(parts) if size <= limit else None


def _response(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if answer.type:
        headers["content-type"] = answer.type
    return Response(answer.body, answer.status, headers)


async def _cut(scope: Scope, receive: Receive, send: Send, sent: Answer | None) -> None:
    """Close the connection under the server's feet, half an answer being sent before or none at all."""
    transport = cast("Any", scope["state"]["transport"])
    if sent is None:
        transport.abort()
    else:
        head = [(b"content-type", sent.type.encode()), (b"content-length", str(len(sent.body)).encode())]
        await send({"type": "http.response.start", "status": sent.status, "headers": head})
        half = sent.body[: len(sent.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        transport.close()
    # Until the server has seen the end of the connection it would answer with an error of its own.
    while (await receive())["type"] != "http.disconnect":
        pass
