"""One project with its parts opened and plugged together, as they are needed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from pathlib import Path
from threading import Event, Lock, local
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from bookward import keychecking, sampling
from bookward.boundsync import BoundSync
from bookward.clock import Clock
from bookward.dbt import Folder
from bookward.dbtfolders import DbtPlace, dbt_folder
from bookward.destinations.base import Destination, Services, destination_classes, open_destination
from bookward.engine.workspace import Workspace
from bookward.errors import EditRefused, ModelRefused, ProjectInvalid, StateMissing
from bookward.keychecking import KeyReport
from bookward.model import Model
from bookward.ports import CallLog
from bookward.project.folder import PROJECT_FILE, Instead, unknown
from bookward.project.loader import load_project
from bookward.project.project import Project
from bookward.project.reach import refuse_out_of_reach
from bookward.project.secrets import Secrets
from bookward.project.watching import Watched
from bookward.project.writing import finish_edit, is_under_way
from bookward.publishing import Publisher
from bookward.records import Problem, Rejection, Row
from bookward.sampling import Sample, Samples
from bookward.settings import Settings
from bookward.sources import select
from bookward.sources.base import LookGiver, Source, open_source, source_specs
from bookward.sources.bounds import Bounds
from bookward.spec.destination import DestinationSpec
from bookward.spec.model import LookSpec
from bookward.spec.source import SourceSpec
from bookward.store.opening import has_state
from bookward.store.store import Store

_LAST = sys.maxsize


class Wiring:
    """The parts of one project; files and state are opened when they are first needed."""

    def __init__(
        self,
        root: Path,
        clock: Clock,
        environ: Mapping[str, str],
        *,
        instead: Instead | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            root: the project folder.
            clock: tells the time.
            environ: the environment.
            instead: what files of the project are taken to hold.
            secrets: what is taken to be sealed in the store besides what is.
        """
        self.root = root
        self.clock = clock
        self.settings = Settings.read(root, environ)
        self._environ = environ
        self._instead = instead
        self._secrets = secrets or {}
        self._names_sealed = False  # whether the project names anything that only the store may have
        self._opened: list[Destination] = []
        self._opening = Lock()  # several threads may work with one app
        self._store: Store | None = None
        self._watched = Watched(root, self._read, self._sealed_version)
        self._samples = Samples(clock)
        self._held = local()
        self._publisher = Publisher(root, self.settings.state, lambda: self.store, clock)

    @property
    def project(self) -> Project:
        """The project as its files say it now; within ``steady``, as they said it when it was first asked."""
        if not getattr(self._held, "depth", 0):
            return self._project_now()
        if self._held.project is None:
            self._held.project = self._project_now()
        project: Project = self._held.project
        return project

    def _project_now(self) -> Project:
        # Whoever edits reads, too: it is waited for before reading, and never by a thread that keeps others
        # from reading.
        while True:
            finish_edit(self.root, self.settings.state)
            project = self._watched.get()
            if not is_under_way(self.settings.state):
                return project

    @contextmanager
    def steady(self) -> Iterator[None]:
        """See one and the same project in this thread until the block is left."""
        depth = getattr(self._held, "depth", 0)
        if not depth:
            self._held.project = None
        self._held.depth = depth + 1
        try:
            yield
        finally:
            self._held.depth = depth

    def look_anew(self) -> None:
        """Read the project anew, also within ``steady``: its files were just changed."""
        self._watched.forget()
        self._held.project = None

    def publish(self) -> None:
        """Give the project to the workers that share the database and have no folder of it.

        Raises:
            StoreFailed: a file cannot be read.
        """
        if self.settings.database_url is not None:
            self._publisher.publish()

    def supposing(self, instead: Instead, secrets: Mapping[str, str]) -> Wiring:
        """Return the wiring of the project that it would be with other files and more sealed secrets."""
        supposed = Wiring(self.root, self.clock, self._environ, instead=instead, secrets=secrets)
        supposed._store, supposed._samples = self.store, self._samples
        return supposed

    def set_outside(self, names: Iterable[str]) -> list[str]:
        """Return the names that the environment or `.env` sets: what is sealed under them is not used."""
        outside = Secrets.read(self.root, self._environ)
        return [name for name in names if outside.get(name) is not None]

    def refuse_set_outside(self, names: Iterable[str]) -> None:
        """Refuse to seal what would not be used.

        Raises:
            EditRefused: the environment or `.env` sets one of the names.
        """
        if found := self.set_outside(names):
            raise EditRefused(
                f"The environment or .env sets {', '.join(found)}, which goes before what is sealed.",
                remedy="Take that out there, or choose another name.",
            )

    def _read(self) -> Project:
        return load_project(
            self.root, source_specs(), destination_specs(), self._environ, self._sealed, self._instead
        )

    def _sealed(self, name: str) -> str | None:
        self._names_sealed = True
        if name in self._secrets:
            return self._secrets[name]
        return self.store.secrets.get(name) if self.has_state else None

    def _sealed_version(self) -> object:
        # The state is not opened, nor brought up to date, for a project that has no use for it.
        return self.store.secrets.version() if self._names_sealed and self.has_state else None

    @property
    def store(self) -> Store:
        """Bookward's own state, opened once however many threads ask for it."""
        with self._opening:
            if self._store is None:
                self._store = Store(self.settings, self.clock)
            return self._store

    @property
    def has_state(self) -> bool:
        """Whether anything was ever done here; looking does not make a state."""
        return self._store is not None or has_state(self.settings)

    def require_state(self) -> None:
        """Make sure that there is a state, where looking must not make an empty one.

        Raises:
            StateMissing: there is none.
        """
        if not self.has_state:
            raise StateMissing(f"There is no state in {self.settings.state_place}.")

    def require_project(self) -> None:
        """Make sure that there is a project, before its state is looked into.

        Raises:
            ProjectInvalid: the folder is none.
        """
        if not (self.root / PROJECT_FILE).is_file():
            raise invalid(self.project.problems)

    def close(self) -> None:
        """Close what was opened."""
        with self._opening:
            opened, self._opened = self._opened, []
            store, self._store = self._store, None
        for destination in opened:
            destination.close()
        if store is not None:
            store.close()

    def named(self, kind: str, slug: str) -> Any:
        """Return the specification of one file.

        Args:
            kind: the folder: "sources", "models", "destinations", "syncs" or "alerts".
            slug: the file's name without its ending.

        Raises:
            ProjectInvalid: the file is there and broken, or there is no project.
            NameUnknown: there is no such file.
        """
        known: Mapping[str, Any] = getattr(self.project, kind)
        if slug in known:
            return known[slug]
        broken = [p for p in self.project.problems if p.path.rpartition(".")[0] == f"{kind}/{slug}"]
        if broken or not self.project.spec:
            raise invalid(broken or self.project.problems)
        raise unknown(kind, slug, known)

    def syncs(self) -> Sequence[str]:
        """Return the slug of every sync, each behind those that write what its records may refer to.

        Those whose object is not known, because a file is broken, come last.

        Raises:
            ProjectInvalid: there is no project, or its own file is broken.
        """
        if not self.project.spec:
            raise invalid(self.project.problems)
        return sorted(self.project.sync_files, key=lambda slug: (self._place(slug), slug))

    def source(self, slug: str) -> Source:
        """Return a source, not yet connected."""
        spec: SourceSpec = self.named("sources", slug).located(self.root)
        self._refuse_out_of_reach(f"Source {slug!r}", spec.local_paths)
        return open_source(slug, spec)

    def model(self, slug: str) -> Model:
        """Return a model with its source.

        Raises:
            ModelRefused: its query is not one single SELECT.
        """
        spec = self.named("models", slug)
        place = DbtPlace(spec.dbt.target, spec.dbt.job, spec.dbt.git) if spec.dbt else None
        folder = self.dbt_folder(f"Model {slug!r}", place) if place else None
        source = self.source(spec.source)
        look = self._look(slug, spec.look, source) if spec.look else None
        bounds = Bounds(slug, spec.source, self.named("sources", spec.source))
        return Model(slug, spec, source, self.clock, folder, look, bounds)

    def _look(self, slug: str, spec: LookSpec, source: Source) -> Callable[[], str]:
        """Return what asks for the query that gives the rows of a Look.

        Raises:
            ModelRefused: there is no Looker to ask, or the address is not one of a Look of it.
        """
        if isinstance(source, LookGiver) and spec.looker is None:
            query = f"SELECT * FROM {select.quoted(source.add(spec.url), source.dialect)}"
            return lambda: query
        looker: object = self.source(spec.looker) if spec.looker else None
        if not isinstance(looker, LookGiver):
            raise ModelRefused(
                f"Model {slug!r} is a Look, and names no source of type looker to ask for it.",
                remedy="Write under `look` in its file: `looker:` and the slug of that source.",
            )
        looker.add(spec.url)  # refuses what is no address of a Look before anybody is asked
        return lambda: looker.sql(spec.url, source.dialect)

    def dbt_folder(self, what: str, place: DbtPlace) -> Folder:
        """Return where dbt's artefacts are; see ``dbtfolders.dbt_folder``."""
        return dbt_folder(what, place, self.project.spec, self.root, self.settings)

    def _refuse_out_of_reach(self, what: str, paths: Sequence[str]) -> None:
        refuse_out_of_reach(what, paths, self.root, self.settings.data, self.settings.state)

    def sample(self, slug: str) -> Sample:
        """Return the first rows of a model; see ``Samples.of``."""
        model = self.model(slug)
        return self._samples.of(model, self.named("sources", model.spec.source))

    def sampled(self, sample: Sample, wanted: Sequence[str]) -> Mapping[str, Row | Rejection]:
        """Return the rows of a sample as a plan would have them; see ``Sample.rows``."""
        return sample.rows(wanted, *self._workspace(sampling.FOLDER))

    def check_key(self, slug: str) -> KeyReport:
        """Return whether a model's key tells its rows apart; see ``keychecking.check_key``."""
        return keychecking.check_key(self.model(slug), *self._workspace(keychecking.FOLDER))

    def _workspace(self, name: str) -> tuple[Workspace, Callable[[], AbstractContextManager[None]]]:
        """Return a folder for temporary files, and what holds it."""
        workspace = Workspace(folder=self.settings.work / name, memory_limit=self.settings.memory_limit)
        locks = self.store.locks
        return workspace, lambda: locks.waiting(name)

    def destination(
        self, slug: str, calls: CallLog | None = None, stopped: Event | None = None
    ) -> Destination:
        """Return a destination, not yet connected.

        Args:
            slug: its name.
            calls: keeps its calls; the store when left out.
            stopped: is set when a person wants its work to end.
        """
        services = Services(
            clock=self.clock,
            calls=calls or self.store.calls,
            budget=self.store.budgets,
            vault=self.store.vault,
            index=self.store.index,
            stopped=stopped or Event(),
        )
        destination = open_destination(slug, self.named("destinations", slug), services)
        with self._opening:
            self._opened.append(destination)
        return destination

    def let_go(self, destination: Destination) -> None:
        """Close a destination that is not needed any more."""
        with self._opening:
            if destination in self._opened:  # not when all was closed meanwhile
                self._opened.remove(destination)
        destination.close()

    def sync(self, slug: str, calls: CallLog, stopped: Event) -> BoundSync:
        """Return a sync with everything that it refers to; see ``destination``."""
        spec = self.named("syncs", slug)
        destination = self.destination(spec.destination, calls, stopped)
        return BoundSync(
            slug=slug,
            spec=spec,
            primary_key=tuple(self.named("models", spec.model).primary_key),
            model=self.model(spec.model),
            destination=destination,
            object_type=destination.object_type(spec),
            store=self.store,
            clock=self.clock,
            work=self.settings.work,
            memory_limit=self.settings.memory_limit,
            others=self.project.sync_files - {slug},
        )

    def _place(self, sync: str) -> int:
        """Return the place of a sync's object in the order of its destination."""
        spec = self.project.syncs.get(sync)
        written_to = self.project.destinations.get(spec.destination) if spec else None
        if spec is None or written_to is None:
            return _LAST
        objects = destination_classes()[written_to.type].objects
        return objects.index(spec.object) if spec.object in objects else _LAST


class _Wired(Protocol):
    _wiring: Wiring


W = TypeVar("W", bound=_Wired)
P = ParamSpec("P")
R = TypeVar("R")


def steady(verb: Callable[Concatenate[W, P], R]) -> Callable[Concatenate[W, P], R]:
    """Let a verb see one and the same project from its beginning to its end."""

    @wraps(verb)
    def within(self: W, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._wiring.steady():
            return verb(self, *args, **kwargs)

    return within


def destination_specs() -> dict[str, type[DestinationSpec]]:
    """Return the specification of every kind of destination."""
    return {name: kind.spec_class for name, kind in destination_classes().items()}


def invalid(problems: Sequence[Problem]) -> ProjectInvalid:
    """Return the error for files that have problems."""
    message, remedy = headline(problems)
    return ProjectInvalid(message, remedy=remedy)


def headline(problems: Sequence[Problem]) -> tuple[str, str | None]:
    """Return what an error says of problems: the first and how many more, and the remedy of a lone one."""
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    remedy = first.remedy if len(problems) == 1 else None
    return f"{first.path}:{first.line}: {first.message}{more}", remedy
