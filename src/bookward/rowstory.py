"""Everything that is known of one row of a run: where it came from, what was sent, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bookward.engine.planfile import Plan
from bookward.errors import NameUnknown
from bookward.records import Operation, Row
from bookward.runplans import plan_of
from bookward.store.runs import Run, RunRow
from bookward.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class RowStory:
    """One row of a run."""

    row: RunRow
    source: Row | None  #: what the model said; None for a removed row, and once the plan is not kept
    former: Row | None  #: what was accepted of it before; None where it is new
    operation: Operation | None  #: None once the plan is not kept
    at: datetime | None  #: when its outcome was known; None where nothing was sent
    calls: Sequence[int]  #: the numbers of the calls that carried it


def story_of(store: Store, run: Run, seq: int) -> RowStory:
    """Return what is known of the row of a run that has this place in its plan.

    Raises:
        NameUnknown: the run has no such row.
    """
    row = next(iter(list(store.runs.rows(run.id, after=seq - 1, limit=1))), None) if seq >= 0 else None
    if row is None or row.seq != seq:
        raise NameUnknown(f"Run {run.id} has no row {seq}.", remedy="GET /api/v1/runs/ID/rows lists all.")
    sendings = store.sendings.of(run.id, seq)
    plan = plan_of(store, run)
    former, source = _sides(plan, seq)
    operation = next(iter(plan.operations_at([seq])), None) if plan else None
    return RowStory(
        row=replace(row, brief=operation.brief) if operation else row,
        source=source,
        former=former,
        operation=operation,
        at=max((each.settled_at for each in sendings if each.settled_at), default=None),
        calls=store.sendings.calls(run.id, [each.key for each in sendings]),
    )


def _sides(plan: Plan | None, seq: int) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """Return the row as it was accepted before, and as the model has it now."""
    for part in plan.read_changes(seq) if plan else ():
        for change in part:
            if change.seq == seq:
                return change.old, change.new
            if change.seq > seq:
                return None, None  # it was left out for its key
    return None, None
