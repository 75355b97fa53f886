"""Makes HTTP exchanges and writes every one of them down, secrets taken out first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import httpx

from bookward.clock import SystemClock
from bookward.destinations.base import Services
from bookward.destinations.xero.deadline import DeadlineTransport
from bookward.destinations.xero.exchange import Answer, Asked
from bookward.destinations.xero.faults import Unavailable
from bookward.destinations.xero.redaction import Redactor
from bookward.destinations.xero.spec import XeroSpec
from bookward.errors import AnswerLost, BookwardError
from bookward.records import ApiCall

_LONGEST_BODY = 64 * 1024 * 1024  # far above any page of Xero's; keeps a runaway answer out of memory

_NOTHING_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


@dataclass(slots=True)
class _Received:
    """As much of an answer as has come in."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    fault: str | None = "interrupted"  #: why the answer is not whole
    sent: bool = True  #: the request may have left


class Recorder:
    """The only place where bytes go to Xero and come back; may be shared by threads."""

    def __init__(
        self, destination: str, spec: XeroSpec, services: Services, transport: httpx.BaseTransport | None
    ) -> None:
        self._destination = destination
        self._services = services
        self._timeout = spec.timeout_seconds
        self._transport = transport or DeadlineTransport()
        self._redactor = Redactor()
        if spec.client_secret is not None:
            self._redactor.learn([spec.client_secret.get_secret_value()])

    def exchange(self, asked: Asked) -> Answer:
        """Send a request once and return the whole answer.

        Raises:
            Unavailable: nothing was sent.
            AnswerLost: the request may have left, and no whole answer came back in time.
        """
        self._redactor.learn_request(asked.headers, asked.body)
        clock = self._services.clock
        begun, up = clock.now(), clock.uptime().seconds
        received = _Received()
        try:
            self._receive(asked, received)
        finally:
            seconds = clock.uptime().seconds - up
            self._record(asked, received, begun, seconds)
        if received.fault is not None or received.status is None:
            raise self._error(asked, received)
        return Answer(
            status=received.status, headers=received.headers, body=bytes(received.body), seconds=seconds
        )

    def clean(self, answer: Answer) -> Answer:
        """Return an answer without our own secrets, should it echo them."""
        return Answer(
            status=answer.status,
            headers={name: self._redactor.text(value) for name, value in answer.headers.items()},
            body=self._redactor.values(answer.body),
            seconds=answer.seconds,
        )

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _receive(self, asked: Asked, received: _Received) -> None:
        deadline = SystemClock().uptime().seconds + self._timeout
        try:
            response = self._transport.handle_request(_request(asked, deadline, self._timeout))
            try:
                _read(response, received, deadline)
            finally:
                response.close()
        except _NOTHING_SENT as error:
            received.fault, received.sent = _described(error), False
        except httpx.RequestError as error:
            received.fault = _described(error)
        else:
            received.fault = None

    def _record(self, asked: Asked, received: _Received, begun: datetime, seconds: float) -> None:
        body = bytes(received.body)
        self._redactor.learn_answer(received.headers, body)
        self._services.calls.record(
            ApiCall(
                run=asked.run,
                destination=self._destination,
                at=begun,
                purpose=asked.purpose,
                method=asked.method,
                url=self._redactor.text(asked.url),
                status=received.status,
                duration_ms=seconds * 1000,
                request_headers=self._redactor.headers(asked.headers),
                request_body=self._redactor.body(asked.body),
                response_headers=self._redactor.headers(received.headers),
                response_body=self._redactor.body(body),
                error=None if received.fault is None else self._redactor.text(received.fault),
                rows=asked.rows,
            )
        )

    def _error(self, asked: Asked, received: _Received) -> BookwardError:
        # Made outside of any `except`: what httpx raises holds the request, and so the tokens.
        host = httpx.URL(asked.url).netloc.decode()
        fault = self._redactor.text(received.fault or "no status")
        if not received.sent:
            return Unavailable(f"No connection to {host} to {asked.purpose}: {fault}.")
        return AnswerLost(f"No whole answer came from {host} when asked to {asked.purpose}: {fault}.")


def _request(asked: Asked, deadline: float, timeout: float) -> httpx.Request:
    return httpx.Request(
        asked.method,
        asked.url,
        headers=asked.headers,
        content=asked.body or None,
        extensions={"timeout": httpx.Timeout(timeout).as_dict(), "deadline": deadline},
    )


def _read(response: httpx.Response, received: _Received, deadline: float) -> None:
    received.status = response.status_code
    received.headers = {name.lower(): value for name, value in response.headers.items()}
    for piece in response.iter_bytes():
        received.body += piece
        if SystemClock().uptime().seconds > deadline:
            raise httpx.ReadTimeout("the answer was not whole when the time was over")
        if len(received.body) > _LONGEST_BODY:
            raise httpx.ReadError(f"the answer is longer than {_LONGEST_BODY} bytes")


def _described(error: httpx.RequestError) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
