"""The plans that runs executed, or leave for a person: for as long as they are kept, and what stays known."""

from __future__ import annotations

from bookward.engine.planfile import Plan
from bookward.errors import PlanStale
from bookward.records import REFUSED, SENDING, OperationKind
from bookward.store.files import plan_name
from bookward.store.plans import KeptPlan
from bookward.store.runs import Run, RunState
from bookward.store.store import Store

_WITH_A_REST = (RunState.PAUSED, RunState.CANCELLED, RunState.INTERRUPTED)


def plan_of(store: Store, run: Run) -> Plan | None:
    """Return the plan of a run, None where it had none or where that is no longer kept."""
    if run.plan is None or not store.files.has(plan_name(run.plan)):
        return None
    return Plan.open(store.files.fetch(plan_name(run.plan)))


def kept(plan: Plan, made_by: str | None) -> KeptPlan:
    """Return what is to be remembered of a plan that waits."""
    header = plan.header
    return KeptPlan(
        id=header.id,
        sync=header.sync,
        made_at=header.created,
        made_by=made_by,
        expires=header.expires,
        base_snapshot=header.base_snapshot,
        settings=header.settings,
        tripped=bool(header.tripped),
        grave=bool(header.grave),
        whole=not any(header.operations.get(kind) for kind in (OperationKind.LEAVE, OperationKind.ASSUME)),
        sends=sum(header.operations.get(kind, 0) for kind in SENDING),
        left_out=sum(header.operations.get(kind, 0) for kind in REFUSED),
    )


def refuse_discarded(plan: KeptPlan | None) -> None:
    """Refuse to execute a plan that a person has discarded."""
    if plan is not None and plan.discarded_at is not None:
        why = f": {plan.discarded_why}" if plan.discarded_why else "."
        raise PlanStale(f"Plan {plan.id} was discarded by {plan.discarded_by}{why}")


def rest_of(store: Store, id_: str, state: RunState, plan: Plan) -> str:
    """Return what to do about the rest of a plan that a run did not make: nobody goes on with that plan.

    "" where nothing is left, and where the plan is the run's own: the next run makes another one.
    """
    executed = store.runs.get(id_).plan
    if executed is None or executed == id_ or state not in _WITH_A_REST:
        return ""
    counts = plan.header.operations
    # A killed run may not even have written down all that it was to do: the plan says how much that is.
    done = sum(n for status, n in store.runs.outcome_counts(id_).items() if status != "pending")
    if done == sum(counts.values()) - counts.get(OperationKind.LEAVE, 0):
        return ""
    to_send = sum(counts.get(kind, 0) for kind in SENDING)
    return f"{store.journal(id_).sent():,} of {to_send:,} records were sent. Plan again for the rest."
