"""The verbs: the only place where the parts are wired together. The top floor calls nothing below it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from bookward.clock import Clock, SystemClock
from bookward.destinations.base import (
    Destination,
    Services,
    destination_classes,
    open_destination,
)
from bookward.engine.mapping import Mapping as FieldMap
from bookward.engine.planfile import Plan
from bookward.errors import BookwardError, ModelRefused, NameUnknown, ProjectInvalid
from bookward.meter import Meter
from bookward.model import Model, Preview
from bookward.planner import BoundSync, id_of, new_id
from bookward.ports import CallLog, OnProgress, Tokens
from bookward.project.loader import load_project
from bookward.project.project import Project
from bookward.project.schema import write_schemas
from bookward.project.starter import write_starter
from bookward.records import ApiCall, CheckStep, Organisation, Problem, SpecProblem
from bookward.run import Runner, RunReport
from bookward.settings import Settings
from bookward.sources.base import Source, open_source, source_classes
from bookward.sources.select import QueryRefused
from bookward.spec.sync import SyncSpec
from bookward.store.runs import Run, RunRow
from bookward.store.store import Store

__all__ = ["App", "CheckReport", "Connection", "Plan", "Preview", "Run", "RunReport", "RunRow", "init"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The test of one source or destination, step by step."""

    kind: str  #: "source" or "destination"
    slug: str
    steps: tuple[CheckStep, ...]

    @property
    def ok(self) -> bool:
        """Whether every step went well."""
        return all(step.ok for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What `check` found."""

    problems: tuple[Problem, ...]
    connections: tuple[Connection, ...]
    counts: Mapping[str, int]  #: how many good sources, models, destinations and syncs there are

    @property
    def ok(self) -> bool:
        """Whether there is nothing to put right."""
        return not self.problems and all(connection.ok for connection in self.connections)


class App:
    """One project, and everything that can be done with it."""

    def __init__(
        self, root: Path, *, clock: Clock | None = None, environ: Mapping[str, str] = os.environ
    ) -> None:
        """Work on the project in ``root``; files and state are opened when they are first needed."""
        self.root = root
        self.settings = Settings.read(root, environ)
        self._clock = clock or SystemClock()
        self._environ = environ
        self._opened: list[Destination] = []

    @cached_property
    def project(self) -> Project:
        """The project as its files say it."""
        sources = {name: kind.spec_class for name, kind in source_classes().items()}
        destinations = {name: kind.spec_class for name, kind in destination_classes().items()}
        return load_project(self.root, sources, destinations, self._environ)

    @cached_property
    def store(self) -> Store:
        """Bookward's own state."""
        return Store(self.settings, self._clock)

    def close(self) -> None:
        """Close what was opened."""
        while self._opened:
            self._opened.pop().close()
        if "store" in self.__dict__:
            self.store.close()

    # Looking at the project

    def check(self, *, connect: bool = False) -> CheckReport:
        """Look for everything that is wrong, without writing anywhere.

        Args:
            connect: test the connections too, and that the models have the columns that the syncs name.
        """
        project = self.project
        problems = [*project.problems, *self._model_problems(), *self._sync_problems()]
        connections: list[Connection] = []
        if connect:
            connections = [*self._tested("source", project.sources, self._source)]
            connections += self._tested("destination", project.destinations, self._check_destination)
            good = {connection.slug for connection in connections if connection.ok}
            problems += self._column_problems(good)
        kinds = ("sources", "models", "destinations", "syncs")
        return CheckReport(
            problems=tuple(
                sorted(problems, key=lambda problem: (problem.path, problem.line, problem.column))
            ),
            connections=tuple(connections),
            counts={kind: len(getattr(project, kind)) for kind in kinds},
        )

    def preview(self, model: str, limit: int = 100) -> Preview:
        """Return the columns and the first rows of a model.

        Raises:
            NameUnknown, ProjectInvalid, ModelRefused, SourceUnreachable, SourceFailed
        """
        return self._model(model).preview(limit)

    # Planning and running

    def plan(self, sync: str, on_progress: OnProgress = lambda _: None, *, allow_empty: bool = False) -> Plan:
        """Make a plan of a sync: an immutable file of operations. Reads at the destination, never writes.

        Args:
            on_progress: is told of every step.
            allow_empty: plan removals even when the model returns nothing at all.
        """
        id_ = new_id(self._clock)
        meter = Meter(id_, self.store.calls, on_progress)
        with self.store.locks.running(sync):
            bound = self._bind(sync, meter)
            return Runner(bound, meter).plan(id_, allow_empty=allow_empty)

    def run(
        self,
        sync: str,
        on_progress: OnProgress = lambda _: None,
        *,
        plan: str | None = None,
        allow_empty: bool = False,
    ) -> RunReport:
        """Plan a sync and execute the plan, or execute a plan made before.

        Settles first what an earlier run left open. How the run ended, errors included, stands in the report.

        Args:
            on_progress: is told of every step.
            plan: id of a plan made before; refused when the world has moved since.
            allow_empty: go on even when the model returns nothing at all and removals follow.

        Raises:
            ConfigError: the project does not allow the run to begin.
            SyncBusy: another process is running this sync.
        """
        id_ = new_id(self._clock)
        meter = Meter(id_, self.store.calls, on_progress)
        with self.store.locks.running(sync):
            bound = self._bind(sync, meter)
            self._forget_old_data()
            chosen = Plan.open(self._plan_folder(plan)) if plan else None
            return Runner(bound, meter).run(id_, chosen, allow_empty=allow_empty)

    def open_plan(self, plan: str) -> Plan:
        """Return a plan made before, by its id."""
        return Plan.open(self._plan_folder(plan))

    # Looking back

    def history(self, sync: str | None = None, limit: int = 20) -> Sequence[Run]:
        """Return the newest runs, newest first."""
        return self.store.runs.list(sync, limit)

    def find_run(self, id_: str) -> Run:
        """Return one run by its id, the beginning of it, or "last"."""
        return self.store.runs.get(id_)

    def calls(
        self, run: str, *, status: int | None = None, failed: bool = False, text: str = "", after: int = 0
    ) -> Iterator[tuple[int, ApiCall]]:
        """Yield the API calls of a run, or of a plan, with their numbers, oldest first."""
        id_ = run if self._is_plan(run) else self.find_run(run).id
        return self.store.calls.find(id_, status=status, failed=failed, text=text, after=after)

    def rows(
        self,
        run: str,
        *,
        status: str | None = None,
        search: str = "",
        after: int = -1,
        limit: int | None = None,
    ) -> Iterator[RunRow]:
        """Yield the rows of a run in the order of its plan."""
        id_ = self.find_run(run).id
        return self.store.runs.rows(id_, status=status, search=search, after=after, limit=limit)

    # Setting up

    def connect(
        self,
        destination: str,
        show: Callable[[str], None],
        choose: Callable[[Sequence[Organisation]], Organisation],
        port: int = 0,
    ) -> Tokens:
        """Sign in at a destination; see ``Destination.connect``."""
        return self._destination(destination, self.store.calls).connect(show, choose, port)

    def write_schemas(self, folder: Path) -> Sequence[Path]:
        """Write the JSON Schemas of the project's files, for editors."""
        sources = {name: kind.spec_class for name, kind in source_classes().items()}
        destinations = {name: kind.spec_class for name, kind in destination_classes().items()}
        return write_schemas(folder, sources, destinations)

    # Wiring

    def _bind(self, slug: str, calls: CallLog) -> BoundSync:
        spec = self._named("syncs", slug)
        model = self._named("models", spec.model)
        problems = [
            *(p for p in self._model_problems() if p.path.startswith(f"models/{spec.model}.")),
            *(p for p in self._sync_problems() if p.path.startswith(f"syncs/{slug}.")),
        ]
        if problems:
            raise ProjectInvalid(_first(problems))
        destination = self._destination(spec.destination, calls)
        return BoundSync(
            slug=slug,
            spec=spec,
            primary_key=tuple(model.primary_key),
            model=self._model(spec.model),
            destination=destination,
            object_type=destination.object_type(spec),
            store=self.store,
            clock=self._clock,
            memory_limit=self.settings.memory_limit,
        )

    def _named(self, kind: str, slug: str) -> Any:
        known: Mapping[str, Any] = getattr(self.project, kind)
        if slug in known:
            return known[slug]
        broken = [p for p in self.project.problems if p.path.rpartition(".")[0] == f"{kind}/{slug}"]
        if broken or not self.project.spec:
            raise ProjectInvalid(_first(broken or list(self.project.problems)))
        names = ", ".join(sorted(known)) or "none"
        raise NameUnknown(f"There is no {kind.removesuffix('s')} {slug!r}. There are: {names}.")

    def _source(self, slug: str) -> Source:
        spec = self._named("sources", slug)
        if hasattr(spec, "path"):
            spec = spec.model_copy(update={"path": str(self.root / spec.path)})
        return open_source(slug, spec)

    def _model(self, slug: str) -> Model:
        spec = self._named("models", slug)
        return Model(slug, spec, self._source(spec.source), self._clock)

    def _destination(self, slug: str, calls: CallLog) -> Destination:
        services = Services(
            clock=self._clock,
            calls=calls,
            budget=self.store.budgets,
            vault=self.store.vault,
            index=self.store.index,
        )
        destination = open_destination(slug, self._named("destinations", slug), services)
        self._opened.append(destination)
        return destination

    def _check_destination(self, slug: str) -> Destination:
        return self._destination(slug, self.store.calls)

    def _is_plan(self, id_: str) -> bool:
        return (self.store.folder / "plans" / id_).is_dir()

    def _plan_folder(self, plan: str) -> Path:
        if not self._is_plan(plan):
            raise NameUnknown(f"There is no plan {plan!r}.", remedy="`bookward plan SYNC` makes one.")
        return self.store.folder / "plans" / plan

    def _forget_old_data(self) -> None:
        """Drop the personal data of calls, batches and plans once their time is over."""
        assert self.project.spec is not None
        before = self._clock.now() - timedelta(days=self.project.spec.keep_call_bodies_days)
        self.store.forget(before)
        needed = {run.plan for slug in self.project.syncs for run in self.store.runs.unfolded(slug)}
        for plan in (self.store.folder / "plans").glob("[0-9]*"):
            if plan.name < id_of(before) and plan.name not in needed:
                shutil.rmtree(plan)

    # Checking

    def _model_problems(self) -> Iterator[Problem]:
        for slug, spec in self.project.models.items():
            if spec.source in self.project.sources:
                try:
                    self._model(slug)
                except QueryRefused as error:
                    yield self.project.locate_sql(slug, error.line, error.column, error.message, error.remedy)
                except ModelRefused as error:
                    problem = SpecProblem(where=("sql",), message=error.message, remedy=error.remedy)
                    yield self.project.locate("models", slug, problem)

    def _sync_problems(self) -> Iterator[Problem]:
        for slug, spec in self.project.syncs.items():
            for problem in self._mapping_problems(spec, None):
                yield self.project.locate("syncs", slug, problem)

    def _mapping_problems(self, spec: SyncSpec, columns: Sequence[str] | None) -> Sequence[SpecProblem]:
        """Return what is wrong with a sync; what its destination refuses comes before any detail."""
        if spec.destination not in self.project.destinations:
            return ()
        kind = destination_classes()[self.project.destinations[spec.destination].type]
        refused = kind.problems(spec)
        return refused or FieldMap.compile(spec, kind.object_type(spec).fields).problems(columns)

    def _column_problems(self, reached: set[str]) -> Iterator[Problem]:
        """Hold the columns that keys and syncs name against those that the models return."""
        columns: dict[str, Sequence[str]] = {}
        for slug, spec in self.project.models.items():
            if spec.source not in reached:
                continue
            try:
                columns[slug] = self._model(slug).columns().names
            except BookwardError as error:
                problem = SpecProblem(where=("sql",), message=error.message, remedy=error.remedy)
                yield self.project.locate("models", slug, problem)
                continue
            for key in spec.primary_key:
                if key not in columns[slug]:
                    problem = SpecProblem(
                        where=("primary_key",),
                        message=f"The model has no column {key!r}.",
                        remedy=f"Its columns are: {', '.join(columns[slug])}.",
                    )
                    yield self.project.locate("models", slug, problem)
        for slug, sync in self.project.syncs.items():
            if sync.model in columns:
                for problem in self._mapping_problems(sync, columns[sync.model]):
                    if problem not in self._mapping_problems(sync, None):
                        yield self.project.locate("syncs", slug, problem)

    def _tested(self, kind: str, slugs: Iterable[str], open_: Callable[[str], Any]) -> Iterator[Connection]:
        for slug in slugs:
            try:
                steps = tuple(open_(slug).check())
            except BookwardError as error:
                steps = (CheckStep(name="open", ok=False, detail=error.message, remedy=error.remedy),)
            yield Connection(kind=kind, slug=slug, steps=steps)


def init(folder: Path) -> Sequence[Path]:
    """Write a starter project into a folder; refuses to overwrite anything."""
    return write_starter(folder)


def _first(problems: Sequence[Problem]) -> str:
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{first.path}:{first.line}: {first.message}{more}"
