"""Everything that can be seen to be wrong with a project before anything is written anywhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bookward.destinations.base import destination_classes
from bookward.engine.compiling import Where
from bookward.engine.mapping import Mapping as FieldMap
from bookward.errors import BookwardError, ModelRefused
from bookward.heavy import pa
from bookward.project.folder import KINDS
from bookward.project.plainsecrets import plain_secrets
from bookward.project.project import Project, in_order
from bookward.project.references import referring
from bookward.records import CheckStep, Problem, SpecProblem
from bookward.renaming import former_names, renamed_by_hand
from bookward.sources.select import QueryRefused
from bookward.spec.model import LINES, ModelSpec
from bookward.spec.sync import SyncSpec
from bookward.store.objects import Objects
from bookward.timetables import never_due
from bookward.wiring import Wiring


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The test of one source or destination, or of the database or storage of the state, step by step."""

    kind: str  #: "source", "destination", "database" or "storage"
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
    warnings: tuple[Problem, ...] = ()  #: what works and should be put right all the same
    counts: Mapping[str, int]  #: how many good sources, models, destinations and syncs there are

    @property
    def ok(self) -> bool:
        """Whether there is nothing to put right."""
        return not self.problems and all(connection.ok for connection in self.connections)


def check(wiring: Wiring, *, connect: bool) -> CheckReport:
    """Look at all files, and at the connections and the models' columns too if ``connect``."""
    project = wiring.project
    problems = [*project.problems, *_model_problems(wiring), *_sync_problems(wiring), *_renamed(wiring)]
    connections: list[Connection] = []
    if connect:
        if wiring.settings.database_url is not None:
            connections += _tested_database(wiring)
        connections += _tested("source", project.sources, wiring.source)
        reached = {connection.slug for connection in connections if connection.ok}
        connections += _tested("destination", project.destinations, wiring.destination)
        if wiring.settings.files is not None:
            storage = Objects(wiring.settings.files)
            connections += _tested("storage", [storage.shown], lambda _: storage)
        problems += _column_problems(wiring, reached)
    wrong = {problem.path.rpartition(".")[0] for problem in problems}
    return CheckReport(
        problems=in_order(problems),
        warnings=in_order(_warnings(wiring)),
        connections=tuple(connections),
        counts={
            kind: sum(f"{kind}/{slug}" not in wrong for slug in getattr(project, kind)) for kind in KINDS
        },
    )


def _warnings(wiring: Wiring) -> Iterator[Problem]:
    project = wiring.project
    yield from plain_secrets(project)
    yield from _destination_warnings(project)
    yield from never_due(project, wiring.clock.now())


def _destination_warnings(project: Project) -> Iterator[Problem]:
    for slug, spec in project.destinations.items():
        syncs = {name: sync for name, sync in project.syncs.items() if sync.destination == slug}
        for warning in destination_classes()[spec.type].warnings(spec, syncs):
            yield project.locate("destinations", slug, warning)


def problems_of(wiring: Wiring, sync: str) -> list[Problem]:
    """Return what is wrong with one sync, its model and the project's own file, so far as the files tell."""
    spec: SyncSpec = wiring.named("syncs", sync)
    wiring.named("models", spec.model)
    found = (*_model_problems(wiring, {spec.model}), *_sync_problems(wiring, {sync}))
    problems = [*wiring.project.problems, *found]
    files = ("project", f"models/{spec.model}", f"syncs/{sync}")
    return [problem for problem in problems if problem.path.rpartition(".")[0] in files]


def problems_around(wiring: Wiring, kind: str, slug: str) -> list[Problem]:
    """Return what is wrong with a file and with what refers to it, and what no file can be read for."""
    near, around = {(kind, slug)}, set[tuple[str, str]]()
    while near - around:
        around |= near
        near = {found for of in around for found in referring(*of, wiring.project.documents)}
    models, syncs = ({name for of, name in around if of == kind} for kind in ("models", "syncs"))
    return [*wiring.project.problems, *_model_problems(wiring, models), *_sync_problems(wiring, syncs)]


def _model_problems(wiring: Wiring, only: Collection[str] | None = None) -> Iterator[Problem]:
    project = wiring.project
    for slug, spec in project.models.items():
        if spec.source not in project.sources or not (only is None or slug in only):
            continue
        try:
            wiring.model(slug)
        except QueryRefused as error:
            yield project.locate_sql(slug, error.line, error.column, error.message, error.remedy)
        except ModelRefused as error:
            yield _in_query(wiring, slug, error)


def _sync_problems(wiring: Wiring, only: Collection[str] | None = None) -> Iterator[Problem]:
    for slug, spec in wiring.project.syncs.items():
        if not (only is None or slug in only):
            continue
        for problem in (*_mapping_problems(wiring, spec, None), *_diff_problems(wiring, spec)):
            yield wiring.project.locate("syncs", slug, problem)


def _diff_problems(wiring: Wiring, spec: SyncSpec, *, connect: bool = False) -> Iterator[SpecProblem]:
    """Yield why a sync's rows cannot be compared in its warehouse, if that is what it says."""
    model = wiring.project.models.get(spec.model)
    if spec.diff == "local" or model is None or model.source not in wiring.project.sources:
        return
    pushdown = wiring.source(model.source).pushdown()
    if pushdown is None:
        yield SpecProblem(
            where=("diff",),
            message=f"Source {model.source!r} cannot compare rows by itself.",
            remedy="Write `diff: local`, or leave it out.",
        )
    elif connect:
        try:
            pushdown.check()
        except BookwardError as error:
            yield SpecProblem(where=("diff",), message=error.message, remedy=error.remedy)


def _renamed(wiring: Wiring) -> Iterator[Problem]:
    """Yield a problem for each sync that seems to be another one, renamed by hand."""
    if not wiring.has_state:
        return
    for slug, former in former_names(wiring, wiring.project.syncs.keys()).items():
        error = renamed_by_hand(former, slug)
        problem = SpecProblem(where=(), message=error.message, remedy=error.remedy)
        yield wiring.project.locate("syncs", slug, problem)


def _mapping_problems(wiring: Wiring, spec: SyncSpec, columns: pa.Schema | None) -> Sequence[SpecProblem]:
    """Return what its destination has against a sync, and what is wrong with its fields."""
    if spec.destination not in wiring.project.destinations:
        return ()
    kind = destination_classes()[wiring.project.destinations[spec.destination].type]
    refused = list(kind.problems(spec))
    if any(problem.where == ("object",) for problem in refused):
        return refused
    said = {problem.where[0] for problem in refused}
    fields = FieldMap.compile(spec, kind.object_type(spec).fields).problems(
        *_known_columns(wiring.project.models.get(spec.model), columns)
    )
    return [*refused, *(problem for problem in fields if problem.where[0] not in said)]


def _known_columns(
    model: ModelSpec | None, read: pa.Schema | None
) -> tuple[Sequence[str] | None, Mapping[str, Sequence[str]]]:
    """Return the columns of a model's rows, and those of the lines in them, so far as they are known."""
    lines = {LINES: model.lines.columns} if model and model.lines else {}
    if model is None or read is None:
        return None, lines
    names = [name for name in read.names if name not in model.own_columns and name not in lines]
    structs = {
        field.name: [part.name for part in field.type.value_type]
        for field in read
        if pa.types.is_list(field.type) and pa.types.is_struct(field.type.value_type)
    }
    return [*names, *lines], structs | lines


def _column_problems(wiring: Wiring, reached: set[str]) -> Iterator[Problem]:
    """Hold the columns that keys and syncs name against those that the models return."""
    project = wiring.project
    columns: dict[str, pa.Schema] = {}
    for slug, spec in project.models.items():
        if spec.source in reached:
            try:
                columns[slug] = wiring.model(slug).columns()
            except BookwardError as error:
                yield _in_query(wiring, slug, error)
                continue
            for problem in _unknown_in_model(spec, columns[slug].names):
                yield project.locate("models", slug, problem)
    for slug, sync in project.syncs.items():
        if sync.model in columns:
            for problem in _diff_problems(wiring, sync, connect=True):
                yield project.locate("syncs", slug, problem)
            known = _mapping_problems(wiring, sync, None)
            for problem in _mapping_problems(wiring, sync, columns[sync.model]):
                if problem not in known:
                    yield project.locate("syncs", slug, problem)


def _unknown_in_model(spec: ModelSpec, columns: Sequence[str]) -> Iterator[SpecProblem]:
    named: list[tuple[Where, str]] = [(("primary_key",), name) for name in spec.primary_key]
    if spec.lines is not None:
        named += [(("lines", "order_by"), name) for name in spec.lines.order_by]
        named += [(("lines", "columns", place), name) for place, name in enumerate(spec.lines.columns)]
    for where, name in named:
        if name not in columns:
            yield SpecProblem(
                where=where,
                message=f"The model has no column {name!r}.",
                remedy=f"Its columns are: {', '.join(columns)}.",
            )


def _in_query(wiring: Wiring, slug: str, error: BookwardError) -> Problem:
    problem = SpecProblem(where=("sql",), message=error.message, remedy=error.remedy)
    return wiring.project.locate("models", slug, problem)


def _tested_database(wiring: Wiring) -> Iterator[Connection]:
    from bookward.store.sharedstate import SharedState  # only where there is one

    state = SharedState(wiring.settings)
    yield from _tested("database", [state.shown], lambda _: state)


class _Testable(Protocol):
    def check(self) -> Iterator[CheckStep]: ...


def _tested(kind: str, slugs: Iterable[str], open_: Callable[[str], _Testable]) -> Iterator[Connection]:
    for slug in slugs:
        try:
            steps = tuple(open_(slug).check())
        except BookwardError as error:
            steps = (CheckStep(name="open", ok=False, detail=error.message, remedy=error.remedy),)
        yield Connection(kind=kind, slug=slug, steps=steps)
