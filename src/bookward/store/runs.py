"""The runs: what was done, when, with which configuration, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, RowMapping, and_, exists, func, insert, or_, select, update

from bookward.bookings import Booked
from bookward.errors import BookwardError, NameUnknown, RecordRemoved, RetryLater
from bookward.reasons import Refused
from bookward.records import WAITING, Brief, OperationKind, Organisation, OutcomeStatus
from bookward.store.database import Database
from bookward.store.epochs import Epochs
from bookward.store.journal import is_open
from bookward.store.plans import PlanStanding
from bookward.store.tables import intents, outcomes, run_rows, runs

_PART = 100_000

LAST = "last"
"""Said in place of an id, it means the newest."""


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"  #: at work, or ended without a word: the next run settles what it left
    DONE = "done"  #: every row has its outcome; some may be rejected
    FAILED = "failed"  #: stopped by an error that a person has to put right
    PAUSED = "paused"  #: stopped by a limit or an outage; the next run goes on
    PARKED = "parked"  #: a guard stopped it before anything was sent: its plan waits for approval
    CANCELLED = "cancelled"  #: stopped by a person; what was in flight is settled, the next run goes on
    INTERRUPTED = "interrupted"  #: its process was killed or overtaken; the next run settles what it sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One line of the history."""

    id: str
    sync: str
    plan: str | None
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, int] = field(default_factory=dict)  #: rows read, changes, outcomes by status, calls
    folded: bool = False  #: its outcomes are in the snapshot
    organisation: str | None = None  #: id of the organisation whose books its plan is for
    organisation_name: str | None = None  #: as it was then
    error_code: str | None = None
    error_message: str | None = None
    error_remedy: str | None = None
    resume_at: datetime | None = None  #: a paused run can go on then, when that is known
    asked_by: str | None = None  #: the person; None for a schedule, and in runs of older releases
    reason: str | None = None  #: why it began: "by hand", "schedule", "after contacts", "approval"
    plan_made_by: str | None = None  #: who made the plan, where it was made before
    parked: PlanStanding | None = None  #: what became of its plan, where the run is parked and that was asked


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One row of a run: what was to be done about it, and what became of it."""

    seq: int
    key: str
    change: str
    kind: str
    status: str  #: an OutcomeStatus, or "pending" while there is none
    remote_id: str | None
    code: str | None
    message: str | None
    remedy: str | None
    field: str | None
    warnings: tuple[str, ...]
    brief: Brief | None = None  #: as its plan says it; None where that is not asked, or no longer kept


class Runs:
    """Keeps the runs of all syncs."""

    def __init__(self, database: Database, epochs: Epochs) -> None:
        self._database = database
        self._epochs = epochs

    def begin(
        self,
        id_: str,
        sync: str,
        at: datetime,
        config: str,
        *,
        asked_by: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Write down that a run begins; with it begins an epoch of its sync."""
        # Not by time: clocks are set back.
        next_position = select(func.coalesce(func.max(runs.c.position), 0) + 1).scalar_subquery()
        with self._database.writing(alone="runs") as connection:
            self._epochs.take(connection, sync, id_)
            connection.execute(
                insert(runs).values(
                    id=id_,
                    sync=sync,
                    state=RunState.RUNNING,
                    started_at=at,
                    config=config,
                    counts={},
                    folded=True,
                    position=next_position,
                    asked_by=asked_by,
                    reason=reason,
                )
            )

    def plan(
        self, id_: str, plan: str, organisation: Organisation, *, plan_made_by: str | None = None
    ) -> None:
        """Write down the plan that a run is about to execute; from now on it has to be folded.

        Args:
            organisation: whose books the plan is for.
            plan_made_by: the person, where it was made before.
        """
        books = {"organisation": organisation.id, "organisation_name": organisation.name or None}
        self._change(id_, plan=plan, folded=False, plan_made_by=plan_made_by, **books)

    def end(
        self,
        id_: str,
        state: RunState,
        at: datetime,
        counts: Mapping[str, int],
        error: BookwardError | None = None,
    ) -> None:
        """Write down how a run ended."""
        wait = error.wait if isinstance(error, RetryLater) else None
        self._change(
            id_,
            state=state,
            finished_at=at,
            counts=dict(counts),
            error_code=error.code if error else None,
            error_message=error.message if error else None,
            error_remedy=error.remedy if error else None,
            resume_at=at + wait if wait is not None else None,
        )

    def explain(self, id_: str, code: str, message: str, remedy: str) -> None:
        """Write down why a run ended early, and that it does not go on by itself."""
        said = {"error_code": code, "error_message": message, "error_remedy": remedy}
        self._change(id_, **said, resume_at=None)

    def recount(self, id_: str, counts: Mapping[str, int]) -> None:
        """Write down what came of a run after all, when it was settled later."""
        self._change(id_, counts=dict(counts))

    def book(self, id_: str, booked: Sequence[Booked]) -> None:
        """Write down what a run booked on which account."""
        self._change(id_, booked=[asdict(each) for each in booked])

    def booked(self, id_: str) -> Sequence[Booked] | None:
        """Return what a run booked on which account; None where it is not folded or books no money."""
        with self._database.reading() as connection:
            said = connection.execute(select(runs.c.booked).where(runs.c.id == id_)).scalar_one()
        return None if said is None else [msgspec.convert(each, Booked) for each in said]

    def unlogged(self, sync: str, limit: int) -> Sequence[Run]:
        """Return the ended runs of a sync that are not in the tables of its logs yet, the oldest first.

        Of one that is not folded it is not known yet what became of its rows.
        """
        final = runs.c.finished_at.is_not(None) & runs.c.folded
        query = select(runs).where(runs.c.sync == sync, final, ~runs.c.logged)
        query = query.order_by(runs.c.position).limit(limit)
        with self._database.reading() as connection:
            return [run_of(line) for line in connection.execute(query).mappings()]

    def logged(self, id_: str) -> None:
        """Write down that a run is in the tables of the logs."""
        self._change(id_, logged=True)

    def config(self, id_: str) -> str:
        """Return the resolved configuration that a run ran with."""
        with self._database.reading() as connection:
            said: str = connection.execute(select(runs.c.config).where(runs.c.id == id_)).scalar_one()
        return said

    def get(self, id_: str) -> Run:
        """Return one run, by its id or an unmistakable beginning of it; "last" is the newest.

        Raises:
            NameUnknown: there is none, or more than one.
        """
        query = select(runs).order_by(runs.c.position.desc()).limit(2)
        if id_ != LAST:
            query = query.where(runs.c.id.startswith(id_, autoescape=True))
        with self._database.reading() as connection:
            lines = connection.execute(query).mappings().all()
        if not lines or (id_ != LAST and len(lines) > 1 and lines[0]["id"] != id_):
            found = "more than one run" if lines else "no run"
            raise NameUnknown(f"There is {found} {id_!r}.", remedy="`bookward history` lists the runs.")
        return run_of(lines[0])

    def list(self, sync: str | None = None, limit: int = 20) -> Sequence[Run]:
        """Return the newest runs, newest first."""
        query = select(runs).order_by(runs.c.position.desc()).limit(limit)
        if sync is not None:
            query = query.where(runs.c.sync == sync)
        with self._database.reading() as connection:
            return [run_of(line) for line in connection.execute(query).mappings()]

    def newest(self, sync: str) -> Run | None:
        """Return the newest run of a sync, None when it was never run."""
        return next(iter(self.list(sync, limit=1)), None)

    def syncs(self) -> Sequence[str]:
        """Return the names of all syncs that were ever run, in order."""
        # From each name the index leads to the next one: millions of runs are not gone through.
        found = select(func.min(runs.c.sync).label("sync")).cte(recursive=True)
        after = select(func.min(runs.c.sync)).where(runs.c.sync > found.c.sync).scalar_subquery()
        found = found.union_all(select(after).where(found.c.sync.is_not(None)))
        with self._database.reading() as connection:
            return connection.scalars(select(found.c.sync).where(found.c.sync.is_not(None))).all()

    def unfolded(self, sync: str) -> Sequence[Run]:
        """Return the runs of a sync whose outcomes are not in its snapshot yet, oldest first."""
        query = select(runs).where(runs.c.sync == sync, ~runs.c.folded).order_by(runs.c.position)
        with self._database.reading() as connection:
            return [run_of(line) for line in connection.execute(query).mappings()]

    def left_running(self, sync: str) -> Sequence[Run]:
        """Return the runs of a sync that say that they are at work."""
        query = select(runs).where(runs.c.sync == sync, runs.c.state == RunState.RUNNING)
        with self._database.reading() as connection:
            return [run_of(line) for line in connection.execute(query).mappings()]

    def has_open_intents(self, id_: str) -> bool:
        """Return whether a run has batches whose fate is not known."""
        query = select(intents.c.batch).where(intents.c.run == id_, is_open()).limit(1)
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def may_have_booked(self, id_: str) -> bool:
        """Return whether a run has a record of anybody's books, or may have one that is not known yet."""
        has_record = (outcomes.c.run == id_, outcomes.c.remote_id.is_not(None))
        query = select(outcomes.c.seq).where(*has_record).limit(1)
        with self._database.reading() as connection:
            known = connection.execute(query).first() is not None
        return known or self.has_open_intents(id_)

    def outcome_counts(self, id_: str) -> Mapping[str, int]:
        """Return how many rows of a run had which outcome; "pending" are those without one yet."""
        status = func.coalesce(outcomes.c.status, "pending")
        query = (
            select(status, func.count())
            .select_from(run_rows.outerjoin(outcomes, _SAME_ROW))
            .where(run_rows.c.run == id_)
            .group_by(status)
        )
        with self._database.reading() as connection:
            return dict(connection.execute(query).all())

    def refused(self, id_: str) -> Sequence[Refused]:
        """Return why rows of a run were not synced, those of the same words together."""
        words = (outcomes.c.status, outcomes.c.code, outcomes.c.message, outcomes.c.remedy, outcomes.c.field)
        query = select(*words, func.count()).where(outcomes.c.run == id_, outcomes.c.code.is_not(None))
        with self._database.reading() as connection:
            lines = connection.execute(query.group_by(*words)).all()
        return [
            Refused(status, code, message or "", remedy or "", field_, rows)
            for status, code, message, remedy, field_, rows in lines
        ]

    def rows(
        self,
        id_: str,
        *,
        status: str | None = None,
        search: str = "",
        in_words: bool = True,
        after: int = -1,
        limit: int | None = None,
    ) -> Iterator[RunRow]:
        """Yield the rows of a run in plan order.

        Args:
            status: only rows with this outcome, or "pending".
            search: only rows whose key, remote id or reason contains this.
            in_words: whether reasons are searched, too.
            after: only rows behind this place in the plan.
            limit: at most so many.
        """
        shown = func.coalesce(outcomes.c.status, "pending")
        query = (
            select(run_rows, shown.label("shown"), outcomes)
            .select_from(run_rows.outerjoin(outcomes, _SAME_ROW))
            .where(run_rows.c.run == id_, run_rows.c.seq > after)
            .order_by(run_rows.c.seq)
            .limit(limit)
        )
        if status is not None:
            query = query.where(shown == status)
        if search:
            places = [run_rows.c.key, outcomes.c.remote_id, *([outcomes.c.message] if in_words else [])]
            query = query.where(or_(*(place.icontains(search, autoescape=True) for place in places)))
        query = query.execution_options(yield_per=500)
        with self._database.reading() as connection, connection.execute(query) as lines:
            for line in lines:
                yield RunRow(
                    seq=line.seq,
                    key=line.key,
                    change=line.change,
                    kind=line.kind,
                    status=line.shown,
                    remote_id=line.remote_id,
                    code=line.code,
                    message=line.message,
                    remedy=line.remedy,
                    field=line.field,
                    warnings=tuple(line.warnings or ()),
                )

    def places(self, id_: str, of: Mapping[str, str | None]) -> Mapping[str, int]:
        """Return the places of rows in the plan of a run, by their keys.

        Args:
            of: by key the record of each row, None for none. What has one is found by an index; for the
                others the keys of the run are looked through once.
        """
        found: dict[str, int] = {}
        place, ours = select(run_rows.c.key, run_rows.c.seq), run_rows.c.run == id_
        records = list(filter(None, of.values()))
        with self._database.reading() as connection:
            if records:
                booked = and_(outcomes.c.run == id_, outcomes.c.remote_id.in_(records))
                query = place.select_from(run_rows.join(outcomes, _SAME_ROW)).where(booked)
                found |= {key: seq for key, seq in connection.execute(query) if key in of}
            if rest := [key for key in of if key not in found]:
                query = place.where(ours, run_rows.c.key.in_(rest))
                found |= {line.key: line.seq for line in connection.execute(query)}
        return found

    def keys_at(self, id_: str, seqs: Sequence[int]) -> Sequence[str]:
        """Return the keys of the rows that have these places in the plan of a run."""
        query = select(run_rows.c.key).where(run_rows.c.run == id_, run_rows.c.seq.in_(seqs))
        with self._database.reading() as connection:
            return connection.scalars(query).all()

    def taken(self, id_: str) -> Iterator[Sequence[int]]:
        """Yield the places of a run's rows that its snapshot takes over, part by part."""
        settled = outcomes.c.status.not_in(WAITING) | handed_over()
        query = (
            select(outcomes.c.seq).where(outcomes.c.run == id_, settled).execution_options(yield_per=_PART)
        )
        with self._database.reading() as connection, connection.execute(query) as places:
            yield from places.scalars().partitions()

    def dropped(self, id_: str) -> Iterator[Sequence[int]]:
        """Yield the places of a run's rows that leave its snapshot, since their record is gone."""
        # The old record of a replacement went before anything about the new one could be uncertain.
        replaced = (run_rows.c.kind == OperationKind.REPLACE) & (outcomes.c.status == OutcomeStatus.UNCERTAIN)
        query = (
            select(outcomes.c.seq)
            .select_from(run_rows.join(outcomes, _SAME_ROW))
            .where(outcomes.c.run == id_, (outcomes.c.code == RecordRemoved.code) | replaced)
            .execution_options(yield_per=_PART)
        )
        with self._database.reading() as connection, connection.execute(query) as places:
            yield from places.scalars().partitions()

    def _change(self, id_: str, **values: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(update(runs).where(runs.c.id == id_).values(**values))


def handed_over() -> ColumnElement[bool]:
    """Return the condition that an outcome is that of a row whose record another row has taken over."""
    heir = outcomes.alias()
    took = heir.c.status.in_([OutcomeStatus.ACCEPTED, OutcomeStatus.ADOPTED])
    same_record = (heir.c.run == outcomes.c.run) & (heir.c.remote_id == outcomes.c.remote_id)
    held = (outcomes.c.status == OutcomeStatus.HELD) & outcomes.c.remote_id.is_not(None)
    return held & exists().where(same_record, took)


_SAME_ROW = and_(run_rows.c.run == outcomes.c.run, run_rows.c.seq == outcomes.c.seq)


def run_of(line: RowMapping) -> Run:
    """Return the run that a line of the table is."""
    fields = {name: line[name] for name in Run.__dataclass_fields__ if name in line}
    return Run(**fields | {"state": RunState(line["state"])})
