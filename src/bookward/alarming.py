"""Sees what people are to be told of: looks at runs that have ended and at the clock, and changes states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bookward.alerts.facts import DestinationFacts, RunFacts, SyncFacts
from bookward.alerts.judging import after_run, of_destination, over_time
from bookward.alerts.telling import catch_up, tell
from bookward.destinations.base import destination_classes
from bookward.failpoints import failpoint
from bookward.planstanding import with_standings
from bookward.project.project import Project
from bookward.recipients import is_there, named, recipients, triggers_of
from bookward.spec.triggers import Trigger
from bookward.standings import Level, Subject, Verdict
from bookward.store.runs import Run
from bookward.store.store import Store
from bookward.store.tickets import OPEN, Ticket
from bookward.wiring import Wiring

_LOOKED_BACK = 30  # runs of a sync: enough for what is usual
_SOUGHT = 2_000  # runs of a sync among which one is sought that found a change
_A_TURN = 200  # runs that are looked at in a row, before messages are sent
_BETWEEN_LOOKS = timedelta(minutes=1)


class Alarm:
    """Looks, now and then, at how everything stands. Any number of processes may do so at once."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._looked: datetime | None = None

    def turn(self) -> None:
        """Look at the runs that have ended since, and once a minute at what only time shows."""
        with self._wiring.steady():
            for run in self._store.standings.unwatched(_A_TURN):
                self.look_at(run)
            now = self._wiring.clock.now()
            if self._looked is None or not timedelta() <= now - self._looked < _BETWEEN_LOOKS:
                self._looked = now
                self.look_around(now)

    def look_at(self, run: str) -> None:
        """Take what a run shows that has ended; once, however many processes look."""
        found = self._store.runs.get(run)
        facts = self._sync(found.sync, until=found)
        now = self._wiring.clock.now()
        verdicts = list(after_run(facts, facts.runs[0])) if facts else []
        if facts and self._store.runs.newest(found.sync) == found:
            verdicts += over_time(facts, now)
        self.judge(verdicts, now, run=run)

    def look_around(self, now: datetime) -> None:
        """Take what the clock shows of every sync and destination, and what alerts lead nowhere."""
        project = self._wiring.project
        if project.spec is None:
            return
        waiting = self._waiting()
        verdicts: list[Verdict] = []
        for sync in project.syncs:
            if facts := self._sync(sync, waiting=waiting.get(sync, ())):
                verdicts += over_time(facts, now)
        lost = {
            one.subject.slug: one.since
            for one in self._store.standings.list()
            if one.trigger is Trigger.SIGN_IN and one.level is Level.CRITICAL
        }
        for destination in project.destinations:
            if destination_facts := self._destination(destination, now):
                verdicts += of_destination(destination_facts, lost.get(destination), now)
        verdicts += self._gone(project)
        verdicts += self._broken(project)
        self.judge(verdicts, now)
        self._catch_up(project, now)

    def judge(self, verdicts: Iterable[Verdict], now: datetime, run: str | None = None) -> None:
        """Bring verdicts into the states, and write the messages about those that change; one transaction.

        Args:
            verdicts: at most one of each subject and trigger.
            now: this moment.
            run: the run that they are of; where it was looked at before, nothing is done.
        """
        verdicts, project = list(verdicts), self._wiring.project
        if run is None and not verdicts:
            return
        url = self._wiring.settings.url
        with self._store.standings.changing() as changing:
            if run is not None and not changing.watch(run):
                return
            for verdict in verdicts:
                tell(changing, verdict, now, recipients(project, verdict.subject), url)
        failpoint("after-alert-state")

    def _catch_up(self, project: Project, now: datetime) -> None:
        """Tell what is not well to alerts that were named, or changed, since it is."""
        if not self._store.standings.list():
            return
        url = self._wiring.settings.url
        with self._store.standings.changing() as changing:
            for standing in changing.not_well():
                catch_up(changing, standing, now, recipients(project, standing.subject), url)

    # Facts

    def _sync(
        self, sync: str, *, until: Run | None = None, waiting: Sequence[Ticket] | None = None
    ) -> SyncFacts | None:
        project = self._wiring.project
        spec = project.syncs.get(sync)
        if spec is None:
            return None
        ended = [run for run in self._store.runs.list(sync, limit=_LOOKED_BACK) if run.finished_at]
        if until is not None:
            places = [place for place, run in enumerate(ended) if run.id == until.id]
            ended = ended[places[0] :] if places else [until]
        ended[:1] = with_standings(self._wiring, ended[:1])
        triggers = triggers_of(project, sync)
        model = project.models.get(spec.model)
        tickets = self._waiting().get(sync, ()) if waiting is None else waiting
        oldest = min(tickets, key=lambda ticket: ticket.asked_at, default=None)
        return SyncFacts(
            sync=sync,
            source=model.source if model else None,
            destination=spec.destination,
            triggers=triggers,
            runs=[_run_facts(run) for run in ended],
            changed_at=self._changed_at(sync) if triggers.nothing_changed != "off" else None,
            waits_since=oldest.asked_at if oldest else None,
            waits_because=(oldest.said or "") if oldest else "",
        )

    def _changed_at(self, sync: str) -> datetime | None:
        """Return when a run last found a change; where none did, when the oldest of them ended."""
        ended = [run for run in self._store.runs.list(sync, limit=_SOUGHT) if run.finished_at]
        facts = [_run_facts(run) for run in ended]
        found = next((run for run in facts if run.changes), facts[-1] if facts else None)
        return found.finished_at if found else None

    def _waiting(self) -> Mapping[str, Sequence[Ticket]]:
        """Return, by sync, what schedules have asked for and has not ended."""
        found = defaultdict[str, list[Ticket]](list)
        for ticket in self._store.tickets.list(states=OPEN, limit=10_000):
            if ticket.asked_by is None:
                found[ticket.sync].append(ticket)
        return found

    def _destination(self, destination: str, now: datetime) -> DestinationFacts | None:
        tokens = self._store.vault.load(destination)
        if tokens is None:
            return None
        spec = self._wiring.project.destinations[destination]
        signed_in = destination_classes()[spec.type].signed_in(tokens)
        budget = self._store.budgets.load(tokens.tenant_id)
        today = budget.seen_at is not None and budget.seen_at.date() == now.date()
        return DestinationFacts(
            destination=destination,
            triggers=triggers_of(self._wiring.project, destination=destination),
            signed_in_at=signed_in.at,
            signed_in_until=signed_in.until,
            calls_left=budget.day_left if today else None,
            day_is_new=not today,
        )

    def _gone(self, project: Project) -> Iterator[Verdict]:
        for one in self._store.standings.list():
            if not is_there(project, one.subject):
                yield Verdict(subject=one.subject, trigger=one.trigger, level=Level.OK)

    def _broken(self, project: Project) -> Iterator[Verdict]:
        """Yield what is said of alerts that are named and whose files cannot be read, or can be again."""
        told = {one.subject.slug: one.said for one in self._store.standings.list()}
        for slug in sorted(named(project)):
            subject = Subject("alerts", slug)
            verdict = Verdict(
                subject=subject,
                trigger=Trigger.ALERT_UNDELIVERED,
                level=Level.CRITICAL,
                said=f"Nobody is told by alert {slug!r}: its file is wrong.",
                remedy="`bookward check` says what is wrong with it.",
            )
            if slug not in project.alerts and is_there(project, subject):
                yield verdict
            elif told.get(slug) == verdict.said:
                yield replace(verdict, level=Level.OK)

    @property
    def _store(self) -> Store:
        return self._wiring.store


def _run_facts(run: Run) -> RunFacts:
    assert run.finished_at is not None
    return RunFacts(
        id=run.id,
        state=run.state.value,
        started_at=run.started_at,
        finished_at=run.finished_at,
        counts=run.counts,
        read_source=run.plan == run.id,
        code=run.error_code,
        message=run.error_message or "",
        remedy=run.error_remedy or "",
        plan=run.parked.state.value if run.parked else "open",
    )
