"""Foundry, asked over HTTP; and its SQL queries: begun, waited for, and read as one stream of Arrow.

Source: Palantir, foundry-platform-python, docs/v2/SqlQueries; Foundry API, "Limits".
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx

from bookward.heavy import pa
from bookward.sources import jsontext, patience
from bookward.sources.arrowstream import END, slices
from bookward.sources.foundry.spec import FoundrySpec
from bookward.sources.oauth import ClientCredentials
from bookward.sources.statements import StatementRefused, StatementSlow, said

_QUERIES = "/api/v2/sqlQueries"
SCOPE = "api:sql-queries-execute api:sql-queries-read api:datasets-read"
NAMES = ("errorDescription", "errorName", "error_description")
"""Where an answer that is an error has its words."""

_READ_TIMEOUT = 90
_POLL = 1.0  # seconds


class ResultBroken(Exception):
    """A result did not come to its end."""


def opened(spec: FoundrySpec, scope: str) -> httpx.Client:
    """Return a client of the enrolment that signs in by itself; an application, for ``scope``."""
    host = spec.host.rstrip("/")
    auth, headers = None, {}
    if spec.client_id is not None and spec.client_secret is not None:
        asked = {"grant_type": "client_credentials", "client_id": spec.client_id, "scope": scope}
        asked["client_secret"] = spec.client_secret.get_secret_value()
        auth = ClientCredentials(httpx.Request("POST", f"{host}/multipass/api/oauth2/token", data=asked))
    elif spec.token is not None:
        headers["Authorization"] = f"Bearer {spec.token.get_secret_value()}"
    timeout = httpx.Timeout(_READ_TIMEOUT, connect=spec.connect_timeout)
    return httpx.Client(base_url=host, auth=auth, headers=headers, timeout=timeout)


class Foundry:
    """Asks an enrolment, and again when it takes no more for now."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def asked(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        """Return what is answered, numbers as ``jsontext.Digits``.

        Raises:
            ResultBroken: it is no JSON, or no object.
            httpx.HTTPError: there is no good answer.
        """
        for usual in (*(2**number for number in range(patience.TRIES)), None):
            answer = self._client.request(method, path, **given)
            if answer.status_code not in patience.LATER or usual is None:
                break
            time.sleep(patience.wait(answer, usual))
        answer.raise_for_status()
        try:
            found = jsontext.parsed(answer.content)
        except ValueError as error:
            raise ResultBroken(f"the answer is no JSON: {error}") from error
        if not isinstance(found, dict):
            raise ResultBroken("the answer is no object")
        return found

    def said(self, answer: httpx.Response) -> str:
        """Return the words in an answer that is an error, its name first."""
        return ": ".join(dict.fromkeys((said(answer, NAMES[1:]), said(answer, NAMES))))


class Query:
    """Runs queries, one after the other."""

    def __init__(self, client: httpx.Client, spec: FoundrySpec) -> None:
        self._client = client
        self._foundry = Foundry(client)
        self._spec = spec

    def run(self, query: str) -> str:
        """Run a query until its result is there; return its id.

        Raises:
            StatementRefused, StatementSlow: see there.
            httpx.HTTPError: there is no good answer.
        """
        asked: dict[str, Any] = {"query": f"SELECT * FROM (\n{query}\n)", "serializationFormat": "ARROW"}
        if self._spec.branches:
            asked["fallbackBranchIds"] = self._spec.branches
        end = time.monotonic() + self._spec.statement_timeout
        state = self._asked("POST", "execute", json=asked)
        while state["type"] == "running":
            place = quote(state["queryId"], safe="")
            if time.monotonic() > end:
                self._client.post(f"{_QUERIES}/{place}/cancel").raise_for_status()
                raise StatementSlow(f"it took more than {self._spec.statement_timeout} seconds.")
            time.sleep(_POLL)
            state = {"queryId": state["queryId"]} | self._asked("GET", f"{place}/getStatus")
        if state["type"] != "succeeded":
            raise StatementRefused(state.get("errorMessage") or f"the query was {state['type']}.")
        return str(state["queryId"])

    def result(self, id_: str) -> httpx.Response:
        """Return the answer that has the result, to be read and closed."""
        place = f"{_QUERIES}/{quote(id_, safe='')}/getResults"
        answer = self._client.send(self._client.build_request("GET", place), stream=True)
        if not answer.is_success:
            answer.read()
            answer.raise_for_status()
        return answer

    def _asked(self, method: str, place: str, **given: Any) -> dict[str, Any]:
        return self._foundry.asked(method, f"{_QUERIES}/{place}", **given)


class Result(io.RawIOBase):
    """The bytes of a result, for Arrow to read."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer
        self._pieces = answer.iter_bytes()
        self._left = b""
        self._last = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._left) < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._left += piece
        taken = self._left if size < 0 else self._left[:size]
        self._left = self._left[len(taken) :]
        self._last = (self._last + taken)[-len(END) :]
        return taken

    def close(self) -> None:
        self._answer.close()
        super().close()

    def batches(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        """Yield all batches, the large ones in slices.

        Raises:
            ResultBroken: the result has no end.
            httpx.HTTPError: the connection was lost.
        """
        for batch in reader:
            yield from slices(batch)
        if not self._last.endswith(END):
            raise ResultBroken("the result has no end")
