"""Tokens for scripts and other programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Body
from pydantic import Field
from starlette.responses import Response

from bookward.serving import Role, Token
from bookward.web.answers import answer, nothing
from bookward.web.routes import Routes
from bookward.web.session import AccessHere, CallerHere
from bookward.web.shapes import Name, Page, Shape, Whole

routes = Routes("tokens")


class NewToken(Shape):
    """What a token shall be for."""

    name: Name = Field(examples=["nightly job"])
    role: Role = Field(Role.VIEWER, description="At most one's own.")
    days: Whole = Field(90, ge=1, le=366, description="How long it lives.")


class TokenShape(Shape):
    """A token; what it is itself was shown once."""

    id: str
    person: str
    name: str
    role: Role
    created_at: str
    expires_at: str
    used_at: str | None


class TokenSecret(TokenShape):
    """A new token."""

    token: str = Field(description="Shown once.", examples=["bwt_..."])


@routes.route("GET", "/tokens", needs=Role.VIEWER, gives=Page[TokenShape])
def list_tokens(caller: CallerHere, access: AccessHere) -> Response:
    """List one's own tokens; an admin sees those of all."""
    person = None if caller.role.may(Role.ADMIN) else caller.id
    return answer({"items": [_document(each) for each in access.tokens.list(person)], "next": None})


@routes.route("POST", "/tokens", needs=Role.VIEWER, gives=TokenSecret, status=201)
def make_token(said: Annotated[NewToken, Body()], caller: CallerHere, access: AccessHere) -> Response:
    """Make a token of one's own; it is shown once. Only a session makes tokens."""
    bearer, token = access.tokens.make(caller, said.name, said.role, timedelta(days=said.days))
    return answer(_document(token) | {"token": bearer}, 201)


@routes.route("DELETE", "/tokens/{id}", needs=Role.VIEWER, status=204, refuses=[404])
def revoke_token(id: str, caller: CallerHere, access: AccessHere) -> Response:  # noqa: A002 - the API's word
    """Make a token worth nothing: one's own; an admin, anybody's."""
    access.tokens.revoke(caller, id)
    return nothing()


def _document(token: Token) -> dict[str, Any]:
    return {name: getattr(token, name) for name in TokenShape.model_fields}
