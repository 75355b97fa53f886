"""Asking for plans and runs, what waits for its turn, and when syncs run next."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Body, Query
from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic.config import JsonDict, JsonValue
from starlette.requests import Request
from starlette.responses import Response

from bookward.app import App, Plan, TicketState
from bookward.errors import RoleTooLow
from bookward.serving import Caller, Role
from bookward.web.answers import answer, page
from bookward.web.files import app_of
from bookward.web.people import NumberCursor, PageSize
from bookward.web.routes import Routes
from bookward.web.session import AccessHere, CallerHere
from bookward.web.shapes import NUMBER, ErrorBody, Flag, Page, Shape
from bookward.workdocuments import ticket_document, upcoming_document

routes = Routes("work")

PlanId = Annotated[str, Field(max_length=100, description="The plan to execute, exactly as it is.")]


class Removable(StrEnum):
    """What a reconciliation found and a plan may remove."""

    LEFT_BEHIND = "left-behind"
    TWICE = "twice"


_UNSAID: JsonDict = {"type": "null"}
_NOT: JsonDict = {"const": False}
_NONE: JsonDict = {"maxItems": 0}
_WHOLE: list[JsonValue] = [
    {"title": "RunOfTheModel", "properties": {"plan": _UNSAID}},
    {
        "title": "OfAPlan",
        "required": ["plan"],
        "properties": {"plan": {"type": "string"}, "full": _NOT, "limit": _UNSAID, "keys": _UNSAID},
    },
]


class RunWishes(Shape):
    """What a run shall be about; all of it, when nothing is said."""

    model_config = ConfigDict(json_schema_extra={"oneOf": _WHOLE})

    plan: PlanId | None = None
    full: Flag = Field(False, description="Look at all rows as if for the first time.")
    limit: Annotated[int, Field(ge=1, le=10**9), NUMBER] | None = Field(
        None, description="A trial: so many records at most."
    )
    keys: list[str] | None = Field(None, max_length=1000, description="A trial: only these rows.")

    @field_validator("full", "limit", "keys")
    @classmethod
    def _plan_is_executed_whole(cls, said: object, before: ValidationInfo) -> object:
        if before.data.get("plan") is not None and said is not None and said is not False:
            raise ValueError("a plan is executed whole; this belongs to a new one")
        return said


_TOGETHER: list[JsonValue] = [
    {"title": "OfTheModel", "properties": {"reconcile": _NOT, "assume": _NOT, "remove": _NONE}},
    {
        "title": "Reconciling",
        "required": ["reconcile"],
        "properties": {"reconcile": {"const": True}, "assume": _NOT},
    },
    {
        "title": "Assuming",
        "required": ["assume"],
        "properties": {"assume": {"const": True}, "full": _NOT, "reconcile": _NOT, "remove": _NONE},
    },
]


class PlanWishes(Shape):
    """What a plan shall be about."""

    model_config = ConfigDict(json_schema_extra={"oneOf": _TOGETHER})

    full: Flag = Field(False, description="Look at all rows as if for the first time.")
    reconcile: Flag = Field(False, description="Look at all records in the books as well.")
    remove: list[Removable] = Field(
        [], max_length=2, description="With `reconcile`: plan the removal of what is found so."
    )
    assume: Flag = Field(False, description="A reset: take all rows for synced, and send nothing.")
    allow_empty: Flag = Field(False, description="Plan removals even when the model returns nothing.")

    @model_validator(mode="after")
    def _removal_is_of_what_was_found(self) -> PlanWishes:
        if self.remove and not self.reconcile:
            raise ValueError("remove goes with reconcile: what nobody looked for cannot be removed")
        if self.assume and (self.full or self.reconcile):
            raise ValueError("assume sends nothing: it goes with neither full nor reconcile")
        return self


class Approval(Shape):
    """A plan that somebody has looked at."""

    plan: PlanId = Field(examples=["20261102-090000-3f9c"])


class Retrying(Shape):
    """Which refused rows are to be sent again."""

    keys: list[str] | None = Field(None, max_length=1000, description="All, when nothing is said.")


class Retried(Shape):
    """The rows that are sent again by the next run."""

    keys: list[str]


class TicketShape(Shape):
    """One piece of work that somebody, or a schedule, asked for."""

    id: str
    sync: str
    work: str = Field(examples=["run"])
    wishes: dict[str, Any]
    reason: str = Field(description="Why: by hand, schedule, after another sync.")
    asked_by: str | None
    asked_at: str
    not_before: str
    state: TicketState
    run: str | None = Field(description="The run, or the plan, that came of it.")
    said: str | None = Field(description="Why it waits, or why it ended without a run.")
    error: ErrorBody | None = Field(description="What kept it from being done, where that is an error.")
    progress: dict[str, Any] | None
    ended_at: str | None


class ClosedShape(Shape):
    """Until when the books are closed for scheduled runs."""

    until: str | None = Field(description="None: without an end.")
    reason: str


class UpcomingShape(Shape):
    """When a sync runs next."""

    sync: str
    schedule: dict[str, Any] | None
    next: list[str]
    problem: str | None = Field(
        description="Why it never runs by itself, or why it is not known whether the job that it waits "
        "for has ended."
    )
    closed: ClosedShape | None
    tickets: list[TicketShape]


@routes.route(
    "POST", "/syncs/{slug}/runs", needs=Role.EDITOR, gives=TicketShape, status=202, refuses=[404, 409]
)
def ask_for_run(
    request: Request, slug: str, said: Annotated[RunWishes, Body()], caller: CallerHere, access: AccessHere
) -> Response:
    """Ask for a run within the guards; the ticket tells what becomes of it.

    A plan that resets a sync, or removes what a reconciliation found, has to be approved instead. Where the
    newest plan of all rows is beyond the guards, running some of them needs the role approver as well.
    """
    if (said.keys is not None or said.limit is not None) and not caller.role.may(Role.APPROVER):
        _refuse_in_parts(app_of(request), slug)
    if said.plan is not None:
        plan = app_of(request).plan_to_execute(said.plan, slug)
        _refuse_grave(plan)
        said = said.model_copy(update={"plan": plan.header.id})  # another may be the last one when it runs
    return _asked(request, slug, "run", said.model_dump(exclude_defaults=True, mode="json"), caller, access)


@routes.route(
    "POST", "/syncs/{slug}/plans", needs=Role.EDITOR, gives=TicketShape, status=202, refuses=[404, 409]
)
def ask_for_plan(
    request: Request, slug: str, said: Annotated[PlanWishes, Body()], caller: CallerHere, access: AccessHere
) -> Response:
    """Ask for a plan, which writes nothing; the ticket's `run` is its id when it is there."""
    return _asked(request, slug, "plan", said.model_dump(exclude_defaults=True, mode="json"), caller, access)


@routes.route(
    "POST", "/syncs/{slug}/approvals", needs=Role.APPROVER, gives=TicketShape, status=202, refuses=[404, 409]
)
def approve_plan(
    request: Request, slug: str, said: Annotated[Approval, Body()], caller: CallerHere, access: AccessHere
) -> Response:
    """Let a plan be executed that needs approval: exactly as it is, or not at all.

    One beyond the guards, one that resets the sync, or one that removes what a reconciliation found.
    """
    header = app_of(request).plan_to_execute(said.plan, slug).header
    wishes = {"plan": header.id, "approved": True}
    sums = {currency: str(moved.net) for currency, moved in header.money.items()}
    seen = {"tripped": list(header.tripped), "grave": header.grave or None, "sums": sums}
    return _asked(request, slug, "run", wishes, caller, access, seen)


@routes.route("POST", "/syncs/{slug}/retry", needs=Role.EDITOR, gives=Retried, refuses=[404, 409])
def retry_rows(
    request: Request, slug: str, said: Annotated[Retrying, Body()], caller: CallerHere, access: AccessHere
) -> Response:
    """Let rows that the destination refused be sent again by the next run."""
    with access.audit.around(caller, "rows.retry", f"syncs/{slug}") as after:
        keys = list(app_of(request).retry(slug, said.keys))
        after.update({"keys": keys[:100], "count": len(keys)})
    return answer({"keys": keys})


@routes.route("GET", "/tickets", needs=Role.VIEWER, gives=Page[TicketShape], many=["state"])
def list_tickets(
    request: Request,
    sync: Annotated[str | None, Query(description="Only of this sync.")] = None,
    state: Annotated[list[TicketState] | None, Query(description="Only those that stand so.")] = None,
    cursor: NumberCursor = None,
    limit: PageSize = 50,
) -> Response:
    """List what was asked for, the newest first."""
    queue = app_of(request).queue
    found = queue.list(sync=sync, states=state or (), before=cursor, limit=limit + 1)
    items = [ticket_document(each) for each in found[:limit]]
    return page(items, str(found[limit - 1].number) if len(found) > limit else None)


@routes.route("GET", "/tickets/{id}", needs=Role.VIEWER, gives=TicketShape, refuses=[404])
def get_ticket(request: Request, id: str) -> Response:  # noqa: A002 - the API's word
    """Return what became of something that was asked for."""
    return answer(ticket_document(app_of(request).queue.get(id)))


@routes.route("POST", "/tickets/{id}/cancel", needs=Role.EDITOR, gives=TicketShape, refuses=[404])
def cancel_ticket(request: Request, id: str, caller: CallerHere, access: AccessHere) -> Response:  # noqa: A002
    """Let it end: at once where it waits, cleanly where it is under way."""
    with access.audit.around(caller, "ticket.cancel", f"tickets/{id}") as after:
        ticket = app_of(request).queue.cancel(id)
        after.update({"sync": ticket.sync, "state": str(ticket.state)})
    return answer(ticket_document(ticket))


@routes.route("GET", "/schedule", needs=Role.VIEWER, gives=Page[UpcomingShape])
def get_schedule(request: Request) -> Response:
    """List when every sync runs next, and what of it waits or is under way."""
    return page([upcoming_document(each) for each in app_of(request).queue.upcoming()], None)


def _asked(
    request: Request,
    slug: str,
    work: str,
    wishes: dict[str, Any],
    caller: Caller,
    access: AccessHere,
    approved: Mapping[str, Any] | None = None,
) -> Response:
    action = f"{work}.ask" if approved is None else f"{work}.approve"
    said = {"wishes": wishes, **(approved or {})}
    with access.audit.around(caller, action, f"syncs/{slug}", said) as after:
        ticket = app_of(request).queue.ask(slug, work, wishes=wishes, who=caller.email)
        after["ticket"] = ticket.id
    return answer(ticket_document(ticket), 202)


def _refuse_in_parts(app: App, sync: str) -> None:
    """Refuse to run by and by what is beyond the guards as a whole, whatever became of that plan."""
    if (plan := app.beyond_guards(sync)) is not None:
        raise RoleTooLow(
            f"All rows together are beyond the guards (plan {plan.id}): to run some needs the role approver.",
            remedy="Ask an approver to look at the plan. If it is no longer right, plan again.",
        )


def _refuse_grave(plan: Plan) -> None:
    """Refuse a plan that an editor may make but not execute."""
    header = plan.header
    if header.grave:
        raise RoleTooLow(
            f"Plan {header.id} needs the role approver. {header.grave}",
            remedy=f"An approver looks at it and sends it to POST /api/v1/syncs/{header.sync}/approvals.",
        )
