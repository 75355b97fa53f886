"""What is answered: JSON whose numbers are exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from bookward import exactjson


def answer(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a document as an answer."""
    return Response(exactjson.encode(document), status, dict(headers or {}), "application/json")


def nothing(status: int = 204) -> Response:
    """Return an answer without a body."""
    return Response(status_code=status)


def page(items: list[Any], following: str | None) -> Response:
    """Return one page of a list; ``following`` is the cursor of the next, None at the end."""
    return answer({"items": items, "next": following})
