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
        lock = FileLock(self._folder / f"sync-{sync}.lock", thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise SyncBusy(f"Sync {sync!r} is already being run by another process.") from None
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def waiting(self, name: str) -> Iterator[None]:
        """Hold a lock, waiting for whoever has it now."""
        with FileLock(self._folder / f"{name}.lock", thread_local=False):
            yield
