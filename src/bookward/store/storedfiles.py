"""Snapshots and plans that are kept by an object storage; what is needed now lies in the state folder too."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from bookward.disk import disk_errors, move_to_disk, remove
from bookward.store.files import UNFINISHED, Files
from bookward.store.keeper import Keeper
from bookward.store.locks import Locks
from bookward.store.objects import Objects


class StoredFiles(Files):
    """Files that are put on an object storage before they count, and deleted there before they go here.

    The state folder is the cache: what lies there is whole and never changes, so it is not asked for again.
    All methods that reach the storage raise what ``Objects`` raises.
    """

    def __init__(self, folder: Path, objects: Objects, locks: Locks, keeper: Keeper) -> None:
        super().__init__(folder)
        self._unclaimed = objects
        self._locks = locks
        self._keeper = keeper
        self._claimed = False

    def reach(self) -> None:
        self._objects.reach()

    def put(self, made: Path, name: str) -> None:
        self._objects.put(made, name)

    def fetch(self, name: str) -> Path:
        path = self.folder / name
        if not path.exists():
            with self._locks.waiting(".fetched"):
                if not path.exists():
                    self._download(name, path)
        return path

    def has(self, name: str) -> bool:
        return super().has(name) or self._objects.has(name)

    def delete(self, name: str) -> None:
        # There first: were this cut off in between, what lies here would still tell the next sweep.
        self._objects.delete(name)
        super().delete(name)

    def names(self, folder: str) -> set[str]:
        return super().names(folder) | self._objects.names(folder)

    def keep(self, folder: str, wanted: Collection[str]) -> None:
        for name in (set(wanted) & self.here(folder)) - self._objects.names(folder, whole=True):
            self.put(self.folder / name, name)

    def make_room(self, folder: str, before: str, but: Collection[str]) -> None:
        for name in (self.here(folder) & self._objects.names(folder, whole=True)) - set(but):
            if name < before:
                super().delete(name)

    def _download(self, name: str, path: Path) -> None:
        place = self.folder / UNFINISHED / ".fetched"
        remove(place)
        with disk_errors(place):
            place.mkdir(parents=True)
            path.parent.mkdir(parents=True, exist_ok=True)
        if self._objects.get(name, place / path.name):
            move_to_disk(place / path.name, path)
        remove(place)

    @property
    def _objects(self) -> Objects:
        """The storage, once it is sure that it keeps the files of this state and of no other."""
        if not self._claimed:
            with self._locks.waiting(".claim"):
                self._keeper.claim(self._unclaimed, self._put_all)
            self._claimed = True
        return self._unclaimed

    def _put_all(self) -> None:
        """Put what this folder alone has kept so far where other machines find it."""
        folders = ("plans", *self.here("snapshots"))
        for name in sorted(name for folder in folders for name in self.here(folder)):
            self._unclaimed.put(self.folder / name, name)
