"""A project's files as one thing, to be carried to a machine that has no such folder."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from bookward.project.folder import KINDS, PROJECT_FILE, list_files
from bookward.project.watching import fingerprint

_ALWAYS = (1980, 1, 1, 0, 0, 0)  # the same files give the same bytes
_CURRENT = "project"
_LOCK = "laying-out.lock"
_MOST_LOOKS = 5  # at a folder in which somebody writes all the time


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files that a project is made of; what its `.env` holds stays where it is."""

    digest: str  #: the same for the same files
    data: bytes  #: a zip archive


def bundle(root: Path) -> Bundle:
    """Return the files of a project folder.

    Raises:
        OSError: one of them cannot be read.
    """
    data = b""
    for _ in range(_MOST_LOOKS):
        before, data = fingerprint(root), _packed(root)
        if fingerprint(root) == before:  # so nothing was written while it was read
            break
    return Bundle(hashlib.sha256(data).hexdigest(), data)


def laid_out(folder: Path) -> Path:
    """Return where the project stands that ``lay_out`` put into a folder."""
    return folder / _CURRENT


def lay_out(found: Bundle, folder: Path) -> None:
    """Put a project's files into a folder, in the place of those that are there; readers see either.

    Raises:
        OSError: it cannot be written.
    """
    place, partial, link = folder / found.digest, folder / uuid.uuid4().hex, laid_out(folder)
    with FileLock(folder / _LOCK):
        if not place.is_dir():
            with zipfile.ZipFile(io.BytesIO(found.data)) as archive:
                archive.extractall(partial)
            partial.replace(place)
        before = link.readlink().name if link.is_symlink() else ""
        partial.symlink_to(place.name)
        partial.replace(link)
        # Whoever still reads the version before finds all of it.
        for old in folder.iterdir():
            if old.is_dir() and not old.is_symlink() and old.name not in (place.name, before):
                old.replace(partial)  # never half of it under its name
                shutil.rmtree(partial, ignore_errors=True)


def _packed(root: Path) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(_paths(root)):
            archive.writestr(zipfile.ZipInfo(path, _ALWAYS), (root / path).read_bytes())
    return stream.getvalue()


def _paths(root: Path) -> Iterator[str]:
    yield PROJECT_FILE
    for kind in KINDS:
        listing = list_files(root, kind)
        for found in [*listing.yaml.values(), *listing.sql.values()]:
            yield os.fspath(found.file.relative_to(root))
