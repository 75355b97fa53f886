"""A POST that is sent twice with one Idempotency-Key is done once, and answered twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bookward.errors import BookwardError, RequestInvalid
from bookward.serving import Access, Answer, Answers, Caller
from bookward.web.problems import refusal

HEADER = "idempotency-key"
REPLAYED = "Idempotency-Replayed"

_LONGEST = 200
_TOO_MANY = 429
_OWN_FAULT = 500


async def once(
    request: Request, caller: Caller | None, handler: Callable[[Request], Coroutine[Any, Any, Response]]
) -> Response:
    """Handle a request, or answer what was answered to it before.

    Raises:
        RequestInvalid: the key is none.
        KeyReused: it came with another request.
        RequestUnfinished: the request is being handled, or nobody knows what became of it.
    """
    key = request.headers.get(HEADER)
    if request.method != "POST" or caller is None or key is None:
        return await handler(request)
    if not 1 <= len(key) <= _LONGEST or not key.isprintable():
        raise RequestInvalid(f"An Idempotency-Key has 1 to {_LONGEST} characters.")
    answers = _access(request).answers
    body = await request.body()
    said = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\0".encode() + body)
    id_, kept = await run_in_threadpool(answers.begin, _scope_of(caller), key, said.hexdigest())
    if kept is not None:
        return Response(kept.body, kept.status, {**dict(kept.headers), REPLAYED: "true"})
    try:
        response = await handler(request)
    except BookwardError as error:
        await _conclude(answers, id_, refusal(error))
        raise
    except (HTTPException, RequestValidationError):
        await run_in_threadpool(answers.drop, id_)
        raise
    # After any other error nobody knows what became of it, and it is not done again.
    await _conclude(answers, id_, response)
    return response


async def _conclude(answers: Answers, id_: str, response: Response) -> None:
    """Keep an answer, or forget the request where it came to nothing and may be sent again."""
    if response.status_code >= _OWN_FAULT or response.status_code == _TOO_MANY:
        await run_in_threadpool(answers.drop, id_)
        return
    headers = tuple(response.headers.items())
    answer = Answer(status=response.status_code, headers=headers, body=bytes(response.body))
    await run_in_threadpool(answers.keep, id_, answer)


def _scope_of(caller: Caller) -> str:
    """Return whose keys these are: a token never gets the answer that its person's session was given."""
    return f"{caller.id} {caller.via if caller.via.startswith('token:') else 'session'}"


def _access(request: Request) -> Access:
    access: Access = request.app.state.bookward.access
    return access
