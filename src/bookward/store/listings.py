"""Long lists of the state, page by page; each page begins behind the last line of the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, case, cast, func, literal, select

from bookward.rowstate import WAITING_STATES, RowState
from bookward.store.database import Database
from bookward.store.rowstates import counted
from bookward.store.runs import Run, RunState, run_of
from bookward.store.tables import budgets, rows, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What an organisation's limits leave, as the destination said it last."""

    organisation: str
    name: str  #: as the last run into it knew it; "" where none has
    minute_left: int | None
    day_left: int | None
    seen_at: datetime | None
    blocked_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCounts:
    """What the runs of some time did together."""

    runs: int = 0
    failed: int = 0  #: of the runs
    rows_accepted: int = 0
    rows_rejected: int = 0


class Listings:
    """Lists what the state holds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def runs(
        self, *, sync: str = "", state: str = "", before: str | None = None, limit: int
    ) -> Sequence[Run]:
        """Return runs, the newest first.

        Args:
            sync: only of this sync; "" for all.
            state: only runs that stand so.
            before: only runs older than the one with this id; of an unknown one there are none.
            limit: at most so many.
        """
        query = select(runs).order_by(runs.c.position.desc()).limit(limit)
        if sync:
            query = query.where(runs.c.sync == sync)
        if state:
            query = query.where(runs.c.state == state)
        if before is not None:
            place = select(runs.c.position).where(runs.c.id == before).scalar_subquery()
            query = query.where(runs.c.position < place)
        with self._database.reading() as connection:
            return [run_of(line) for line in connection.execute(query).mappings()]

    def last_runs(self) -> Mapping[str, Run]:
        """Return the newest run of every sync, by the sync's name."""
        newest = select(func.max(runs.c.position)).group_by(runs.c.sync)
        with self._database.reading() as connection:
            found = connection.execute(select(runs).where(runs.c.position.in_(newest))).mappings().all()
        return {line["sync"]: run_of(line) for line in found}

    def run_counts(self, edges: Sequence[datetime]) -> Sequence[RunCounts]:
        """Return what the runs did that began from each moment to the next.

        Args:
            edges: moments, ascending; the last part has no end.
        """
        parts = [(runs.c.started_at < edge, number) for number, edge in enumerate(edges[1:])]
        part = case(*parts, else_=len(edges) - 1) if parts else literal(0)
        failed = case((runs.c.state == RunState.FAILED, 1), else_=0)
        columns = (func.count(), func.sum(failed), _total("rows_accepted"), _total("rows_rejected"))
        query = select(part.label("part"), *columns).where(runs.c.started_at >= edges[0]).group_by("part")
        names = RunCounts.__dataclass_fields__
        found = {}
        with self._database.reading() as connection:
            for number, *counts in connection.execute(query):
                found[number] = RunCounts(**{name: int(n) for name, n in zip(names, counts, strict=True)})
        return [found.get(number, RunCounts()) for number in range(len(edges))]

    def waiting_rows(self) -> Mapping[str, Mapping[str, int]]:
        """Return how many rows of every sync the books do not show, by the sync's name and their state."""
        with self._database.reading() as connection:
            found = counted(connection, rows.c.state.in_([*WAITING_STATES, RowState.REMOVED]))
        waiting = {
            sync: {state: n for state, n in counts.items() if state in WAITING_STATES}
            for sync, counts in found.items()
        }
        return {sync: counts for sync, counts in waiting.items() if counts}

    def quotas(self) -> Sequence[Quota]:
        """Return what the limits of all organisations leave."""
        names = [name for name in Quota.__dataclass_fields__ if name != "name"]
        last = func.max(runs.c.position)
        newest = select(last).where(runs.c.organisation.is_not(None)).group_by(runs.c.organisation)
        named = select(runs.c.organisation, runs.c.organisation_name).where(runs.c.position.in_(newest))
        with self._database.reading() as connection:
            lines = connection.execute(
                select(*(budgets.c[name] for name in names)).order_by(budgets.c.organisation)
            ).mappings()
            known = {line.organisation: line.organisation_name for line in connection.execute(named)}
            return [Quota(**line, name=known.get(line["organisation"]) or "") for line in lines]


def _total(name: str) -> ColumnElement[int]:
    return func.sum(func.coalesce(cast(runs.c.counts[name].as_string(), BigInteger), 0))
