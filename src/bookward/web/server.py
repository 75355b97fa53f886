"""The application: every part of the API, behind the gate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from bookward import __version__
from bookward.app import App
from bookward.errors import BookwardError
from bookward.web import (
    alerts,
    checking,
    connecting,
    drafts,
    files,
    health,
    invitations,
    mapping,
    metrics,
    openid,
    overview,
    people,
    plans,
    rows,
    runs,
    secrets,
    session,
    settling,
    tokens,
    work,
)
from bookward.web.callers import COOKIE, CSRF, Callers
from bookward.web.examples import add_examples
from bookward.web.gate import Gate
from bookward.web.problems import on_bookward_error, on_http_error, on_invalid
from bookward.web.rates import Rates
from bookward.web.routes import PREFIX, add_routes, require_guarded
from bookward.web.site import Site
from bookward.web.slow import Slow

PARTS = (
    session.routes,
    openid.routes,
    people.routes,
    invitations.routes,
    tokens.routes,
    files.routes,
    drafts.routes,
    overview.routes,
    plans.routes,
    mapping.routes,
    secrets.routes,
    checking.routes,
    connecting.routes,
    runs.routes,
    work.routes,
    rows.routes,
    settling.routes,
    alerts.routes,
    metrics.routes,
)

REQUESTS_A_MINUTE = 1200
"""Of one session, token or address."""

THREADS = 7
"""Requests at work at once. Each may hold two connections to the state, and these are 15 at most."""


def create(
    app: App,
    *,
    hosts: Collection[str] = ("localhost", "127.0.0.1", "::1"),
    url: str = "http://localhost:8000",
    requests_a_minute: int = REQUESTS_A_MINUTE,
) -> ASGIApp:
    """Return the server of a project.

    Args:
        app: of the project; whoever made it closes it.
        hosts: names under which the server may be asked, "*" for any.
        url: where people reach it; with https the cookies are sent by HTTPS only.
        requests_a_minute: how many one caller may make.

    Raises:
        TypeError: a route does not say who may use it.
    """
    api = create_api(app, url=url, requests_a_minute=requests_a_minute)
    return Gate(GZipMiddleware(Site(api), minimum_size=1024), hosts, secure=url.startswith("https:"))


def create_api(app: App, *, url: str, requests_a_minute: int = REQUESTS_A_MINUTE) -> FastAPI:
    """Return the API alone, without what the gate holds."""
    api = FastAPI(
        title="Bookward",
        version=__version__,
        description="Rows from the warehouse into the books. Every route names the role that it needs.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
    )
    api.state.bookward = app
    api.state.url = url.rstrip("/")
    api.state.secure = url.startswith("https:")
    api.state.callers = Callers(app.access, Rates(app.clock, requests_a_minute))
    api.state.slow = Slow()
    api.router.routes.clear()
    add_routes(api, "", (health.routes,))
    add_routes(api, PREFIX, PARTS)
    require_guarded(api.router.routes)
    api.add_exception_handler(BookwardError, on_bookward_error)
    api.add_exception_handler(RequestValidationError, on_invalid)
    api.add_exception_handler(HTTPException, on_http_error)
    _describe(api)
    return api


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = THREADS
    yield


def _describe(api: FastAPI) -> None:
    """Say in the API's description how one signs in, and show what is sent and answered."""
    document: dict[str, Any] = api.openapi()
    add_examples(document)
    document.setdefault("components", {})["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
        "csrf": {"type": "apiKey", "in": "header", "name": CSRF},
        "token": {"type": "http", "scheme": "bearer"},
    }
