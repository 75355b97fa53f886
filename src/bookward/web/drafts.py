"""Files that are not saved yet: what would be wrong with them, and what a model would return."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from bookward.documents import connection_document, preview_document, problem_document, rejection_document
from bookward.serving import Role
from bookward.web.answers import answer
from bookward.web.checking import ConnectionShape, PreviewShape, slowly
from bookward.web.files import app_of
from bookward.web.fileshapes import Contents, Kind, Written
from bookward.web.mapping import RefusedShape
from bookward.web.routes import Routes
from bookward.web.session import AccessHere, CallerHere
from bookward.web.shapes import PlacedProblem, Shape

routes = Routes("drafts")


class KeyShape(Shape):
    """Whether a model's key tells its rows apart."""

    rows: int = Field(description="That the model returned.")
    left_out: int = Field(description="Rows that no sync would take, for nulls or duplicates in their key.")
    reasons: list[RefusedShape] = Field(description="Of the first few.")


class DraftShape(Shape):
    """What would be wrong if a file said this."""

    ok: bool
    problems: list[PlacedProblem]


class Planned(Shape):
    """A schedule that is not saved yet."""

    schedule: dict[str, Any] = Field(
        description="As the file of a sync says it; see GET /schemas/syncs.", examples=[{"every": "1h"}]
    )
    destination: str | None = Field(None, description="Whose books may be closed; none when left out.")


class TimesShape(Shape):
    """When a sync would run next."""

    next: list[str] = Field(description="Empty for a sync that follows something else.")


@routes.route("POST", "/files/{kind}/{slug}/check", needs=Role.EDITOR, gives=DraftShape, refuses=[404])
def check_draft(request: Request, kind: Kind, slug: str, said: Annotated[Contents, Body()]) -> Response:
    """Look for what would be wrong if a file, or a new one of this name, said this; nothing is written."""
    problems = app_of(request).files.problems_of(kind, slug, **said.given)
    return answer({"ok": not problems, "problems": [problem_document(each) for each in problems]})


@routes.route(
    "POST", "/files/{kind}/{slug}/test", needs=Role.EDITOR, gives=ConnectionShape, refuses=[404, 409]
)
def test_draft(
    request: Request,
    kind: Kind,
    slug: str,
    said: Annotated[Written, Body()],
    caller: CallerHere,
    access: AccessHere,
) -> Response:
    """Test the connection of a source or destination as if its file said this; nothing is written."""
    with slowly(request), access.audit.around(caller, "connection.test", f"{kind}/{slug}") as after:
        found = app_of(request).files.probe(kind, slug, **said.given)
        after["ok"] = found.ok
    return answer(connection_document(found))


@routes.route("POST", "/models/{slug}/key", needs=Role.EDITOR, gives=KeyShape, refuses=[404, 409, 502])
def check_key(request: Request, slug: str, said: Annotated[Contents, Body()]) -> Response:
    """Look for nulls and duplicates in a model's key as if its file said this; all its rows are read."""
    with slowly(request):
        found = app_of(request).files.check_key(slug, **said.given)
    reasons = [rejection_document(each) for each in found.reasons]
    return answer({"rows": found.rows, "left_out": found.left_out, "reasons": reasons})


@routes.route(
    "POST", "/models/{slug}/preview", needs=Role.EDITOR, gives=PreviewShape, refuses=[404, 409, 502]
)
def preview_draft(
    request: Request,
    slug: str,
    said: Annotated[Contents, Body()],
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Return the first rows of a model as if its file said this; nothing is written."""
    with slowly(request):
        found = app_of(request).files.preview(slug, limit, **said.given)
    return answer(preview_document(slug, found))


@routes.route("POST", "/syncs/{slug}/times", needs=Role.EDITOR, gives=TimesShape, refuses=[404, 409])
def preview_times(request: Request, slug: str, said: Annotated[Planned, Body()]) -> Response:
    """Return when a sync, or a new one of this name, would run next by a schedule; nothing is written."""
    found = app_of(request).queue.times(slug, said.schedule, said.destination)
    return answer({"next": list(found)})
