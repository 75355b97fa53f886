"""A loaded project: what is good in it, what is wrong, and where everything stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bookward.project.document import Document
from bookward.project.folder import PROJECT_FILE
from bookward.project.text import file_problem
from bookward.records import Problem, SpecProblem
from bookward.spec.alert import AlertSpec
from bookward.spec.destination import DestinationSpec
from bookward.spec.model import ModelSpec
from bookward.spec.project import ProjectSpec
from bookward.spec.source import SourceSpec
from bookward.spec.sync import SyncSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project folder as it was read: the good files by slug, and everything wrong with the others."""

    root: Path
    spec: ProjectSpec | None
    # Not shown by repr: secrets are filled in.
    sources: Mapping[str, SourceSpec] = field(default_factory=dict, repr=False)
    models: Mapping[str, ModelSpec] = field(default_factory=dict, repr=False)
    destinations: Mapping[str, DestinationSpec] = field(default_factory=dict, repr=False)
    syncs: Mapping[str, SyncSpec] = field(default_factory=dict, repr=False)
    alerts: Mapping[str, AlertSpec] = field(default_factory=dict, repr=False)
    problems: tuple[Problem, ...] = ()  #: sorted by path, line and column
    sync_files: frozenset[str] = frozenset()
    """Slug of every sync that has a file, a broken one too."""
    documents: Mapping[tuple[str, str], Document] = field(default_factory=dict, repr=False)
    """Kind and slug to the file's places; ("project", "") is project.yaml."""
    sql_paths: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Slug of a model to the path of its `.sql` file, where it has one."""

    def locate(self, kind: str, slug: str, found: SpecProblem) -> Problem:
        """Return a problem of a specification with its place in the file.

        Args:
            kind: the folder: one of ``folder.KINDS``; or "project".
            slug: the file's name without its ending; "" for project.yaml.
            found: the problem; ("sql",) of a model whose query is a `.sql` file points into that file.
        """
        if kind == "models" and found.where == ("sql",) and slug in self.sql_paths:
            return file_problem(self.sql_paths[slug], found.message, found.remedy)
        document = self.documents.get((kind, slug))
        if document is None:
            path = PROJECT_FILE if kind == "project" else f"{kind}/{slug}.yaml"
            return file_problem(path, found.message, found.remedy)
        return document.problem(found.where, found.message, found.remedy)

    def locate_sql(self, slug: str, line: int, column: int, message: str, remedy: str) -> Problem:
        """Return a problem in a model's query, by line and column of the query, both from 1."""
        if slug in self.sql_paths:
            return file_problem(self.sql_paths[slug], message, remedy, line=line, column=column)
        document = self.documents.get(("models", slug))
        node = document.node(("sql",)) if document else None
        if document is None or node is None:
            return self.locate("models", slug, SpecProblem(where=("sql",), message=message, remedy=remedy))
        return document.problem(("sql",), message, remedy, node.within(line, column))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems by path, then by line and column."""
    return tuple(
        sorted(problems, key=lambda problem: (problem.path, problem.line, problem.column, problem.message))
    )
