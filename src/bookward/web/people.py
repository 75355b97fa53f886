"""The people who may sign in, and what they have done."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Body, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from bookward.serving import Member, Role
from bookward.web.answers import answer, nothing
from bookward.web.routes import Routes
from bookward.web.session import AccessHere, CallerHere, SessionShape
from bookward.web.shapes import Flag, Name, Page, PersonShape, Shape

routes = Routes("people")

PageSize = Annotated[int, Query(ge=1, le=500, description="At most so many.")]
NumberCursor = Annotated[
    int | None, Query(alias="cursor", ge=0, le=2**53, description="The `next` of the page before.")
]


class PersonChange(Shape):
    """What shall be changed; what is left out stays."""

    name: Name | None = Field(None, examples=["Ana Ito"])
    role: Role | None = None
    disabled: Flag | None = Field(None, description="Who is disabled is signed out, and cannot sign in.")


class EntryShape(Shape):
    """One line of the audit log."""

    number: int
    at: str
    person: str | None
    who: str = Field(description="The e-mail at that time.")
    via: str
    address: str
    action: str = Field(examples=["person.change"])
    target: str = Field(examples=["syncs/invoices"])
    about: str = Field(
        description="What people call the target: an e-mail, the name of a token, otherwise its own name.",
        examples=["invoices"],
    )
    before: Any
    after: Any
    outcome: str = Field(description="`done`, `begun`, or the code of the error.")


class LinkSecret(Shape):
    """A link that is shown once."""

    id: str
    url: str
    expires_at: str


@routes.route("GET", "/people", needs=Role.ADMIN, gives=Page[PersonShape])
def list_people(access: AccessHere) -> Response:
    """List everybody."""
    return answer({"items": [person_document(each) for each in access.people.list()], "next": None})


@routes.route("GET", "/people/{id}", needs=Role.ADMIN, gives=PersonShape, refuses=[404])
def get_person(id: str, access: AccessHere) -> Response:  # noqa: A002 - the API's word
    """Return one person."""
    return answer(person_document(access.people.get(id)))


@routes.route("PATCH", "/people/{id}", needs=Role.ADMIN, gives=PersonShape, refuses=[404])
def change_person(
    id: str,  # noqa: A002 - the API's word
    said: Annotated[PersonChange, Body()],
    caller: CallerHere,
    access: AccessHere,
) -> Response:
    """Change name or role, or disable; the last admin stays."""
    member = access.people.change(caller, id, name=said.name, role=said.role, disabled=said.disabled)
    return answer(person_document(member))


@routes.route("POST", "/people/{id}/reset", needs=Role.ADMIN, gives=LinkSecret, status=201, refuses=[404])
def reset_person(
    request: Request,
    id: str,  # noqa: A002 - the API's word
    caller: CallerHere,
    access: AccessHere,
) -> Response:
    """Make a link with which somebody chooses another password; it is shown once."""
    secret, link = access.links.reset(caller, id)
    shown = {"id": link.id, "url": link_url(request, secret), "expires_at": link.expires_at}
    return answer(shown, 201)


@routes.route("GET", "/people/{id}/sessions", needs=Role.ADMIN, gives=Page[SessionShape], refuses=[404])
def list_sessions_of_person(id: str, access: AccessHere) -> Response:  # noqa: A002 - the API's word
    """List the sessions of somebody."""
    names = ("id", "created_at", "seen_at", "expires_at", "address", "agent")
    sessions = access.sessions.list(access.people.get(id).id)
    items = [{name: getattr(each, name) for name in names} | {"current": False} for each in sessions]
    return answer({"items": items, "next": None})


@routes.route("DELETE", "/people/{id}/sessions/{session}", needs=Role.ADMIN, status=204, refuses=[404])
def end_session_of_person(
    id: str,  # noqa: A002 - the API's word
    session: str,
    caller: CallerHere,
    access: AccessHere,
) -> Response:
    """End a session of somebody."""
    access.sessions.end(caller, id, session)
    return nothing()


@routes.route("GET", "/audit", needs=Role.ADMIN, gives=Page[EntryShape])
def list_audit(
    access: AccessHere,
    cursor: NumberCursor = None,
    limit: PageSize = 100,
    target: Annotated[str, Query(description="Only of this, or of what is in it.")] = "",
    action: Annotated[str, Query(description="Only actions that begin with this.")] = "",
    who: Annotated[str, Query(description="Only of this e-mail.")] = "",
) -> Response:
    """List who did what, the newest first."""
    found = access.audit.page(cursor, limit + 1, target=target, action=action, who=who)
    shown = found[:limit]
    emails = {each.id: each.email for each in access.people.list()}
    items = [asdict(each) | {"about": each.about(emails)} for each in shown]
    return answer({"items": items, "next": str(shown[-1].number) if len(found) > limit else None})


def person_document(member: Member) -> dict[str, Any]:
    """Return somebody as the API shows them."""
    return {name: getattr(member, name) for name in PersonShape.model_fields}


def link_url(request: Request, secret: str) -> str:
    """Return where a link leads; the secret stands behind `#`, which no server and no log ever sees."""
    return f"{request.app.state.url}/join#{secret}"
