"""Locks between the processes of several machines: kernel locks on each machine, leases between them."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from bookward.clock import SystemClock
from bookward.errors import SyncBusy
from bookward.store.database import Database
from bookward.store.leases import LASTS, Leases
from bookward.store.locks import Locks

_GLANCE = 0.2  # seconds; so often whoever waits for a lease looks


class SharedLocks(Locks):
    """The locks of a state that several machines share.

    What is about files of this machine (a sweep, a download) needs the kernel's locks only.
    """

    def __init__(self, folder: Path, database: Database) -> None:
        """Hold nothing yet.

        Args:
            folder: of the kernel's locks.
            database: holds the leases, and is used for nothing else.
        """
        super().__init__(folder)
        self._leases = Leases(database, _home(folder))

    @contextmanager
    def running(self, sync: str) -> Iterator[None]:
        name = f"sync-{sync}"
        with super().running(sync):
            holder = self._leases.take(name)
            if holder is None:
                raise _busy(sync, self._leases.machine_of(name))
            try:
                yield
            finally:
                self._leases.release(holder)

    @contextmanager
    def if_free_everywhere(self, name: str) -> Iterator[bool]:
        with self.if_free(name) as here:
            holder = self._leases.take(name) if here else None
            try:
                yield holder is not None
            finally:
                if holder is not None:
                    self._leases.release(holder)

    @contextmanager
    def waiting_everywhere(self, name: str) -> Iterator[None]:
        with self.waiting(name):
            while (holder := self._leases.take(name)) is None:
                time.sleep(_GLANCE)
            try:
                yield
            finally:
                self._leases.release(holder)

    @contextmanager
    def living(self, holder: str) -> Iterator[None]:
        with super().living(holder):
            lease = self._leases.take(_living(holder))
            try:
                yield
            finally:
                if lease is not None:
                    self._leases.release(lease)

    def gone(self, holders: Collection[str], connection: Connection) -> set[str]:
        homes = self._leases.homes(connection, [_living(holder) for holder in holders])
        mine = {holder for holder in holders if homes.get(_living(holder)) == self._leases.home}
        others = {holder for holder in holders if _living(holder) in homes} - mine
        # Of this home the kernel knows at once.
        return (set(holders) - mine - others) | super().gone(mine, connection)

    def close(self) -> None:
        self._leases.close()


def _busy(sync: str, machine: str) -> SyncBusy:
    return SyncBusy(
        f"Sync {sync!r} is already being run by another process, on {machine or 'another machine'}.",
        remedy="Wait until it has finished; `bookward history` shows it. If that process or machine died, "
        f"the sync is free {LASTS.seconds} seconds later.",
    )


def _living(holder: str) -> str:
    return f"living-{holder}"


def _home(folder: Path) -> str:
    """Return what tells this folder, in this machine since its start, from all others.

    A copy of the folder, in the image of another machine, is another home.
    """
    found = folder.stat()
    return f"{SystemClock().uptime().boot}:{found.st_dev}:{found.st_ino}"
