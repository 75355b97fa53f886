"""Forgetting what has been kept long enough, so that a state does not grow for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, select

from bookward.rowstate import RowState
from bookward.store.database import Database
from bookward.store.journal import is_open
from bookward.store.tables import (
    calls,
    decisions,
    intents,
    outcomes,
    pointers,
    rows,
    run_rows,
    runs,
    settlements,
)

_MOST_CALLS = 20_000
_MOST_RUNS = 50
"""So much at most at once: others wait for the database meanwhile, and the next time goes on with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long what is kept; None: for ever."""

    call_bodies: timedelta | None = None
    calls: timedelta | None = None
    outcomes: timedelta | None = None
    runs: timedelta | None = None


class Retention:
    """Forgets calls, outcomes and runs.

    Nothing that a sync needs goes: where its rows stand is kept apart, and what is open or not folded yet,
    the newest run of every sync, and the one that made its snapshot, stay whatever their age. A run is
    as old as what was last found out about its rows, and stays while one is uncertain: digests tell what was.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def forget(self, now: datetime, keep: Keep) -> None:
        """Drop what has been kept long enough; bodies of calls are dropped elsewhere."""
        if keep.calls is not None:
            self._forget_calls(now - keep.calls)
        if keep.outcomes is not None:
            for id_ in self._old_runs(now - keep.outcomes, _has_rows()):
                self._forget_rows(id_)
        if keep.runs is not None:
            for id_ in self._old_runs(now - keep.runs, ~_has_rows()):
                with self._database.writing() as connection:
                    connection.execute(delete(runs).where(runs.c.id == id_))

    def _forget_calls(self, before: datetime) -> None:
        old = select(calls.c.id).where(calls.c.at < before).order_by(calls.c.id).limit(_MOST_CALLS)
        with self._database.writing() as connection:
            connection.execute(delete(calls).where(calls.c.id.in_(old)))

    def _old_runs(self, before: datetime, also: ColumnElement[bool]) -> Sequence[str]:
        has_open = exists().where(intents.c.run == runs.c.id, is_open())
        query = (
            select(runs.c.id)
            .where(also, runs.c.finished_at < before, runs.c.folded, ~_stays(), ~has_open, ~_is_news(before))
            .order_by(runs.c.position)
            .limit(_MOST_RUNS)
        )
        with self._database.reading() as connection:
            return connection.scalars(query).all()

    def _forget_rows(self, id_: str) -> None:
        with self._database.writing() as connection:
            batches = select(intents.c.batch).where(intents.c.run == id_)
            connection.execute(delete(settlements).where(settlements.c.batch.in_(batches)))
            for table in (intents, outcomes, run_rows):
                connection.execute(delete(table).where(table.c.run == id_))


def _stays() -> ColumnElement[bool]:
    """Return the condition that a run is the newest of its sync, or made the snapshot that counts."""
    newer = runs.alias()
    is_newest = ~exists().where(newer.c.sync == runs.c.sync, newer.c.position > runs.c.position)
    return is_newest | exists().where(pointers.c.run == runs.c.id)


def _is_news(before: datetime) -> ColumnElement[bool]:
    """Return the condition that something about a run was found out since, or is still to be."""
    folded = runs.c.folded_at.is_not(None) & (runs.c.folded_at >= before)
    # A run is of one sync; by that, indexes find what there is.
    uncertain = exists().where(
        rows.c.sync == runs.c.sync, rows.c.state == RowState.UNCERTAIN, rows.c.run == runs.c.id
    )
    decided = exists().where(
        decisions.c.sync == runs.c.sync, decisions.c.run == runs.c.id, decisions.c.at >= before
    )
    return folded | uncertain | decided


def _has_rows() -> ColumnElement[bool]:
    return exists().where(run_rows.c.run == runs.c.id)
