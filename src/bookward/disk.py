"""Files and folders that are on disk, whole, before anything relies on them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bookward.errors import StoreFailed


@contextmanager
def disk_errors(path: object) -> Iterator[None]:
    """Say what the disk refuses, and where, as ``StoreFailed``."""
    try:
        yield
    except OSError as error:
        raise StoreFailed(f"{path} could not be written: {error}") from error


def move_to_disk(partial: Path, path: Path) -> None:
    """Give a finished file or folder its name, and return when disk and folder know it.

    Raises:
        StoreFailed: the disk refuses.
    """
    with disk_errors(path):
        sync(partial)
        partial.replace(path)
        sync(path.parent)


def sync(path: Path) -> None:
    """Return when a file's or folder's content is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that it holds, if it is there.

    Raises:
        StoreFailed: the disk refuses.
    """
    with disk_errors(path):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
