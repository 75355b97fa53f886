"""How a route is declared, and the one place where it is decided who may use it.

A route without a role cannot be declared, and one that was added in another way stops the server's start.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from bookward.errors import BookwardError, RequestInvalid
from bookward.serving import Role
from bookward.web.callers import Callers
from bookward.web.exactrequest import ExactRequest
from bookward.web.problems import fault
from bookward.web.repeating import once
from bookward.web.shapes import ErrorShape

ROLE = "needs"
"""The attribute of a route's function that says who may use it."""

MANY = "many"
"""The attribute that names the parameters which may come several times."""

PAGE = "page"
"""The attribute of routes to which other sites send browsers: they answer pages, and take any query."""

PREFIX = "/api/v1"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Anyone:
    """Stands in place of a role where nobody has to be signed in."""

    def __str__(self) -> str:
        """Return the word for it."""
        return "anyone"


ANYONE = Anyone()


@dataclass(frozen=True)
class Declared:
    """One route, as it is declared beside its function."""

    method: str
    path: str
    endpoint: Callable[..., Any]
    options: dict[str, Any]


@dataclass
class Routes:
    """The routes of one part of the API."""

    tag: str
    all: list[Declared] = field(default_factory=list)

    def route(
        self,
        method: str,
        path: str,
        *,
        needs: Role | Anyone,
        gives: type[BaseModel] | None = None,
        status: int = 200,
        refuses: Iterable[int] = (),
        headers: Iterable[str] = (),
        many: Iterable[str] = (),
        types: Iterable[str] = (),
        page: bool = False,
        media: str = "",
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare the decorated function to be a route.

        Args:
            method: GET, POST, PUT, PATCH or DELETE.
            path: under /api/v1.
            needs: the least role, or ``ANYONE``.
            gives: the shape of the answer; None when it has no body.
            status: of the answer when all is well.
            refuses: statuses of errors that the route has beside those that all have.
            headers: of the answer when all is well, for the documentation.
            many: names of parameters that may come several times.
            types: media types of the answer besides JSON.
            page: other sites send browsers here, which get a page and may bring what the route does not know.
            media: what the answer is when all is well, where it is not JSON.
        """

        def declare(endpoint: Endpoint) -> Endpoint:
            setattr(endpoint, ROLE, needs)
            setattr(endpoint, MANY, frozenset(many))
            setattr(endpoint, PAGE, page)
            told = {name: {"schema": {"type": "string"}} for name in headers}
            responses: dict[int | str, dict[str, Any]] = {
                each: {"model": ErrorShape} for each in _statuses(method, needs, refuses)
            }
            responses[status] = ({"headers": told} if told else {}) | {"description": "All is well."}
            if types:
                responses[status]["content"] = {each: {} for each in types}
            if page:
                responses[400] = {"description": "What went wrong.", "content": {"text/html": {}}}
            if page or media:
                responses[status]["content"] = {media or "text/html": {}}
            options: dict[str, Any] = {
                "response_model": gives,
                "response_class": Response if page or media else JSONResponse,
                "status_code": status,
                "responses": responses,
                "tags": [self.tag],
                "operation_id": endpoint.__name__,
                "summary": (endpoint.__doc__ or "").partition("\n")[0].rstrip("."),
                "openapi_extra": {"security": _security(needs), "x-role": str(needs)},
            }
            self.all.append(Declared(method, path, endpoint, options))
            return endpoint

        return declare


class GuardedRoute(APIRoute):
    """A route that nobody uses whom its role does not allow to; decided before anything of it is read."""

    needs: Role | Anyone

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Refuse a function that does not say who may use it."""
        if not hasattr(endpoint, ROLE):
            raise TypeError(f"The route {path} does not say who may use it.")
        self.needs = getattr(endpoint, ROLE)
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            callers: Callers = request.app.state.callers
            needed = None if isinstance(self.needs, Anyone) else self.needs
            try:
                caller, rate = await run_in_threadpool(callers.admit, request, needed)
                request.state.caller, request.state.rate_headers = caller, rate.headers
                self._require_known(request)
                return await once(ExactRequest(request.scope, request.receive), caller, handler)
            except (BookwardError, HTTPException, RequestValidationError):
                raise
            except Exception as error:  # noqa: BLE001 - the framework would log its text, which may be private
                return fault(error)

        return guarded

    def _require_known(self, request: Request) -> None:
        """Refuse parameters that the route does not have, or has once: a filter that is ignored shows all."""
        if getattr(self.endpoint, PAGE):
            return
        known = {parameter.alias for parameter in self.dependant.query_params}
        seen = [name for name, _ in request.query_params.multi_items()]
        for name in dict.fromkeys(seen):
            if name not in known:
                raise RequestInvalid(f"There is no parameter {name!r} here.")
            if seen.count(name) > 1 and name not in getattr(self.endpoint, MANY):
                raise RequestInvalid(f"The parameter {name!r} is there more than once.")


def add_routes(api: FastAPI, prefix: str, parts: Sequence[Routes]) -> None:
    """Add the routes of all parts."""
    api.router.route_class = GuardedRoute
    for part in parts:
        for each in part.all:
            path, methods = f"{prefix}{each.path}", [each.method]
            api.router.add_api_route(path, each.endpoint, methods=methods, **each.options)


def require_guarded(routes: Iterable[BaseRoute]) -> None:
    """Make sure that every route of an application says who may use it.

    Raises:
        TypeError: one does not.
    """
    for route in routes:
        if not isinstance(route, GuardedRoute):
            raise TypeError(f"The route {getattr(route, 'path', route)} does not say who may use it.")


def _statuses(method: str, needs: Role | Anyone, more: Iterable[int]) -> list[int]:
    common = {400, 413, 421, 422, 429, 500, 503, *more}
    if not isinstance(needs, Anyone):
        common |= {401, 403}
    if method != "GET":
        common |= {403, 409}
    return sorted(common)


def _security(needs: Role | Anyone) -> list[dict[str, list[str]]]:
    return [] if isinstance(needs, Anyone) else [{"session": [], "csrf": []}, {"token": []}]
