"""Signing in with a token that a provider gives out and that runs out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote_plus

import httpx
from pydantic import SecretStr

from bookward.errors import SourceFailed

_PATIENCE = 30.0  # seconds for a token


class _Bearer(httpx.Auth):
    """Signs in with a token, and with a new one when that has run out.

    It reads the answers that bring tokens, and no others: those may be results, which are read as they come.
    """

    _token: str | None = None

    @abstractmethod
    def _renewed(self) -> Any:
        """Get a token."""

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        if self._token is None:
            yield from self._renewed()
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer: Any = yield request
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            yield from self._renewed()
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request


class ClientCredentials(_Bearer):
    """Signs in with a client's own id and secret."""

    def __init__(self, grant: httpx.Request) -> None:
        """Sign in when it is first needed; ``grant`` asks for a token."""
        self._grant = grant

    def _renewed(self) -> Any:
        answer = yield self._grant
        answer.read()
        answer.raise_for_status()
        self._token = answer.json()["access_token"]


def granted(url: str, client_id: str, secret: SecretStr, scope: str | None, source: str) -> SecretStr:
    """Return a token that a provider gives a client for its own id and secret.

    Args:
        source: its name, for errors.

    Raises:
        SourceFailed: there is none to be had.
    """
    asked = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
    whose = httpx.BasicAuth(quote_plus(client_id), quote_plus(secret.get_secret_value()))  # RFC 6749, 2.3.1
    try:
        answer = httpx.post(url, data=asked, auth=whose, timeout=_PATIENCE)
        if answer.is_success:
            return SecretStr(answer.json()["access_token"])
        said = _said(answer)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = str(error) or type(error).__name__
    except (ValueError, LookupError, TypeError):
        said = "the answer has none."
    raise SourceFailed(
        f"Source {source!r} got no token from {url}: {said}",
        remedy="Check address, id, secret and scope of the client in the source's file.",
    )


def _said(answer: httpx.Response) -> str:
    """Return what an answer that is an error says."""
    try:
        given = answer.json()
        return str(given.get("error_description") or given["error"])
    except (ValueError, LookupError, AttributeError):
        return f"HTTP {answer.status_code}"


class Obtained(_Bearer):
    """Signs in with a token of somebody else's."""

    def __init__(self, obtain: Callable[[], str]) -> None:
        """Get no token yet; what ``obtain`` raises is raised to who sends a request."""
        self._obtain = obtain

    def _renewed(self) -> Any:
        self._token = self._obtain()
        yield from ()
