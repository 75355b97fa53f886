"""Snapshots and plans in the state folder of the one machine that keeps them, though the state is shared."""

from __future__ import annotations

from pathlib import Path

from bookward.store.files import Files
from bookward.store.keeper import Keeper
from bookward.store.locks import Locks


class FolderFiles(Files):
    """Files in a folder that says so as soon as any is needed which another machine keeps.

    ``reach``, ``put`` and ``fetch`` raise ``SettingInvalid`` then.
    """

    def __init__(self, folder: Path, locks: Locks, keeper: Keeper) -> None:
        super().__init__(folder)
        self._locks = locks
        self._keeper = keeper
        self._is_home = False

    def reach(self) -> None:
        if not self._is_home:
            with self._locks.waiting(".claim"):
                self._keeper.require_folder()
            self._is_home = True

    def put(self, made: Path, name: str) -> None:
        self.reach()

    def fetch(self, name: str) -> Path:
        self.reach()
        return super().fetch(name)
