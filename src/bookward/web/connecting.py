"""Signing in at destinations: by way of a person's browser, which the destination sends back here."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Body, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from bookward.documents import signed_out_document
from bookward.errors import BookwardError
from bookward.serving import Role, SignInState, Standing
from bookward.web.answers import answer
from bookward.web.away import callback, mark, mark_of, unmark
from bookward.web.callers import address_of
from bookward.web.checking import slowly
from bookward.web.files import app_of
from bookward.web.pages import shown
from bookward.web.routes import ANYONE, Routes
from bookward.web.session import AccessHere, CallerHere
from bookward.web.shapes import Shape

routes = Routes("connections")

CALLBACK = "connect"
HOME = ("Go back to Bookward", "/destinations")

Brought = Annotated[str, Query(description="What the destination sends along.")]


class OrganisationShape(Shape):
    """One set of books."""

    id: str
    name: str


class SignInShape(Shape):
    """How the sign-in of a destination stands."""

    destination: str
    state: Standing = Field(
        description="`lost` when the destination has refused to go on with it; `elsewhere` when it was made "
        "at another server than the one that the destination's file names now, and so is not sent there."
    )
    organisation: OrganisationShape | None
    scope: str
    expires_at: str | None = Field(description="Of the access token, which is renewed when it is needed.")
    lost_at: str | None
    timezone: str | None = Field(description="Of the organisation, as it was read last.")
    page: str | None = Field(description="Where a person sees the organisation's books.")
    choices: list[OrganisationShape] = Field(
        description="While there are any, one is to be chosen; until then the former sign-in counts."
    )


class ConnectShape(Shape):
    """Where the browser has to go."""

    url: str | None = Field(description="The destination's page; null where nobody has to grant access.")
    redirect_uri: str = Field(description="To be entered at the destination, exactly so.")
    expires_at: str | None = Field(description="Until when the browser has to be back.")
    connection: SignInShape


class RedirectShape(Shape):
    """Where destinations send browsers back to."""

    redirect_uri: str = Field(description="To be entered at the destination, exactly so.")


class Choice(Shape):
    """One of the organisations that a sign-in reaches."""

    id: str = Field(min_length=1, max_length=200)


class SignedOutShape(Shape):
    """What signing out did."""

    destination: str
    organisation: OrganisationShape
    connection_ended: bool
    sign_in_revoked: bool
    remarks: list[str] = Field(description="What was left as it was, and why.")


@routes.route("GET", "/redirect-uri", needs=Role.VIEWER, gives=RedirectShape)
def get_redirect_uri(request: Request) -> Response:
    """Return the address that an app has to have at a destination before anybody signs in there."""
    return answer({"redirect_uri": callback(request, CALLBACK)})


@routes.route("GET", "/destinations/{slug}/connection", needs=Role.VIEWER, gives=SignInShape, refuses=[404])
def get_connection(request: Request, slug: str) -> Response:
    """Say how the sign-in of a destination stands; nobody is asked."""
    return answer(sign_in_document(app_of(request).connecting.state(slug)))


@routes.route(
    "POST",
    "/destinations/{slug}/connect",
    needs=Role.ADMIN,
    gives=ConnectShape,
    status=201,
    refuses=[404, 409, 502],
)
def connect(request: Request, slug: str, caller: CallerHere) -> Response:
    """Begin to sign in at a destination: the browser that asks is to be sent to `url`."""
    connecting, redirect_uri = app_of(request).connecting, callback(request, CALLBACK)
    with slowly(request):
        departure = connecting.begin(caller, slug, redirect_uri)
    response = answer(
        {
            "url": departure and departure.url,
            "redirect_uri": redirect_uri,
            "expires_at": departure and departure.expires_at,
            "connection": sign_in_document(connecting.state(slug)),
        },
        201,
    )
    if departure is not None:
        mark(request, response, departure)
    return response


@routes.route("GET", f"/callback/{CALLBACK}", needs=ANYONE, page=True)
def come_back(request: Request, state: Brought = "", code: Brought = "", error: Brought = "") -> Response:
    """Take in the browser that a destination sends back, and say on a page what came of it."""
    visit = dict(request.query_params)
    try:
        with slowly(request):
            found = app_of(request).connecting.come_back(visit, mark_of(request, state), address_of(request))
    except BookwardError as refused:
        response: Response = shown("Not connected", refused.message, refused.remedy, link=HOME, status=400)
    else:
        response = _landed(found)
    unmark(response, state)
    return response


@routes.route(
    "POST",
    "/destinations/{slug}/organisation",
    needs=Role.ADMIN,
    gives=SignInShape,
    refuses=[404, 409, 502],
)
def choose_organisation(
    request: Request, slug: str, said: Annotated[Choice, Body()], caller: CallerHere
) -> Response:
    """Choose one of the organisations that a new sign-in reaches."""
    with slowly(request):
        return answer(sign_in_document(app_of(request).connecting.choose(caller, slug, said.id)))


@routes.route(
    "POST",
    "/destinations/{slug}/disconnect",
    needs=Role.ADMIN,
    gives=SignedOutShape,
    refuses=[404, 409, 502],
)
def disconnect(request: Request, slug: str, caller: CallerHere, access: AccessHere) -> Response:
    """Sign out: end the connection at the destination, and forget its tokens."""
    target = f"destinations/{slug}"
    with slowly(request), access.audit.around(caller, "connection.end", target) as after:
        done = app_of(request).disconnect(slug, lambda _: None)
        document = signed_out_document(slug, done)
        after.update(document)
    return answer(document)


def sign_in_document(state: SignInState) -> dict[str, Any]:
    """Return how a sign-in stands, as the API shows it."""
    organisation = state.organisation
    return {
        "destination": state.destination,
        "state": state.state.value,
        "organisation": organisation and {"id": organisation.id, "name": organisation.name},
        "scope": state.scope,
        "expires_at": state.expires_at,
        "lost_at": state.lost_at,
        "timezone": state.timezone,
        "page": state.page,
        "choices": [{"id": each.id, "name": each.name} for each in state.choices],
    }


def _landed(state: SignInState) -> Response:
    """Return the page on which the browser lands when access was granted."""
    link = ("Go on in Bookward", f"/destinations/{quote(state.destination, safe='')}")
    if state.choices:
        names = ", ".join(each.name for each in state.choices)
        return shown(
            "Choose the organisation",
            f"The sign-in of {state.destination!r} reaches several organisations: {names}.",
            "None was chosen yet, and until then nothing changes. Choose one within an hour.",
            link=link,
        )
    assert state.organisation is not None
    return shown(
        "Connected",
        f"{state.destination!r} writes to {state.organisation.name} from now on.",
        link=link,
    )
