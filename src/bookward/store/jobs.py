"""Jobs elsewhere that schedules wait for: whose turn it is to ask about each, and what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, select, update

from bookward.clock import SKEW
from bookward.store.database import Database
from bookward.store.tables import awaited_jobs
from bookward.store.upserts import insert_new

LONGEST = timedelta(hours=1)
"""So long at most a job is not asked about; a turn that comes later was set by a clock that was ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The last run of a job that ended in one way."""

    run: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedJob:
    """What is known of one job."""

    next_at: datetime  #: when it is asked about again
    ended: Mapping[str, Ended]  #: by the way of ending
    problem: str | None  #: why the last question had no answer
    failures: int  #: how many questions in a row had none

    def due(self, now: datetime) -> bool:
        """Say whether it is time to ask about it."""
        return not now < self.next_at <= now + LONGEST + SKEW


class AwaitedJobs:
    """The jobs, by a text that tells each from all others."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, jobs: Iterable[str]) -> Mapping[str, AwaitedJob]:
        """Return what is known of jobs; nothing of those that nobody has asked about."""
        query = select(awaited_jobs).where(awaited_jobs.c.job.in_(sorted(jobs)))
        with self._database.reading() as connection:
            return {line["job"]: _awaited(line) for line in connection.execute(query).mappings()}

    def take_turn(self, job: str, now: datetime, until: datetime) -> bool:
        """Say that this process asks about a job now; return whether it is its turn.

        Args:
            job: which.
            now: this moment.
            until: when the next turn comes, also if this process dies before it has an answer.
        """
        new = {"job": job, "next_at": now, "ended": {}, "failures": 0}
        ahead = awaited_jobs.c.next_at > now + LONGEST + SKEW
        mine = (awaited_jobs.c.job == job, (awaited_jobs.c.next_at <= now) | ahead)
        with self._database.writing(at_once=False) as connection:
            connection.execute(insert_new(connection, awaited_jobs).values(**new))
            return bool(connection.execute(update(awaited_jobs).where(*mine).values(next_at=until)).rowcount)

    def answered(self, job: str, ended: Mapping[str, Ended]) -> None:
        """Write down how a job's last runs ended."""
        said = {end: {"run": run.run, "at": run.at.isoformat()} for end, run in ended.items()}
        self._change(job, ended=said, problem=None, failures=0)

    def failed(self, job: str, problem: str, next_at: datetime) -> None:
        """Write down why a question had no answer, and when it is asked again."""
        self._change(job, problem=problem, next_at=next_at, failures=awaited_jobs.c.failures + 1)

    def _change(self, job: str, **values: object) -> None:
        with self._database.writing(at_once=False) as connection:
            connection.execute(update(awaited_jobs).where(awaited_jobs.c.job == job).values(**values))


def _awaited(line: RowMapping) -> AwaitedJob:
    ended = {
        end: Ended(run=said["run"], at=datetime.fromisoformat(said["at"]))
        for end, said in line["ended"].items()
    }
    return AwaitedJob(
        next_at=line["next_at"], ended=ended, problem=line["problem"], failures=line["failures"]
    )
