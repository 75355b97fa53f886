"""Inviting people, and taking an invitation."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Body
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from bookward.serving import Role
from bookward.web.answers import answer, nothing
from bookward.web.callers import address_of
from bookward.web.people import LinkSecret, link_url, person_document
from bookward.web.routes import ANYONE, Routes
from bookward.web.session import AccessHere, CallerHere, set_session
from bookward.web.shapes import Email, Name, Page, Password, PersonShape, Shape, Whole

routes = Routes("invitations")

Secret = Annotated[str, Field(min_length=1, max_length=200, examples=["bwl_..."])]


class Invitation(Shape):
    """Who is invited, as what."""

    email: Email = Field(examples=["ben@example.com"])
    role: Role = Role.VIEWER
    hours: Whole = Field(72, ge=1, le=24 * 30, description="How long the link can be used.")


class InvitationShape(Shape):
    """A link that can still be used."""

    id: str
    email: str | None
    role: Role
    person: str | None = Field(description="Id of the one who gets another password; null for somebody new.")
    made_by: str
    created_at: str
    expires_at: str


class LinkLook(Shape):
    """The secret of a link: what stands behind its `#`."""

    secret: Secret


class LinkFor(Shape):
    """What a link is for."""

    email: str | None = Field(description="Null for the first admin, who says it.")
    role: Role
    is_reset: bool


class Joining(Shape):
    """What whoever takes a link says."""

    secret: Secret
    password: Password = Field(examples=["four words you like"])
    name: Name | None = Field(None, examples=["Ben Roe"])
    email: Email | None = Field(None, description="Of the first admin; for others the link says it.")


@routes.route("GET", "/invitations", needs=Role.ADMIN, gives=Page[InvitationShape])
def list_invitations(access: AccessHere) -> Response:
    """List the links that can still be used; their secrets were shown once."""
    names = InvitationShape.model_fields
    items = [{name: getattr(each, name) for name in names} for each in access.links.list()]
    return answer({"items": items, "next": None})


@routes.route("POST", "/invitations", needs=Role.ADMIN, gives=LinkSecret, status=201)
def invite(
    request: Request, said: Annotated[Invitation, Body()], caller: CallerHere, access: AccessHere
) -> Response:
    """Invite somebody; the link is shown once, and can be used once."""
    secret, link = access.links.invite(caller, said.email, said.role, timedelta(hours=said.hours))
    shown = {"id": link.id, "url": link_url(request, secret), "expires_at": link.expires_at}
    return answer(shown, 201)


@routes.route("DELETE", "/invitations/{id}", needs=Role.ADMIN, status=204, refuses=[404])
def withdraw_invitation(id: str, caller: CallerHere, access: AccessHere) -> Response:  # noqa: A002
    """Withdraw a link."""
    access.links.withdraw(caller, id)
    return nothing()


@routes.route("POST", "/join/look", needs=ANYONE, gives=LinkFor, refuses=[410])
def look_at_link(said: Annotated[LinkLook, Body()], access: AccessHere) -> Response:
    """Say what a link is for, without using it."""
    link = access.links.look(said.secret)
    return answer({"email": link.email, "role": link.role.value, "is_reset": link.person is not None})


@routes.route("POST", "/join", needs=ANYONE, gives=PersonShape, status=201, refuses=[401, 410])
def join(request: Request, said: Annotated[Joining, Body()], access: AccessHere) -> Response:
    """Take a link: choose a password, and be somebody who may sign in."""
    member, bearer = access.join(
        said.secret,
        said.password,
        name=said.name or "",
        email=said.email,
        address=address_of(request),
        agent=request.headers.get("user-agent", ""),
    )
    response = answer(person_document(member), 201)
    if bearer is not None:
        set_session(request, response, bearer)
    return response
