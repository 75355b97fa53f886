"""Seeing that a project's files changed, without reading them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Generic, TypeAlias, TypeVar

from bookward.project.folder import KINDS, PROJECT_FILE
from bookward.project.secrets import ENV_FILE

T = TypeVar("T")

Fingerprint: TypeAlias = tuple[tuple[str, int, int, int, int], ...]
"""Name, size, inode, and times of last change of every file, in nanoseconds."""

_FRESH_NS = 100_000_000
"""A file that changed so shortly before may change once more without its times saying so."""

_MOST_LOOKS = 5  # at a folder in which somebody writes all the time


def fingerprint(root: Path) -> Fingerprint:
    """Return what tells whether anything in a project's folder changed."""
    seen = [_entry(str(root / name), name) for name in (PROJECT_FILE, ENV_FILE)]
    for kind in KINDS:
        try:
            with os.scandir(root / kind) as found:
                seen += [_entry(entry.path, f"{kind}/{entry.name}") for entry in found]
        except OSError as error:
            seen.append((kind, error.errno or 0, 0, 0, 0))
    return tuple(sorted(seen))


def _entry(path: str, name: str) -> tuple[str, int, int, int, int]:
    try:
        seen = os.stat(path)  # noqa: PTH116  # a thousand Path objects cost more than the looking
    except OSError as error:
        return (name, error.errno or 0, 0, 0, 0)
    return (name, seen.st_size, seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns)


@dataclass(frozen=True, slots=True)
class _Seen(Generic[T]):
    value: T
    of: object
    settled: bool


class Watched(Generic[T]):
    """What was read from a project's folder, read anew when the folder changed; safe for several threads."""

    def __init__(self, root: Path, read: Callable[[], T], beside: Callable[[], object]) -> None:
        """Watch a project's folder.

        Args:
            root: the folder.
            read: reads what is in it.
            beside: what else the value depends on, to be compared.
        """
        self._root = root
        self._read = read
        self._beside = beside
        self._lock = Lock()
        self._seen: _Seen[T] | None = None

    def get(self) -> T:
        """Return what the folder says now."""
        with self._lock:
            now = self._now()
            if self._seen is None or self._seen.of != now or not self._seen.settled:
                self._seen = self._anew(now)
            return self._seen.value

    def _anew(self, now: tuple[Fingerprint, object]) -> _Seen[T]:
        for _ in range(_MOST_LOOKS):
            value, before, now = self._read(), now, self._now()
            if now == before:  # so nothing was written while it was read
                break
        settled = now == before and time.time_ns() - _newest(now[0]) > _FRESH_NS
        return _Seen(value, now, settled)

    def _now(self) -> tuple[Fingerprint, object]:
        return fingerprint(self._root), self._beside()

    def forget(self) -> None:
        """Read anew the next time, whatever is seen."""
        with self._lock:
            self._seen = None


def _newest(seen: Fingerprint) -> int:
    return max((max(mtime, ctime) for *_, mtime, ctime in seen), default=0)
