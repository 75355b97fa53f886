"""The verbs: the only place where the parts are wired together. The top floor calls nothing below it."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

from bookward.access.caller import shell, user_here
from bookward.alerting import Alerting, AlertView, PostedMessage, RenderedMessage
from bookward.asking import Asked
from bookward.checking import CheckReport, Connection, check
from bookward.clock import Clock, SystemClock
from bookward.dbt import Artefacts
from bookward.dbtfolders import DbtPlace
from bookward.doctoring import examined
from bookward.editing import ProjectFiles, Saved
from bookward.engine.findings import Reconciled
from bookward.engine.planfile import Plan
from bookward.engine.planheader import PlanHeader
from bookward.engine.suggesting import Candidate
from bookward.following import FollowedWiring
from bookward.forgetting import Forgetting
from bookward.ids import new_id
from bookward.logkeeping import keep_logs
from bookward.meter import Attended, Meter
from bookward.model import Preview
from bookward.observing import Observation, observed
from bookward.ports import OnProgress, Tokens
from bookward.project.history import History, Version
from bookward.project.starter import write_starter
from bookward.queueing import Queue
from bookward.reconciling import REMOVABLE
from bookward.records import Organisation, SignedOut
from bookward.reporting import Report
from bookward.run import Runner, RunReport
from bookward.scheduling import Upcoming
from bookward.settling import UncertainRow
from bookward.store.doubts import Decision
from bookward.store.rowstates import SyncRow
from bookward.store.runs import Run, RunRow
from bookward.store.secrets import KeptSecret, Secrets
from bookward.store.tickets import Ticket, TicketState
from bookward.suggestions import SuggestedSync, suggested_sync, with_lines_told
from bookward.tending import Tending
from bookward.trial import WHOLE, Trial
from bookward.waiting import Waiting
from bookward.wiring import Wiring, steady

__all__ = [
    "AlertView",
    "Alerting",
    "App",
    "Artefacts",
    "Attended",
    "Candidate",
    "CheckReport",
    "Connection",
    "Decision",
    "History",
    "KeptSecret",
    "Plan",
    "PlanHeader",
    "PostedMessage",
    "Preview",
    "ProjectFiles",
    "Queue",
    "Reconciled",
    "RenderedMessage",
    "Report",
    "Run",
    "RunReport",
    "RunRow",
    "Saved",
    "Secrets",
    "SuggestedSync",
    "SyncRow",
    "Ticket",
    "TicketState",
    "Trial",
    "UncertainRow",
    "Upcoming",
    "Version",
    "init",
]


class App(Tending):
    """One project, and everything that can be done with it."""

    def __init__(
        self,
        root: Path,
        *,
        clock: Clock | None = None,
        environ: Mapping[str, str] = os.environ,
        followed: bool = False,
    ) -> None:
        """Work on the project in ``root``; files and state are opened when they are first needed.

        ``followed``: it is not there, but published by a server; see ``following.FollowedWiring``.
        """
        self._clock = clock or SystemClock()
        super().__init__((FollowedWiring if followed else Wiring)(root, self._clock, environ))
        self._cancelled = Event()
        self._asleep = False
        self._forgetting = Forgetting(self._wiring)
        self.alerts = Alerting(self._wiring)  #: who is told that something is wrong, and when

    def close(self) -> None:
        """Close what was opened."""
        self._wiring.close()

    # Looking at the project

    @steady
    def check(self, *, connect: bool = False) -> CheckReport:
        """Look for everything that is wrong, without writing anywhere.

        Args:
            connect: test the connections too, and that the models have the columns that the syncs name.
        """
        return check(self._wiring, connect=connect)

    @steady
    def doctor(self) -> CheckReport:
        """Look for everything that is wrong with the project, its connections, and Bookward itself."""
        before = self._wiring.has_state  # to look into the destinations makes one
        found = check(self._wiring, connect=True)
        return replace(found, connections=(*examined(self._wiring, before), *found.connections))

    @steady
    def preview(self, model: str, limit: int = 100) -> Preview:
        """Return the columns and the first rows of a model.

        Raises:
            NameUnknown, ProjectInvalid, ModelRefused, SourceUnreachable, SourceFailed
        """
        return with_lines_told(self._wiring.model(model).preview(limit))

    @steady
    def dbt(self, target: str | None = None, job: int | None = None, git: str | None = None) -> Artefacts:
        """Return the models that dbt has written down, and how its last run went.

        Args:
            target: its target folder: a path in the project's folder, or a URL.
            job: instead of that, a job of dbt Cloud.
            git: instead of that, a folder in the repository that project.yaml names.

        Raises:
            SettingInvalid, ModelRefused, SourceUnreachable, JobsRefused, JobsUnreachable
        """
        return self._wiring.dbt_folder("`bookward dbt`", DbtPlace(target, job, git)).artefacts()

    @steady
    def suggest(self, model: str, object_: str, destination: str | None = None) -> SuggestedSync:
        """Return a proposed sync of a model into an object; see ``suggestions.suggested_sync``."""
        return suggested_sync(self._wiring, model, object_, destination)

    @steady
    def syncs(self) -> Sequence[str]:
        """Return the names of all syncs in the order in which to run them; see ``Wiring.syncs``."""
        return self._wiring.syncs()

    @property
    def files(self) -> ProjectFiles:
        """The project's sources, models, destinations and syncs, to be read and written."""
        return ProjectFiles(self._wiring)

    @property
    def queue(self) -> Queue:
        """What somebody, or a schedule, has asked for, to be done by whoever works next."""
        self._wiring.require_project()
        return Queue(self._wiring)

    # Planning and running

    @steady
    def plan(
        self,
        sync: str,
        on_progress: OnProgress = lambda _: None,
        *,
        allow_empty: bool = False,
        full: bool = False,
        new_key: bool = False,
        assume: bool = False,
        as_new: bool = False,
        reconcile: bool = False,
        remove: Collection[str] = (),
        attended: Attended | None = None,
    ) -> Plan:
        """Make a plan of a sync: an immutable file of operations. Reads at the destination, never writes.

        Args:
            on_progress: is told of every step.
            allow_empty: plan removals even when the model returns nothing at all.
            full: look at all rows as if for the first time; records are found, never made twice.
            new_key: go on under the model's new key: every row finds its record anew by its match.
            assume: send nothing, and take all rows for synced.
            as_new: the sync is not one that was renamed by hand, however alike they are.
            reconcile: look at all rows, and at all records in the books: what no row accounts for is found.
            remove: kinds of such records to be removed in the way that the sync removes them.
            attended: by whom, where several things are done at once.
        """
        with (
            self._begun("plan", sync, on_progress, attended) as (id_, at, meter, seen),
            self._held(sync, meter, as_new=as_new) as bound,
        ):
            seen.into(bound)
            self._forgetting.look()
            asked = Asked(
                allow_empty=allow_empty,
                full=full or reconcile,
                new_key=new_key,
                reconcile=reconcile,
                remove=tuple(kind for kind in REMOVABLE if kind in remove),
                assume=assume,
                by=at.asked_by,
            )
            return Runner(bound, meter).plan(id_, asked)

    @steady
    def run(
        self,
        sync: str,
        on_progress: OnProgress = lambda _: None,
        *,
        plan: str | None = None,
        allow_empty: bool = False,
        approved: bool = False,
        confirmed: bool = False,
        trial: Trial = WHOLE,
        full: bool = False,
        wait: bool = False,
        as_new: bool = False,
        attended: Attended | None = None,
    ) -> RunReport:
        """Plan a sync and execute the plan, or execute a plan made before.

        Settles first what an earlier run left open. How the run ended, errors included, stands in the report.
        While it waits it holds nothing: another process may run the sync.

        Args:
            on_progress: is told of every step.
            plan: id of a plan made before, "last" for the newest; refused when the world has moved since.
            allow_empty: go on even when the model returns nothing at all and removals follow.
            approved: execute the plan even where it is beyond the sync's guards, and whatever else it does.
            confirmed: execute it even where it does more than a sync does by itself, within the guards.
            trial: which rows the run is about; the others are left for the next one.
            full: look at all rows as if for the first time; records are found, never made twice.
            wait: when the run pauses, wait and run again, with a new plan for what is left, until it is done.
                The report is that of the last run.
            as_new: the sync is not one that was renamed by hand, however alike they are.
            attended: by whom, where several things are done at once.

        Raises:
            ConfigError: the project does not allow the run to begin.
            SyncBusy: another process is running this sync.
        """
        waiting, settled, paused = Waiting(self._clock), dict[str, Run](), list[str]()
        while True:
            with (
                self._begun("run", sync, on_progress, attended) as (id_, at, meter, seen),
                self._held(sync, meter, as_new=as_new) as bound,
            ):
                seen.into(bound)
                self._forgetting.look()
                chosen = self._opened(plan, sync) if plan is not None else None
                why = "approval" if approved and plan is not None else at.reason
                asked = Asked(allow_empty=allow_empty, trial=trial, full=full, by=at.asked_by, reason=why)
                report = Runner(bound, meter).run(id_, chosen, asked, approved=approved, confirmed=confirmed)
                report = replace(report, logs=keep_logs(self._wiring, sync))
                seen.ended(report.run)
            settled |= {run.id: run for run in report.recovered}
            until = waiting.until(report.run) if wait else None
            if until is None:
                recovered = tuple(run for run in settled.values() if run.id not in paused)
                return replace(report, recovered=recovered, paused=tuple(map(self.find_run, paused)))
            paused.append(id_)
            meter.tell(phase="waiting", wait_until=until)
            self._asleep = True
            waiting.sleep(until)
            self._asleep = False
            plan = None

    @steady
    def forget(self) -> None:
        """Drop what has been kept long enough, unless this process did so within the hour."""
        self._forgetting.look()

    def cancel(self) -> bool:
        """Let the plan or run at work end cleanly: what is in flight is finished, nothing new begins.

        Return whether there is anything to finish; a run that only waits can be stopped at once. Safe to be
        called from a signal handler.
        """
        self._cancelled.set()
        return not self._asleep

    # Setting up

    @steady
    def connect(
        self,
        destination: str,
        show: Callable[[str], None],
        choose: Callable[[Sequence[Organisation]], Organisation],
        port: int = 0,
    ) -> Tokens:
        """Sign in at a destination; see ``Destination.connect``."""
        return self._wiring.destination(destination).connect(show, choose, port)

    @steady
    def disconnect(self, destination: str, confirm: Callable[[Organisation], None]) -> SignedOut:
        """Sign out of a destination; everything else that is known about its syncs is kept.

        Args:
            confirm: is given the organisation before anything is done, and raises to stop it.

        Raises:
            NotConnected: there was no sign-in.
            SyncBusy: a sync into the destination is being run.
            RetryLater: the destination could not be told; nothing is forgotten.
        """
        project = self._wiring.project
        others = {slug: spec for slug, spec in project.destinations.items() if slug != destination}
        with ExitStack() as held:

            def begin(organisation: Organisation) -> None:
                confirm(organisation)
                for slug, spec in sorted(project.syncs.items()):
                    if spec.destination == destination:
                        held.enter_context(self._wiring.store.locks.running(slug))

            return self._wiring.destination(destination).disconnect(others, begin)

    @contextmanager
    def _begun(
        self, work: str, sync: str, on_progress: OnProgress, attended: Attended | None
    ) -> Iterator[tuple[str, Attended, Meter, Observation]]:
        """Yield the id of what begins, who attends to it (else whoever is here), and what watches it."""
        id_ = new_id(self._clock.now())
        at = attended or Attended(cancelled=self._cancelled, asked_by=shell(user_here()).email)
        at.began(id_)
        with observed(work, id_, sync, at) as seen:
            yield id_, at, Meter(id_, self._wiring.store.calls, on_progress, at.cancelled, seen), seen


def init(folder: Path) -> Sequence[Path]:
    """Write a starter project into a folder; refuses to overwrite anything."""
    return write_starter(folder)
