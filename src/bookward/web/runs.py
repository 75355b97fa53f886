"""Looking back: runs, their rows and their calls, where the rows of a sync stand, and what limits leave."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from bookward.app import App
from bookward.callarchives import ARCHIVES
from bookward.documents import (
    Document,
    call_document,
    row_document,
    run_document,
    sync_row_document,
)
from bookward.errors import NameUnknown
from bookward.records import ApiCall
from bookward.reportpage import POLICY, report_page
from bookward.serving import Role
from bookward.storydocument import reason_document, story_document
from bookward.web.answers import answer, page
from bookward.web.files import app_of
from bookward.web.masking import (
    is_hidden_from,
    masked,
    masked_reason,
    masked_report,
    masked_row,
    mentions,
)
from bookward.web.people import NumberCursor, PageSize
from bookward.web.routes import Routes
from bookward.web.session import CallerHere
from bookward.web.shapes import Amount, ErrorBody, Page, PlanStandingShape, Shape

routes = Routes("runs")

Search = Annotated[str, Query(max_length=500, description="Only what mentions this.")]

OfReason = Annotated[str, Query(max_length=64, description="Only rows of this reason, by its id.")]


class Books(Shape):
    """An organisation."""

    id: str
    name: str


class RunShape(Shape):
    """One run."""

    id: str
    sync: str
    plan: str | None
    organisation: Books | None
    state: str = Field(examples=["done"])
    started_at: str
    finished_at: str | None
    resume_at: str | None
    asked_by: str | None = Field(description="The person; null for a schedule.", examples=["ana@example.com"])
    reason: str | None = Field(description="Why it began.", examples=["by hand", "schedule", "approval"])
    plan_made_by: str | None = Field(description="Who made its plan, where that was made before.")
    parked: PlanStandingShape | None = Field(description="What became of its plan, where it is parked.")
    counts: dict[str, int]
    error: ErrorBody | None


class RejectionShape(ErrorBody):
    """Why a row was not synced."""

    field: str | None


class ReasonShape(Shape):
    """Why some rows were not synced; reasons that differ in the rows' own values only are one."""

    id: str = Field(description="What rows and operations can be asked for by.")
    code: str
    field: str | None
    message: str = Field(
        description="With … where the rows differ.", examples=["EmailAddress … is no address."]
    )
    remedy: str
    rows: int
    statuses: dict[str, int] = Field(description="Rows by outcome; of a plan by kind of operation.")
    values: dict[str, int] = Field(
        description="Rows by the first value in which they differ, the most frequent few; not for viewers.",
        examples=[{"205": 5, "210": 3}],
    )


class BriefShape(Shape):
    """What a person knows a record by, and its money, without the tax that Xero adds."""

    called: str = Field(description="Its number or name; empty for none.", examples=["INV-0042"])
    party: str = Field(description="The customer or supplier; empty for none.", examples=["Ngaio Ltd"])
    currency: str = Field(description="Empty where it is not known.", examples=["NZD"])
    amount: Amount | None = Field(description="Once the operation is done.")
    former: Amount | None = Field(description="Before it.")


class RunRowShape(Shape):
    """What was done about one row in a run; viewers see of a reason what its code means."""

    seq: int
    key: str
    change: str
    kind: str
    status: str
    remote_id: str | None
    brief: BriefShape | None = Field(
        description="Null where nothing was looked up or the plan is no longer kept, and for viewers."
    )
    rejection: RejectionShape | None
    warnings: list[str]


class RowStoryShape(RunRowShape):
    """Everything about one row of a run; from viewers what it says is hidden."""

    source: dict[str, Any] | None = Field(description="The row as the model had it; null for a removed one.")
    former: dict[str, Any] | None = Field(description="As it was accepted before.")
    payload: dict[str, Any] | None = Field(description="What was sent, or would have been.")
    at: str | None = Field(description="When its outcome was known; null where nothing was sent.")
    calls: list[int] = Field(description="Numbers of the API calls that carried it.")
    page: str | None = Field(description="Where its record is shown in Xero.")
    hidden: bool = Field(description="Whether parts are hidden from the one who asks.")


class SyncRowShape(Shape):
    """Where one row of a sync stands; viewers see of a reason what its code means."""

    key: str
    state: str
    remote_id: str | None
    brief: BriefShape | None = Field(
        description="As of its run; null where nothing was looked up or that plan is no longer kept, and for "
        "viewers."
    )
    run: str
    rejection: RejectionShape | None
    attempts: int
    next_try: str | None


class CallShape(Shape):
    """One API call; viewers see neither bodies, headers nor what stands behind the `?` of the address."""

    number: int
    destination: str
    at: str
    purpose: str
    method: str
    url: str
    status: int | None
    duration_ms: float
    rows: int
    error: str | None
    hidden: bool = Field(description="Whether parts are hidden from the one who asks.")


class WholeCall(CallShape):
    """One API call with headers and bodies."""

    request_headers: dict[str, str]
    request_body: str
    response_headers: dict[str, str]
    response_body: str


class Live(BaseModel):
    """A run as it stands, and the calls since the last look."""

    run: RunShape
    outcomes: dict[str, int] = Field(description="How many rows had which outcome until now.")
    calls: list[CallShape]
    next: int = Field(description="What to send as `after` the next time.")


class Archive(StrEnum):
    """A kind of file that holds calls."""

    HAR = "har"
    NDJSON = "ndjson"


class QuotaShape(Shape):
    """What an organisation's limits leave, as the destination said it last."""

    organisation: str
    name: str
    minute_left: int | None
    day_left: int | None
    seen_at: str | None
    blocked_until: str | None


@routes.route("GET", "/runs", needs=Role.VIEWER, gives=Page[RunShape])
def list_runs(
    request: Request,
    sync: Annotated[str, Query(description="Only of this sync.")] = "",
    state: Annotated[str, Query(description="Only those that stand so.")] = "",
    cursor: Annotated[str | None, Query(description="The `next` of the page before.")] = None,
    limit: PageSize = 50,
) -> Response:
    """List runs, the newest first."""
    app = app_of(request)
    found = app.listings.runs(sync=sync, state=state, before=cursor, limit=limit + 1)
    items = [run_document(each) for each in app.told(found[:limit])]
    return page(items, found[limit - 1].id if len(found) > limit else None)


@routes.route("GET", "/runs/{id}", needs=Role.VIEWER, gives=RunShape, refuses=[404])
def get_run(request: Request, id: str) -> Response:  # noqa: A002 - the API's word
    """Return one run, by its id, the beginning of it, or `last`."""
    return answer(run_document(app_of(request).find_run(id)))


@routes.route("GET", "/runs/{id}/report", needs=Role.VIEWER, refuses=[404], media="text/html")
def get_report(request: Request, id: str, caller: CallerHere) -> HTMLResponse:  # noqa: A002
    """Return what an auditor asks of a run, as a page that needs nothing beside it."""
    app = app_of(request)
    page = report_page(masked_report(app.report(id), caller.role), app.clock.now())
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})


@routes.route("GET", "/runs/{id}/rows", needs=Role.VIEWER, gives=Page[RunRowShape], refuses=[404])
def list_run_rows(
    request: Request,
    id: str,  # noqa: A002 - the API's word
    caller: CallerHere,
    status: Annotated[str | None, Query(description="Only rows with this outcome, or `pending`.")] = None,
    reason: OfReason = "",
    search: Search = "",
    cursor: NumberCursor = None,
    limit: PageSize = 100,
) -> Response:
    """List what became of the rows of a run, in the order of its plan."""
    after, named = -1 if cursor is None else cursor, not is_hidden_from(caller.role)
    wanted: dict[str, Any] = {"status": status, "reason": reason, "search": search, "after": after}
    rows = list(app_of(request).rows(id, **wanted, named=named, limit=limit + 1))
    items = [masked_row(row_document(each), caller.role) for each in rows[:limit]]
    return page(items, str(rows[limit - 1].seq) if len(rows) > limit else None)


@routes.route("GET", "/runs/{id}/rows/{seq}", needs=Role.VIEWER, gives=RowStoryShape, refuses=[404])
def get_run_row(request: Request, id: str, seq: int, caller: CallerHere) -> Response:  # noqa: A002
    """Return everything that is known of one row of a run, by its `seq`."""
    app, hidden = app_of(request), is_hidden_from(caller.role)
    story = app.row_story(id, min(seq, _MOST))
    document = story_document(story) | {"page": app.page_of(id, story), "hidden": hidden}
    return answer(masked_row(document, caller.role))


@routes.route("GET", "/runs/{id}/reasons", needs=Role.VIEWER, gives=Page[ReasonShape], refuses=[404])
def list_run_reasons(request: Request, id: str, caller: CallerHere) -> Response:  # noqa: A002
    """List why rows of a run were not synced, the most frequent reason first."""
    found = app_of(request).run_reasons(id)
    return page([masked_reason(reason_document(each), caller.role) for each in found], None)


@routes.route("GET", "/runs/{id}/calls", needs=Role.VIEWER, gives=Page[CallShape], refuses=[404])
def list_calls(
    request: Request,
    id: str,  # noqa: A002 - the API's word
    caller: CallerHere,
    status: Annotated[int | None, Query(ge=100, le=599)] = None,
    failed: Annotated[bool, Query(description="Only those not answered with success.")] = False,
    search: Search = "",
    cursor: NumberCursor = None,
    limit: PageSize = 100,
) -> Response:
    """List the API calls of a run or a plan, the oldest first."""
    calls = _calls(request, id, caller.role, search, status=status, failed=failed, after=cursor or 0)
    items = list(islice(calls, limit + 1))
    return page(items[:limit], str(items[limit - 1]["number"]) if len(items) > limit else None)


@routes.route("GET", "/runs/{id}/calls/{number}", needs=Role.VIEWER, gives=WholeCall, refuses=[404])
def get_call(request: Request, id: str, number: int, caller: CallerHere) -> Response:  # noqa: A002
    """Return one API call with its headers and bodies; these are hidden from viewers."""
    found = app_of(request).calls(id, after=number - 1) if 0 < number <= _MOST else iter(())
    seen, call = next(found, (0, None))
    if call is None or seen != number:
        raise NameUnknown(f"The run has no call {number}.", remedy="GET /api/v1/runs/ID/calls lists all.")
    return answer(masked(call_document(number, call, full=True), caller.role))


@routes.route(
    "GET",
    "/runs/{id}/export",
    needs=Role.VIEWER,
    refuses=[404],
    headers=["Content-Disposition"],
    types=["application/x-ndjson"],
)
def export_calls(
    request: Request,
    id: str,  # noqa: A002 - the API's word
    caller: CallerHere,
    format: Annotated[Archive, Query(description="`har` for browsers' tools.")] = Archive.HAR,  # noqa: A002
) -> Response:
    """Return all API calls of a run or a plan as a file; from viewers the same is hidden as elsewhere."""
    app = app_of(request)
    run = app.run_or_plan(id)
    make, media_type = ARCHIVES[format]
    whole = (masked(call_document(number, call, full=True), caller.role) for number, call in _all(app, run))
    name = f'attachment; filename="{run}.{format}"'
    return StreamingResponse(make(whole), 200, {"Content-Disposition": name}, media_type)


@routes.route("GET", "/runs/{id}/live", needs=Role.VIEWER, gives=Live, refuses=[404])
def watch_run(
    request: Request,
    id: str,  # noqa: A002 - the API's word
    caller: CallerHere,
    after: Annotated[int, Query(ge=0, le=2**53, description="The `next` of the look before.")] = 0,
    limit: PageSize = 100,
) -> Response:
    """Return how a run stands, and its calls since the last look; ask again with `next`."""
    app = app_of(request)
    run = app.find_run(id)
    calls = list(islice(_calls(request, run.id, caller.role, "", after=after), limit))
    document = {
        "run": run_document(run),
        "outcomes": dict(app.outcome_counts(run.id)),
        "calls": calls,
        "next": calls[-1]["number"] if calls else after,
    }
    return answer(document)


@routes.route(
    "GET",
    "/syncs/{slug}/rows",
    needs=Role.VIEWER,
    gives=Page[SyncRowShape],
    refuses=[404],
    many=["state"],
)
def list_sync_rows(
    request: Request,
    slug: str,
    caller: CallerHere,
    state: Annotated[list[str] | None, Query(description="Only rows in one of these states.")] = None,
    search: Search = "",
    cursor: Annotated[str | None, Query(description="The `next` of the page before.")] = None,
    limit: PageSize = 100,
    named: Annotated[bool, Query(description="With `brief`, which costs time; it is searched, too.")] = True,
) -> Response:
    """List where the rows of a sync stand, in the order of their keys."""
    app = app_of(request)
    if not app.has_sync(slug):
        raise NameUnknown(f"There is no sync {slug!r}.", remedy="GET /api/v1/files/syncs lists all.")
    only: dict[str, Any] = {"states": state or (), "search": search, "after": cursor}
    in_words = not is_hidden_from(caller.role)
    found = list(app.sync_rows(slug, **only, in_words=in_words, named=named and in_words, limit=limit + 1))
    items = [masked_row(sync_row_document(each), caller.role) for each in found]
    return page(items[:limit], items[limit - 1]["key"] if len(items) > limit else None)


@routes.route("GET", "/quotas", needs=Role.VIEWER, gives=Page[QuotaShape])
def list_quotas(request: Request) -> Response:
    """List what the limits of every organisation leave."""
    names = QuotaShape.model_fields
    found = app_of(request).listings.quotas()
    return page([{name: getattr(each, name) for name in names} for each in found], None)


_MOST = 2**53
_AT_ONCE = 50


def _all(app: App, run: str) -> Iterator[tuple[int, ApiCall]]:
    """Yield all calls of a run; whoever takes them slowly, or not to the end, keeps no database waiting."""
    last = 0
    while part := list(islice(app.calls(run, after=last), _AT_ONCE)):
        yield from part
        last = part[-1][0]


def _calls(request: Request, run: str, role: Role, search: str, **filters: Any) -> Iterator[Document]:
    """Yield calls as the role may see them; what is hidden from it is not searched either."""
    hidden = is_hidden_from(role)
    for number, call in app_of(request).calls(run, text="" if hidden else search, **filters):
        document = masked(call_document(number, call, full=False), role)
        if not hidden or mentions(document, search):
            yield document
