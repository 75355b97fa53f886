"""Files that lie in a store elsewhere: those of a table are fetched whole, under the names that they have."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

from bookward.errors import SourceFailed, SourceUnreachable
from bookward.sources.files.source import FilesSource
from bookward.sources.files.spec import FileTable

_WILD = re.compile(r"[*?\[]")


class Stored(NamedTuple):
    """A file of a store."""

    path: str
    size: int  #: in bytes


class Store(Protocol):
    """What holds the files. Its errors are ours, and name what is read."""

    def address(self, path: str) -> str:
        """Return a path as people may see it."""

    def one(self, path: str) -> Iterable[Stored]:
        """Return the file at a path, if it is there."""

    def below(self, folder: str, pattern: str) -> Iterable[Stored]:
        """Return at least the files of a folder, and of those in it, that match a pattern; see ``fits``."""

    def fetch(self, file: Stored, target: Path) -> None:
        """Write what a file holds to a path of this machine."""


class StoredFilesSource(FilesSource):
    """Reads files of a store as tables."""

    @abstractmethod
    def store(self, where: str) -> AbstractContextManager[Store]:
        """Give the store; ``where`` begins its errors."""

    def _files(self, name: str, table: FileTable, folder: Path) -> Sequence[Path]:
        where = f"Table {name!r} of source {self._name!r}"
        with self.store(where) as store:
            found = _found(store, where, table.path)
            total = sum(file.size for file in found)
            if total > self._spec.most_bytes:
                raise SourceFailed(
                    f"{where} has {total:,} bytes, which is more than {self._spec.most_bytes:,}.",
                    remedy="Raise `most_bytes` in the source's file, or narrow the pattern.",
                )
            return [_fetched(store, where, file, folder / "fetched") for file in found]


def fits(pattern: str, path: str) -> bool:
    """Return whether a path matches a pattern; two stars go through folders."""
    return _expression(pattern).fullmatch(path) is not None


def _found(store: Store, where: str, pattern: str) -> Sequence[Stored]:
    wild = _WILD.search(pattern)
    if wild is None:
        files = list(store.one(pattern))
    else:
        below = store.below(pattern[: wild.start()].rpartition("/")[0], pattern)
        files = sorted(file for file in below if fits(pattern, file.path))
    if not files:
        raise SourceUnreachable(
            f"{where} has no file at {store.address(pattern)}.",
            remedy="Check the path or the pattern in the source's file, and where it begins.",
        )
    return files


def _fetched(store: Store, where: str, file: Stored, folder: Path) -> Path:
    parts = file.path.lstrip("/").split("/")
    if {"", ".", ".."} & set(parts):
        raise SourceFailed(f"{where}: {file.path!r} is no path.", remedy="Rename the file.")
    target = folder.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    store.fetch(file, target)
    came = target.stat().st_size
    if came != file.size:
        raise SourceFailed(
            f"{where}: {store.address(file.path)} had {file.size:,} bytes, and {came:,} came.",
            remedy="It was changed while it was read; run again.",
        )
    return target


def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/?|\*|\?)", pattern)
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(words.get(part) or re.escape(part) for part in parts), re.DOTALL)
