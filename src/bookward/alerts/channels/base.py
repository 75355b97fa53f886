"""What every channel can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import httpx

from bookward.digests import Digest
from bookward.errors import AlertRefused, AlertUndelivered, BookwardError, ExtraMissing
from bookward.standings import Message

_PASSES = frozenset({408, 425, 429})
_LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What would be sent, for people to look at; it holds no secret."""

    subject: str
    text: str
    html: str | None = None
    document: Any = None  #: the JSON of the request, where it is one


class Channel(Protocol):
    """A way to one recipient."""

    together: int  #: so many messages go out as one

    def __init__(self, name: str, spec: Any) -> None: ...

    def render(self, messages: Sequence[Message], delivery: str) -> Rendered:
        """Return what ``send`` would send."""

    def send(self, messages: Sequence[Message], delivery: str, *, again: bool) -> None:
        """Send messages as one; they have arrived when this returns.

        Args:
            messages: at most ``together``.
            delivery: tells this sending from all others; the same whenever it is tried again.
            again: whether it may have arrived already: the process died, or no answer came.

        Raises:
            AlertRefused: the file is wrong, or what it leads to.
            AlertUndelivered: it may be tried again.
            ExtraMissing: what sends it is not installed.
        """

    def render_digest(self, digest: Digest, delivery: str) -> Rendered:
        """Return what ``send_digest`` would send."""

    def send_digest(self, digest: Digest, delivery: str, *, again: bool) -> None:
        """Send a digest; as ``send``."""


def post(url: str, *, timeout: float, name: str, **request: Any) -> httpx.Response:
    """Ask an address with POST, without following it elsewhere.

    Raises:
        AlertRefused, AlertUndelivered: it did not take what was sent. No error repeats the address, which may
            be secret.
    """
    try:
        response = httpx.post(url, timeout=timeout, follow_redirects=False, **request)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError, ValueError):
        raise AlertRefused(f"The address of alert {name!r} is none that can be asked.") from None
    except httpx.HTTPError as error:
        raise unreachable(name, type(error).__name__) from None
    if not response.is_success:
        raise refusal(name, response.status_code, response.headers.get("retry-after"))
    return response


def refusal(name: str, status: int, retry_after: str | None = None, said: str = "") -> BookwardError:
    """Return the error for a channel that answers with a status other than success."""
    told = f"The channel of alert {name!r} answered with status {status}{f': {said}' if said else ''}."
    if status in _PASSES or status >= 500:
        seconds = int(retry_after) if retry_after and retry_after.isdigit() else None
        wait = min(timedelta(seconds=seconds), _LONGEST_WAIT) if seconds is not None else None
        return AlertUndelivered(told, wait=wait)
    return AlertRefused(told)


def unreachable(name: str, why: str) -> AlertUndelivered:
    """Return the error for a channel that does not answer."""
    return AlertUndelivered(f"The channel of alert {name!r} cannot be reached: {why}.")


def missing(kind: str) -> ExtraMissing:
    """Return the error for a channel whose library is not installed."""
    return ExtraMissing(
        f"What sends alerts of type {kind} is not installed.", remedy="Run: pip install 'bookward[alerts]'"
    )
