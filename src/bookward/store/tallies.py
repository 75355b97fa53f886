"""What the runs of some time did together: rows, money, refusals and calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Join, and_, distinct, false, func, literal, or_, select

from bookward.bookings import Booked
from bookward.records import OutcomeStatus
from bookward.rowstate import RowState
from bookward.store.database import Database
from bookward.store.refusals import STANDS, stands_in
from bookward.store.runs import Run, run_of
from bookward.store.tables import calls, decisions, outcomes, rows, run_rows, runs

_REFUSED = (
    OutcomeStatus.REJECTED,
    OutcomeStatus.DEFERRED,
    OutcomeStatus.PARKED,
    OutcomeStatus.UNCERTAIN,
)
_WAITING = (RowState.REJECTED, RowState.PARKED, RowState.UNCERTAIN)
_SAME_ROW = and_(run_rows.c.run == outcomes.c.run, run_rows.c.seq == outcomes.c.seq)


class Happened(NamedTuple):
    """How many rows of a sync had one outcome."""

    sync: str
    kind: str  #: an ``OperationKind``
    status: str  #: an ``OutcomeStatus``
    rows: int


class Reason(NamedTuple):
    """How many rows of a sync were refused, or wait, for one reason."""

    sync: str
    code: str
    rows: int
    parked: int  #: of these, those that are not tried again by themselves


class Entry(NamedTuple):
    """What a run booked, or what a person said that it had booked."""

    sync: str
    books: str  #: the name of the organisation, or else its id
    config: str  #: of the run, as JSON
    booked: Sequence[Booked]


class Tallies:
    """Adds up what stands in the state of many runs.

    Runs count by when they ended. What became of their rows counts by when that was final: when the run was
    folded, or, of an uncertain row, when a person said that it is booked.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def runs(self, since: datetime, until: datetime) -> Sequence[Run]:
        """Return the runs that ended from one moment to before another, the oldest first."""
        query = select(runs).where(_ended(since, until)).order_by(runs.c.finished_at, runs.c.position)
        with self._database.reading() as connection:
            return [run_of(line) for line in connection.execute(query).mappings()]

    def happened(self, since: datetime, until: datetime) -> Sequence[Happened]:
        """Return what became of rows, as far as that was final in some time."""
        by = (runs.c.sync, run_rows.c.kind, outcomes.c.status)
        folded = select(*by, func.count()).select_from(_joined()).where(_folded(since, until)).group_by(*by)
        by_word = (decisions.c.sync, decisions.c.kind)
        accepted = literal(OutcomeStatus.ACCEPTED.value)
        said = select(*by_word, accepted, func.count()).where(*_said(since, until)).group_by(*by_word)
        with self._database.reading() as connection:
            found = [Happened(*line) for line in connection.execute(folded)]
            return found + [Happened(*line) for line in connection.execute(said)]

    def refused(self, since: datetime, until: datetime) -> Sequence[Reason]:
        """Return how many different rows were finally not synced, by reason; ``parked`` is 0."""
        by = (runs.c.sync, outcomes.c.code)
        query = (
            select(*by, func.count(distinct(run_rows.c.key)))
            .select_from(_joined())
            .where(_folded(since, until), outcomes.c.status.in_(_REFUSED))
            .group_by(*by)
        )
        with self._database.reading() as connection:
            return [Reason(sync, code or "", n, 0) for sync, code, n in connection.execute(query)]

    def waiting(self) -> Sequence[Reason]:
        """Return how many rows wait now, by reason."""
        by = (rows.c.sync, rows.c.code)
        query = select(*by, STANDS, func.count()).where(stands_in(_WAITING)).group_by(*by, "standing")
        found: dict[tuple[str, str], tuple[int, int]] = {}
        with self._database.reading() as connection:
            for sync, code, state, count in connection.execute(query):
                all_, parked = found.get((sync, code or ""), (0, 0))
                now_parked = parked + (count if state == RowState.PARKED else 0)
                found[sync, code or ""] = (all_ + count, now_parked)
        return [Reason(*key, *counts) for key, counts in found.items()]

    def booked(self, since: datetime, until: datetime) -> Iterator[Entry]:
        """Yield what was booked, as far as that was final in some time."""
        books = func.coalesce(runs.c.organisation_name, runs.c.organisation, "")
        by_runs = select(runs.c.sync, books, runs.c.config, runs.c.booked).where(
            _folded(since, until), runs.c.booked.is_not(None)
        )
        by_word = (
            select(decisions.c.sync, books, runs.c.config, decisions.c.booked)
            .select_from(decisions.join(runs, runs.c.id == decisions.c.run))
            .where(*_said(since, until))
        )
        with self._database.reading() as connection:
            for sync, organisation, config, lines in chain(*map(connection.execute, (by_runs, by_word))):
                yield Entry(sync, organisation, config, [msgspec.convert(each, Booked) for each in lines])

    def calls(
        self, since: datetime, until: datetime, metered: Mapping[str, str]
    ) -> Mapping[tuple[str, str | None], int]:
        """Return how many calls were answered in some time, by destination and by organisation.

        Args:
            since: from then on.
            until: to before then.
            metered: by destination, what stands in the addresses of the calls that its limits count.

        Returns:
            Counts; the organisation is None for calls outside of runs.
        """
        by = (calls.c.destination, runs.c.organisation)
        made = calls.outerjoin(runs, runs.c.id == calls.c.run)
        ours = [
            and_(calls.c.destination == name, calls.c.url.contains(text, autoescape=True))
            for name, text in metered.items()
        ]
        at = (calls.c.at >= since, calls.c.at < until, calls.c.status.is_not(None))
        query = select(*by, func.count()).select_from(made).where(*at, or_(false(), *ours)).group_by(*by)
        with self._database.reading() as connection:
            return {(line[0], line[1]): line[2] for line in connection.execute(query)}


def _ended(since: datetime, until: datetime) -> ColumnElement[bool]:
    return (runs.c.finished_at >= since) & (runs.c.finished_at < until)


def _folded(since: datetime, until: datetime) -> ColumnElement[bool]:
    return (runs.c.folded_at >= since) & (runs.c.folded_at < until)


def _said(since: datetime, until: datetime) -> Sequence[ColumnElement[bool]]:
    """Return the conditions that a person said then that a row is booked; earlier releases kept no more."""
    return decisions.c.at >= since, decisions.c.at < until, decisions.c.booked.is_not(None)


def _joined() -> Join:
    return run_rows.join(outcomes, _SAME_ROW).join(runs, runs.c.id == run_rows.c.run)
