"""The whole project at a glance: what there is, and how every sync stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from bookward.app import Run
from bookward.documents import run_document
from bookward.errors import NameUnknown
from bookward.serving import Role
from bookward.web.answers import page
from bookward.web.files import app_of
from bookward.web.routes import Routes
from bookward.web.runs import RunShape
from bookward.web.shapes import Page, Shape

routes = Routes("overview")


class GlanceShape(Shape):
    """One source, model, destination, sync or alert at a glance."""

    kind: str = Field(examples=["syncs"])
    slug: str = Field(examples=["users-to-contacts"])
    about: dict[str, Any] = Field(
        description="What tells it from others: a source's type; a model's source and primary key; a "
        "destination's type; a sync's model, destination, object, mode and schedule; an alert's type, and "
        "the files that name it.",
        examples=[{"model": "users", "destination": "xero-demo", "object": "contacts", "mode": "upsert"}],
    )
    problems: int = Field(description="How many things are wrong in its files.")


class SyncHealth(StrEnum):
    """How a sync stands, in a word."""

    NEW = "new"  #: it was never run
    RUNNING = "running"
    GOOD = "good"  #: the books show what the model does, as far as the newest run knows
    ATTENTION = (
        "attention"  #: rows or a plan wait, or the newest run goes on later or was one of some rows only
    )
    BROKEN = "broken"  #: its files are wrong, or its newest run failed


class StandingShape(Shape):
    """How a sync stands."""

    sync: str = Field(examples=["users-to-contacts"])
    health: SyncHealth = Field(description="What a person should see first.")
    last_run: RunShape | None
    waiting: dict[str, int] = Field(
        description="Rows that the books do not show as the model does, by their state.",
        examples=[{"rejected": 2}],
    )


class DayShape(Shape):
    """What the runs did that began on one day."""

    day: str = Field(examples=["2026-11-02"])
    runs: int
    failed: int = Field(description="Of the runs.")
    rows_accepted: int
    rows_rejected: int


@routes.route("GET", "/project", needs=Role.VIEWER, gives=Page[GlanceShape])
def get_project(request: Request) -> Response:
    """List all sources, models, destinations, syncs and alerts at a glance, broken ones too."""
    names = GlanceShape.model_fields
    found = app_of(request).files.glances()
    return page([{name: getattr(each, name) for name in names} for each in found], None)


@routes.route("GET", "/syncs", needs=Role.VIEWER, gives=Page[StandingShape])
def list_syncs(request: Request) -> Response:
    """List how every sync stands: its newest run, and its rows that wait."""
    app = app_of(request)
    waiting = app.listings.waiting_rows()
    last = {run.sync: run for run in app.told([*app.listings.last_runs().values()])}
    items = []
    for glance in app.files.glances("syncs"):
        run, rows = last.get(glance.slug), waiting.get(glance.slug, {})
        items.append(
            {
                "sync": glance.slug,
                "health": _health(run, rows, wrong=glance.problems > 0),
                "last_run": run_document(run) if run else None,
                "waiting": dict(rows),
            }
        )
    return page(items, None)


@routes.route("GET", "/activity", needs=Role.VIEWER, gives=Page[DayShape], refuses=[404])
def list_activity(
    request: Request,
    days: Annotated[int, Query(ge=1, le=90, description="So many, with today.")] = 30,
    timezone: Annotated[
        str, Query(max_length=100, description="Where days begin and end, such as `Pacific/Auckland`.")
    ] = "UTC",
) -> Response:
    """List how many rows were synced and rejected day by day, the oldest first."""
    app, zone = app_of(request), _zone(timezone)
    today = app.clock.now().astimezone(zone).date()
    dates = [today - timedelta(days=ago) for ago in reversed(range(days))]
    counts = app.listings.run_counts([datetime.combine(date, time(), zone) for date in dates])
    items = [{"day": str(date)} | asdict(count) for date, count in zip(dates, counts, strict=True)]
    return page(items, None)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NameUnknown(
            f"There is no time zone {name!r}.", remedy="Send a name such as Pacific/Auckland."
        ) from None


def _health(run: Run | None, waiting: Mapping[str, int], *, wrong: bool) -> SyncHealth:
    state = str(run.state) if run else None
    if wrong or state == "failed":
        return SyncHealth.BROKEN
    if state is None:
        return SyncHealth.NEW
    if state == "running":
        return SyncHealth.RUNNING
    left = run is not None and run.counts.get("rows_left")
    return SyncHealth.GOOD if state == "done" and not waiting and not left else SyncHealth.ATTENTION
