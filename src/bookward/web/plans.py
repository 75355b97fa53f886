"""The operations of a plan, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Annotated, Any

from fastapi import Query
from pydantic import ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from bookward.app import Plan
from bookward.documents import Document, operation_document, plan_document
from bookward.records import OperationKind
from bookward.serving import Role
from bookward.web.answers import answer, page
from bookward.web.files import app_of
from bookward.web.masking import is_hidden_from
from bookward.web.people import NumberCursor, PageSize
from bookward.web.routes import Routes
from bookward.web.runs import Books, RejectionShape, Search
from bookward.web.session import CallerHere
from bookward.web.shapes import Amount, Page, Shape

routes = Routes("plans")


class ForecastShape(Shape):
    """What executing a plan will cost."""

    calls: int = 0
    least_calls: int | None = Field(None, description="With the largest bodies that Xero advises.")
    seconds: float | None = None
    day_left: int | None = Field(None, description="Calls that today's limit leaves.")


class PlanShape(Shape):
    """A plan at a glance."""

    model_config = ConfigDict(extra="allow")

    id: str
    sync: str
    created: str
    expires: str
    organisation: Books
    rows_read: int
    changes: dict[str, int] = Field(description="Rows by kind of change, and `same`.")
    operations: dict[str, int] = Field(description="By kind, none that is zero.")
    first: dict[str, int] = Field(description="Records of other kinds that are made first.")
    bytes_to_send: int
    forecast: ForecastShape
    sums: dict[str, Amount] = Field(description="Money booked, by currency; empty for the books' own.")
    tripped: list[str] = Field(description="What is beyond the guards: not executed without approval.")
    notes: list[str]


class OperationShape(Shape):
    """What a plan does about one row; what would be sent, and what was before, is hidden from viewers."""

    seq: int
    key: str
    change: str = Field(examples=["changed"])
    kind: OperationKind
    remote_id: str | None
    payload: dict[str, Any] | None = Field(description="What is sent.")
    before: dict[str, Any] | None = Field(description="What the books, or the last run, had in its place.")
    notes: list[str]
    rejection: RejectionShape | None


@routes.route("GET", "/syncs/{slug}/plans/{plan}", needs=Role.VIEWER, gives=PlanShape, refuses=[404])
def get_plan(request: Request, slug: str, plan: str) -> Response:
    """Return a plan at a glance, by its id or as `last`."""
    return answer(plan_document(app_of(request).open_plan(plan, slug)))


@routes.route(
    "GET",
    "/syncs/{slug}/plans/{plan}/operations",
    needs=Role.VIEWER,
    gives=Page[OperationShape],
    refuses=[404],
    many=["kind"],
)
def list_operations(
    request: Request,
    slug: str,
    plan: str,
    caller: CallerHere,
    kind: Annotated[list[OperationKind] | None, Query(description="Only operations of these kinds.")] = None,
    search: Search = "",
    cursor: NumberCursor = None,
    limit: PageSize = 100,
) -> Response:
    """List what a plan does about every row, in its order."""
    opened = app_of(request).open_plan(plan, slug)
    after = -1 if cursor is None else cursor
    found = list(islice(_operations(opened, kind, search.casefold(), after, caller.role), limit + 1))
    return page(found[:limit], str(found[limit - 1]["seq"]) if len(found) > limit else None)


def _operations(
    plan: Plan, kinds: list[OperationKind] | None, search: str, after: int, role: Role
) -> Iterator[Document]:
    hidden = is_hidden_from(role)
    for operation in chain.from_iterable(plan.operations(kinds, after + 1)):
        if operation.seq <= after:
            continue
        document = operation_document(operation)
        if hidden:
            document |= {"payload": None, "before": None}
        if not search or search in _searched(document):
            yield document


def _searched(document: Document) -> str:
    said = document["rejection"] or {}
    parts = (document["key"], document["remote_id"], said.get("code"), said.get("message"))
    return "\n".join(str(part) for part in parts if part).casefold()
