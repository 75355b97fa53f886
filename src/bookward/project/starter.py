"""The starter project of `bookward init`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from bookward.errors import ConfigError, FilesInTheWay
from bookward.project.words import one_of

_DOT = "dot-"
"""Names that begin with a dot are kept under this one: packaging tools and git would act on them."""


def write_starter(folder: Path) -> list[Path]:
    """Write a commented project that works at once with the sample source, and return its files.

    Raises:
        ConfigError: one of the files exists already, in which case none is written, or writing failed.
    """
    contents = {folder / name: content for name, content in _starter()}
    taken = [str(file.relative_to(folder)) for file in contents if os.path.lexists(file)]
    if taken:
        raise FilesInTheWay(f"{folder} already has {one_of(taken)}; nothing is overwritten.")
    try:
        for file, content in contents.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("xb") as stream:
                stream.write(content)
    except OSError as error:
        raise ConfigError(
            f"{error.filename or folder} cannot be written: {error.strerror}.",
            remedy="Check the folder's name, the right to write there, and the disk.",
        ) from error
    return sorted(contents)


def _starter() -> Iterator[tuple[Path, bytes]]:
    yield from _below(files("bookward.project") / "starter", Path())


def _below(folder: Traversable, path: Path) -> Iterator[tuple[Path, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _below(entry, path / entry.name)
        else:
            hidden = entry.name.startswith(_DOT)
            name = f".{entry.name.removeprefix(_DOT)}" if hidden else entry.name
            yield path / name, entry.read_bytes()
