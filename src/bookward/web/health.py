"""Whether the server lives, and whether it can work; and what it can do."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bookward.app import App
from bookward.web.answers import answer
from bookward.web.routes import ANYONE, Routes
from bookward.web.shapes import Shape

routes = Routes("health")


class Health(Shape):
    """That all is well."""

    status: str


@routes.route("GET", "/healthz", needs=ANYONE, gives=Health)
async def healthz(request: Request) -> Response:
    """Say that the process lives."""
    return answer({"status": "ok"})


@routes.route("GET", "/readyz", needs=ANYONE, gives=Health)
def readyz(request: Request) -> Response:
    """Say that the state can be read."""
    app: App = request.app.state.bookward
    app.access.people.any()
    return answer({"status": "ready"})


@routes.route("GET", "/api/openapi.json", needs=ANYONE, gives=None)
async def openapi(request: Request) -> Response:
    """Return the description of the API, as OpenAPI 3.1."""
    return answer(request.app.openapi())
