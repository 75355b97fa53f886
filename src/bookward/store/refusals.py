"""Rows that the destination refused: why, how often, and when they are tried again.

A refusal holds for what was sent: as long as its digest stays the same, the row waits until ``next_try``, or
for good where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, RowMapping, case, literal, null, update

from bookward.errors import Retry
from bookward.records import OutcomeStatus, Rejection
from bookward.rowstate import RowState
from bookward.store.tables import CAME_BACK, Moment, outcomes, rows, run_rows

if TYPE_CHECKING:
    from bookward.store.upserts import Insert

_FIRST_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(days=1)

NO_REFUSAL: Mapping[str, Any] = {
    "code": None,
    "message": None,
    "remedy": None,
    "field": None,
    "digest": None,
    "next_try": None,
    "attempts": 0,
}
"""What a row says that nobody refused."""

_TO_BE_TRIED = rows.c.digest.is_(None) | rows.c.next_try.is_not(None)

STANDS = case(
    (CAME_BACK & _TO_BE_TRIED, RowState.REJECTED), (CAME_BACK, RowState.PARKED), else_=rows.c.state
).label("standing")
"""Where a row stands for people: one that came back and was refused waits as any other that was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What the destination refused about one row."""

    key: str
    remote_id: str | None
    rejection: Rejection
    attempts: int
    digest: str  #: of what was refused
    next_try: datetime | None  #: None: not by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a row that is refused again and again is tried."""

    at: datetime
    park_after: int  #: refusals of one and the same thing


def wait_after(attempts: int) -> timedelta:
    """Return how long a row waits that was refused so often: not at all at first, then ever longer."""
    if attempts < 2:
        return timedelta()
    longer: timedelta = _FIRST_WAIT * 4 ** min(attempts - 2, 10)
    return min(longer, _LONGEST_WAIT)


def refusal_of(line: RowMapping) -> Refusal:
    """Return the refusal that stands in a line of ``rows``."""
    return Refusal(
        key=line["key"],
        remote_id=line["remote_id"],
        rejection=Rejection(
            code=line["code"],
            message=line["message"] or "",
            remedy=line["remedy"] or "",
            field=line["field"],
            retry=Retry.LATER if line["next_try"] else Retry.NEVER,
        ),
        attempts=line["attempts"],
        digest=line["digest"],
        next_try=line["next_try"],
    )


def stands_in(states: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that a row stands in one of some states, so that its index serves."""
    wanted = list(states)
    return rows.c.state.in_([*wanted, RowState.REMOVED]) & STANDS.element.in_(wanted)


def said_of(patience: Patience) -> dict[str, ColumnElement[Any]]:
    """Return, by column of ``rows``, what an outcome says of a refusal."""
    rejected = outcomes.c.status == OutcomeStatus.REJECTED
    sent = rejected & outcomes.c.retry.in_([Retry.LATER, Retry.NEVER])
    later = rejected & (outcomes.c.retry == Retry.LATER)
    told = rejected | (outcomes.c.status == OutcomeStatus.UNCERTAIN)
    reasons = {name: outcomes.c[name] for name in ("code", "message", "remedy", "field")}
    return {name: case((told, column), else_=None) for name, column in reasons.items()} | {
        "digest": case((sent, run_rows.c.digest), else_=None),
        "attempts": case((sent, 1), else_=0),
        "next_try": case((later, literal(patience.at, Moment)), else_=null()),
    }


def set_by(line: Insert) -> dict[str, ColumnElement[Any]]:
    """Return what a row that has a line already gets: the same refusal again counts up."""
    same = (line.excluded.attempts > 0) & (rows.c.digest == line.excluded.digest)
    count = case((same, rows.c.attempts + 1), else_=line.excluded.attempts)
    return {name: line.excluded[name] for name in NO_REFUSAL} | {"attempts": count}


def put_off(connection: Connection, sync: str, run: str, patience: Patience) -> None:
    """Say when the rows that a run saw refused are tried again, and park those that are not."""
    refused = (rows.c.sync == sync, rows.c.run == run, rows.c.digest.is_not(None))
    waits = [
        (rows.c.attempts == n, literal(patience.at + wait_after(n), Moment))
        for n in range(1, patience.park_after)
    ]
    next_try = case(*waits, else_=null()) if waits else null()
    connection.execute(update(rows).where(*refused, rows.c.next_try.is_not(None)).values(next_try=next_try))
    left = (rows.c.next_try.is_(None), rows.c.state == RowState.REJECTED)
    connection.execute(update(rows).where(*refused, *left).values(state=RowState.PARKED))
