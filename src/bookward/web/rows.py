"""One row of a sync as it stands, with all that is known of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from bookward.serving import Role
from bookward.storydocument import story_document
from bookward.web.answers import answer
from bookward.web.files import app_of
from bookward.web.masking import is_hidden_from, masked_row
from bookward.web.routes import Routes
from bookward.web.runs import RowStoryShape
from bookward.web.session import CallerHere

routes = Routes("rows")


class SyncRowStoryShape(RowStoryShape):
    """Everything about one row of a sync, as of the run that brought it where it stands."""

    run: str


@routes.route("GET", "/syncs/{slug}/row", needs=Role.VIEWER, gives=SyncRowStoryShape, refuses=[404])
def get_sync_row(
    request: Request,
    slug: str,
    caller: CallerHere,
    key: Annotated[str, Query(max_length=1000, description="The row's key.")],
) -> Response:
    """Return everything that is known of one row of a sync, by its key."""
    app, hidden = app_of(request), is_hidden_from(caller.role)
    run, story = app.sync_row_story(slug, key)
    more = {"run": run.id, "page": app.page_of(run.id, story), "hidden": hidden}
    return answer(masked_row(story_document(story) | more, caller.role))
