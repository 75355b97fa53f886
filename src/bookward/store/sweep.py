"""Sweeping up what killed processes left behind, without touching what living ones use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bookward.disk import remove
from bookward.errors import BookwardError
from bookward.store.backup import sweep_backup
from bookward.store.epochs import Epochs
from bookward.store.files import UNFINISHED, Files, epoch_of, plan_name, snapshot_name
from bookward.store.locks import Locks


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Removes what no living process of this machine needs; the locks tell which those are.

    What cannot be removed now is left for the next sweep: a run is not to fail for it.
    """

    files: Files
    locks: Locks
    epochs: Epochs
    work: Path  #: the folder for temporary files, by sync
    snapshot: Callable[[str], str | None]  #: the name of the snapshot that counts for a sync

    def all(self, held: str) -> None:
        """Sweep behind the sync that the caller holds, and behind every other that nobody runs now."""
        with suppress(BookwardError):
            self._behind(held)
            self.keep_current(held)
        with self.locks.if_free("sweep") as alone:
            if not alone:
                return
            for sync in sorted(self._left_behind() - {held}):
                with self.locks.if_free(f"sync-{sync}") as free, suppress(BookwardError):
                    if free:
                        self._behind(sync)
            for name in (".sample", ".keys"):
                with self.locks.if_free(name) as free:
                    for work in self._works() if free else ():
                        remove(work / name)
            for owner, sweep in ((".fetched", remove), (".backup", sweep_backup)):
                with self.locks.if_free(owner) as free, suppress(BookwardError):
                    if free:
                        sweep(self.files.folder / UNFINISHED / owner)

    def keep_current(self, sync: str) -> None:
        """Remove the snapshots of a sync that do not count any more; the caller holds the sync."""
        folder = f"snapshots/{sync}"
        # Listed before anything is asked: what another process puts there later is not among them. What it
        # has put there, and not moved the pointer to yet, is of the newest epoch, which then is its own.
        found = self.files.names(folder)
        newest = self.epochs.newest(sync)
        safe = newest + 1 if self.epochs.taken(sync) == newest else newest
        current = self.snapshot(sync)
        for name in found - {f"{folder}/{current}"}:
            if epoch_of(name) < safe:
                self.files.delete(name)
        if current:
            self.files.keep(folder, {f"{folder}/{current}"})

    def _behind(self, sync: str) -> None:
        for work in self._works():
            remove(work / sync)
        unfinished = self.files.folder / UNFINISHED / sync
        # A part of what was about to be published may lie where it is kept beyond this machine.
        stale = {
            plan_name(path.name) if path.is_dir() else snapshot_name(sync, path.name)
            for path in _inside(unfinished)
        }
        stale |= self.files.here(f"snapshots/{sync}")
        for name in stale - {snapshot_name(sync, str(self.snapshot(sync)))}:
            self.files.delete(name)
        remove(unfinished)

    def _left_behind(self) -> set[str]:
        """Return the syncs that have files anywhere."""
        folders = (*self._works(), self.files.folder / UNFINISHED, self.files.folder / "snapshots")
        syncs = {path.name for folder in folders for path in _inside(folder)}
        return {sync for sync in syncs if not sync.startswith(".")}

    def _works(self) -> set[Path]:
        """Return where temporary files lie now, and where they lie by default."""
        return {self.work, self.files.folder / "work"}


def _inside(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())
