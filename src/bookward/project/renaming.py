"""Files under another name, and what names them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bookward.errors import ProjectInvalid
from bookward.project.document import Document, Where
from bookward.project.folder import KINDS, PROJECT_FILE, Found, complaint, list_files
from bookward.project.references import references
from bookward.project.writing import write_files
from bookward.project.yamledit import edited, replaced
from bookward.project.yamlfile import parse_yaml


def require_slug(name: str) -> None:
    """Make sure that a sync may have this name.

    Raises:
        ProjectInvalid: it is no slug.
    """
    if said := complaint(name):
        raise ProjectInvalid(said[0], remedy=said[1])


def follow(root: Path, state: Path, old: str, new: str) -> Sequence[str]:
    """Let the syncs that run after one follow it under its new name; return the paths that changed.

    Raises:
        ProjectReadOnly: one of their files cannot be written.
    """
    changes = following(root, "syncs", old, new)
    if changes:
        write_files(root, state, changes)
    return list(changes)


def following(root: Path, kind: str, old: str, new: str) -> dict[str, bytes | None]:
    """Return path to bytes of the files that name a file, with its new name in place of the old one.

    Raises:
        ProjectInvalid: one of them is so broken that nobody but a person can change it.
    """
    changes: dict[str, bytes | None] = {}
    for of, found in _all_files(root):
        text = found.text()
        document = parse_yaml(text, found.path)[0] if isinstance(text, str) else None
        if document is None:
            continue
        places = [r.where for r in references(of, document) if (r.kind, r.slug) == (kind, old)]
        if places:
            raw = found.file.read_bytes().decode()
            changes[found.path] = _renamed(raw, document, places, new).encode()
    return changes


def _renamed(text: str, document: Document, places: Sequence[Where], new: str) -> str:
    values = document.root.plain()
    for where in places:
        _put(values, where, new)
    if document.is_whole:
        return edited(text, values)
    said = replaced(text, places, values)
    if said is None:
        raise ProjectInvalid(
            f"{document.path} names it and cannot be changed, as its YAML is wrong.",
            remedy="Correct that file first: `bookward check` says what is wrong with it.",
        )
    return said


def _all_files(root: Path) -> Iterator[tuple[str, Found]]:
    yield "project", Found(root / PROJECT_FILE, PROJECT_FILE)
    for kind in KINDS:
        yield from ((kind, found) for found in list_files(root, kind).yaml.values())


def _put(values: Any, where: Where, said: str) -> None:
    *way, last = where
    for step in way:
        values = values[step]
    values[last] = said


def rename_file(root: Path, old: str, new: str) -> None:
    """Give the file of a sync another name, if it still has the old one.

    Raises:
        ProjectInvalid: the file cannot be renamed.
    """
    found = list_files(root, "syncs").yaml.get(old)
    if found is None:
        return
    try:
        found.file.rename(found.file.with_stem(new))
    except OSError as error:
        raise ProjectInvalid(
            f"{found.path} cannot be renamed: {error.strerror}.", remedy="Make the folder writable."
        ) from error
