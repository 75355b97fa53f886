"""Every API call, as the live debugger shows it; bodies are kept for a limited time only."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from bookward.records import ApiCall
from bookward.store.database import Database
from bookward.store.tables import calls

_RECORD = insert(calls)


class Calls:
    """Keeps every API call (``ports.CallLog``) and finds them again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, call: ApiCall) -> None:
        line = {
            "run": call.run,
            "destination": call.destination,
            "at": call.at,
            "purpose": call.purpose,
            "method": call.method,
            "url": call.url,
            "status": call.status,
            "duration_ms": call.duration_ms,
            "request_headers": call.request_headers,
            "request_body": zlib.compress(call.request_body, 1),
            "response_headers": call.response_headers,
            "response_body": zlib.compress(call.response_body, 1),
            "error": call.error,
            "rows": call.rows,
        }
        # What Xero was told and answered is in the journal; a power cut may take the last calls from here.
        # One by one, so that whoever asks for the calls behind a number has not missed one below it.
        with self._database.writing(at_once=False, alone=f"calls {call.run}") as connection:
            connection.execute(_RECORD, line)

    def find(
        self, run: str, *, status: int | None = None, failed: bool = False, text: str = "", after: int = 0
    ) -> Iterator[tuple[int, ApiCall]]:
        """Yield the calls of a run with their numbers, oldest first.

        Args:
            status: only calls that were answered with this status.
            failed: only calls that were not answered with 2xx.
            text: only calls whose address, purpose or bodies contain this.
            after: only calls with a number above this one.
        """
        query = select(calls).where(calls.c.run == run, calls.c.id > after).order_by(calls.c.id)
        if status is not None:
            query = query.where(calls.c.status == status)
        if failed:
            query = query.where(calls.c.status.is_(None) | (calls.c.status >= 300))
        query = query.execution_options(yield_per=50)
        with self._database.reading() as connection, connection.execute(query) as lines:
            for line in lines:
                call = _call(line)
                if not text or _mentions(call, text):
                    yield line.id, call

    def count(self, run: str) -> int:
        """Return how many calls a run has made."""
        query = select(func.count()).select_from(calls).where(calls.c.run == run)
        with self._database.reading() as connection:
            return connection.scalar(query) or 0

    def newest_answered(self) -> ApiCall | None:
        """Return the newest call that was answered."""
        query = select(calls).where(calls.c.status.is_not(None)).order_by(calls.c.id.desc()).limit(1)
        with self._database.reading() as connection:
            line = connection.execute(query).first()
        return None if line is None else _call(line)

    def forget_bodies(self, before: datetime) -> int:
        """Drop the bodies of calls older than ``before``; return how many calls lost theirs."""
        old = (calls.c.at < before) & calls.c.request_body.is_not(None)
        with self._database.writing() as connection:
            return connection.execute(
                update(calls).where(old).values(request_body=None, response_body=None)
            ).rowcount


def _mentions(call: ApiCall, text: str) -> bool:
    wanted = text.casefold()
    haystack = f"{call.url} {call.purpose} {call.error or ''}".casefold()
    bodies = (call.request_body + b" " + call.response_body).decode(errors="replace").casefold()
    return wanted in haystack or wanted in bodies


def _call(line: Any) -> ApiCall:
    return ApiCall(
        run=line.run,
        destination=line.destination,
        at=line.at,
        purpose=line.purpose,
        method=line.method,
        url=line.url,
        status=line.status,
        duration_ms=line.duration_ms,
        request_headers=line.request_headers,
        request_body=zlib.decompress(line.request_body) if line.request_body else b"",
        response_headers=line.response_headers,
        response_body=zlib.decompress(line.response_body) if line.response_body else b"",
        error=line.error,
        rows=line.rows,
    )
