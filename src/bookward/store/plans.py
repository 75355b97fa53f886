"""The plans that wait for somebody: made to be looked at, or stopped by a guard; and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    Table,
    delete,
    false,
    select,
    true,
    union_all,
    update,
)

from bookward.store.database import Database
from bookward.store.tables import Moment, Text, metadata, runs
from bookward.store.upserts import insert_new

plans = Table(
    "plans",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sync", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("made_by", Text),
    Column("expires", Moment, nullable=False),
    Column("base_snapshot", Text),
    Column("settings", Text, nullable=False),
    Column("tripped", Boolean, nullable=False),
    Column("grave", Boolean, nullable=False, server_default=false()),
    Column("whole", Boolean, nullable=False, server_default=true()),
    Column("sends", Integer, nullable=False),
    Column("left_out", Integer, nullable=False),
    Column("run", Text),
    Column("discarded_at", Moment),
    Column("discarded_by", Text),
    Column("discarded_why", Text),
    Index("plans_by_sync", "sync", "made_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlan:
    """What is known of a plan that was not executed by the run that made it."""

    id: str
    sync: str
    made_at: datetime
    made_by: str | None  #: the person; None for a schedule
    expires: datetime
    base_snapshot: str | None  #: the snapshot that its rows were compared with
    settings: str  #: the digest of what was configured
    tripped: bool  #: whether it is beyond the guards
    grave: bool = False  #: whether it does what a sync does not do by itself
    whole: bool = True  #: whether it brings all rows into the books: neither a trial nor a reset
    sends: int  #: records that it writes
    left_out: int  #: rows that should be in the books and that it cannot send
    run: str | None = None  #: the run that has executed it
    discarded_at: datetime | None = None
    discarded_by: str | None = None
    discarded_why: str | None = None

    @property
    def needs_approval(self) -> bool:
        """Whether it is not executed before an approver has looked at it."""
        return self.tripped or self.grave


class PlanState(StrEnum):
    """What may become of a plan."""

    OPEN = "open"  #: it can be executed
    EXECUTED = "executed"
    DISCARDED = "discarded"  #: a person does not want it
    EXPIRED = "expired"  #: its time is over
    SUPERSEDED = "superseded"  #: the sync has run or has been edited since


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStanding:
    """What has become of a plan."""

    state: PlanState
    run: str | None = None  #: the run that has executed it
    by: str | None = None  #: who executed or discarded it; None for a schedule, and where nobody did
    at: datetime | None = None  #: when that was, or when its time was over
    why: str | None = None  #: in a sentence, where a person said it, or what makes it useless


class Plans:
    """Remembers plans that wait; their files are kept elsewhere."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, plan: KeptPlan) -> None:
        """Write down that a plan was made, unless it is known."""
        values = {name: getattr(plan, name) for name in KeptPlan.__dataclass_fields__}
        with self._database.writing() as connection:
            connection.execute(insert_new(connection, plans).values(**values))

    def get(self, ids: Collection[str]) -> Mapping[str, KeptPlan]:
        """Return those plans that are known, by their ids."""
        if not ids:
            return {}
        return {plan.id: plan for plan in self._listed(plans.c.id.in_(ids))}

    def untouched(self, sync: str, now: datetime) -> Sequence[KeptPlan]:
        """Return the plans of a sync whose time is not over and that nobody executed or discarded."""
        nobody = plans.c.run.is_(None) & plans.c.discarded_at.is_(None)
        return self._listed((plans.c.sync == sync) & (plans.c.expires > now) & nobody)

    def newest(self, sync: str) -> str | None:
        """Return the id of the newest plan of a sync, also of one that the run executed which made it."""
        waited = select(plans.c.id, plans.c.made_at.label("at")).where(plans.c.sync == sync)
        executed = select(runs.c.id, runs.c.started_at).where(runs.c.sync == sync, runs.c.plan == runs.c.id)
        both = union_all(waited, executed).subquery()
        query = select(both.c.id).order_by(both.c.at.desc(), both.c.id.desc()).limit(1)
        with self._database.reading() as connection:
            return connection.scalars(query).first()

    def sync_of(self, id_: str) -> str | None:
        """Return the sync of a plan by the name that it has now, None where nothing is known of the plan."""
        waited = select(plans.c.sync).where(plans.c.id == id_)
        executed = select(runs.c.sync).where(runs.c.id == id_)
        with self._database.reading() as connection:
            return connection.scalars(union_all(waited, executed)).first()

    def telling(self, sync: str) -> KeptPlan | None:
        """Return the newest plan of a sync that tells whether all its rows are within the guards.

        One of some rows does so where it is beyond them.
        """
        tells = (plans.c.sync == sync) & (plans.c.whole | plans.c.tripped)
        return next(iter(self._listed(tells, limit=1)), None)

    def take(self, id_: str, run: str) -> KeptPlan | None:
        """Write down that a run executes a plan; return the plan if somebody has discarded it instead."""
        with self._database.writing() as connection:
            kept = (plans.c.id == id_) & plans.c.discarded_at.is_(None)
            if connection.execute(update(plans).where(kept).values(run=run)).rowcount:
                return None
        return self.get([id_]).get(id_)

    def discard(self, id_: str, at: datetime, by: str, why: str) -> bool:
        """Write down that nobody wants a plan; return whether it was still there to be executed."""
        untouched = (plans.c.id == id_) & plans.c.run.is_(None) & plans.c.discarded_at.is_(None)
        said = {"discarded_at": at, "discarded_by": by, "discarded_why": why or None}
        with self._database.writing() as connection:
            return connection.execute(update(plans).where(untouched).values(**said)).rowcount > 0

    def forget(self, before: datetime) -> None:
        """Drop what was made before a moment."""
        with self._database.writing() as connection:
            connection.execute(delete(plans).where(plans.c.made_at < before))

    def _listed(self, which: ColumnElement[bool], limit: int | None = None) -> Sequence[KeptPlan]:
        newest_first = (plans.c.made_at.desc(), plans.c.id.desc())
        query = select(plans).where(which).order_by(*newest_first).limit(limit)
        with self._database.reading() as connection:
            return [KeptPlan(**line) for line in connection.execute(query).mappings()]
