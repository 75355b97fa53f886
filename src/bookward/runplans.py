"""The plan that a run executed, for as long as it is kept."""

from __future__ import annotations

from bookward.engine.planfile import Plan
from bookward.store.files import plan_name
from bookward.store.runs import Run
from bookward.store.store import Store


def plan_of(store: Store, run: Run) -> Plan | None:
    """Return the plan of a run, None where it had none or where that is no longer kept."""
    if run.plan is None or not store.files.has(plan_name(run.plan)):
        return None
    return Plan.open(store.files.fetch(plan_name(run.plan)))
