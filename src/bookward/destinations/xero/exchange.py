"""One HTTP exchange: what is asked, and the whole answer to it, not yet judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bookward import exactjson
from bookward.errors import AnswerLost


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, and why it is made. Its repr shows no header and no body."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    purpose: str
    run: str | None = None
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: 2xx, or an error that the caller has to judge."""

    status: int
    headers: Mapping[str, str] = field(repr=False)  #: names in lower case
    body: bytes = field(repr=False)  #: unpacked
    seconds: float = 0.0  #: from sending to the last byte; waiting for limits is not counted

    @property
    def is_json(self) -> bool:
        """Say whether the body claims to be JSON; Xero's 404, 429 and 503 are HTML or empty."""
        return "json" in self.headers.get("content-type", "").lower() and bool(self.body.strip())

    def json(self) -> Any:
        """Return the body's value, money exact.

        Raises:
            AnswerLost: the text is cut off or not JSON.
        """
        try:
            return exactjson.decode(self.body)
        except (exactjson.JsonError, ValueError, ArithmeticError, RecursionError) as error:
            fault = type(error).__name__
        kind = self.headers.get("content-type") or "no content type"
        raise AnswerLost(
            f"Xero answered {self.status} with {len(self.body)} bytes ({kind}) "
            f"that are not whole JSON ({fault})."
        )
