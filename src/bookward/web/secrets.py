"""The secrets that the project's files name: set and removed, and never shown."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body, Path
from pydantic import Field
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from bookward.errors import NameUnknown
from bookward.serving import Role
from bookward.web.answers import answer, nothing
from bookward.web.files import app_of
from bookward.web.routes import Routes
from bookward.web.session import AccessHere, CallerHere
from bookward.web.shapes import Page, Shape

routes = Routes("secrets")


SecretName = Annotated[str, Path(json_schema_extra={"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"})]


class SecretShape(Shape):
    """A secret as people may know of it."""

    name: str
    set_by: str
    set_at: str
    used_by: list[str] = Field(description="The files that take it.", examples=[["sources/ledger"]])
    set_outside: bool = Field(
        description="Whether the environment or `.env` sets the name, too: what is sealed is not used then."
    )


class SecretValue(Shape):
    """A value; it is never shown again."""

    value: str = Field(min_length=1, max_length=20_000)


@routes.route("GET", "/secrets", needs=Role.EDITOR, gives=Page[SecretShape])
def list_secrets(request: Request) -> Response:
    """List the names of all secrets, and who set them when."""
    app = app_of(request)
    known = app.secrets.list()
    outside = app.set_outside(each.name for each in known)
    items = [
        {"name": each.name, "set_by": each.set_by, "set_at": each.set_at}
        | {"used_by": list(app.files.naming(each.name)), "set_outside": each.name in outside}
        for each in known
    ]
    return answer({"items": items, "next": None})


@routes.route("PUT", "/secrets/{name}", needs=Role.EDITOR, status=204)
def set_secret(
    request: Request,
    name: SecretName,
    said: Annotated[SecretValue, Body()],
    caller: CallerHere,
    access: AccessHere,
) -> Response:
    """Seal a secret under the name that files call it by, ${NAME}; refused where it would not be used."""

    def audited(connection: Connection) -> None:
        access.audit.write(connection, caller, "secret.set", f"secrets/{name}")

    app_of(request).seal(name, said.value, caller.email, audited)
    return nothing()


@routes.route("DELETE", "/secrets/{name}", needs=Role.EDITOR, status=204, refuses=[404])
def remove_secret(request: Request, name: SecretName, caller: CallerHere, access: AccessHere) -> Response:
    """Forget a secret."""

    def audited(connection: Connection) -> None:
        access.audit.write(connection, caller, "secret.remove", f"secrets/{name}")

    if not app_of(request).secrets.remove(name, audited):
        raise NameUnknown(f"There is no secret {name!r}.", remedy="GET /api/v1/secrets lists all.")
    return nothing()
