"""Reading the project's files, and their past."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from bookward.checking import problems_around
from bookward.errors import NameUnknown
from bookward.objectfiles import ObjectFiles, ProjectObject, require_kind
from bookward.project.folder import PROJECT, list_files, unknown
from bookward.project.hiding import hidden_diff
from bookward.project.history import Git, History, Version
from bookward.project.project import Project, in_order
from bookward.project.references import referring
from bookward.project.schema import Schema, export_schemas
from bookward.project.secrets import names_in
from bookward.records import Problem
from bookward.sources.base import source_specs
from bookward.wiring import Wiring, destination_specs

_TELLING = {
    "sources": ("type", "title", "description"),
    "models": ("source", "primary_key", "title", "description"),
    "destinations": ("type", "title", "description"),
    "syncs": ("model", "destination", "object", "mode", "schedule", "title", "description"),
    "alerts": ("type", "notify", "title", "description"),
}
"""What tells an object from others of its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """One object of the project at a glance."""

    kind: str
    slug: str
    about: Mapping[str, Any]  #: what its file says, as far as that tells it from others
    problems: int  #: how many things are wrong in its files


class Browsing:
    """The sources, models, destinations and syncs of a project, as files that can be read."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._git = Git(wiring.root)

    def schema(self, kind: str) -> Schema:
        """Return the JSON Schema of the YAML files of a kind."""
        require_kind(kind)
        return _schemas()[f"{kind.removesuffix('s')}.json"]

    def slugs(self, kind: str) -> Sequence[str]:
        """Return the slugs of all files of a kind, broken ones too."""
        require_kind(kind)
        if kind == PROJECT:
            return [PROJECT]
        listing = list_files(self._wiring.root, kind)
        return sorted((listing.yaml.keys() | listing.sql.keys()) - listing.misnamed)

    def glances(self, *kinds: str) -> Sequence[Glance]:
        """Return all objects, or those of some kinds, at a glance, by kind and slug, broken ones too."""
        with self._wiring.steady():
            project = self._wiring.project
            wrong = Counter(each.path.rpartition(".")[0] for each in project.problems if each.path)
            return [
                Glance(
                    kind=kind,
                    slug=slug,
                    about=_about(project, kind, slug),
                    problems=wrong[f"{kind}/{slug}"],
                )
                for kind in kinds or _TELLING
                for slug in self.slugs(kind)
            ]

    def get(self, kind: str, slug: str) -> ProjectObject:
        """Return one object, with what is wrong with it and its last change.

        Raises:
            NameUnknown: there is none.
        """
        with self._wiring.steady():
            self._wiring.project  # noqa: B018  # finishes what a killed save has left
            found = self._files(kind, slug)
            if not found.exist:
                raise unknown(kind, slug, self.slugs(kind))
            text, *sql = found.texts()
            has_sql = bool(sql) and found.contents[1] is not None
            return ProjectObject(
                kind=kind,
                slug=slug,
                path=found.paths[0],
                text=text,
                sql_path=found.paths[1] if has_sql else None,
                sql=sql[0] if has_sql else None,
                values=self._values(found),
                problems=self._own_problems(self._wiring, found),
                etag=found.etag,
                changed=next(iter(self._git.history(found.paths, 1).versions), None),
            )

    def guards(self, slug: str) -> Sequence[str]:
        """Return the names of the guards that a sync has."""
        sync = self._wiring.project.syncs.get(slug)
        return list(sync.guards.model_dump(exclude_none=True)) if sync else []

    def naming(self, secret: str) -> Sequence[str]:
        """Return the files that take a secret, as kind/slug."""
        with self._wiring.steady():
            documents = self._wiring.project.documents
            found = [place for place, document in documents.items() if secret in names_in(document.root)]
        return sorted("/".join(place) for place in found)

    def history(self, kind: str, slug: str, limit: int | None = 100) -> History:
        """Return the versions of an object, newest first, or why there are none; also of one that is gone.

        Args:
            kind: the folder: "sources", "models", "destinations", "syncs" or "alerts"; or "project".
            slug: the file's name without its ending.
            limit: at most so many; None for all.
        """
        return self._git.history(self._files(kind, slug).paths, limit)

    def texts_of(self, kind: str, slug: str, version: str) -> tuple[str, str | None]:
        """Return the YAML file and the `.sql` file of a version; None where it had no such file.

        Raises:
            NameUnknown: the object has no such version, or was deleted in it.
        """
        found = self._version(kind, slug, version)
        # A version of a model has both its files, also where it changed but one.
        both = self._files(kind, slug).paths if kind == "models" else ()
        texts: dict[str, str] = {}
        for file in (*found.files, *both):
            ending = file.rpartition(".")[2]
            if ending not in texts and (content := self._git.content(found.id, file)) is not None:
                texts[ending] = content.decode("utf-8", "replace")
        yaml = texts.get("yaml", texts.get("yml"))
        if yaml is None:
            raise NameUnknown(
                f"{kind}/{slug} was deleted in version {version[:12]}.",
                remedy="Choose the version before it.",
            )
        return yaml, texts.get("sql")

    def diff(self, kind: str, slug: str, version: str, *, with_secrets: bool = True) -> str:
        """Return what a version changed in an object's files, as a unified diff; see ``hiding``."""
        found = self._version(kind, slug, version)
        diff = self._git.diff(found.id, [*self._files(kind, slug).paths, *found.files])
        return diff if with_secrets else hidden_diff(diff, self._git.texts(found.id, diff))

    # Inside

    def _files(self, kind: str, slug: str) -> ObjectFiles:
        return ObjectFiles.find(self._wiring.root, kind, slug)

    def _values(self, found: ObjectFiles) -> Mapping[str, Any] | None:
        document = self._wiring.project.documents.get(
            (found.kind, "" if found.kind == PROJECT else found.slug)
        )
        if document is None or not document.is_whole:
            return None
        values: dict[str, Any] = document.root.plain()
        with_sql = found.kind == "models" and found.contents[1] is not None
        return values | ({"sql": found.texts()[1]} if with_sql else {})

    def _own_problems(self, wiring: Wiring, found: ObjectFiles) -> tuple[Problem, ...]:
        around = problems_around(wiring, found.kind, found.slug)
        return in_order(dict.fromkeys(each for each in around if each.path in found.paths))

    def _version(self, kind: str, slug: str, version: str) -> Version:
        known = self._git.history(self._files(kind, slug).paths).versions
        found = next((each for each in known if each.id == version), None)
        if found is None:
            raise NameUnknown(
                f"{kind}/{slug} has no version {version[:12]!r}.", remedy="The history lists them."
            )
        return found


@cache
def _schemas() -> Mapping[str, Schema]:
    """Return the JSON Schema of every kind; what is installed stays as long as the process."""
    return export_schemas(source_specs(), destination_specs())


def _about(project: Project, kind: str, slug: str) -> Mapping[str, Any]:
    document = project.documents.get((kind, slug))
    values = document.root.plain() if document else {}
    about = {name: values[name] for name in _TELLING[kind] if name in values}
    return about | _told_of(project, slug) if kind == "alerts" else about


def _told_of(project: Project, alert: str) -> dict[str, Any]:
    """Return what names an alert, and whether it is ever told anything: by that, or by its digest."""
    spec = project.alerts.get(alert)
    users = referring("alerts", alert, project.documents)
    named_by = [kind if kind == PROJECT else f"{kind}/{name}" for kind, name in users]
    has_digest = spec is not None and spec.digest is not None
    return {"named": bool(named_by) or has_digest, "named_by": named_by}
