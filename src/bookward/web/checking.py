"""Looking before anything is done: what is wrong, what a model returns, whether a connection works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from bookward.app import Connection
from bookward.documents import (
    check_document,
    connection_document,
    dbt_document,
    preview_document,
    suggestion_document,
    tables_document,
)
from bookward.errors import ModelRefused, SettingInvalid, SourceUnreachable
from bookward.serving import Role
from bookward.web.answers import answer
from bookward.web.files import app_of
from bookward.web.routes import Routes
from bookward.web.session import AccessHere, CallerHere
from bookward.web.shapes import PlacedProblem, Shape
from bookward.web.slow import Slow

routes = Routes("checks")

_PLACE = r"^[^\x00-\x1f\x7f]{1,1000}$"
_SCHEMES = ("https://", "http://", "s3://", "gs://", "gcs://", "abfs://", "abfss://")


class StepShape(Shape):
    """One step of testing a connection."""

    name: str
    ok: bool
    detail: str
    remedy: str


class ConnectionShape(Shape):
    """The test of a connection."""

    kind: str
    slug: str
    ok: bool
    steps: list[StepShape]


class CheckShape(Shape):
    """What is wrong with the project."""

    ok: bool
    problems: list[PlacedProblem]
    warnings: list[PlacedProblem]
    connections: list[ConnectionShape]
    counts: dict[str, int]


class ColumnShape(Shape):
    """A column of a model."""

    name: str
    type: str = Field(description="In words that a person knows, such as decimal(12,2).")
    numeric: bool = Field(description="Whether it holds numbers; in JSON they have the source's own digits.")
    of_line: bool = Field(
        description="Whether its name says something of a line of a document, such as its tax type."
    )


class PreviewShape(Shape):
    """The first rows of a model."""

    model: str
    columns: list[ColumnShape]
    rows: list[dict[str, Any]]
    is_whole: bool = Field(description="Whether these are all the rows that the model returns.")
    seconds: float


class ListedColumnShape(Shape):
    """A column of a table."""

    name: str
    type: str = Field(description="As the source calls it.")
    nullable: bool


class ListedTableShape(Shape):
    """A table or view of a source."""

    schema_: str = Field(alias="schema", description="Empty where the source has none.")
    name: str
    columns: list[ListedColumnShape]
    primary_key: list[str] = Field(description="Empty where none is known.")


class TablesShape(Shape):
    """What a source lists."""

    tables: list[ListedTableShape]
    quotes: str = Field(description='What stands before and after an exact name in a query: `""`, `[]` ...')


class DbtModelShape(Shape):
    """A model that dbt builds."""

    name: str
    unique_id: str = Field(description="What tells it from others of its name.")
    relation: str | None = Field(description="Its table in the warehouse; null for an ephemeral one.")
    primary_key: list[str] = Field(description="As its tests prove it; empty where they do not.")
    description: str
    columns: dict[str, str] = Field(description="Their descriptions, by name.")
    trouble: str = Field(description="What went wrong when it was built last; empty for nothing.")


class DbtShape(Shape):
    """What dbt has written down of a project."""

    at: str
    built_at: str | None = Field(description="Null where there is no run_results.json.")
    models: list[DbtModelShape]


class CandidateShape(Shape):
    """A column proposed for a field."""

    field: str
    column: str
    score: float = Field(description="From 0 to 1.")
    reason: str


class MissingShape(Shape):
    """A field that has to have a value, and got no column."""

    field: str
    choices: list[str]


class SuggestionShape(Shape):
    """A proposed sync."""

    model: str
    destination: str
    object: str
    mode: str
    match: CandidateShape | None
    fields: list[CandidateShape]
    lines: list[CandidateShape]
    of_lines: list[CandidateShape] = Field(
        description="Columns that say something of a line, and that the model does not have among its lines."
    )
    missing: list[MissingShape]
    unused: list[str]
    yaml: str


@contextmanager
def slowly(request: Request) -> Iterator[None]:
    """Hold one of the few places for work that takes long."""
    slow: Slow = request.app.state.slow
    with slow.place():
        yield


@routes.route("GET", "/check", needs=Role.VIEWER, gives=CheckShape)
def check(request: Request) -> Response:
    """Look for everything that is wrong in the files; no connection is made."""
    return answer(check_document(app_of(request).check()))


@routes.route("GET", "/models/{slug}/preview", needs=Role.EDITOR, gives=PreviewShape, refuses=[404, 409, 502])
def preview(request: Request, slug: str, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Response:
    """Return the columns and the first rows of a model."""
    with slowly(request):
        found = app_of(request).preview(slug, limit)
    return answer(preview_document(slug, found))


@routes.route(
    "GET", "/models/{slug}/suggestion", needs=Role.EDITOR, gives=SuggestionShape, refuses=[404, 409, 502]
)
def suggest(
    request: Request,
    slug: str,
    object: Annotated[str, Query(description="Of the destination: contacts, invoices ...")],  # noqa: A002
    destination: Annotated[str | None, Query(description="Needed where there are several.")] = None,
) -> Response:
    """Propose which columns of a model become which fields of an object."""
    with slowly(request):
        found = app_of(request).suggest(slug, object, destination)
    return answer(suggestion_document(found))


@routes.route("GET", "/sources/{slug}/tables", needs=Role.EDITOR, gives=TablesShape, refuses=[404, 409, 502])
def tables(request: Request, slug: str) -> Response:
    """Return the tables and views that a source lets its user read, by schema and name."""
    with slowly(request):
        app = app_of(request)
        found = {**tables_document(app.tables(slug)), "quotes": app.quotes(slug)}
    return answer(found)


@routes.route("GET", "/dbt/models", needs=Role.EDITOR, gives=DbtShape, refuses=[409])
def list_dbt_models(
    request: Request,
    target: Annotated[str, Query(pattern=_PLACE, description="The folder that dbt writes to, or its URL.")],
) -> Response:
    """List the models that dbt builds, with the key that its tests prove."""
    if "://" in target and not target.startswith(_SCHEMES):
        raise ModelRefused(
            "dbt's files cannot be had from there.",
            remedy=f"Begin with one of {', '.join(_SCHEMES)}, or name a path.",
        )
    return _built(request, target=target)


@routes.route("GET", "/dbt/jobs/{job}/models", needs=Role.EDITOR, gives=DbtShape, refuses=[409])
def list_dbt_job_models(request: Request, job: Annotated[int, Path(ge=1, le=2**53)]) -> Response:
    """List the models that a job of dbt Cloud builds."""
    return _built(request, job=job)


def _built(request: Request, **place: Any) -> Response:
    try:
        with slowly(request):
            found = app_of(request).dbt(**place)
    except (SettingInvalid, SourceUnreachable) as error:  # here it is what was asked for that is wrong
        raise ModelRefused(error.message, remedy=error.remedy) from error
    return answer(dbt_document(found))


@routes.route("POST", "/sources/{slug}/test", needs=Role.EDITOR, gives=ConnectionShape, refuses=[404])
def test_source(request: Request, slug: str, caller: CallerHere, access: AccessHere) -> Response:
    """Test the connection of a source; what goes wrong stands in the steps."""
    return _tested(request, "sources", slug, caller, access)


@routes.route("POST", "/destinations/{slug}/test", needs=Role.EDITOR, gives=ConnectionShape, refuses=[404])
def test_destination(request: Request, slug: str, caller: CallerHere, access: AccessHere) -> Response:
    """Test the connection of a destination; what goes wrong stands in the steps."""
    return _tested(request, "destinations", slug, caller, access)


def _tested(request: Request, kind: str, slug: str, caller: CallerHere, access: AccessHere) -> Response:
    with slowly(request), access.audit.around(caller, "connection.test", f"{kind}/{slug}") as after:
        found: Connection = app_of(request).probe(kind, slug)
        after["ok"] = found.ok
    return answer(connection_document(found))
