"""What all services that are asked over HTTP and answer in JSON have in common."""

from __future__ import annotations

import re
import time
from abc import abstractmethod
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from pydantic import SecretStr

from bookward.errors import BookwardError, SourceFailed, SourceUnreachable
from bookward.sources import jsontext, patience
from bookward.sources.paged import PagedSource
from bookward.sources.server import trusting

_WHO = re.compile(r"(?<=://).*@", re.DOTALL)  # up to the last "@", wherever a password was to end
_MOST_BYTES = 256 * 1024 * 1024
_REFUSED = {401, 403}
_NOT_THERE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL, httpx.UnsupportedProtocol)


class ServiceSource(PagedSource):
    """Reads a service over HTTP."""

    def __init__(
        self, name: str, base: str, *, trusted: str | None = None, connect: int = 10, answer: int = 600
    ) -> None:
        """Connect to nothing yet.

        Args:
            name: of the source.
            base: the address that paths are added to; who signs in where nothing else does may stand in it.
            trusted: file with the certificates that are trusted, where it is not the machine's.
            connect: seconds to wait for a connection.
            answer: seconds to wait for what comes next of an answer.
        """
        super().__init__(name, _WHO.sub("", base.rstrip("/")))
        self._base = base.rstrip("/")
        self._trusted = trusted
        self._timeout = httpx.Timeout(answer, connect=connect)

    @abstractmethod
    def auth(self) -> httpx.Auth | None:
        """Return what signs a request in."""

    def said(self, answer: httpx.Response) -> str:
        """Return the words in an answer that is an error."""
        return " ".join(answer.text.split())[:500]

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """Give a client that is signed in, and follows no redirect: what signs it in is for one address."""
        try:
            url = httpx.URL(self._base)
        except httpx.InvalidURL:
            # Not with its words, nor as its cause: they may repeat a part of a password.
            raise SourceUnreachable(
                f"The url of source {self._name!r} cannot be used.",
                remedy="Write https://host or https://host:port in the source's file, and give who signs in "
                "beside it.",
            ) from None
        encrypted = url.scheme == "https"
        with httpx.Client(
            base_url=url.copy_with(userinfo=b""),  # which would be logged and told with the address
            auth=self.auth() or (httpx.BasicAuth(url.username, url.password) if url.userinfo else None),
            verify=trusting(self._trusted) if encrypted else False,  # reading certificates takes a while
            timeout=self._timeout,
            headers={"User-Agent": "bookward"},
        ) as client:
            yield client

    def ask(self, client: httpx.Client, method: str, path: str, table: str = "", **request: Any) -> Any:
        """Return what is answered, numbers as ``jsontext.Digits``.

        Raises:
            SourceUnreachable, SourceFailed: as ``opened``, or it is too long, or no JSON.
        """
        with self.opened(client, method, path, table, **request) as answer:
            content = bytearray()
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > _MOST_BYTES:
                    raise SourceFailed(
                        f"{self.where(table)} has more than {_MOST_BYTES:,} bytes in one answer.",
                        remedy="Narrow the table in the source's file.",
                    )
        try:
            return jsontext.parsed(bytes(content))
        except ValueError as error:
            raise SourceFailed(f"{self.where(table)} answers with no JSON: {error}") from error

    @contextmanager
    def opened(
        self, client: httpx.Client, method: str, path: str, table: str = "", **request: Any
    ) -> Iterator[httpx.Response]:
        """Give an answer to be read piece by piece; waits as long as the service asks for it.

        Raises:
            SourceUnreachable: there is no connection.
            SourceFailed: the answer is an error, or is cut off.
        """
        try:
            for wait in (*(2**number for number in range(patience.TRIES)), None):
                with client.stream(method, path, **request) as answer:
                    if answer.is_success:
                        yield answer
                        return
                    answer.read()
                if answer.status_code not in patience.LATER or wait is None:
                    break
                time.sleep(patience.wait(answer, wait))
        except _NOT_THERE as error:
            raise SourceUnreachable(f"{self.where(table)} cannot be reached: {error}") from error
        except httpx.HTTPStatusError as error:  # of what signs in
            raise self.refusal(table, error.response) from error
        except httpx.HTTPError as error:
            raise self.lost(table, str(error) or type(error).__name__) from error
        raise self.refusal(table, answer)

    def refusal(self, table: str, answer: httpx.Response) -> BookwardError:
        """Return the error for an answer that is one."""
        said = f"{answer.status_code} {self.said(answer)}"
        if answer.status_code in _REFUSED:
            return SourceFailed(
                f"{self.where(table)} refuses the sign-in, or the right to read: {said}",
                remedy="Check what signs in, in the source's file, and what it may read.",
            )
        if answer.status_code in patience.LATER:
            return SourceUnreachable(
                f"{self.where(table)} takes no more for now: {said}", remedy="Run again later."
            )
        return SourceFailed(
            f"{self.where(table)} refused the query: {said}",
            remedy="Correct the table in the source's file; `bookward check` tries it.",
        )


class Signed(httpx.Auth):
    """Signs requests in; what it sends is in no header that the client shows."""

    def __init__(self, secret: SecretStr, prefix: str, header: str = "Authorization") -> None:
        self._secret = secret
        self._prefix = prefix
        self._header = header

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers[self._header] = f"{self._prefix}{self._secret.get_secret_value()}"
        yield request
