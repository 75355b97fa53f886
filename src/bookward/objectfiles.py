"""The files of one source, model, destination or sync, or the project's: what they hold or would hold."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bookward.errors import EditRefused, NameUnknown
from bookward.nearest import choose_from
from bookward.project.folder import KINDS, PROJECT, PROJECT_FILE, complaint, list_files, unknown
from bookward.project.history import Version
from bookward.project.text import bytes_of, decoded
from bookward.project.yamledit import edited, new_text
from bookward.project.yamlfile import parse_yaml
from bookward.records import Problem

_CRLF = b"\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectObject:
    """A source, model, destination, sync or alert as its files have it."""

    kind: str  #: the folder: "sources", "models", "destinations", "syncs" or "alerts"; or "project"
    slug: str
    path: str  #: of its YAML file in the project
    text: str  #: of that file, with newlines; "" where there is none or it cannot be read
    sql_path: str | None = None
    sql: str | None = None  #: the query in a model's `.sql` file
    values: Mapping[str, Any] | None = field(default=None, repr=False)
    """What the files say, `${NAME}` as it stands there; a model's query under `sql`. None: no sound YAML."""
    problems: tuple[Problem, ...] = ()
    etag: str = ""  #: differs when any byte of the files does
    changed: Version | None = None  #: the last commit, where there is one


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectFiles:
    """Where an object's files are, and their bytes; None for one that is not there."""

    kind: str
    slug: str
    paths: tuple[str, ...]  #: the YAML file first; a model's `.sql` file second
    contents: tuple[bytes | None, ...] = field(repr=False)

    @classmethod
    def find(cls, root: Path, kind: str, slug: str) -> ObjectFiles:
        """Return the files of an object, which need not be there.

        Raises:
            NameUnknown: there is no such kind, or the slug is none.
        """
        require_kind(kind)
        if kind == PROJECT and slug == PROJECT:
            held = bytes_of(root / PROJECT_FILE)
            return cls(kind=kind, slug=slug, paths=(PROJECT_FILE,), contents=(held,))
        if complaint(slug) or kind == PROJECT:
            raise unknown(kind, slug)
        listing = list_files(root, kind)
        endings = {"yaml": listing.yaml} | ({"sql": listing.sql} if kind == "models" else {})
        files = {ending: found.get(slug) for ending, found in endings.items()}
        paths = tuple(
            f"{kind}/{found.file.name if found else f'{slug}.{ending}'}" for ending, found in files.items()
        )
        return cls(kind=kind, slug=slug, paths=paths, contents=tuple(bytes_of(root / path) for path in paths))

    @property
    def exist(self) -> bool:
        """Whether any of the files is there."""
        return any(content is not None for content in self.contents)

    @property
    def etag(self) -> str:
        """What differs when any byte of the files does."""
        hashed = hashlib.sha256()
        for path, content in zip(self.paths, self.contents, strict=True):
            if content is not None:
                hashed.update(f"{path}\0{len(content)}\0".encode() + content)
        return hashed.hexdigest()[:32]

    def texts(self) -> tuple[str, ...]:
        """Return the texts of the files; "" for one that is not there or not readable."""
        found = (
            decoded(content or b"", path) for path, content in zip(self.paths, self.contents, strict=True)
        )
        return tuple(text if isinstance(text, str) else "" for text in found)

    def with_values(self, values: Mapping[str, Any]) -> dict[str, bytes | None]:
        """Return path to bytes of the files that have to change to say these values.

        A model's `sql` goes into its `.sql` file, unless it stands in the YAML file.

        Raises:
            EditRefused: the YAML itself is wrong, so what could not be read of it would be lost.
        """
        said, queries = dict(values), []
        if self.kind == "models" and not self._has_sql_inside():
            query = said.pop("sql", None)
            queries = [None if query is None else _bytes_of(str(query), self.contents[1])]
        text = (self.contents[0] or b"").decode("utf-8", "replace")
        is_there = bool(text.strip("\ufeff \r\n"))
        if is_there and (problems := self._wrong()):
            raise EditRefused(problems[0].message, problems=problems, remedy="Correct the file's text first.")
        new = edited(text, said) if is_there else new_text(said)
        return self._changes([new.encode(), *queries])

    def with_texts(self, text: str, sql: str | None) -> dict[str, bytes | None]:
        """Return path to bytes of the files that have to change to hold these texts, in their line ends."""
        new: list[bytes | None] = [_bytes_of(text, self.contents[0])]
        if self.kind == "models":
            new.append(None if sql is None else _bytes_of(sql, self.contents[1]))
        return self._changes(new)

    def without(self) -> dict[str, bytes | None]:
        """Return path to None of the files that are there."""
        return self._changes([None] * len(self.paths))

    def moved(self, there: ObjectFiles) -> dict[str, bytes | None]:
        """Return path to bytes of what moves all files, as they are, to an object that is not there yet."""
        pairs = zip(there.paths, self.contents, strict=True)
        return {path: held for path, held in pairs if held is not None} | self.without()

    def _wrong(self) -> list[Problem]:
        """Return what is wrong with the YAML file as YAML, whatever it says."""
        text = decoded(self.contents[0] or b"", self.paths[0])
        return [text] if isinstance(text, Problem) else parse_yaml(text, self.paths[0])[1]

    def _has_sql_inside(self) -> bool:
        return (
            self.contents[0] is not None and self.contents[1] is None and "\nsql:" in "\n" + self.texts()[0]
        )

    def _changes(self, new: Sequence[bytes | None]) -> dict[str, bytes | None]:
        pairs = zip(self.paths, self.contents, new, strict=False)
        return {path: becomes for path, was, becomes in pairs if was != becomes}


def require_kind(kind: str) -> None:
    """Make sure that there is such a kind of object.

    Raises:
        NameUnknown: there is none.
    """
    if kind not in KINDS and kind != PROJECT:
        raise NameUnknown(f"There is no kind {kind!r}.", remedy=choose_from(kind, KINDS))


def _bytes_of(text: str, was: bytes | None) -> bytes:
    """Return a text in bytes, with the line ends that the file had; unchanged, in the bytes that it had."""
    plain = text.replace("\r\n", "\n")
    if was is not None and decoded(was, "") == plain:
        return was
    new = plain.encode()
    return new.replace(b"\n", _CRLF) if was and _CRLF in was else new
