"""Snapshots and plans that are kept by an object storage; what is needed now lies in the state folder too."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from pathlib import Path

from bookward.disk import disk_errors, move_to_disk, remove
from bookward.errors import StorageRefused, StoreFailed
from bookward.store.files import UNFINISHED, Files
from bookward.store.locks import Locks
from bookward.store.objects import Objects

OWNER = "files.id"
"""The file, in the state folder and beside what it keeps elsewhere, that says that they belong together."""


class StoredFiles(Files):
    """Files that are put on an object storage before they count, and deleted there before they go here.

    The state folder is the cache: what lies there is whole and never changes, so it is not asked for again.
    All methods that reach the storage raise what ``Objects`` raises.
    """

    def __init__(self, folder: Path, objects: Objects, locks: Locks) -> None:
        super().__init__(folder)
        self._unclaimed = objects
        self._locks = locks
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

    def keep_only(self, folder: str, wanted: Collection[str]) -> None:
        super().keep_only(folder, wanted)
        # What was published before there was a storage is put there now.
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
        """The storage, once it is sure that it keeps the files of this state and of no other.

        Another state would take these files for left behind, and remove them.
        """
        if not self._claimed:
            with self._locks.waiting(".claim"):
                self._claim()
            self._claimed = True
        return self._unclaimed

    def _claim(self) -> None:
        mine = self.folder / OWNER
        self._unclaimed.reach()
        theirs = self._unclaimed.read(OWNER)
        try:
            if not mine.exists():
                partial = mine.with_name(f"{OWNER}.partial")
                partial.write_text(secrets.token_hex(16), encoding="ascii")
                move_to_disk(partial, mine)
            own = mine.read_bytes()
        except OSError as error:
            raise StoreFailed(f"{mine} cannot be used: {error}") from error
        if theirs is None:
            self._unclaimed.write(OWNER, own)
        elif theirs != own:
            raise StorageRefused(
                f"{self._unclaimed.shown} keeps the files of another state than {self.folder}.",
                remedy="Name another prefix in BOOKWARD_FILES: two states would remove each other's files. "
                "If that state is lost, put back a backup of it with `bookward restore`.",
            )
