"""The operations of a plan, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Annotated, Any

from fastapi import Body, Query
from pydantic import ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from bookward.app import Plan
from bookward.documents import (
    Document,
    operation_document,
    plan_document,
    standing_document,
)
from bookward.reasons import reason_id
from bookward.records import Operation, OperationKind
from bookward.serving import Offer, Role
from bookward.storydocument import reason_document
from bookward.web.answers import answer, page
from bookward.web.files import app_of
from bookward.web.masking import masked_reason, masked_row, row_mentions
from bookward.web.people import NumberCursor, PageSize
from bookward.web.routes import Routes
from bookward.web.runs import Books, BriefShape, OfReason, ReasonShape, RejectionShape, Search
from bookward.web.session import AccessHere, CallerHere
from bookward.web.shapes import Amount, Page, PlanStandingShape, Shape

routes = Routes("plans")


class ForecastShape(Shape):
    """What executing a plan will cost."""

    calls: int = 0
    least_calls: int | None = Field(None, description="With the largest bodies that Xero advises.")
    seconds: float | None = None
    day_left: int | None = Field(None, description="Calls that today's limit leaves.")


class MovedShape(Shape):
    """How much money a plan moves in one currency, each record compared with itself, without added tax."""

    before: Amount = Field(description="What the records that it writes or removes come to.")
    after: Amount = Field(description="What they will come to.")
    up: Amount = Field(description="By how much some will come to more; a new one counts whole.")
    down: Amount = Field(description="By how much others will come to less; a removed one counts whole.")
    unknown: int = Field(description="Records of which it is not known what they come to before.")
    net: Amount = Field(description="What all of it changes in the books: `up` less `down`.")


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
    money: dict[str, MovedShape] = Field(description="By currency, empty where that is not known.")
    tripped: list[str] = Field(description="What is beyond the guards: not executed without approval.")
    grave: str | None = Field(
        description="What it does beyond what a sync does by itself: not executed without approval, too."
    )
    notes: list[str]
    made_by: str | None = Field(description="The person; null for a schedule.")
    standing: PlanStandingShape = Field(description="Whether it can still be executed.")


class OfferShape(Shape):
    """A plan that can be executed."""

    id: str
    sync: str
    created: str
    expires: str
    made_by: str | None = Field(description="The person; null for a schedule.")
    tripped: bool = Field(description="Whether it is beyond the guards.")
    needs_approval: bool = Field(description="Whether it is beyond the guards, or grave as a plan says it.")
    sends: int = Field(description="Records that it writes.")
    left_out: int = Field(description="Rows that should be in the books and that it cannot send.")


class Discarding(Shape):
    """Why nobody shall execute a plan."""

    why: str = Field("", max_length=500, examples=["The amounts of May are missing."])


class OperationShape(Shape):
    """What a plan does about one row; viewers see nothing of what the row or the record says."""

    seq: int
    key: str
    change: str = Field(examples=["changed"])
    kind: OperationKind
    remote_id: str | None
    payload: dict[str, Any] | None = Field(description="What is sent.")
    before: dict[str, Any] | None = Field(description="What the books, or the last run, had in its place.")
    brief: BriefShape | None = Field(description="Null where nothing was looked up.")
    notes: list[str]
    rejection: RejectionShape | None


@routes.route("GET", "/syncs/{slug}/plans/{plan}", needs=Role.VIEWER, gives=PlanShape, refuses=[404])
def get_plan(request: Request, slug: str, plan: str) -> Response:
    """Return a plan at a glance, by its id or as `last`."""
    app = app_of(request)
    opened = app.open_plan(plan, slug)
    return answer(_document(opened, app.offer(opened)))


@routes.route("GET", "/syncs/{slug}/plans", needs=Role.VIEWER, gives=Page[OfferShape], refuses=[404])
def list_plans(request: Request, slug: str) -> Response:
    """List the plans of a sync that can be executed, the newest first."""
    return page([_offer(each) for each in app_of(request).open_offers(slug)], None)


@routes.route(
    "POST", "/syncs/{slug}/plans/{plan}/discard", needs=Role.EDITOR, gives=PlanShape, refuses=[404, 409]
)
def discard_plan(
    request: Request,
    slug: str,
    plan: str,
    said: Annotated[Discarding, Body()],
    caller: CallerHere,
    access: AccessHere,
) -> Response:
    """Let nobody execute a plan that waits; its run says by whom it was discarded, and why."""
    app = app_of(request)
    opened = app.open_plan(plan, slug)
    with access.audit.around(
        caller, "plan.discard", f"syncs/{slug}", {"plan": opened.header.id, "why": said.why}
    ):
        offer = app.discard_plan(opened, caller.email, said.why)
    return answer(_document(opened, offer))


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
    reason: OfReason = "",
    search: Search = "",
    cursor: NumberCursor = None,
    limit: PageSize = 100,
) -> Response:
    """List what a plan does about every row, in its order."""
    opened = app_of(request).open_plan(plan, slug)
    after = -1 if cursor is None else cursor
    found = list(islice(_operations(opened, kind, reason, search, after, caller.role), limit + 1))
    return page(found[:limit], str(found[limit - 1]["seq"]) if len(found) > limit else None)


@routes.route(
    "GET",
    "/syncs/{slug}/plans/{plan}/reasons",
    needs=Role.VIEWER,
    gives=Page[ReasonShape],
    refuses=[404],
)
def list_plan_reasons(request: Request, slug: str, plan: str, caller: CallerHere) -> Response:
    """List why a plan leaves rows out, the most frequent reason first."""
    found = app_of(request).plan_reasons(plan, slug)
    return page([masked_reason(reason_document(each), caller.role) for each in found], None)


def _offer(offer: Offer) -> Document:
    plan = offer.plan
    said = {name: getattr(plan, name) for name in OfferShape.model_fields if hasattr(plan, name)}
    return said | {"created": plan.made_at}


def _document(plan: Plan, offer: Offer) -> Document:
    said = {"made_by": offer.plan.made_by, "standing": standing_document(offer.standing)}
    return plan_document(plan) | said


def _operations(
    plan: Plan, kinds: list[OperationKind] | None, reason: str, search: str, after: int, role: Role
) -> Iterator[Document]:
    for operation in chain.from_iterable(plan.operations(kinds, after + 1)):
        if operation.seq <= after or not _is_of(reason, operation):
            continue
        document = masked_row(operation_document(operation), role)
        if row_mentions(document, search):
            yield document


def _is_of(reason: str, operation: Operation) -> bool:
    said = operation.rejection
    return not reason or (said is not None and reason_id(said.code, said.message, said.field) == reason)
