"""Signing in at an OpenID provider, which sends the browser back here."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bookward.errors import BookwardError, NameUnknown
from bookward.web.answers import answer
from bookward.web.away import callback, mark, mark_of, unmark
from bookward.web.callers import address_of
from bookward.web.checking import slowly
from bookward.web.pages import shown
from bookward.web.routes import ANYONE, Routes
from bookward.web.session import AccessHere, set_session
from bookward.web.shapes import Shape

routes = Routes("session")

CALLBACK = "sign-in"

Brought = Annotated[str, Query(description="What the provider sends along.")]


class WaysShape(Shape):
    """How people sign in here."""

    passwords: bool
    openid: str | None = Field(description="The provider at which they can; null without one.")


class LeaveShape(Shape):
    """Where the browser has to go."""

    url: str
    expires_at: str = Field(description="Until when it has to be back.")


@routes.route("GET", "/session/ways", needs=ANYONE, gives=WaysShape)
def ways_in(access: AccessHere) -> Response:
    """Say how people sign in here."""
    openid = access.openid.issuer if access.openid else None
    return answer({"passwords": access.passwords_let_in, "openid": openid})


@routes.route("POST", "/session/openid", needs=ANYONE, gives=LeaveShape, status=201, refuses=[404])
def sign_in_at_provider(request: Request, access: AccessHere) -> Response:
    """Begin to sign in at the provider: the browser that asks is to be sent to `url`."""
    if access.openid is None:
        raise NameUnknown(
            "There is no provider to sign in at.", remedy="Sign in with e-mail and password, or set one."
        )
    with slowly(request):
        departure = access.openid.begin(callback(request, CALLBACK))
    response = answer({"url": departure.url, "expires_at": departure.expires_at}, 201)
    mark(request, response, departure)
    return response


@routes.route("GET", f"/callback/{CALLBACK}", needs=ANYONE, status=303, page=True)
def come_back_signed_in(
    request: Request, access: AccessHere, state: Brought = "", code: Brought = "", error: Brought = ""
) -> Response:
    """Take in the browser that the provider sends back, and sign in whom it names."""
    visit, agent = dict(request.query_params), request.headers.get("user-agent", "")
    try:
        with slowly(request):
            bearer, _ = access.come_back(visit, mark_of(request, state), address_of(request), agent)
    except BookwardError as refused:
        again = ("Sign in", "/sign-in")
        response: Response = shown("Not signed in", refused.message, refused.remedy, link=again, status=400)
    else:
        # The strict cookie does not come along to that page, but with what the page asks for.
        response = RedirectResponse("/", 303)
        set_session(request, response, bearer)
    unmark(response, state)
    return response
