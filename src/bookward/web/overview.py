"""The whole project at a glance: what there is, and how every sync stands."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from bookward.documents import run_document
from bookward.serving import Role
from bookward.web.answers import page
from bookward.web.files import app_of
from bookward.web.routes import Routes
from bookward.web.runs import RunShape
from bookward.web.shapes import Page, Shape

routes = Routes("overview")


class GlanceShape(Shape):
    """One source, model, destination or sync at a glance."""

    kind: str = Field(examples=["syncs"])
    slug: str = Field(examples=["users-to-contacts"])
    about: dict[str, Any] = Field(
        description="What tells it from others: a source's type; a model's source and primary key; a "
        "destination's type; a sync's model, destination, object, mode and schedule.",
        examples=[{"model": "users", "destination": "xero-demo", "object": "contacts", "mode": "upsert"}],
    )
    problems: int = Field(description="How many things are wrong in its files.")


class StandingShape(Shape):
    """How a sync stands."""

    sync: str = Field(examples=["users-to-contacts"])
    last_run: RunShape | None
    waiting: dict[str, int] = Field(
        description="Rows that the books do not show as the model does, by their state.",
        examples=[{"rejected": 2}],
    )


@routes.route("GET", "/project", needs=Role.VIEWER, gives=Page[GlanceShape])
def get_project(request: Request) -> Response:
    """List all sources, models, destinations and syncs at a glance, broken ones too."""
    names = GlanceShape.model_fields
    found = app_of(request).files.glances()
    return page([{name: getattr(each, name) for name in names} for each in found], None)


@routes.route("GET", "/syncs", needs=Role.VIEWER, gives=Page[StandingShape])
def list_syncs(request: Request) -> Response:
    """List how every sync stands: its newest run, and its rows that wait."""
    app = app_of(request)
    last, waiting = app.listings.last_runs(), app.listings.waiting_rows()
    items = [
        {
            "sync": sync,
            "last_run": run_document(last[sync]) if sync in last else None,
            "waiting": dict(waiting.get(sync, {})),
        }
        for sync in app.files.slugs("syncs")
    ]
    return page(items, None)
