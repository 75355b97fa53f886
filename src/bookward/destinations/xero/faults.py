"""Which answers end a request, and as which error."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from bookward.destinations.xero.exchange import Answer
from bookward.errors import AccessDenied, AnswerLost, RemoteUnavailable

_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_PARAMETER = re.compile(r'\b(error(?:_description)?)="([^"]*)"')
_EXCERPT = 300


class Unavailable(RemoteUnavailable):
    """The destination is down or under maintenance; ``status`` is None when nothing was sent."""

    def __init__(self, message: str, *, status: int | None = None, wait: timedelta | None = None) -> None:
        super().__init__(message, wait=wait)
        self.status = status


def lacks_scope(answer: Answer) -> bool:
    """Say whether a 401 or 403 is about scopes, which no refresh cures."""
    return "insufficient_scope" in answer.headers.get("www-authenticate", "").lower()


def raise_for(answer: Answer, what: str, now: datetime) -> None:
    """Raise for an answer that is nobody's row: 403, scope trouble, and all from 500 up.

    Raises:
        AccessDenied: the sign-in is not allowed to do this.
        Unavailable: Xero failed; whether the request was booked is not known.
    """
    if answer.status == 403 or (answer.status == 401 and lacks_scope(answer)):
        raise AccessDenied(f"Xero does not allow this sign-in to {what}: {reason(answer)}")
    if answer.status >= 500:
        raise Unavailable(
            f"Xero failed with {answer.status} when asked to {what}: {reason(answer)}",
            status=answer.status,
            wait=retry_after(answer, now),
        )


def retry_after(answer: Answer, now: datetime) -> timedelta | None:
    """Return how long the answer asks to wait, given in seconds or as a date; None when it does not say."""
    said = answer.headers.get("retry-after", "").strip()
    try:
        wait = timedelta(seconds=float(said))
    except (ValueError, OverflowError):
        try:
            wait = parsedate_to_datetime(said) - now
        except (ValueError, TypeError):
            return None
    return max(wait, timedelta(0))


def reason(answer: Answer) -> str:
    """Return what an error answer says about itself, in one short line, whatever its shape."""
    stated = [text for _, text in _PARAMETER.findall(answer.headers.get("www-authenticate", ""))]
    said = ": ".join(part for part in [*stated, _stated(answer)] if part)
    said = " ".join(said.split())
    return said[:_EXCERPT] or "no reason given."


def _stated(answer: Answer) -> str:
    if answer.is_json:
        try:
            return _from_json(answer.json())
        except AnswerLost:
            pass
    return _TAGS.sub(" ", answer.body[:20_000].decode("utf-8", "replace"))


def _from_json(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, dict):
        return str(value or "")
    lower = {str(name).lower(): text for name, text in value.items()}
    names = ("title", "error", "error_description", "detail", "message")
    return ": ".join(dict.fromkeys(str(lower[name]) for name in names if lower.get(name)))
