"""Asks for runs when their time has come, and shows when that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bookward.awaiting import key, newest
from bookward.project.project import Project
from bookward.schedule import Closed, Timetable, closed
from bookward.spec.schedule import Schedule
from bookward.store.tickets import OPEN, Ticket
from bookward.wiring import Wiring


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """When a sync runs next, and what of it waits or is under way."""

    sync: str
    schedule: Schedule | None  #: None: only when somebody starts it
    times: Sequence[datetime]  #: the next times, nothing for a sync that follows others
    problem: str | None  #: what keeps from knowing whether the job has ended that it waits for
    closed: Closed | None  #: what keeps a scheduled run from beginning now
    tickets: Sequence[Ticket]  #: what waits or is under way, the oldest first


def upcoming(wiring: Wiring, count: int = 5) -> Sequence[Upcoming]:
    """Return what is to come for every sync, in the order of their names."""
    now, tables = wiring.clock.now(), timetables(wiring.project)
    waiting = list(reversed(wiring.store.tickets.list(states=OPEN, limit=10_000))) if wiring.has_state else []
    found = []
    for sync, spec in sorted(wiring.project.syncs.items()):
        table = tables.get(sync)
        found.append(
            Upcoming(
                sync=sync,
                schedule=spec.schedule,
                times=table.coming(now, count) if table else (),
                problem=_problem(wiring, spec.schedule),
                closed=closed(table.blackouts, now) if table else None,
                tickets=tuple(ticket for ticket in waiting if ticket.sync == sync),
            )
        )
    return found


def _problem(wiring: Wiring, schedule: Schedule | None) -> str | None:
    account = wiring.project.spec.dbt_cloud if wiring.project.spec else None
    if schedule is None or schedule.after_dbt_cloud is None or account is None or not wiring.has_state:
        return None
    job = key(account, schedule.after_dbt_cloud.job)
    known = wiring.store.jobs.known([job])
    return known[job].problem if job in known else None


def timetables(project: Project) -> Mapping[str, Timetable]:
    """Return the times of every sync that has a schedule and a destination to write to."""
    tables = {slug: timetable(project, slug) for slug in project.syncs}
    return {slug: table for slug, table in tables.items() if table is not None}


def timetable(project: Project, sync: str) -> Timetable | None:
    """Return the times of one sync, None where it has no schedule or no destination to write to."""
    spec = project.syncs.get(sync)
    if spec is None or spec.schedule is None or spec.destination not in project.destinations:
        return None
    blackouts = project.destinations[spec.destination].blackouts
    return Timetable(sync=sync, schedule=spec.schedule, blackouts=blackouts)


class Scheduler:
    """Looks, now and then, whose time has come. Any number of processes may do so at once."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._project: Project | None = None
        self._tables: Mapping[str, Timetable] = {}
        self._since: dict[str, datetime] = {}
        self._next: dict[str, datetime] = {}

    def tick(self) -> int:
        """Ask for a run of every sync whose time has come; return of how many this process did.

        However often a time has come since somebody looked, there is one run, and none where one waits.
        """
        now = self._wiring.clock.now()
        project = self._wiring.project
        if project is not self._project:
            self._project, self._tables = project, timetables(project)
            self._look_up(now)
        timely = [sync for sync, moment in self._next.items() if moment <= now]
        asked = sum(self._by_time(sync, now) for sync in timely)
        return asked + self._by_others(now) + self._by_jobs(now)

    def _look_up(self, now: datetime) -> None:
        said = {sync: table.schedule.model_dump_json() for sync, table in self._tables.items()}
        self._since = dict(self._wiring.store.turns.since(said, now)) if said else {}
        self._next = {}
        for sync, since in self._since.items():
            self._look_forward(sync, since)

    def _look_forward(self, sync: str, after: datetime) -> None:
        if coming := self._tables[sync].coming(after, 1):
            self._next[sync] = coming[0]

    def _by_time(self, sync: str, now: datetime) -> bool:
        due = self._tables[sync].due(self._since[sync], now)
        if due is None:
            # Missed, and not to be made up for; or the books are closed, and it comes behind that.
            self._look_forward(sync, now)
            return False
        return self._take(sync, due, "schedule", now)

    def _by_others(self, now: datetime) -> int:
        following = {sync: table for sync, table in self._tables.items() if table.follows}
        if not following:
            return 0
        followed = sorted({name for table in following.values() for name in table.follows})
        ended = self._wiring.store.turns.ended_well(followed)
        asked = 0
        for sync, table in following.items():
            since = self._since[sync]
            ready = all(name in ended and ended[name] > since for name in table.follows)
            if ready and closed(table.blackouts, now) is None:
                asked += self._take(sync, now, f"after {' and '.join(table.follows)}", now)
        return asked

    def _by_jobs(self, now: datetime) -> int:
        account = self._project.spec.dbt_cloud if self._project and self._project.spec else None
        wishes = {s: wish for s, table in self._tables.items() if (wish := table.schedule.after_dbt_cloud)}
        if account is None or not wishes:
            return 0
        known = self._wiring.store.jobs.known({key(account, wish.job) for wish in wishes.values()})
        asked = 0
        for sync, wish in wishes.items():
            job = known.get(key(account, wish.job))
            run = newest(job, wish) if job else None
            if run and run.at > self._since[sync] and closed(self._tables[sync].blackouts, now) is None:
                asked += self._take(sync, run.at, f"after dbt Cloud run {run.run}", now)
        return asked

    def _take(self, sync: str, until: datetime, reason: str, now: datetime) -> bool:
        taken = self._wiring.store.turns.take(sync, self._since[sync], until, reason)
        if taken:
            self._since[sync] = until
            self._look_forward(sync, until)
        else:
            self._look_up(now)  # another process was faster
        return taken
