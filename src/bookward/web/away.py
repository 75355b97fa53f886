"""Browsers that are sent to another site: what is left in them, to be known again by."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from bookward.errors import RequestInvalid
from bookward.serving import Departure
from bookward.web.routes import PREFIX


def mark(request: Request, response: Response, departure: Departure) -> None:
    """Leave in a browser what it is known again by; several may be under way in it at once.

    The cookie is Lax where the session's is Strict: it has to come along when the other site sends the
    browser back. Alone it is worth nothing, and it is sent to the callbacks only.
    """
    response.set_cookie(
        _cookie(departure.state),
        departure.browser,
        max_age=int(departure.life.total_seconds()),
        path=f"{PREFIX}/callback",
        httponly=True,
        samesite="lax",
        secure=request.app.state.secure,
    )


def mark_of(request: Request, state: str) -> str:
    """Return what was left in the browser when it was sent away, empty where nothing was."""
    return request.cookies.get(_cookie(state), "")


def unmark(response: Response, state: str) -> None:
    """Take out of a browser what was left in it."""
    response.delete_cookie(_cookie(state), path=f"{PREFIX}/callback", httponly=True, samesite="lax")


def callback(request: Request, name: str) -> str:
    """Return the address at which browsers come back, to be entered at the other site.

    Raises:
        RequestInvalid: the browser knows the server by another name, and would not bring along there what is
            left in it now.
    """
    url: str = request.app.state.url
    origin = request.headers.get("origin")
    if origin is not None and origin != "/".join(url.split("/")[:3]):
        raise RequestInvalid(
            f"You have opened Bookward as {origin}, and would come back to {url}.",
            remedy=f"Open {url} instead, or set BOOKWARD_URL to the address that people use.",
        )
    return f"{url}{PREFIX}/callback/{name}"


def _cookie(state: str) -> str:
    digest = hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()
    return f"bookward_away_{digest[:16]}"
