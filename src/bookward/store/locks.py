"""Locks between processes: held by the kernel, so that they end with the process that held them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bookward.errors import SyncBusy


class Locks:
    """The named locks of one state folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def running(self, sync: str) -> Iterator[None]:
        """Hold a sync for one run.

        Raises:
            SyncBusy: another run of it holds it.
        """
        lock = self._lock(f"sync-{sync}")
        if not _taken(lock):
            # A sweep holds the syncs that it looks into: behind it, the lock tells whether anybody runs them.
            with self.waiting("sweep"):
                if not _taken(lock):
                    raise SyncBusy(f"Sync {sync!r} is already being run by another process.")
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def if_free(self, name: str) -> Iterator[bool]:
        """Hold a lock if nobody does; say whether it is held now."""
        lock = self._lock(name)
        free = _taken(lock)
        try:
            yield free
        finally:
            if free:
                lock.release()

    @contextmanager
    def waiting(self, name: str) -> Iterator[None]:
        """Hold a lock, waiting for whoever has it now."""
        with self._lock(name):
            yield

    @contextmanager
    def living(self, holder: str) -> Iterator[None]:
        """Be known as living, under a name that nobody else has, until the block is left."""
        lock = self._lock(f"living-{holder}")
        with lock:
            yield
        Path(lock.lock_file).unlink(missing_ok=True)

    def is_gone(self, holder: str) -> bool:
        """Return whether a process that was known as living has ended, however that was."""
        lock = self._lock(f"living-{holder}")
        gone = _taken(lock)
        if gone:
            lock.release()
            Path(lock.lock_file).unlink(missing_ok=True)
        return gone

    def _lock(self, name: str) -> FileLock:
        return FileLock(self._folder / f"{name}.lock", thread_local=False)


def _taken(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    return True
