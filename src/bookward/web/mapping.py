"""What whoever writes a mapping has to know: columns, objects with their fields, and a row as it is sent."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from bookward.errors import NameUnknown
from bookward.mappingdocuments import column_document, object_document, rehearsal_document
from bookward.serving import Role
from bookward.web.answers import answer, page
from bookward.web.checking import slowly
from bookward.web.files import app_of
from bookward.web.fileshapes import Contents
from bookward.web.routes import Routes
from bookward.web.shapes import Page, PlacedProblem, Shape

routes = Routes("mapping")


class MappableShape(Shape):
    """A column that a sync can refer to."""

    name: str
    type: str = Field(description="`lines` where it holds a list, with an entry for each line.")
    inside: list[MappableShape] = Field(description="The columns of its lines, so far as they are known.")


class FieldShape(Shape):
    """A field that can be written."""

    name: str
    kind: str = Field(description="text, integer, decimal, boolean, date, datetime, uuid, object or list.")
    required: bool = Field(description="Whether a record cannot be created without it.")
    clearable: bool
    max_length: int | None = Field(description="In letters; of lists in entries.")
    choices: list[str] = Field(description="The only values that are allowed; none where it is free.")
    only_looked_up: bool = Field(description="Whether it is written under `look_up` alone.")
    fields: list[FieldShape] = Field(description="Of an object, or of the entries of a list.")


class LookUpShape(Shape):
    """A field that names a record of another kind."""

    field: str
    required: bool
    by: list[str]
    created_by: list[str] = Field(description="By one of these what is missing can be created.")
    fields: list[FieldShape] = Field(description="What a record that is created can be made of.")


MODE = Field(description="What a new sync names as its `mode`; null where it need not name the usual one.")


class ObjectShape(Shape):
    """What can be written to a destination; of choices, the usual one comes first."""

    name: str
    noun: str
    about: str
    modes: list[str]
    mode: str | None = MODE
    match_fields: list[str]
    on_changes: list[str] = Field(description="With `mode: insert`.")
    removals: list[str]
    has_amount: bool = Field(description="Whether `guards.max_amount` means anything.")
    fields: list[FieldShape]
    look_ups: list[LookUpShape]


class RefusedShape(Shape):
    """Why a row would not be sent."""

    code: str
    message: str
    remedy: str
    field: str | None


class RehearsalShape(Shape):
    """One of the first rows of a model, as a sync would send it."""

    problems: list[PlacedProblem] = Field(description="While there are any, nothing is sent.")
    keys: list[str] = Field(description="Of the rows that there are to choose from.")
    key: str | None
    payload: dict[str, Any] | None = Field(description="Of a new record; what is looked up stands as found.")
    create_only: list[str] = Field(description="What of it is left out when a record is changed.")
    match_value: str | None
    notes: list[str]
    rejection: RefusedShape | None


@routes.route(
    "GET", "/models/{slug}/columns", needs=Role.EDITOR, gives=Page[MappableShape], refuses=[404, 409, 502]
)
def list_columns(request: Request, slug: str) -> Response:
    """List the columns of a model that a sync can refer to."""
    with slowly(request):
        found = app_of(request).sample(slug)
    return page([column_document(each) for each in found.columns], None)


@routes.route(
    "GET", "/destinations/{slug}/objects/{object}", needs=Role.VIEWER, gives=ObjectShape, refuses=[404]
)
def get_object(request: Request, slug: str, object: str) -> Response:  # noqa: A002
    """Return one object of a destination with its fields."""
    found = {kind.name: kind for kind in app_of(request).objects(slug)}
    if object not in found:
        raise NameUnknown(f"There is no object {object!r}.", remedy=f"There are: {', '.join(found)}.")
    return answer(object_document(found[object]))


class ObjectGlance(Shape):
    """What can be written to a destination, at a glance."""

    name: str
    noun: str
    about: str
    mode: str | None = MODE


@routes.route(
    "GET", "/destinations/{slug}/objects", needs=Role.VIEWER, gives=Page[ObjectGlance], refuses=[404]
)
def list_objects(request: Request, slug: str) -> Response:
    """List what can be written to a destination."""
    found = [object_document(kind) for kind in app_of(request).objects(slug)]
    return page([{name: each[name] for name in ("name", "noun", "about", "mode")} for each in found], None)


@routes.route(
    "POST", "/syncs/{slug}/rehearsal", needs=Role.EDITOR, gives=RehearsalShape, refuses=[404, 409, 502]
)
def rehearse(
    request: Request,
    slug: str,
    said: Annotated[Contents, Body()],
    key: Annotated[str | None, Query(description="Of the row; the first one when left out.")] = None,
) -> Response:
    """Return what a sync would send for a row if its file said this; nothing is written or sent."""
    with slowly(request):
        found = app_of(request).files.rehearse(slug, key, **said.given)
    return answer(rehearsal_document(found))
