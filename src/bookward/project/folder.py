"""The files of a project folder, by kind and slug."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from bookward.errors import NameUnknown
from bookward.nearest import choose_from
from bookward.project.text import decoded, file_problem, read_text, system_problem
from bookward.records import Problem

KINDS = ("sources", "models", "destinations", "syncs", "alerts")
"""The folders of a project; each file inside is one thing of that kind."""

KINDS_WITH_SECRETS = ("sources", "destinations", "alerts")
"""Those of them whose files name secrets, and may hold some in spite of `check`."""

PROJECT_FILE = "project.yaml"
PROJECT = "project"
"""The kind of that file, and its slug."""

_YAML = (".yaml", ".yml")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LONGEST_SLUG = 100
_RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")  # Source: Microsoft, Naming files and paths


def unknown(kind: str, slug: str, known: Iterable[str] = ()) -> NameUnknown:
    """Return the error for a file of a kind that is not there; it suggests the nearest of those known."""
    return NameUnknown(f"There is no {kind.removesuffix('s')} {slug!r}.", remedy=choose_from(slug, known))


@dataclass(frozen=True, slots=True)
class Found:
    """One file of a project: where it is, and how it is called in problems."""

    file: Path
    path: str
    instead: bytes | None = None  #: what it is taken to hold, whatever it holds

    def text(self) -> str | Problem:
        """Return its text with its line ends as newlines, or why there is none."""
        if self.instead is None:
            return read_text(self.file, self.path)
        return decoded(self.instead, self.path)


Instead: TypeAlias = Mapping[str, bytes | None]
"""Path in the project to what the file is taken to hold; None for a file that is taken not to be there."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of one kind, each by its slug, and what is wrong with their names."""

    yaml: dict[str, Found] = field(default_factory=dict)
    sql: dict[str, Found] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    misnamed: set[str] = field(default_factory=set)  #: slugs that are none


def list_files(root: Path, kind: str, instead: Instead | None = None) -> Listing:
    """Return the files of one kind; a folder that does not exist has none."""
    listing = Listing()
    taken = {root / path: content for path, content in (instead or {}).items() if path.startswith(f"{kind}/")}
    try:
        files = sorted({*(root / kind).iterdir(), *taken})
    except FileNotFoundError:
        files = sorted(taken)
    except NotADirectoryError:
        listing.problems.append(
            file_problem(
                kind, f"{kind} is a file, not a folder.", "Rename it, and make a folder of that name."
            )
        )
        return listing
    except OSError as error:
        listing.problems.append(system_problem(kind, error))
        return listing
    for file in files:
        if not file.name.startswith(".") and taken.get(file, b"") is not None:
            _sort_in(listing, Found(file, f"{kind}/{_shown(file.name)}", taken.get(file)))
    return listing


def _sort_in(listing: Listing, found: Found) -> None:
    slug, ending = found.file.stem, found.file.suffix.lower()
    if ending in _YAML:
        files = listing.yaml
    elif ending == ".sql" and found.file.parent.name == "models":
        files = listing.sql
    else:
        return
    said = complaint(slug)
    if said:
        listing.misnamed.add(slug)
        listing.problems.append(file_problem(found.path, *said))
    if slug in files:
        listing.problems.append(
            file_problem(
                found.path,
                f"{found.path} and {files[slug].path} have the same slug {_shown(slug)!r}.",
                "Keep one of the two.",
            )
        )
    else:
        files[slug] = found


def complaint(slug: str) -> tuple[str, str] | None:
    """Return what is wrong with a slug and what to do, None when it is a good one."""
    shown = _shown(slug)
    if not _SLUG.fullmatch(slug):
        better = re.sub(r"[^a-z0-9_-]+", "-", slug.lower()).strip("-_")
        return (
            f"The file name {shown!r} is not a slug.",
            "Use lower-case letters, digits, dashes and underscores, a letter or digit first"
            + (f": {better!r}." if _SLUG.fullmatch(better) else "."),
        )
    if _RESERVED.fullmatch(slug):
        return f"The file name {shown!r} is reserved on Windows.", "Choose another name."
    if len(slug) > _LONGEST_SLUG:
        return f"The file name has {len(slug)} characters.", f"Use at most {_LONGEST_SLUG}."
    return None


def _shown(name: str) -> str:
    """Return a file name as text that can be printed, whatever bytes it is made of."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(_printable(text))


def _printable(text: str) -> Iterator[str]:
    for letter in text:
        yield letter if letter.isprintable() else repr(letter)[1:-1]
