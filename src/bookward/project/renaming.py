"""A sync's file under another name."""

from __future__ import annotations

from pathlib import Path

from bookward.errors import ProjectInvalid
from bookward.project.folder import complaint, list_files


def require_slug(name: str) -> None:
    """Make sure that a sync may have this name.

    Raises:
        ProjectInvalid: it is no slug.
    """
    if said := complaint(name):
        raise ProjectInvalid(said[0], remedy=said[1])


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
