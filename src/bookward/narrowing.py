"""Which rows of a model a plan looks at: all, or those that its warehouse says may differ.

The warehouse only ever narrows: what it gives is compared by the engine as all rows would be, so that a plan
is the same either way. What it keeps for that is worth nothing without the snapshot, whose name it bears:
where the two do not fit, all rows are read, and it is made anew when the plan is folded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from bookward.boundsync import BoundSync
from bookward.engine.diff import DiffCounts
from bookward.engine.places import Looked, all_known, narrowed, open_places, strays, write_places
from bookward.engine.planfile import Plan
from bookward.engine.staging import stage
from bookward.errors import RightsMissing, SourceFailed, SourceUnreachable
from bookward.heavy import pa, pq
from bookward.ids import id_of
from bookward.ports import Accepted, Advance, Question, Rows, SqlPushdown

_PLACES = "places.parquet"
_REMEMBERED = timedelta(hours=24)  # as long as a plan lives


class Reading(Protocol):
    """Where a plan's rows come from, and what they are compared with."""

    unread: int  #: keys whose rows are as they were accepted, and were not read

    def read(self, columns: Sequence[str]) -> AbstractContextManager[Rows]:
        """Read these columns of the rows to be looked at; raises as ``Model.read``."""

    def compared_with(self, read: Path, current: Path) -> Path | None:
        """Return the snapshot to compare the rows with, once they are staged and gathered."""

    def note(self, changes: Path, counts: DiffCounts) -> DiffCounts:
        """Write down beside the changes what folding needs; return the counts of the whole model."""


def reading(sync: BoundSync, plan: str, work: Path, snapshot: Path | None, *, full: bool) -> Reading:
    """Return how the plan of this id reads.

    Args:
        snapshot: what the rows are compared with; None: nothing was accepted yet that they could be.
        full: every row is looked at, whatever was accepted.
    """
    pushdown = sync.model.pushdown()
    if sync.spec.diff == "local" or pushdown is None:
        return _All(sync, snapshot)
    return _Differing(sync, pushdown, plan, work, snapshot, full=full)


def advance(sync: BoundSync, run: str, plan: Plan, snapshot: Path | None) -> None:
    """Let the warehouse take over what became of a plan's rows, where it has narrowed them.

    Args:
        run: id of the run that executed the plan.
        snapshot: the new one.

    Raises:
        RightsMissing, SourceUnreachable, SourceFailed: it has not; the plan is still to be folded.
    """
    pushdown, places = sync.model.pushdown(), plan.folder / _PLACES
    if sync.spec.diff == "local" or pushdown is None or snapshot is None or not places.exists():
        return
    said = pq.read_schema(places).metadata
    whole = said[b"whole"] == b"yes"
    named = Accepted(sync=sync.slug, organisation=plan.header.organisation, snapshot=snapshot.name)
    keys = [f"k{place}" for place in range(len(sync.key_of(run)))]  # the model may have another one by now
    none = pa.table({key: pa.array([], pa.string()) for key in keys})
    taken, dropped = sync.store.runs.taken, sync.store.runs.dropped
    became = Advance(
        plan=plan.header.id,
        base=plan.header.base_snapshot,
        whole=whole,
        looked_at=int(said[b"looked_at"]),
        open_places=open_places(places, plan.changes, taken(run), dropped(run)),
        strays=strays(plan.changes, taken(run), dropped(run), sync.workspace) if whole else none,
        rows=pq.read_metadata(snapshot).num_rows,
    )
    try:
        pushdown.advance(named, became)
    except (RightsMissing, SourceUnreachable, SourceFailed) as error:
        raise type(error)(
            f"What was sent is written down, but the warehouse could not take note of it: {error.message}",
            remedy="Run again when this is put right: nothing is sent twice. Or set `diff: local`.",
        ) from error


class _All:
    """All rows are read."""

    unread = 0

    def __init__(self, sync: BoundSync, snapshot: Path | None) -> None:
        self._sync = sync
        self._snapshot = snapshot

    def read(self, columns: Sequence[str]) -> AbstractContextManager[Rows]:
        return self._sync.model.read(columns)

    def compared_with(self, read: Path, current: Path) -> Path | None:
        return self._snapshot

    def note(self, changes: Path, counts: DiffCounts) -> DiffCounts:
        return counts


class _Differing:
    """The warehouse narrows the rows down."""

    def __init__(
        self,
        sync: BoundSync,
        pushdown: SqlPushdown,
        plan: str,
        work: Path,
        snapshot: Path | None,
        *,
        full: bool,
    ) -> None:
        self._sync = sync
        self._pushdown = pushdown
        self._plan = plan
        self._work = work
        self._snapshot = snapshot
        self._base = None if full else snapshot
        self._gone: Path | None = None
        self._looked: Looked | None = None
        self._compared: Path | None = None
        self.unread = 0

    @contextmanager
    def read(self, columns: Sequence[str]) -> Iterator[Rows]:
        self._forget_old_plans()
        question = Question(
            query=self._sync.model.query(columns),
            keys=self._sync.primary_key,
            config_version=self._sync.config().version,
            plan=self._plan,
        )
        for base in dict.fromkeys((self._base, None)):
            with self._pushdown.narrow(self._accepted(base), question) as found:
                if not found.whole and not self._knows(found.gone()):
                    continue  # what is kept does not fit the snapshot after all
                self._gone = None if found.whole else self._gone
                self.unread = found.unread
                yield self._sync.model.within(found.rows())
                return

    def compared_with(self, read: Path, current: Path) -> Path | None:
        self._looked = Looked(read=read, current=current, gone=self._gone)
        self._compared = self._snapshot
        if self._gone is not None and self._snapshot is not None:
            self._compared = self._work / "compared.parquet"
            narrowed(self._snapshot, self._looked, self._compared, self._sync.workspace)
        return self._compared

    def note(self, changes: Path, counts: DiffCounts) -> DiffCounts:
        assert self._looked is not None
        places = changes.with_name(_PLACES)
        looked_at = pq.read_metadata(self._looked.read).num_rows
        if self._gone is not None:
            looked_at += pq.read_metadata(self._gone).num_rows
        write_places(
            self._looked,
            self._compared,
            changes,
            places,
            self._sync.workspace,
            bad=bool(counts.bad_keys),
            said={"whole": "no" if self._gone else "yes", "looked_at": str(looked_at)},
        )
        return replace(counts, rows=counts.rows + self.unread, same=counts.same + self.unread)

    def _accepted(self, base: Path | None) -> Accepted:
        books = self._sync.destination.organisation().id
        return Accepted(
            sync=self._sync.slug, organisation=books, snapshot=base.name if base is not None else None
        )

    def _knows(self, gone: Rows) -> bool:
        assert self._snapshot is not None
        self._gone = self._work / "gone.parquet"
        stage(gone.schema, gone.batches, self._gone, lambda _: None)
        return all_known(self._snapshot, self._gone, self._sync.workspace)

    def _forget_old_plans(self) -> None:
        """Let the warehouse drop what it remembers of plans that nobody can execute any more."""
        runs = self._sync.store.runs
        oldest = id_of(self._sync.clock.now() - _REMEMBERED)
        open_ = {run.plan for run in runs.unfolded(self._sync.slug)}
        done = {run.plan for run in runs.list(self._sync.slug) if run.folded}

        def needed(plan: str) -> bool:
            return plan in open_ or (plan >= oldest and plan not in done)

        self._pushdown.forget(self._accepted(None), needed)
