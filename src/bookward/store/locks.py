"""Locks between processes: held by the kernel, so that they end with the process that held them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection

from bookward.errors import SyncBusy


class Locks:
    """The named locks of one state folder, for the processes of one machine."""

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

    def if_free_everywhere(self, name: str) -> AbstractContextManager[bool]:
        """Hold a lock if nobody does among all processes that share the state; say whether it is held now."""
        return self.if_free(name)

    @contextmanager
    def waiting(self, name: str) -> Iterator[None]:
        """Hold a lock, waiting for whoever has it now."""
        with self._lock(name):
            yield

    def waiting_everywhere(self, name: str) -> AbstractContextManager[None]:
        """Hold a lock among all processes that share the state, on whichever machines, waiting for it."""
        return self.waiting(name)

    @contextmanager
    def living(self, holder: str) -> Iterator[None]:
        """Be known as living, under a name that nobody else has, until the block is left."""
        lock = self._lock(f"living-{holder}")
        with lock:
            yield
        Path(lock.lock_file).unlink(missing_ok=True)

    def gone(self, holders: Collection[str], connection: Connection) -> set[str]:
        """Return those of the processes, known as living once, that have ended, however that was.

        Args:
            holders: their names.
            connection: to the database of the state, which may know.
        """
        return {holder for holder in holders if self._is_gone(holder)}

    def close(self) -> None:
        """End whatever keeps locks alive."""

    def _is_gone(self, holder: str) -> bool:
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
