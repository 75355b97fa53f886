"""Plain pages, for browsers that another site sends here."""

from __future__ import annotations

from starlette.responses import HTMLResponse

from bookward.plainpage import POLICY, plain_page


def shown(
    title: str, *paragraphs: str, link: tuple[str, str] | None = None, status: int = 200
) -> HTMLResponse:
    """Return a page of plain text, with the words and the address of where to go on."""
    headers = {"Content-Security-Policy": POLICY}
    return HTMLResponse(plain_page(title, *paragraphs, link=link), status, headers)
