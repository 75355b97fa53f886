"""The ports in memory, and a Xero whose answers a test writes down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock

import httpx

from bookward.destinations.base import Services
from bookward.destinations.xero.client import XeroClient
from bookward.destinations.xero.spec import XeroSpec
from bookward.ports import Tokens
from bookward.records import ApiCall
from tests.fakes import FakeClock, MemoryBudget

NAME = "xero-production"
TENANT = "c3d5e7f9-0000-4000-8000-000000000001"
BASE = "http://xero.test"


class MemoryCalls:
    def __init__(self) -> None:
        self.made: list[ApiCall] = []

    def record(self, call: ApiCall) -> None:
        self.made.append(call)

    @property
    def statuses(self) -> list[int | None]:
        return [call.status for call in self.made]


class MemoryVault:
    def __init__(self, tokens: Tokens | None = None) -> None:
        self.tokens = {NAME: tokens} if tokens else {}
        self.lock = Lock()
        self.history: list[str] = []

    def load(self, destination: str) -> Tokens | None:
        return self.tokens.get(destination)

    def save(self, destination: str, tokens: Tokens) -> None:
        self.history.append(f"saved {tokens.access_token}")
        self.tokens[destination] = tokens

    def forget(self, destination: str) -> None:
        self.history.append("forgotten")
        self.tokens.pop(destination, None)

    @contextmanager
    def refreshing(self, destination: str) -> Iterator[None]:
        with self.lock:
            self.history.append("locked")
            yield


class NoIndex:
    """The client never touches the index."""


def tokens(access: str = "access-token-0001", *, lives: float = 1800, refresh: str | None = "refresh-0001"):
    return Tokens(
        access_token=access,
        refresh_token=refresh,
        expires_at=datetime(2026, 11, 2, 9, 0, tzinfo=UTC) + timedelta(seconds=lives),
        scope="accounting.contacts",
        tenant_id=TENANT,
        tenant_name="Harbour Analytics",
        at=BASE,
    )


def spec(**settings) -> XeroSpec:
    given = {"type": "xero", "client_id": "CLIENT", "client_secret": "the-client-secret", "base_url": BASE}
    return XeroSpec.model_validate({**given, **settings})


class World:
    """A client with all that it stands on."""

    def __init__(
        self,
        handler: Callable[[httpx.Request], httpx.Response] | None = None,
        *,
        signed_in: Tokens | None = tokens(),  # noqa: B008  # frozen
        budget: MemoryBudget | None = None,
        clock: FakeClock | None = None,
        **settings,
    ) -> None:
        self.clock = clock or FakeClock()
        self.calls = MemoryCalls()
        self.budget = budget or MemoryBudget()
        self.spec = spec(**settings)
        self.vault = MemoryVault(replace(signed_in, at=self.spec.stand_in) if signed_in else None)
        self.services = Services(
            clock=self.clock, calls=self.calls, budget=self.budget, vault=self.vault, index=NoIndex()
        )
        self.transport = httpx.MockTransport(handler) if handler else None
        self.client = XeroClient(NAME, self.spec, self.services, self.transport)

    def get(self, path: str = "Contacts", **more):
        return self.client.request("GET", path, purpose="read contacts", **more)

    def post(self, body: bytes = b'{"Contacts":[]}', **more):
        return self.client.request("POST", "Contacts", purpose="send contacts", body=body, **more)


def limits(minute: int = 59, day: int = 4999) -> dict[str, str]:
    return {
        "X-MinLimit-Remaining": str(minute),
        "X-DayLimit-Remaining": str(day),
        "X-AppMinLimit-Remaining": "9999",
    }


def ok(value: object = None, **headers: str) -> httpx.Response:
    return httpx.Response(200, json={} if value is None else value, headers={**limits(), **headers})


def too_many(problem: str, retry_after: str | None = None, **headers: str) -> httpx.Response:
    more = {"Retry-After": retry_after} if retry_after is not None else {}
    return httpx.Response(429, headers={"X-Rate-Limit-Problem": problem, **more, **headers})


def script(*answers: httpx.Response | Exception) -> Callable[[httpx.Request], httpx.Response]:
    """Return a handler that gives these answers, one after the other."""
    left = iter(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return handle


def granted(
    access: str = "access-token-0002", refresh: str | None = "refresh-0002", **more
) -> httpx.Response:
    value = {"access_token": access, "expires_in": 1800, "token_type": "Bearer", "scope": "a b", **more}
    return httpx.Response(200, json=value | ({"refresh_token": refresh} if refresh else {}))


def is_token_call(request: httpx.Request) -> bool:
    return request.url.path == "/connect/token"


def shown(call: ApiCall) -> str:
    """Return all that a recorded call says, as one text."""
    return json.dumps(
        [
            call.url,
            call.request_headers,
            call.request_body.decode("latin-1"),
            call.response_headers,
            call.response_body.decode("latin-1"),
            call.error,
            call.purpose,
        ],
        ensure_ascii=False,
    )
