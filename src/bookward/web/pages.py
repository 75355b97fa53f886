"""Plain pages, for browsers that another site sends here."""

from __future__ import annotations

from starlette.responses import HTMLResponse

from bookward.plainpage import POLICY, plain_page


def shown(title: str, *paragraphs: str, status: int = 200) -> HTMLResponse:
    """Return a page of plain text."""
    headers = {"Content-Security-Policy": POLICY}
    return HTMLResponse(plain_page(title, *paragraphs), status, headers)
