"""One run: settle what was left open, plan, execute the plan, fold the outcomes; see ``folding``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Event

from bookward.asking import PLAINLY, Asked
from bookward.boundsync import BoundSync
from bookward.engine.planfile import Plan
from bookward.engine.uncalled import uncalled
from bookward.errors import (
    BookwardError,
    Cancelled,
    ConfigError,
    GuardTripped,
    NameUnknown,
    OrganisationChanged,
    PlanStale,
    RecordMoved,
    RetryLater,
    RunCutOff,
    RunOvertaken,
    RunUnsettled,
    StoreFailed,
)
from bookward.failpoints import failpoint
from bookward.folding import Folding
from bookward.formerrows import refuse_other_key, refuse_other_object
from bookward.meter import Meter
from bookward.planner import make_plan
from bookward.records import (
    REMOVING,
    SENDING,
    Operation,
    OperationKind,
    Organisation,
    OutcomeStatus,
    Rejection,
)
from bookward.runplans import kept, refuse_discarded, rest_of
from bookward.store.runs import Run, RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """How a run ended, and what it settled before it began."""

    run: Run
    plan: Plan | None  #: None when the run ended before there was one
    recovered: tuple[Run, ...]  #: earlier runs whose loose ends were tied up first
    paused: tuple[Run, ...] = ()  #: the runs that this one went on from by itself
    logs: str = ""  #: why the tables of the logs are behind, where they are


@dataclass(frozen=True, slots=True, kw_only=True)
class _ToSend:
    """The operations of a plan that spend calls and still stand, until a person wants to stop.

    They can be gone through again.
    """

    plan: Plan
    moved: Mapping[int, Rejection]
    stopped: Event

    def __iter__(self) -> Iterator[Operation]:
        for operations in self.plan.operations(SENDING):
            for operation in operations:
                if self.stopped.is_set():
                    return
                if operation.seq not in self.moved:
                    yield operation


class Runner:
    """Runs one sync; its lock is held by the caller."""

    def __init__(self, sync: BoundSync, meter: Meter) -> None:
        self._sync = sync
        self._meter = meter
        self._runs = sync.store.runs
        self._folding = Folding(sync, meter)

    def run(
        self,
        id_: str,
        plan: Plan | None,
        asked: Asked = PLAINLY,
        *,
        approved: bool = False,
        confirmed: bool = False,
    ) -> RunReport:
        """Run the sync under a new id; the report says how it ended, errors included.

        Args:
            plan: the plan to execute; None to make one.
            asked: what a person wants of a plan that is made, beyond what differs.
            approved: a person has seen the plan and allows what is beyond the guards, and whatever is grave.
            confirmed: a person wants what is grave.
        """
        clock = self._sync.clock
        why = {"asked_by": asked.by, "reason": asked.reason}
        self._runs.begin(id_, self._sync.slug, clock.now(), self._sync.resolved(), **why)
        state, error = RunState.DONE, None
        recovered: tuple[Run, ...] = ()
        try:
            self._refuse_other_books()
            recovered = self.recover(but=id_)
            refuse_other_object(self._sync)
            refuse_other_key(self._sync, asked, plan)
            moved: dict[int, Rejection] = {}
            made_before = plan is not None
            if plan is None:
                plan = make_plan(self._sync, self._meter, id_, asked)
            else:
                self._refuse_stale(plan)
                moved = self._moved(plan)
            if not approved:
                self._park(plan, asked.by, "" if confirmed else plan.header.grave)
            if made_before:
                refuse_discarded(self._sync.store.plans.take(plan.header.id, id_))
            self._execute(id_, plan, moved | self._taken_elsewhere(plan))
        except BookwardError as caught:
            error = self._overtaken() or self._stopped(caught)
            state = _end_of(error)
            self._fold_if_settled(id_)
            if plan is not None and (rest := rest_of(self._sync.store, id_, state, plan)):
                error.remedy = rest
                if isinstance(error, RetryLater):
                    error.wait = None  # nothing goes on then
        except BaseException:
            # Killed by hand or by a fault of ours: what was sent stays open and is settled by the next run.
            self._runs.end(id_, RunState.INTERRUPTED, clock.now(), self._counts(id_, plan))
            raise
        self._runs.end(id_, state, clock.now(), self._counts(id_, plan), error)
        self._meter.tell(phase="done")
        if isinstance(error, ConfigError):
            raise error
        return RunReport(run=self._runs.get(id_), plan=plan, recovered=recovered)

    def plan(self, id_: str, asked: Asked = PLAINLY) -> Plan:
        """Make a plan without executing it; nothing is written at the destination.

        Raises:
            RunUnsettled: an earlier run has to be settled first, and settling may write.
            ConfigError, StopRun, RetryLater: as ``planner.make_plan``.
        """
        self.catch_up(id_)
        refuse_other_key(self._sync, asked)
        plan = make_plan(self._sync, self._meter, id_, asked)
        self._sync.store.plans.keep(kept(plan, asked.by))
        return plan

    def catch_up(self, id_: str) -> None:
        """Fold what earlier runs left behind, without writing at the destination.

        Args:
            id_: of the plan, or of whatever else works on the sync from now on.

        Raises:
            RunUnsettled: an earlier run has to be settled first, and settling may write.
            ConfigError, StopRun: the sync is another one than it was.
        """
        self._take_turn(id_)
        for run in self._runs.unfolded(self._sync.slug):
            if self._runs.has_open_intents(run.id):
                raise RunUnsettled(f"Run {run.id} was cut off before the last answers arrived.")
        self.recover()
        refuse_other_object(self._sync)

    def tie_up(self, id_: str) -> Run:
        """Settle and fold what earlier runs left behind, this one among them; return how it stands then.

        Raises:
            ConfigError, StopRun, RetryLater: as ``catch_up`` and ``recover``.
        """
        self._take_turn(id_)
        self.recover()
        return self._runs.get(id_)

    def _take_turn(self, id_: str) -> None:
        self._sync.store.epochs.begin(self._sync.slug, id_)
        self._refuse_other_books()

    def recover(self, but: str = "") -> tuple[Run, ...]:
        """Settle and fold what earlier runs of this sync left behind; return those runs.

        Raises:
            StopRun, RetryLater: something cannot be settled now; nothing new may be sent until it is.
        """
        self._sync.store.epochs.check(self._sync.slug)
        for run in self._runs.left_running(self._sync.slug):
            if run.id != but:
                self._runs.end(run.id, RunState.INTERRUPTED, self._sync.clock.now(), self._counts(run.id))
        left = self._runs.unfolded(self._sync.slug)
        for run in left:
            plan = self._plan_left_by(run)
            if plan is not None:
                self._settle(run, plan)
                self._folding.fold(run.id, plan)
                self._explain(self._runs.get(run.id), plan)
            else:
                self._folding.without_plan(run)
        return tuple(self._runs.get(run.id) for run in left)

    def _overtaken(self) -> RunOvertaken | None:
        """Return that another process works on the sync, which then is the reason for any trouble."""
        try:
            self._sync.store.epochs.check(self._sync.slug)
        except RunOvertaken as error:
            return error
        return None

    def _stopped(self, error: BookwardError) -> BookwardError:
        """Return that a person has stopped the run, where it would have tried again otherwise."""
        if isinstance(error, RetryLater) and self._meter.cancelled.is_set():
            return Cancelled(f"The run was stopped by hand before it tried again. {error.message}")
        return error

    def _plan_left_by(self, run: Run) -> Plan | None:
        """Return the plan of an earlier run, None when it is gone and nothing is open that needs it."""
        try:
            return self._plan_of(run)
        except (NameUnknown, StoreFailed) as error:
            if not self._runs.has_open_intents(run.id):
                return None
            raise StoreFailed(
                f"Run {run.id} was cut off while sending, and its plan cannot be read: {error.message}",
                remedy=f"Bring {self._sync.plans / str(run.plan)} back from a backup of the state folder; "
                f"without one, {StoreFailed.last_resort}",
            ) from error

    def _settle(self, run: Run, plan: Plan) -> None:
        """Settle what a run left open, as it was configured: by what it wrote, its records are found."""
        self._meter.tell(phase="settling")
        spec, journal = self._sync.spec_of(run.id), self._sync.store.journal(run.id)
        edited = plan.header.settings != self._sync.settings()
        destination = self._sync.destination
        for _ in destination.resume(spec, run.id, plan.operations_at, journal, edited=edited):
            self._meter.tell_budget(destination.budget())
        self._runs.recount(run.id, self._counts(run.id, plan))

    def _moved(self, plan: Plan) -> dict[int, Rejection]:
        """Return, by place, what of a plan made before no longer stands."""
        self._meter.tell(phase="matching")
        moved: dict[int, Rejection] = {}
        for operations in plan.operations():
            moved |= self._sync.destination.moved(self._sync.spec, operations)
        return moved

    def _taken_elsewhere(self, plan: Plan) -> dict[int, Rejection]:
        """Return, by place, what would remove a record that another sync has by now."""
        taken: dict[int, Rejection] = {}
        for operations in plan.operations(REMOVING | {OperationKind.REPLACE}, values=False):
            ids = {o.remote_id: o.seq for o in operations if o.remote_id}
            for id_ in self._sync.state.owned_by(self._sync.others, list(ids)):
                error = RecordMoved("Since the plan was made, another sync took its record over.")
                taken[ids[id_]] = Rejection.of(error)
        return taken

    def _execute(self, id_: str, plan: Plan, moved: Mapping[int, Rejection]) -> None:
        known = self._sync.store.plans.get([plan.header.id]).get(plan.header.id)
        self._runs.plan(id_, plan.header.id, _books(plan), plan_made_by=known.made_by if known else None)
        journal = self._sync.store.journal(id_)
        for operations in plan.operations(values=False):
            failpoint("before-expect")
            journal.expect(
                [o for o in operations if o.kind is not OperationKind.LEAVE], uncalled(operations, moved)
            )
        self._send(id_, plan, moved)
        failpoint("before-fold")
        self._folding.fold(id_, plan)

    def _send(self, id_: str, plan: Plan, moved: Mapping[int, Rejection]) -> None:
        counts = plan.header.operations
        self._meter.tell(
            phase="sending",
            to_send=sum(counts.get(kind, 0) for kind in SENDING),
            rejected=counts.get(OperationKind.REJECT, 0),
        )
        operations = _ToSend(plan=plan, moved=moved, stopped=self._meter.cancelled)
        journal = self._sync.store.journal(id_)
        destination = self._sync.destination
        for outcomes in destination.write(self._sync.spec, id_, operations, journal):
            rejected = sum(outcome.status is OutcomeStatus.REJECTED for outcome in outcomes)
            progress = self._meter.progress
            self._meter.tell(sent=progress.sent + len(outcomes), rejected=progress.rejected + rejected)
            self._meter.tell_budget(destination.budget())
        if self._runs.outcome_counts(id_).get("pending"):
            self._meter.check()

    def _explain(self, run: Run, plan: Plan) -> None:
        if rest := rest_of(self._sync.store, run.id, run.state, plan):
            message = run.error_message or "The run was cut off: its process ended."
            self._runs.explain(run.id, run.error_code or RunCutOff.code, message, rest)

    def _fold_if_settled(self, id_: str) -> None:
        run = self._runs.get(id_)
        if run.plan and not run.folded and not self._runs.has_open_intents(id_):
            with suppress(BookwardError):  # the run ends with its first error; the next run folds
                self._folding.fold(id_, self._plan_of(run))

    def _refuse_other_books(self) -> None:
        """Refuse to mix two organisations: neither records nor what earlier runs left fit the other one."""
        now = self._sync.destination.organisation()
        left = self._runs.unfolded(self._sync.slug)
        written_to = {str(run.organisation) for run in left if self._runs.may_have_booked(run.id)}
        if self._sync.state.has_records():
            written_to.add(str(self._sync.state.pointer().organisation))
        for other in written_to - {now.id}:
            before = self._sync.store.organisation(other)
            raise OrganisationChanged(
                f"Sync {self._sync.slug!r} has written to organisation {before}; "
                f"destination {self._sync.spec.destination!r} now leads to {now}."
            )

    def _refuse_stale(self, plan: Plan) -> None:
        header = plan.header
        snapshot = self._sync.state.pointer().snapshot
        reasons = {
            "it is a plan of another sync": header.sync != self._sync.slug,
            "its time is over": header.expires <= self._sync.clock.now(),
            "the sync has run since": header.base_snapshot != snapshot,
            "the sync's configuration has changed": header.config_version != self._sync.config().version,
            "the sync or its model has been edited": header.settings != self._sync.settings(),
            f"it was made for organisation {_books(plan)}": header.organisation
            != self._sync.destination.organisation().id,
        }
        for reason, holds in reasons.items():
            if holds:
                raise PlanStale(f"Plan {header.id} cannot be executed any more: {reason}.")

    def _park(self, plan: Plan, made_by: str | None, grave: str) -> None:
        """Leave a plan to a person that is beyond the guards, or grave without being wanted so."""
        header = plan.header
        if beyond := " ".join(filter(None, [*header.tripped, grave])):
            self._sync.store.plans.keep(kept(plan, made_by))
            show, approve = (
                f"plan {header.sync} --show {header.id}",
                f"run {header.sync} --approve {header.id}",
            )
            raise GuardTripped(
                f"Plan {header.id} is parked. {beyond}",
                remedy=f"Look at it with `bookward {show}`. `bookward {approve}` executes exactly that plan.",
            )

    def _plan_of(self, run: Run) -> Plan:
        return self._sync.plan(str(run.plan))

    def _counts(self, id_: str, plan: Plan | None = None) -> Mapping[str, int]:
        counts = {f"rows_{status}": n for status, n in self._runs.outcome_counts(id_).items()}
        counts["calls"] = self._sync.store.calls.count(id_)
        if plan:
            counts["rows_read"] = plan.header.rows_read
            if left := plan.header.operations.get(OperationKind.LEAVE):
                counts["rows_left"] = left
            counts |= {f"changes_{kind}": n for kind, n in plan.header.changes.items()}
        return counts


def _end_of(error: BookwardError) -> RunState:
    if isinstance(error, Cancelled):
        return RunState.CANCELLED
    if isinstance(error, GuardTripped):
        return RunState.PARKED
    if isinstance(error, RunOvertaken):
        return RunState.INTERRUPTED
    return RunState.PAUSED if isinstance(error, RetryLater) else RunState.FAILED


def _books(plan: Plan) -> Organisation:
    return Organisation(id=plan.header.organisation, name=plan.header.organisation_name)
