"""Asks for runs when their time has come, and shows when that is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bookward.awaiting import key, newest
from bookward.project.project import Project
from bookward.schedule import Closed, Timetable, closed
from bookward.spec.schedule import Schedule
from bookward.store.tickets import OPEN, Ticket
from bookward.store.turns import Turn
from bookward.timetables import NEVER, never_runs, timetables
from bookward.wiring import Wiring

LOOK_AGAIN = timedelta(days=1)
"""So long after no time was to be seen at which a sync may begin one is looked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """When a sync runs next, and what of it waits or is under way."""

    sync: str
    schedule: Schedule | None  #: None: only when somebody starts it
    times: Sequence[datetime]  #: the next times, nothing for a sync that follows others
    problem: str | None
    """Why it never runs by itself, or what keeps from knowing whether the job has ended that it waits for."""
    closed: Closed | None  #: what keeps a scheduled run from beginning now
    tickets: Sequence[Ticket]  #: what waits or is under way, the oldest first


def upcoming(wiring: Wiring, count: int = 5) -> Sequence[Upcoming]:
    """Return what is to come for every sync, in the order of their names."""
    now, tables = wiring.clock.now(), timetables(wiring.project)
    waiting = list(reversed(wiring.store.tickets.list(states=OPEN, limit=10_000))) if wiring.has_state else []
    found = []
    for sync, spec in sorted(wiring.project.syncs.items()):
        table = tables.get(sync)
        coming = table.coming(now, count) if table else ()
        shut = closed(table.blackouts, now) if table else None
        never = table is not None and never_runs(table, shut, coming)
        found.append(
            Upcoming(
                sync=sync,
                schedule=spec.schedule,
                times=coming,
                problem=NEVER if never else _problem(wiring, spec.schedule),
                closed=shut,
                tickets=tuple(ticket for ticket in waiting if ticket.sync == sync),
            )
        )
    return found


def times(wiring: Wiring, sync: str, schedule: Schedule, destination: str | None) -> Sequence[datetime]:
    """Return when a sync would be due next by a schedule that is not written yet.

    Args:
        sync: its name, or the one that it will get.
        destination: whose books it writes to, and which may be closed; None where that is not chosen yet.

    Raises:
        NameUnknown, ProjectInvalid: there is no such destination, or its file is broken.
    """
    blackouts = wiring.named("destinations", destination).blackouts if destination else ()
    return Timetable(sync=sync, schedule=schedule, blackouts=blackouts).coming(wiring.clock.now())


def _problem(wiring: Wiring, schedule: Schedule | None) -> str | None:
    account = wiring.project.spec.dbt_cloud if wiring.project.spec else None
    if schedule is None or schedule.after_dbt_cloud is None or account is None or not wiring.has_state:
        return None
    job = key(account, schedule.after_dbt_cloud.job)
    known = wiring.store.jobs.known([job])
    return known[job].problem if job in known else None


class Scheduler:
    """Looks, now and then, whose time has come. Any number of processes may do so at once."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._project: Project | None = None
        self._tables: Mapping[str, Timetable] = {}
        self._since: dict[str, datetime] = {}
        self._next: dict[str, datetime] = {}
        self._looked_at: datetime | None = None

    def tick(self) -> int:
        """Ask for a run of every sync whose time has come; return of how many this process did.

        However often a time has come since somebody looked, there is one run, and none where one waits.
        """
        now = self._wiring.clock.now()
        project = self._wiring.project
        set_back = self._looked_at is not None and now < self._looked_at
        self._looked_at = now
        if project is not self._project or set_back:
            self._project, self._tables = project, timetables(project)
            self._since, self._next = {}, {}
        # All of a new project; and what the state did not tell before, or told of another process's files.
        self._look_up(self._tables.keys() - self._since.keys(), now)
        return self._take([*self._by_time(now), *self._by_others(now), *self._by_jobs(now)], now)

    def _look_up(self, syncs: Collection[str], now: datetime) -> None:
        said = {sync: self._tables[sync].schedule.model_dump_json() for sync in syncs}
        seen = self._wiring.store.turns.since(said, now) if said else {}
        self._since |= seen
        for sync, since in seen.items():
            self._look_forward(sync, since)

    def _look_forward(self, sync: str, after: datetime) -> None:
        coming = self._tables[sync].coming(after, 1)
        self._next[sync] = coming[0] if coming else after + LOOK_AGAIN

    def _by_time(self, now: datetime) -> Iterator[Turn]:
        for sync in [sync for sync, moment in self._next.items() if moment <= now]:
            since = self._since[sync]
            due = self._tables[sync].due(since, now)
            if due is None:
                # Missed, and not to be made up for; or the books are closed, and it comes behind that.
                self._look_forward(sync, now)
            else:
                yield Turn(sync=sync, since=since, until=due, reason="schedule")

    def _by_others(self, now: datetime) -> Iterator[Turn]:
        following = {sync: table for sync, table in self._tables.items() if table.follows}
        if not following:
            return
        followed = sorted({name for table in following.values() for name in table.follows})
        ended = self._wiring.store.turns.ended_well(followed, now)
        for sync, table in following.items():
            since = self._since.get(sync, now)
            ready = all(name in ended and ended[name] > since for name in table.follows)
            if ready and closed(table.blackouts, now) is None:
                yield Turn(sync=sync, since=since, until=now, reason=f"after {' and '.join(table.follows)}")

    def _by_jobs(self, now: datetime) -> Iterator[Turn]:
        account = self._project.spec.dbt_cloud if self._project and self._project.spec else None
        wishes = {s: wish for s, table in self._tables.items() if (wish := table.schedule.after_dbt_cloud)}
        if account is None or not wishes:
            return
        known = self._wiring.store.jobs.known({key(account, wish.job) for wish in wishes.values()})
        for sync, wish in wishes.items():
            job, since = known.get(key(account, wish.job)), self._since.get(sync, now)
            run = newest(job, wish) if job else None
            if run and since < run.at <= now and closed(self._tables[sync].blackouts, now) is None:
                yield Turn(sync=sync, since=since, until=run.at, reason=f"after dbt Cloud run {run.run}")

    def _take(self, turns: Sequence[Turn], now: datetime) -> int:
        if not turns:
            return 0
        ours = self._wiring.store.turns.take(turns)
        for turn in turns:
            if turn.sync in ours:
                self._since[turn.sync] = turn.until
                self._look_forward(turn.sync, turn.until)
        # Of the others, another process was faster.
        self._look_up({turn.sync for turn in turns} - ours, now)
        return len(ours)
