"""The API's documents as the records that they were made of; ``bookward.documents`` backwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from bookward.app import CheckReport, PlanHeader, Run, RunRow, SyncRow, Ticket, Upcoming
from bookward.documents import Document
from bookward.errors import ServerUnlike
from bookward.records import Operation, Problem
from bookward.schedule import Closed
from bookward.spec.schedule import Schedule

T = TypeVar("T")


def run_of(document: Document) -> Run:
    """Return a line of the history."""
    books = document["organisation"] or {}
    error = _renamed(document["error"], "error_")
    return _read(
        document | error | {"organisation": books.get("id"), "organisation_name": books.get("name")}, Run
    )


def row_of(document: Document) -> RunRow:
    """Return one row of a run."""
    return _read(document | _reason(document), RunRow)


def sync_row_of(document: Document) -> SyncRow:
    """Return where one row of a sync stands."""
    return _read(document | _reason(document), SyncRow)


def header_of(document: Document) -> PlanHeader:
    """Return what a plan says of itself; what only its execution needs does not travel."""
    books = document["organisation"]
    kept_there = {"config_hash": "", "settings": "", "base_snapshot": None}
    return _read(
        document | kept_there | {"organisation": books["id"], "organisation_name": books["name"]}, PlanHeader
    )


def operation_of(document: Document) -> Operation:
    """Return one operation of a plan; a viewer sees no values."""
    return _read(document | {"payload": document["payload"] or {}}, Operation)


def check_of(document: Document) -> CheckReport:
    """Return what is wrong in the project; no connection was tested."""
    return CheckReport(
        problems=tuple(_read(each, Problem) for each in document["problems"]),
        warnings=tuple(_read(each, Problem) for each in document["warnings"]),
        connections=(),
        counts=document["counts"],
    )


def upcoming_of(document: Document) -> Upcoming:
    """Return when a sync runs next."""
    schedule = document["schedule"]
    return Upcoming(
        sync=document["sync"],
        schedule=Schedule.model_validate(schedule) if schedule else None,
        times=[_read(each, datetime) for each in document["next"]],
        problem=document["problem"],
        closed=_read(document["closed"], Closed) if document["closed"] else None,
        tickets=[ticket_of(each) for each in document["tickets"]],
    )


def ticket_of(document: Document) -> Ticket:
    """Return one piece of work that was asked for; what only a worker needs does not travel."""
    kept_there = {"number": 0, "holder": None, "pauses": 0, "cancelled": False}
    return _read(document | kept_there, Ticket)


def _read(document: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise ServerUnlike(f"The server's answer is not understood by this version: {error}.") from error


def _reason(document: Document) -> Document:
    return dict.fromkeys(("code", "message", "remedy", "field")) | (document["rejection"] or {})


def _renamed(error: Mapping[str, Any] | None, prefix: str) -> Document:
    said = error or dict.fromkeys(("code", "message", "remedy"))
    return {prefix + name: said[name] for name in ("code", "message", "remedy")}
