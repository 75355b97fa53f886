"""What services have in common that run a statement over HTTP, and give its result when it is asked for."""

from __future__ import annotations

import httpx

from bookward.errors import BookwardError
from bookward.sources.server import RemoteSource

_SIGNED_OUT = (401, 403)
_REFUSED = range(400, 500)


class StatementRefused(Exception):
    """The service does not run a statement, or does not give its whole result."""


class StatementSlow(Exception):
    """A statement took longer than it may, and was cancelled."""


def failure(source: RemoteSource, what: str, error: Exception, *names: str) -> BookwardError:
    """Return what an error means; ``what`` is as ``RemoteSource.failure`` takes it.

    Args:
        names: where an answer that is an error has its words; the first that is there counts.
    """
    message = " ".join(str(error).split())
    if isinstance(error, StatementSlow):
        return source.gave_up(message)
    if isinstance(error, StatementRefused):
        return source.refused(what, message)
    if isinstance(error, httpx.HTTPStatusError):
        code, message = error.response.status_code, said(error.response, names)
        if code in _SIGNED_OUT or error.request.url.path.endswith("/token"):
            return source.turned_away(message)
        if code in _REFUSED and not what.startswith("failed"):
            return source.refused(what, message)
    return source.lost(message) if what.startswith("failed") else source.unreachable(message)


def said(answer: httpx.Response, names: tuple[str, ...]) -> str:
    """Return what an answer that is an error says, without the address, which may hold a signature.

    Args:
        names: where the words may stand; the first that is there counts.
    """
    try:
        told = answer.json()
        words = next((told[name] for name in names if told.get(name)), None)
    except (ValueError, AttributeError):
        words = None
    return " ".join(str(words or f"HTTP status {answer.status_code}").split())
