"""Every error as an answer, in one shape, with the status that its kind has."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bookward import errors
from bookward.documents import error_document, problem_document
from bookward.errors import BookwardError, ConfigError, RequestRefused, RetryLater, StopRun
from bookward.records import Problem
from bookward.web.answers import answer

_LOG = logging.getLogger("bookward.web")

_STATUSES: Mapping[type[BookwardError], int] = {
    errors.NameUnknown: 404,
    errors.FilesInTheWay: 409,
    errors.ObjectInUse: 409,
    errors.EditConflict: 412,
    errors.ProjectReadOnly: 409,
    errors.ProjectInvalid: 409,
    errors.NotConnected: 409,
    errors.SettingInvalid: 500,
    errors.ExtraMissing: 501,
    errors.StoreFailed: 500,
    errors.SyncBusy: 409,
    errors.SourceUnreachable: 502,
    errors.SourceFailed: 502,
    errors.StorageRefused: 502,
    errors.RemoteRefused: 502,
    errors.TooManyRequests: 429,
    errors.RouteUnknown: 404,
    errors.MethodRefused: 405,
    errors.RequestTooLarge: 413,
    errors.HostRefused: 421,
    errors.SignInNeeded: 401,
    errors.SignInRefused: 401,
    errors.RoleTooLow: 403,
    errors.SessionNeeded: 403,
    errors.CrossSite: 403,
    errors.LinkDead: 410,
    errors.ReturnRefused: 410,
    errors.PersonKnown: 409,
    errors.LastAdmin: 409,
    errors.VersionNeeded: 428,
    errors.RequestUnfinished: 409,
    ConfigError: 422,
    StopRun: 409,
    RetryLater: 503,
    RequestRefused: 422,
}
"""The status of an error, or else of its group."""


def status_of(error: BookwardError) -> int:
    """Return the status of the answer that says an error."""
    kinds = (kind for kind in type(error).__mro__ if kind in _STATUSES)
    found = next(kinds, None)
    return 422 if found is None else _STATUSES[found]


def refusal(error: BookwardError) -> Response:
    """Return the answer that says an error."""
    document = error_document(error.code, error.message, error.remedy)
    problems: Sequence[Any] = getattr(error, "problems", ())
    if problems:
        document["problems"] = [
            problem_document(each) if isinstance(each, Problem) else each for each in problems
        ]
    headers = {}
    if isinstance(error, RetryLater):
        headers["Retry-After"] = str(math.ceil(error.wait.total_seconds()) if error.wait else 1)
    if isinstance(error, errors.EditConflict):
        headers["ETag"] = f'"{error.etag}"'
    if isinstance(error, errors.SignInNeeded | errors.SignInRefused):
        headers["WWW-Authenticate"] = "Bearer"
    return answer({"error": document}, status_of(error), headers)


async def on_bookward_error(_: Request, error: Exception) -> Response:
    """Answer an error that is raised on purpose."""
    assert isinstance(error, BookwardError)
    return refusal(error)


async def on_invalid(_: Request, error: Exception) -> Response:
    """Answer a request that is not what its route takes; what was sent is not repeated, it may be secret."""
    assert isinstance(error, RequestValidationError)
    problems = [
        {"field": ".".join(map(str, each["loc"])), "message": str(each["msg"])} for each in error.errors()
    ]
    said = f"{problems[0]['field']}: {problems[0]['message']}" if problems else "The request is malformed"
    return refusal(errors.RequestInvalid(f"{said}.", problems=problems))


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return refusal(errors.RouteUnknown("There is no such address."))
    if error.status_code == 405:
        said = refusal(errors.MethodRefused(f"This address does not take {request.method}."))
        said.headers.update(error.headers or {})
        return said
    if error.status_code == 413:
        return refusal(errors.RequestTooLarge("The request is too large."))
    return refusal(errors.RequestInvalid("The request could not be read."))


def fault(error: Exception) -> Response:
    """Answer what nobody foresaw; only its kind is told, its text may quote secrets or rows."""
    _LOG.error("A fault: %s%s", type(error).__name__, _place(error))
    document = error_document(
        "fault",
        f"A fault in Bookward: {type(error).__name__}.",
        "Please report it with what the server's log says.",
    )
    return answer({"error": document}, 500)


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
