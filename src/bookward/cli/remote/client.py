"""Requests to a server: patient while it restarts, each POST done once, its errors raised as our own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import uuid4

import httpx

from bookward import __version__, errors, exactjson
from bookward.cli.remote.server import Server
from bookward.errors import BookwardError, RequestUnfinished, ServerUnlike, ServerUnreachable

_API = "/api/v1"
_PAGE = 500
_PATIENCE = 300.0  # seconds that a server may be away
_UNFINISHED = 10.0  # seconds that another request with our key may be at work
_NAP = 1.0
_LATER = (429, 502, 503, 504)
_LONGEST_NAP = 30.0

_LEAVES: Mapping[str, type[BookwardError]] = {
    kind.code: kind
    for kind in map(errors.__dict__.get, errors.__all__)
    if isinstance(kind, type) and issubclass(kind, BookwardError)
}

Query = Mapping[str, Any]


class Client:
    """Speaks to one server."""

    def __init__(self, server: Server, tell: Callable[[str], None], patience: float = _PATIENCE) -> None:
        """Connect when the first request is made.

        Args:
            server: where, and as whom.
            tell: is given a sentence when a person has to know why nothing happens.
            patience: for how many seconds a server that has answered before may be away.
        """
        self._url = server.url
        self._tell = tell
        self._patience = patience
        self._known = False  # it has answered: who is away now may come back
        self._http = httpx.Client(
            base_url=server.url, timeout=60, headers={"Authorization": f"Bearer {server.token}"}
        )

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def get(self, path: str, query: Query | None = None) -> Any:
        """Return the document at a path of the API.

        Raises:
            ServerUnreachable: the server does not answer, or not in time.
            ServerUnlike: what answers is no Bookward server, or one of another version.
            BookwardError: what the server says itself.
        """
        return self._done("GET", path, query=query)

    def post(self, path: str, document: Mapping[str, Any]) -> Any:
        """Send a document, once however often it has to be repeated; return the answer. Raises as ``get``."""
        return self._done("POST", path, document=document, headers={"Idempotency-Key": uuid4().hex})

    def pages(self, path: str, query: Query, limit: int | None = None) -> Iterator[Any]:
        """Yield the items of a long list, ``limit`` at most. Raises as ``get``."""
        cursor: str | None = None
        left = limit
        while left is None or left > 0:
            part = {"limit": min(_PAGE, left or _PAGE)} | ({"cursor": cursor} if cursor else {})
            found = self.get(path, {**query, **part})
            yield from found["items"]
            cursor = found["next"]
            if cursor is None:
                return
            left = None if left is None else left - len(found["items"])

    def unlike(self, problem: str) -> ServerUnlike:
        """Return the error of an answer that cannot be understood, with the two versions."""
        try:
            version = self._http.get("/api/openapi.json").json()["info"]["version"]
        except (httpx.HTTPError, ValueError, LookupError, TypeError):
            return ServerUnlike(f"What answers at {self._url} is no Bookward server: {problem}")
        return ServerUnlike(f"The server is Bookward {version}, this is {__version__}: {problem}")

    def _done(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        document: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        content = None if document is None else exactjson.encode(document)
        sent = dict(headers or {}) | ({"Content-Type": "application/json"} if content is not None else {})
        began, told = time.monotonic(), False
        while True:
            try:
                response = self._http.request(
                    method, _API + path, params=_named(query), content=content, headers=sent
                )
            except httpx.TransportError as error:
                away: BookwardError = ServerUnreachable(f"{self._url} does not answer ({_kind(error)}).")
                nap = _NAP
                never_there = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) and not self._known
                patience = 0.0 if never_there else self._patience
            else:
                self._known = True
                refused = self._refusal(response)
                if refused is None:
                    return self._document(response)
                patience = self._patience_with(response, refused)
                away, nap = refused, _nap_of(response)
            if time.monotonic() - began + nap > patience:
                raise away
            if not told:
                told = True
                self._tell(f"{away.message} Waiting for it, up to {patience:.0f} seconds.")
            time.sleep(nap)

    def _patience_with(self, response: httpx.Response, refused: BookwardError) -> float:
        if isinstance(refused, RequestUnfinished):
            return _UNFINISHED
        later = isinstance(refused, errors.RetryLater)
        return self._patience if later and response.status_code in _LATER else 0.0

    def _refusal(self, response: httpx.Response) -> BookwardError | None:
        if response.is_success:
            return None
        try:
            said = exactjson.decode(response.content)["error"]
            code, message, remedy = said["code"], said["message"], said["remedy"]
        except (exactjson.JsonError, LookupError, TypeError):
            if response.status_code in _LATER:
                return ServerUnreachable(f"{self._url} answers {response.status_code}.")
            return self.unlike(f"it answers {response.status_code}.")
        error = leaf_of(code, message, remedy)
        if error is None or code in ("route_unknown", "method_refused", "request_invalid"):
            return self.unlike(message)
        return error

    def _document(self, response: httpx.Response) -> Any:
        try:
            return exactjson.decode(response.content)
        except exactjson.JsonError as error:
            raise self.unlike("its answer is not JSON.") from error


def leaf_of(code: str, message: str, remedy: str) -> BookwardError | None:
    """Return an error that a server tells of as our own; None where this version does not know it."""
    kind = _LEAVES.get(code)
    if kind is None:
        return None
    error = kind.__new__(kind)  # a leaf may want more than came over the wire
    BookwardError.__init__(error, message, remedy=remedy)
    return error


def _named(query: Query | None) -> dict[str, Any]:
    return {name: value for name, value in (query or {}).items() if value not in (None, "", ())}


def _nap_of(response: httpx.Response) -> float:
    said = response.headers.get("Retry-After", "")
    return min(float(said), _LONGEST_NAP) if said.isdigit() and int(said) else _NAP


def _kind(error: Exception) -> str:
    return type(error).__name__
