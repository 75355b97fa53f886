"""What becomes of plans that wait: whether each can still be executed, and what was done with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile

from bookward.boundsync import settings_of
from bookward.engine.planfile import Plan
from bookward.errors import NameUnknown, PlanStale
from bookward.planner import PLAN_LIFE
from bookward.runplans import kept
from bookward.store.plans import KeptPlan, PlanStanding, PlanState
from bookward.store.runs import Run, RunState
from bookward.wiring import Wiring

_RUNS_SINCE = 100  # so many runs are looked through


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A plan that waits, and whether it can still be executed."""

    plan: KeptPlan
    standing: PlanStanding


def offer_of(wiring: Wiring, plan: Plan) -> Offer:
    """Return who made a plan, and what has become of it; that of a run that was not parked never waited."""
    id_ = plan.header.id
    if (known := wiring.store.plans.get([id_]).get(id_)) is not None:
        return Offer(plan=known, standing=_standing(wiring, known))
    own = _run(wiring, id_)  # a run has the id of the plan that it makes
    unknown = replace(kept(plan, own.asked_by if own else None), run=own.id if own and own.plan else None)
    return Offer(plan=unknown, standing=_standing(wiring, unknown))


def open_offers(wiring: Wiring, sync: str) -> Sequence[Offer]:
    """Return the plans of a sync that can be executed, the newest first."""
    found = wiring.store.plans.untouched(sync, wiring.clock.now())
    offers = [Offer(plan=plan, standing=_standing(wiring, plan)) for plan in found]
    return [offer for offer in offers if offer.standing.state is PlanState.OPEN]


def beyond_guards(wiring: Wiring, sync: str) -> KeptPlan | None:
    """Return the plan by which all rows of a sync are beyond its guards, None where they are not known to be.

    Whatever became of it: only executing it to its end, or a later plan or run of all rows that was within
    the guards, tells otherwise.
    """
    plan = wiring.store.plans.telling(sync)
    if plan is None or not plan.tripped or _executed_whole(wiring, plan):
        return None
    since = takewhile(lambda run: run.started_at > plan.made_at, wiring.store.runs.list(sync, _RUNS_SINCE))
    return None if any(map(_of_all_rows, since)) else plan


def _executed_whole(wiring: Wiring, plan: KeptPlan) -> bool:
    run = _run(wiring, plan.run) if plan.run is not None else None
    return run is not None and run.state is RunState.DONE and not run.counts.get("rows_pending")


def _of_all_rows(run: Run) -> bool:
    """Return whether a run has executed a plan of its own of all rows, and so was within the guards."""
    return run.plan == run.id and "rows_read" in run.counts and not run.counts.get("rows_left")


def with_standings(wiring: Wiring, runs: Iterable[Run]) -> Sequence[Run]:
    """Return runs, each that is parked with what became of its plan."""
    found = list(runs)
    known = wiring.store.plans.get([run.id for run in found if run.state is RunState.PARKED])
    return [_told(wiring, run, known) if run.state is RunState.PARKED else run for run in found]


def discard(wiring: Wiring, plan: Plan, by: str, why: str) -> Offer:
    """Let nobody execute a plan that waits.

    Raises:
        PlanStale: it was executed or discarded before.
    """
    offer = offer_of(wiring, plan)
    wiring.store.plans.keep(offer.plan)
    if not wiring.store.plans.discard(plan.header.id, wiring.clock.now(), by, why):
        state = offer_of(wiring, plan).standing.state
        raise PlanStale(f"Plan {plan.header.id} cannot be discarded any more: it was {state} before.")
    return offer_of(wiring, plan)


def refuse_closed(wiring: Wiring, plan: Plan, sync: str) -> None:
    """Refuse a plan that cannot be executed any more.

    Raises:
        PlanStale: so it is, or it is a plan of another sync.
    """
    standing = offer_of(wiring, plan).standing
    of_another = plan.header.sync != sync
    if of_another or standing.state is not PlanState.OPEN:
        why = "it is a plan of another sync" if of_another else in_words(standing)
        raise PlanStale(f"Plan {plan.header.id} cannot be executed any more: {why}.")


def in_words(standing: PlanStanding) -> str:
    """Return why a plan cannot be executed any more."""
    why = (standing.why or "").rstrip(".")
    said = {
        PlanState.EXECUTED: f"it was executed by run {standing.run}" if standing.run else "it was executed",
        PlanState.DISCARDED: f"it was discarded by {standing.by}{why and f': {why}'}",
        PlanState.EXPIRED: "its time is over",
        PlanState.SUPERSEDED: why[:1].lower() + why[1:],
    }
    return said[standing.state]


def _told(wiring: Wiring, run: Run, known: Mapping[str, KeptPlan]) -> Run:
    if run.id in known:
        return replace(run, parked=_standing(wiring, known[run.id]))
    # Nothing is known of it but its age: an older release parked it.
    over = (run.finished_at or run.started_at) + PLAN_LIFE
    state = PlanState.EXPIRED if over <= wiring.clock.now() else PlanState.OPEN
    return replace(run, parked=PlanStanding(state=state, at=over if state is PlanState.EXPIRED else None))


def _standing(wiring: Wiring, plan: KeptPlan) -> PlanStanding:
    if plan.run is not None:
        return _executed(wiring, plan.run, plan.made_at)
    if plan.discarded_at is not None:
        who, why = plan.discarded_by, plan.discarded_why
        return PlanStanding(state=PlanState.DISCARDED, by=who, at=plan.discarded_at, why=why)
    if plan.expires <= wiring.clock.now():
        return PlanStanding(state=PlanState.EXPIRED, at=plan.expires)
    if moved_on := _moved_on(wiring, plan):
        return PlanStanding(state=PlanState.SUPERSEDED, why=moved_on)
    return PlanStanding(state=PlanState.OPEN)


def _executed(wiring: Wiring, run: str, made_at: datetime) -> PlanStanding:
    if (found := _run(wiring, run)) is None:
        return PlanStanding(state=PlanState.EXECUTED, at=made_at)
    return PlanStanding(state=PlanState.EXECUTED, run=run, by=found.asked_by, at=found.started_at)


def _run(wiring: Wiring, id_: str) -> Run | None:
    """Return a run, None where there was none or it is not kept any more."""
    try:
        return wiring.store.runs.get(id_)
    except NameUnknown:
        return None


def _moved_on(wiring: Wiring, plan: KeptPlan) -> str:
    """Return why a plan is of a world that is gone; as a run would say it, "" where it is not."""
    if wiring.store.sync(plan.sync).pointer().snapshot != plan.base_snapshot:
        return "The sync has run since."
    sync = wiring.project.syncs.get(plan.sync)
    model = wiring.project.models.get(sync.model) if sync else None
    if sync is None or model is None or settings_of(sync, model) != plan.settings:
        return "The sync or its model has been edited since."
    return ""
