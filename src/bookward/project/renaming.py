"""A sync's file under another name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bookward.errors import ProjectInvalid
from bookward.project.folder import complaint, list_files
from bookward.project.references import references
from bookward.project.writing import write_files
from bookward.project.yamledit import edited
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
    changes: dict[str, bytes | None] = {}
    for found in list_files(root, "syncs").yaml.values():
        text = found.text()
        document = parse_yaml(text, found.path)[0] if isinstance(text, str) else None
        if document is None or not any(r[1:] == ("syncs", old) for r in references("syncs", document)):
            continue
        values = document.root.plain()
        after = values["schedule"]["after"]
        renamed = new if after == old else [new if slug == old else slug for slug in after]
        values["schedule"]["after"] = renamed
        changes[found.path] = edited(found.file.read_bytes().decode(), values).encode()
    if changes:
        write_files(root, state, changes)
    return list(changes)


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
