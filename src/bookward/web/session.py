"""Signing in and out, and who one is."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body, Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from bookward.errors import SessionNeeded
from bookward.serving import Access, Caller, Role, csrf_of
from bookward.web.answers import answer, nothing
from bookward.web.callers import COOKIE, address_of, caller_of
from bookward.web.routes import ANYONE, Routes
from bookward.web.shapes import Email, Page, Password, Shape

routes = Routes("session")

SESSION = "session:"


def access_of(request: Request) -> Access:
    """Return who may use the server."""
    access: Access = request.app.state.bookward.access
    return access


AccessHere = Annotated[Access, Depends(access_of)]
CallerHere = Annotated[Caller, Depends(caller_of)]


class SignIn(Shape):
    """E-mail and password."""

    email: Email = Field(examples=["ana@example.com"])
    password: Password = Field(examples=["four words you like"])


class Me(Shape):
    """Who is signed in."""

    id: str
    email: str
    name: str
    role: Role
    via: str = Field(description="`session:ID` or `token:ID`.")
    csrf: str | None = Field(description="To be sent as X-CSRF-Token beside the cookie; null with a token.")


class NewPassword(Shape):
    """The old password and the new one."""

    old: Password
    new: Password = Field(examples=["four words are better"])


class SessionShape(Shape):
    """One sign-in."""

    id: str
    created_at: str
    seen_at: str
    expires_at: str
    address: str
    agent: str
    current: bool


@routes.route("POST", "/session", needs=ANYONE, gives=Me, status=201, refuses=[401])
def sign_in(request: Request, said: Annotated[SignIn, Body()], access: AccessHere) -> Response:
    """Sign in; the answer sets the session's cookie."""
    agent = request.headers.get("user-agent", "")
    bearer, caller = access.sign_in(said.email, said.password, address_of(request), agent)
    response = answer(_me(caller, bearer), 201)
    set_session(request, response, bearer)
    return response


@routes.route("GET", "/session", needs=Role.VIEWER, gives=Me)
def me(request: Request, caller: CallerHere) -> Response:
    """Say who is signed in."""
    bearer = request.cookies.get(COOKIE) if caller.via.startswith(SESSION) else None
    return answer(_me(caller, bearer))


@routes.route("DELETE", "/session", needs=Role.VIEWER, status=204)
def sign_out(caller: CallerHere, access: AccessHere) -> Response:
    """Sign out: this session ends."""
    access.sessions.end(caller, str(caller.id), _session_of(caller))
    response = nothing()
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response


@routes.route("PUT", "/session/password", needs=Role.VIEWER, status=204)
def change_password(said: Annotated[NewPassword, Body()], caller: CallerHere, access: AccessHere) -> Response:
    """Choose another password; all other sessions end."""
    access.throttle.take(caller.email, caller.address)
    access.people.change_password(caller, said.old, said.new, _session_of(caller))
    access.throttle.forget(caller.email, caller.address)
    return nothing()


@routes.route("GET", "/session/all", needs=Role.VIEWER, gives=Page[SessionShape])
def list_sessions(caller: CallerHere, access: AccessHere) -> Response:
    """List one's own sessions."""
    items = [
        {
            "id": each.id,
            "created_at": each.created_at,
            "seen_at": each.seen_at,
            "expires_at": each.expires_at,
            "address": each.address,
            "agent": each.agent,
            "current": caller.via == f"{SESSION}{each.id}",
        }
        for each in access.sessions.list(str(caller.id))
    ]
    return answer({"items": items, "next": None})


@routes.route("DELETE", "/session/all/{id}", needs=Role.VIEWER, status=204, refuses=[404])
def end_session(id: str, caller: CallerHere, access: AccessHere) -> Response:  # noqa: A002 - the API's word
    """End one of one's own sessions."""
    access.sessions.end(caller, str(caller.id), id)
    return nothing()


def set_session(request: Request, response: Response, bearer: str) -> None:
    """Let the browser bring the session along from now on, and no other site."""
    secure: bool = request.app.state.secure
    response.set_cookie(COOKIE, bearer, path="/", httponly=True, samesite="strict", secure=secure)


def _me(caller: Caller, bearer: str | None) -> dict[str, object]:
    return {
        "id": caller.id,
        "email": caller.email,
        "name": caller.name,
        "role": caller.role.value,
        "via": caller.via,
        "csrf": csrf_of(bearer) if bearer else None,
    }


def _session_of(caller: Caller) -> str:
    if not caller.via.startswith(SESSION):
        raise SessionNeeded("This is for sessions, not for tokens.")
    return caller.via.removeprefix(SESSION)
