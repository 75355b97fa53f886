"""Folding a run: its outcomes go into the snapshot, and what it booked is added up and written down."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from pathlib import Path

from bookward.bookings import Bookings
from bookward.boundsync import BoundSync
from bookward.engine.planfile import Plan
from bookward.engine.planheader import PlanHeader
from bookward.engine.snapshot import fold
from bookward.errors import BookwardError
from bookward.failpoints import failpoint
from bookward.meter import Meter
from bookward.narrowing import advance
from bookward.planner import state_errors
from bookward.records import WRITING, OperationKind
from bookward.store.files import snapshot_file, snapshot_name
from bookward.store.refusals import Patience
from bookward.store.runs import Run


class Folding:
    """Folds the runs of one sync, whose lock is held by the caller."""

    def __init__(self, sync: BoundSync, meter: Meter) -> None:
        self._sync = sync
        self._meter = meter
        self._runs = sync.store.runs

    def fold(self, id_: str, plan: Plan) -> None:
        """Bring a run's outcomes into the snapshot: written beside the old ones, then the pointer moves."""
        old = self._old_snapshot(id_)
        if not plan.header.changed:
            advance(self._sync, id_, plan, old)
            self._move_pointer(id_, plan.header, old.name if old else None)
            return
        self._meter.tell(phase="folding")
        epoch = self._sync.store.epochs.taken(self._sync.slug)
        new = self._sync.unfinished / snapshot_file(id_, epoch)
        with state_errors():
            taken, dropped = self._runs.taken(id_), self._runs.dropped(id_)
            fold(old, plan.changes, taken, new, self._sync.workspace, dropped)
            advance(self._sync, id_, plan, new)
            self._sync.store.files.publish(new, snapshot_name(self._sync.slug, new.name))
            self._add_up(id_, plan)
        failpoint("before-pointer")
        self._move_pointer(id_, plan.header, new.name)
        with suppress(BookwardError):  # the run is done: what cannot be removed now, the next one removes
            self._sync.store.sweep.keep_current(self._sync.slug)

    def without_plan(self, run: Run) -> None:
        """Fold a run whose plan is gone.

        The snapshot stays behind the books: what it misses is found there and adopted.
        """
        old = self._old_snapshot(run.id)
        self._move_pointer(run.id, run, old.name if old else None)

    def _add_up(self, id_: str, plan: Plan) -> None:
        """Write down what the run booked on which account: its plan, which says it, is not kept for long."""
        kind = self._sync.destination.object_type(self._sync.spec_of(id_))
        if not kind.has_amount:
            return
        taken = bytearray(sum(plan.header.operations.values()))
        for place in chain.from_iterable(self._runs.taken(id_)):
            taken[place] = True
        bookings = Bookings()
        for operations in plan.operations(WRITING):
            for operation in operations:
                if taken[operation.seq]:
                    currency = operation.brief.currency if operation.brief else ""
                    bookings.add(operation.kind, kind.postings(operation.payload, currency))
        self._runs.book(id_, bookings.lines())

    def _old_snapshot(self, id_: str) -> Path | None:
        """Return the snapshot that a run goes on from; none where its rows have another key."""
        return None if self._sync.former_key(id_) else self._sync.snapshot()

    def _move_pointer(self, id_: str, made_for: PlanHeader | Run, snapshot: str | None) -> None:
        patience = Patience(at=self._sync.clock.now(), park_after=self._sync.spec.park_after)
        # Of a run whose plan is gone it is not known whether it was about all rows.
        whole = isinstance(made_for, PlanHeader) and self._names_all(id_, made_for)
        self._sync.state.fold(
            id_,
            str(made_for.organisation),
            snapshot,
            patience,
            whole=whole,
            former_key=self._sync.former_key(id_),
            columns=made_for.columns if isinstance(made_for, PlanHeader) else (),
        )

    def _names_all(self, id_: str, header: PlanHeader) -> bool:
        """Return whether the run has written down every row that differs, or waits."""
        named = OperationKind.LEAVE not in header.operations and header.named_all
        return named and self._sync.store.journal(id_).expected() == sum(header.operations.values())
