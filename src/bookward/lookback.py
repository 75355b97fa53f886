"""Looking back: the runs of a project, their calls and rows, the plans, and where rows stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from bookward.destinations.base import RecordPlace, destination_classes
from bookward.engine.planfile import Plan
from bookward.errors import NameUnknown
from bookward.planstanding import (
    Offer,
    beyond_guards,
    discard,
    offer_of,
    open_offers,
    refuse_closed,
    with_standings,
)
from bookward.reasons import Reason, Refused, reasons
from bookward.records import REFUSED, ApiCall
from bookward.reporting import Report, report_of
from bookward.rowstory import RowStory, story_of
from bookward.runrows import rows_of
from bookward.store.doubts import Decision
from bookward.store.files import plan_name
from bookward.store.plans import KeptPlan
from bookward.store.rowstates import SyncRow
from bookward.store.runs import LAST, Run, RunRow
from bookward.store.store import Store
from bookward.syncrows import rows_of_sync
from bookward.wiring import Wiring, steady


class Lookback:
    """What is known of the past of one project."""

    def __init__(self, wiring: Wiring) -> None:
        """Look back on the project of ``wiring``; its state is opened when it is first needed."""
        self._wiring = wiring

    @steady
    def open_plan(self, plan: str, sync: str) -> Plan:
        """Return a plan made before, by its id; "last" is the newest of the sync."""
        self._require_sync(sync)
        return self._opened(plan, sync)

    @steady
    def plan_to_execute(self, plan: str, sync: str) -> Plan:
        """Return a plan that can be executed, named as ``open_plan`` takes it; see ``refuse_closed``."""
        opened = self.open_plan(plan, sync)
        refuse_closed(self._wiring, opened, sync)
        return opened

    @steady
    def history(self, sync: str | None = None, limit: int = 20) -> Sequence[Run]:
        """Return the newest runs, newest first."""
        runs = self._store.runs.list(sync, limit)
        if sync is not None and not runs:
            self._wiring.named("syncs", sync)
        return with_standings(self._wiring, runs)

    @steady
    def offer(self, plan: Plan) -> Offer:
        """Return who made a plan, and whether it can still be executed."""
        return offer_of(self._wiring, plan)

    @steady
    def open_offers(self, sync: str) -> Sequence[Offer]:
        """Return the plans of a sync that can be executed, the newest first."""
        self._require_sync(sync)
        return open_offers(self._wiring, sync)

    @steady
    def beyond_guards(self, sync: str) -> KeptPlan | None:
        """Return the plan by which all rows of a sync are beyond its guards; see ``beyond_guards``."""
        self._require_sync(sync)
        return beyond_guards(self._wiring, sync)

    @steady
    def discard_plan(self, plan: Plan, by: str, why: str = "") -> Offer:
        """Let nobody execute a plan that waits; see ``planstanding.discard``."""
        return discard(self._wiring, plan, by, why)

    @steady
    def told(self, runs: Sequence[Run]) -> Sequence[Run]:
        """Return runs, each that is parked with what became of its plan."""
        return with_standings(self._wiring, runs)

    @steady
    def find_run(self, id_: str) -> Run:
        """Return one run by its id, the beginning of it, or "last"."""
        return with_standings(self._wiring, [self._store.runs.get(id_)])[0]

    def calls(
        self, run: str, *, status: int | None = None, failed: bool = False, text: str = "", after: int = 0
    ) -> Iterator[tuple[int, ApiCall]]:
        """Yield the API calls of a run, or of a plan, with their numbers, oldest first."""
        id_ = self.run_or_plan(run)
        return self._store.calls.find(id_, status=status, failed=failed, text=text, after=after)

    def run_or_plan(self, id_: str) -> str:
        """Return the whole id of a run, or of a plan, of which ``id_`` may be the beginning."""
        return id_ if self._is_plan(id_) else self.find_run(id_).id

    def rows(
        self,
        run: str,
        *,
        status: str | None = None,
        search: str = "",
        reason: str = "",
        after: int = -1,
        limit: int | None = None,
        named: bool = True,
    ) -> Iterator[RunRow]:
        """Yield the rows of a run in the order of its plan.

        Args:
            run: as ``find_run`` takes it.
            status: only rows with this outcome, or "pending".
            search: only rows that mention this.
            reason: only rows of the reason with this id.
            after: only rows behind this place in the plan.
            limit: at most so many.
            named: with what persons know their records by; that and reasons are searched as well.
        """
        return rows_of(
            self._store,
            self.find_run(run),
            status=status,
            search=search,
            reason=reason,
            after=after,
            limit=limit,
            named=named,
        )

    def run_reasons(self, run: str) -> Sequence[Reason]:
        """Return why rows of a run were not synced, the most frequent reason first."""
        return reasons(self._store.runs.refused(self.find_run(run).id))

    @steady
    def plan_reasons(self, plan: str, sync: str) -> Sequence[Reason]:
        """Return why a plan leaves rows out, the most frequent reason first."""
        parts = self.open_plan(plan, sync).operations(REFUSED, values=False)
        return reasons(
            Refused(o.kind.value, said.code, said.message, said.remedy, said.field)
            for o in chain.from_iterable(parts)
            if (said := o.rejection) is not None
        )

    @steady
    def row_story(self, run: str, seq: int) -> RowStory:
        """Return everything that is known of one row of a run; see ``rowstory.story_of``."""
        return story_of(self._store, self.find_run(run), seq)

    @steady
    def sync_row_story(self, sync: str, key: str) -> tuple[Run, RowStory]:
        """Return everything that is known of one row of a sync, as of the run that brought it there.

        Raises:
            NameUnknown: there is no such row, or what is known of its run is not kept any more.
        """
        self._require_sync(sync)
        states = self._store.row_states(sync)
        if (row := states.get(key)) is None:
            raise NameUnknown(
                f"Sync {sync!r} has no row {key!r}.", remedy=f"`bookward rows {sync}` lists all."
            )
        run = self._store.runs.get(row.run)
        place = self._store.runs.places(run.id, {key: row.remote_id}).get(key)
        return run, story_of(self._store, run, -1 if place is None else place)

    @steady
    def page_of(self, run: str, story: RowStory) -> str | None:
        """Return where a person sees the record of a row in the destination's own pages, None for nowhere."""
        found, files = self.find_run(run), self._wiring.project
        sync = files.syncs.get(found.sync)
        spec = files.destinations.get(sync.destination) if sync else None
        if sync is None or spec is None or found.organisation is None or not story.row.remote_id:
            return None
        place = RecordPlace(found.organisation, sync.object, story.row.remote_id)
        payload = story.operation.payload if story.operation else {}
        return destination_classes()[spec.type].page_of(spec, place, payload, self._store.index)

    def report(self, run: str) -> Report:
        """Return what an auditor is told of one run, named as ``find_run`` takes it."""
        return report_of(self._store, self.find_run(run))

    @steady
    def has_sync(self, name: str) -> bool:
        """Return whether a sync of the project has this name, or one that was run before."""
        return name in self._wiring.project.syncs or bool(self._store.row_states(name).counts())

    def row_counts(self, sync: str) -> Mapping[str, int]:
        """Return how many rows of a sync are in which state."""
        return self._store.row_states(sync).counts()

    @steady
    def sync_rows(
        self,
        sync: str,
        *,
        states: Collection[str] = (),
        search: str = "",
        after: str | None = None,
        limit: int | None = None,
        in_words: bool = True,
        named: bool = True,
    ) -> Iterator[SyncRow]:
        """Yield where the rows of a sync stand, in the order of their keys.

        Args:
            sync: its name.
            states: only rows in one of these states; empty for all.
            search: only rows whose key, record or reason contains this.
            after: only rows behind this key.
            limit: at most so many.
            in_words: whether reasons are searched, and what persons know the records by where they are named.
            named: with what persons know their records by, where the plan that says so is kept.
        """
        return rows_of_sync(
            self._store,
            sync,
            states=states,
            search=search,
            after=after,
            limit=limit,
            in_words=in_words,
            named=named,
        )

    def decisions(self, sync: str, limit: int | None = None) -> Sequence[Decision]:
        """Return what persons have said of uncertain rows, the newest first."""
        return self._store.doubts(sync).decided(limit)

    @property
    def _store(self) -> Store:
        self._wiring.require_project()
        return self._wiring.store

    def _is_plan(self, id_: str) -> bool:
        return bool(id_) and Path(id_).name == id_ and self._store.files.has(plan_name(id_))

    def _opened(self, plan: str, sync: str) -> Plan:
        store = self._store
        id_ = (store.plans.newest(sync) or plan) if plan == LAST else plan
        if not self._is_plan(id_):
            gone = f"The newest plan of {sync!r} is no longer kept."
            missing = f"There is no plan {plan!r}." if id_ == plan else gone
            raise NameUnknown(missing, remedy=f"`bookward plan {sync}` makes one.")
        opened = Plan.open(store.files.fetch(plan_name(id_)))
        # Its file may say a name that the sync had before it was renamed on another machine.
        now = store.plans.sync_of(id_) or opened.header.sync
        return Plan(opened.folder, replace(opened.header, sync=now))

    def _require_sync(self, name: str) -> None:
        if not self.has_sync(name):
            self._wiring.named("syncs", name)
