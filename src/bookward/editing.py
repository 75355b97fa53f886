"""Writing the project's files for people who do not do it with an editor of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bookward.browsing import Browsing
from bookward.checking import Connection, problems_around
from bookward.errors import (
    EditConflict,
    EditRefused,
    FilesInTheWay,
    ObjectInUse,
    ProjectReadOnly,
)
from bookward.keychecking import KeyReport
from bookward.model import Preview
from bookward.objectfiles import ObjectFiles, ProjectObject
from bookward.probing import probe, unnamed
from bookward.project.folder import PROJECT, Instead, complaint, unknown
from bookward.project.history import Committed
from bookward.project.plainsecrets import plain_secrets
from bookward.project.project import in_order
from bookward.project.references import referring
from bookward.project.renaming import following
from bookward.project.text import file_problem
from bookward.project.writing import editing_lock, write_files
from bookward.records import Person, Problem
from bookward.rehearsing import Rehearsal, rehearse
from bookward.renaming import rename
from bookward.suggestions import with_lines_told
from bookward.wiring import Wiring, headline


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a save did."""

    object: ProjectObject | None  #: as it is now; None when it was deleted
    files: tuple[str, ...]  #: what was written or removed; nothing when all was so already
    commit: str | None  #: id of the commit in git
    not_committed: str = ""  #: why there is no commit, where there is none


class ProjectFiles(Browsing):
    """The sources, models, destinations and syncs of a project, as files that can be read and written.

    Every write holds the folder's lock, is refused when the files are not those that the writer saw, and
    when what it would leave is wrong; it is done whole or not at all.
    """

    def create(
        self,
        kind: str,
        slug: str,
        who: Person,
        *,
        values: Mapping[str, Any] | None = None,
        text: str = "",
        sql: str | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Saved:
        """Write the files of a new object; see ``replace`` for the arguments.

        Raises:
            FilesInTheWay: there is one of this kind and slug; of "project" there is always one.
            EditRefused: the slug is none, or what would be written is wrong.
            ProjectReadOnly: this process cannot write the project's files.
        """
        _require_slug(kind, slug)
        with self._editing():
            if kind == PROJECT:
                raise FilesInTheWay("There is a project.yaml already.", remedy="Change it.")
            found = self._files(kind, slug)
            if found.exist:
                raise FilesInTheWay(
                    f"There is a {kind.removesuffix('s')} {slug!r} already.", remedy="Choose another name."
                )
            changes = found.with_texts(text, sql) if values is None else found.with_values(values)
            return self._save(found, changes, who, f"Create {kind}/{slug}", secrets or {})

    def replace(
        self,
        kind: str,
        slug: str,
        who: Person,
        etag: str,
        *,
        values: Mapping[str, Any] | None = None,
        text: str = "",
        sql: str | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Saved:
        """Write the files of an object anew.

        Args:
            kind: the folder: "sources", "models", "destinations", "syncs" or "alerts"; or "project".
            slug: the file's name without its ending.
            who: the author of the commit.
            etag: of the object as the writer saw it.
            values: what the files shall say, whole, as JSON with exact numbers; a model's query under `sql`.
                Comments, order, quotes and line ends of what stays are kept.
            text: without values, the whole YAML file.
            sql: likewise a model's `.sql` file; None for none.
            secrets: name to value of secrets that the files refer to as `${NAME}`; sealed in the store.

        Raises:
            NameUnknown: there is no such object.
            EditConflict: the files have changed since.
            EditRefused: what would be written is wrong, or something that refers to it would be.
            ProjectReadOnly: this process cannot write the project's files.
        """
        with self._editing():
            found = self._current(kind, slug, etag)
            changes = found.with_texts(text, sql) if values is None else found.with_values(values)
            return self._save(found, changes, who, f"Change {kind}/{slug}", secrets or {})

    def delete(self, kind: str, slug: str, who: Person, etag: str) -> Saved:
        """Remove the files of an object. What is known of a sync's rows stays in the state.

        How far its schedule was seen to does not: another sync of its name has missed nothing.

        Raises:
            NameUnknown, EditConflict, ProjectReadOnly: as for ``replace``.
            ObjectInUse: other files refer to it.
        """
        with self._editing():
            found = self._current(kind, slug, etag)
            if kind == PROJECT:
                raise ObjectInUse(f"{found.paths[0]} is what makes the folder a project.")
            self._refuse_used(kind, slug)
            saved = self._write(found, found.without(), who, f"Delete {kind}/{slug}")
            if kind == "syncs":
                self._wiring.store.turns.forget(slug)
            return saved

    def rename_sync(self, slug: str, new: str, who: Person, etag: str) -> Saved:
        """Give a sync another name, with everything that is known about it; see ``renaming.rename``.

        Only syncs have a past that hangs on the name; for anything else see ``rename``.
        """
        with self._editing():
            was = self._current("syncs", slug, etag)
            others = rename(self._wiring, slug, new)
            files = (*was.paths, *self._files("syncs", new).paths, *others)
            return self._saved("syncs", new, files, who, f"Rename syncs/{slug} to {new}")

    def rename(self, kind: str, slug: str, new: str, who: Person, etag: str) -> Saved:
        """Give anything but a sync another name; what refers to it follows, a destination keeps its sign-in.

        Raises:
            NameUnknown, EditConflict, ProjectReadOnly: as for ``replace``.
            EditRefused: the new name is no slug.
            FilesInTheWay: there is one of the new name.
            ObjectInUse: syncs refer to the destination.
        """
        _require_slug(kind, new)
        with self._editing():
            found, there = self._current(kind, slug, etag), self._files(kind, new)
            if there.exist:
                raise FilesInTheWay(
                    f"There is a {kind.removesuffix('s')} {new!r} already.", remedy="Choose another name."
                )
            if kind == "destinations":
                self._refuse_used(kind, slug)
            changes = {**found.moved(there), **following(self._wiring.root, kind, slug, new)}
            saved = self._write(there, changes, who, f"Rename {kind}/{slug} to {new}")
            self._wiring.store.rename_file(kind, slug, new)
            return saved

    def revert(self, kind: str, slug: str, version: str, who: Person, etag: str | None) -> Saved:
        """Write the files as they were in a version; a commit of its own, checked like every other save.

        Args:
            kind: the folder.
            slug: the file's name without its ending.
            version: its id.
            who: the author of the commit.
            etag: of the object as the writer saw it; None when it is gone.
        """
        text, sql = self.texts_of(kind, slug, version)
        with self._editing():
            found = self._files(kind, slug) if etag is None else self._current(kind, slug, etag)
            if etag is None and found.exist:
                raise EditConflict(f"{kind}/{slug} is there again.", etag=found.etag)
            changes = found.with_texts(text, sql)
            return self._save(found, changes, who, f"Revert {kind}/{slug} to {version[:12]}", {})

    def begin_history(self, message: str) -> Committed:
        """Keep versions from now on: make a git repository of the folder, with all of it as the first one."""
        return self._git.begin(message)

    def problems_of(
        self,
        kind: str,
        slug: str,
        *,
        values: Mapping[str, Any] | None = None,
        text: str = "",
        sql: str | None = None,
    ) -> tuple[Problem, ...]:
        """Return what would be wrong if an object's files said this; nothing is written."""
        with self._wiring.steady():
            found, supposed = self._supposed(kind, slug, values, text, sql)
            with supposed.steady():
                return self._wrong(supposed, found)

    def weakened(
        self, slug: str, *, values: Mapping[str, Any] | None = None, text: str = "", sql: str | None = None
    ) -> Sequence[str]:
        """Return the guards of a sync that would hold less if its file said this."""
        with self._wiring.steady():
            before = self._wiring.project.syncs.get(slug)
            _, supposed = self._supposed("syncs", slug, values, text, sql)
            with supposed.steady():
                after = supposed.project.syncs.get(slug)
        return after.guards.weaker_than(before.guards) if before and after else ()

    def preview(
        self,
        slug: str,
        limit: int,
        *,
        values: Mapping[str, Any] | None = None,
        text: str = "",
        sql: str | None = None,
    ) -> Preview:
        """Return the first rows of a model as if its files said this; nothing is written.

        Raises:
            EditRefused: it would be wrong.
            ModelRefused, SourceUnreachable, SourceFailed: as for a model that is there.
        """
        with self._wiring.steady():
            found, supposed = self._supposed("models", slug, values, text, sql)
            with supposed.steady():
                self._refuse_wrong(supposed, found)
                return with_lines_told(supposed.model(slug).preview(limit))

    def check_key(
        self,
        slug: str,
        *,
        values: Mapping[str, Any] | None = None,
        text: str = "",
        sql: str | None = None,
    ) -> KeyReport:
        """Return whether a model's key would tell its rows apart if its files said this.

        Raises:
            EditRefused: it would be wrong.
            ModelRefused, ColumnMissing, SourceUnreachable, SourceFailed: it cannot be read.
        """
        with self._wiring.steady():
            found, supposed = self._supposed("models", slug, values, text, sql)
            with supposed.steady():
                self._refuse_wrong(supposed, found)
                return supposed.check_key(slug)

    def probe(
        self,
        kind: str,
        slug: str,
        *,
        values: Mapping[str, Any] | None = None,
        text: str = "",
        sql: str | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Connection:
        """Test a connection as if its file said this, with secrets that are not sealed yet; see ``probing``.

        Raises:
            EditRefused: it would be wrong.
        """
        with self._wiring.steady():
            found, supposed = self._supposed(kind, slug, values, text, sql, secrets)
            with supposed.steady():
                self._refuse_wrong(supposed, found)
                tested = probe(supposed, kind, slug)
        return tested if found.exist else unnamed(tested)

    def rehearse(
        self,
        slug: str,
        key: str | None,
        *,
        values: Mapping[str, Any] | None = None,
        text: str = "",
        sql: str | None = None,
    ) -> Rehearsal:
        """Return what a sync would send for a row if its file said this; see ``rehearsing.rehearse``."""
        with self._wiring.steady():
            found, supposed = self._supposed("syncs", slug, values, text, sql)
            with supposed.steady():
                return rehearse(supposed, slug, key, self._wrong(supposed, found))

    # Inside

    def _supposed(
        self,
        kind: str,
        slug: str,
        values: Mapping[str, Any] | None,
        text: str,
        sql: str | None,
        secrets: Mapping[str, str] | None = None,
    ) -> tuple[ObjectFiles, Wiring]:
        """Return an object's files, and the project as it would be if they said this."""
        _require_slug(kind, slug)
        self._wiring.refuse_set_outside(secrets or {})
        found = self._files(kind, slug)
        changes = found.with_texts(text, sql) if values is None else found.with_values(values)
        return found, self._wiring.supposing(changes, secrets or {})

    def _refuse_used(self, kind: str, slug: str) -> None:
        if users := referring(kind, slug, self._wiring.project.documents):
            named = ", ".join(f"{of}/{name}" for of, name in users)
            raise ObjectInUse(f"{kind}/{slug} is in use by {named}.")

    def _current(self, kind: str, slug: str, etag: str) -> ObjectFiles:
        found = self._files(kind, slug)
        if not found.exist:
            raise unknown(kind, slug, self.slugs(kind))
        if found.etag != etag:
            raise EditConflict(f"{kind}/{slug} has changed since it was read.", etag=found.etag)
        return found

    @contextmanager
    def _editing(self) -> Iterator[None]:
        root = self._wiring.root
        if not os.access(root, os.W_OK):
            raise ProjectReadOnly(f"This process cannot write into {root}.")
        self._wiring.require_project()
        with editing_lock(root, self._wiring.settings.state), self._wiring.steady():
            yield

    def _save(
        self, found: ObjectFiles, changes: Instead, who: Person, message: str, secrets: Mapping[str, str]
    ) -> Saved:
        self._wiring.refuse_set_outside(secrets)
        supposed = self._wiring.supposing(changes, secrets)
        with supposed.steady():
            self._refuse_wrong(supposed, found)
            _refuse_retired(supposed, found)
        for name, value in secrets.items():
            self._wiring.store.secrets.set(name, value, who.email)
        return self._write(found, changes, who, message)

    def _refuse_wrong(self, supposed: Wiring, found: ObjectFiles) -> None:
        if problems := self._wrong(supposed, found):
            said, remedy = headline(problems)
            raise EditRefused(said, problems=problems, remedy=remedy)

    def _wrong(self, supposed: Wiring, found: ObjectFiles) -> tuple[Problem, ...]:
        """Return what is wrong with the object itself, or goes wrong in other files by it."""
        own = self._own_problems(supposed, found)
        plain = [each for each in plain_secrets(supposed.project) if each.path in found.paths]
        before = {(each.path, each.message) for each in problems_around(self._wiring, found.kind, found.slug)}
        around = problems_around(supposed, found.kind, found.slug)
        new = [each for each in around if each not in own and (each.path, each.message) not in before]
        return in_order([*own, *plain, *new])

    def _write(self, found: ObjectFiles, changes: Instead, who: Person, message: str) -> Saved:
        if changes:
            self._git.keep(tuple(changes))
            write_files(self._wiring.root, self._wiring.settings.state, changes)
        return self._saved(found.kind, found.slug, tuple(changes), who, message)

    def _saved(self, kind: str, slug: str, files: tuple[str, ...], who: Person, message: str) -> Saved:
        self._wiring.look_anew()
        unchanged = Committed(id=None, reason="Nothing changed.")
        done = self._git.commit(files, message, who) if files else unchanged
        there = self._files(kind, slug).exist
        return Saved(
            object=self.get(kind, slug) if there else None,
            files=files,
            commit=done.id,
            not_committed=done.reason,
        )


def _require_slug(kind: str, slug: str) -> None:
    if said := complaint(slug):
        problem = file_problem(f"{kind}/{slug}.yaml", *said)
        raise EditRefused(problem.message, problems=[problem], remedy=problem.remedy)


def _refuse_retired(supposed: Wiring, found: ObjectFiles) -> None:
    spec = supposed.project.sources.get(found.slug) if found.kind == "sources" else None
    if spec is not None and spec.retired and not found.exist:
        raise EditRefused(spec.retired, remedy="Add the source that has the data now.")
