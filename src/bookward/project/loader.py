"""Reading a project folder: every file on its own, all problems at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from bookward.project.document import Document
from bookward.project.explain import explain
from bookward.project.folder import KINDS, PROJECT_FILE, Found, Instead, Listing, list_files
from bookward.project.kinds import spec_class_of
from bookward.project.origin import KEYS, read_origin
from bookward.project.project import Project, in_order
from bookward.project.references import Names, circular, dangling, without_account
from bookward.project.secrets import Filled, Secrets
from bookward.project.text import file_problem
from bookward.project.yamlfile import parse_yaml
from bookward.records import Problem
from bookward.spec.alert import ALERT_SPECS
from bookward.spec.base import Spec
from bookward.spec.destination import DestinationSpec
from bookward.spec.model import ModelSpec
from bookward.spec.project import ProjectSpec
from bookward.spec.source import SourceSpec
from bookward.spec.sync import SyncSpec

S = TypeVar("S", bound=Spec)


def load_project(
    root: Path,
    source_specs: Mapping[str, type[SourceSpec]],
    destination_specs: Mapping[str, type[DestinationSpec]],
    environ: Mapping[str, str] = os.environ,
    sealed: Callable[[str], str | None] = lambda _: None,
    instead: Instead | None = None,
) -> Project:
    """Return the project in ``root``; whatever is wrong in it is in its ``problems``, nothing is raised.

    Args:
        root: the project folder.
        source_specs: every known kind of source, by the name that stands under `type`.
        destination_specs: likewise for destinations.
        environ: where ``${NAME}`` is looked up first; then comes the project's `.env`.
        sealed: where it is looked up last.
        instead: what files of these paths are taken to hold; None for one that is taken not to be there.
    """
    if not _is_project(root):
        return Project(root=root, spec=None, problems=(_no_project(root),))
    secrets = Secrets.read(root, environ, sealed)
    top = _read_top(root, secrets, instead or {})
    listings = {kind: list_files(root, kind, instead) for kind in KINDS}
    sources = _read_kind(listings["sources"], lambda found: _typed(found, secrets, source_specs))
    destinations = _read_kind(
        listings["destinations"], lambda found: _typed(found, secrets, destination_specs)
    )
    models = _read_models(listings["models"])
    syncs = _read_kind(listings["syncs"], lambda found: _read(found, SyncSpec))
    alerts = _read_kind(listings["alerts"], lambda found: _typed(found, secrets, ALERT_SPECS))
    files: dict[str, Mapping[str, Read[Any]]] = {
        "sources": sources,
        "models": models,
        "destinations": destinations,
        "syncs": syncs,
        "alerts": alerts,
    }
    _check_references(files, listings, top)
    if top.spec is not None and top.spec.dbt_cloud is None:
        _check_jobs(syncs)
    return Project(
        root=root,
        spec=top.good,
        sources=_good(sources, listings["sources"]),
        models=_good(models, listings["models"]),
        destinations=_good(destinations, listings["destinations"]),
        syncs=_good(syncs, listings["syncs"]),
        alerts=_good(alerts, listings["alerts"]),
        problems=in_order([*secrets.problems, *top.problems, *_all_problems(files, listings)]),
        sync_files=frozenset(listings["syncs"].yaml),
        documents=_documents(top, files),
        sql_paths={slug: found.path for slug, found in listings["models"].sql.items()},
    )


@dataclass(slots=True)
class Read(Generic[S]):
    """What reading one file gave."""

    document: Document | None = None
    spec: S | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def good(self) -> S | None:
        """The specification, when nothing at all is wrong with the file."""
        return None if self.problems else self.spec


def _is_project(root: Path) -> bool:
    return os.path.lexists(root / PROJECT_FILE)  # a link that leads nowhere is a broken project, not none


def _no_project(root: Path) -> Problem:
    return file_problem(
        PROJECT_FILE,
        f"{root} is not a project folder: it has no {PROJECT_FILE}.",
        f"Run `bookward init {root}` to make one there, or name the right folder with --project.",
    )


def _read_top(root: Path, secrets: Secrets, instead: Instead) -> Read[ProjectSpec]:
    found = Found(root / PROJECT_FILE, PROJECT_FILE, instead.get(PROJECT_FILE))
    document, problems = _parse(found)
    if document is None:
        return Read(problems=problems)
    return _validated(ProjectSpec, document, secrets.fill(document), problems)


def _read_kind(listing: Listing, read: Callable[[Found], Read[S]]) -> dict[str, Read[S]]:
    return {slug: read(found) for slug, found in listing.yaml.items()}


def _read(found: Found, spec_class: type[S]) -> Read[S]:
    """Read a file in which ``${NAME}`` means nothing."""
    document, problems = _parse(found)
    if document is None:
        return Read(problems=problems)
    return _validated(spec_class, document, _unfilled(document), problems)


def _typed(found: Found, secrets: Secrets, specs: Mapping[str, type[S]]) -> Read[S]:
    """Read a file whose `type` decides what else may stand in it."""
    document, problems = _parse(found)
    if document is None:
        return Read(problems=problems)
    filled = secrets.fill(document)
    spec_class = spec_class_of(document, filled, specs)
    if isinstance(spec_class, list):
        return Read(document, None, [*problems, *filled.problems, *spec_class])
    return _validated(spec_class, document, filled, problems)


def _read_models(listing: Listing) -> dict[str, Read[ModelSpec]]:
    models = {slug: _read_model(found, listing.sql.get(slug)) for slug, found in listing.yaml.items()}
    for slug in listing.sql.keys() - listing.yaml.keys():
        path = listing.sql[slug].path
        yaml = f"{path.removesuffix('.sql')}.yaml"
        lonely = file_problem(
            path, f"{path} has no {yaml} beside it.", f"Write {yaml} with the keys source and primary_key."
        )
        models[slug] = Read(problems=[lonely])
    return models


def _read_model(found: Found, sql: Found | None) -> Read[ModelSpec]:
    document, problems = _parse(found)
    origin, more = read_origin(document, sql, found.path)
    problems += more
    if document is None:
        return Read(problems=problems)
    filled = _unfilled(document)
    values = {key: value for key, value in filled.values.items() if key not in KEYS}
    return _validated(ModelSpec, document, filled, problems, values | origin)


def _parse(found: Found) -> tuple[Document | None, list[Problem]]:
    text = found.text()
    return (None, [text]) if isinstance(text, Problem) else parse_yaml(text, found.path)


def _unfilled(document: Document) -> Filled:
    return Filled(values=document.root.plain(), problems=[], failed=frozenset(), used={})


def _validated(
    spec_class: type[S],
    document: Document,
    filled: Filled,
    problems: Iterable[Problem],
    values: Mapping[str, Any] | None = None,
) -> Read[S]:
    read: Read[S] = Read(document, None, [*problems, *filled.problems])
    try:
        read.spec = spec_class.model_validate(filled.values if values is None else values)
    except ValidationError as error:
        read.problems += explain(error, spec_class, document, filled)
    return read


def _check_references(
    files: Mapping[str, Mapping[str, Read[Any]]], listings: Mapping[str, Listing], top: Read[ProjectSpec]
) -> None:
    names = Names({kind: {*read, *listings[kind].sql} for kind, read in files.items()})
    for kind, reads in {**files, "project": {"": top}}.items():
        for read in reads.values():
            if read.document:
                read.problems += dangling(kind, read.document, names)
    syncs = files["syncs"]
    for slug, problem in circular({slug: r.document for slug, r in syncs.items() if r.document}).items():
        syncs[slug].problems.append(problem)


def _check_jobs(syncs: Mapping[str, Read[SyncSpec]]) -> None:
    for read in syncs.values():
        if read.document:
            read.problems += without_account(read.document)


def _good(files: Mapping[str, Read[S]], listing: Listing) -> dict[str, S]:
    return {
        slug: read.good
        for slug, read in files.items()
        if read.good is not None and slug not in listing.misnamed
    }


def _all_problems(
    files: Mapping[str, Mapping[str, Read[Any]]], listings: Mapping[str, Listing]
) -> list[Problem]:
    of_names = [problem for listing in listings.values() for problem in listing.problems]
    of_files = [problem for kind in files.values() for read in kind.values() for problem in read.problems]
    return of_names + of_files


def _documents(
    top: Read[ProjectSpec], files: Mapping[str, Mapping[str, Read[Any]]]
) -> dict[tuple[str, str], Document]:
    found = {
        (kind, slug): read.document
        for kind, reads in files.items()
        for slug, read in reads.items()
        if read.document
    }
    return found | ({("project", ""): top.document} if top.document else {})
