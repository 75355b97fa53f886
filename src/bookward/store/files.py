"""The files of the state that are written once, under a name of their own: snapshots and plans."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from bookward.disk import disk_errors, move_to_disk, remove

UNFINISHED = "unfinished"
"""The folder of the state for what is not whole yet, by the sync that it belongs to."""


def plan_name(id_: str) -> str:
    """Return the name of a plan among the files of the state."""
    return f"plans/{id_}"


def snapshot_name(sync: str, file: str) -> str:
    """Return the name of a snapshot of a sync among the files of the state."""
    return f"snapshots/{sync}/{file}"


def snapshot_file(run: str, epoch: int) -> str:
    """Return the name of the snapshot of a run; should an overtaken process fold it too, it makes another."""
    return f"{run}-{epoch}.parquet"


def epoch_of(snapshot: str) -> int:
    """Return the epoch in which a snapshot was made, 0 where its name does not tell."""
    said = Path(snapshot).stem.rpartition("-")[2]
    return int(said) if said.isdecimal() else 0


class Files:
    """Snapshots and plans in the state folder.

    A name is a path in that folder: ``snapshots/SYNC/RUN.parquet`` is a file, ``plans/PLAN`` a folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def unfinished(self, owner: str) -> Path:
        """Return the folder for what one sync is about to publish, on the file system of what is published.

        Raises:
            StoreFailed: it cannot be made.
        """
        path = self.folder / UNFINISHED / owner
        with disk_errors(path):
            path.mkdir(parents=True, exist_ok=True)
        return path

    def publish(self, made: Path, name: str) -> None:
        """Give a finished file or folder its name; return when it is there for good, whole.

        Raises:
            StoreFailed: the disk refuses.
        """
        self.put(made, name)
        path = self.folder / name
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        move_to_disk(made, path)

    def reach(self) -> None:
        """Make sure that what is published can be put where it is to go, before work is spent on it."""

    def put(self, made: Path, name: str) -> None:
        """Bring what is about to get a name where it is kept beyond this folder: here, nowhere."""

    def fetch(self, name: str) -> Path:
        """Return where a file or folder lies; when there is none of that name, nothing lies there."""
        return self.folder / name

    def has(self, name: str) -> bool:
        """Return whether there is a file or folder of a name."""
        return (self.folder / name).exists()

    def delete(self, name: str) -> None:
        """Remove a file or folder, if it is there."""
        remove(self.folder / name)

    def here(self, folder: str) -> set[str]:
        """Return the names of what lies in a folder on this machine."""
        place = self.folder / folder
        return {f"{folder}/{path.name}" for path in place.glob("[!.]*")}

    def names(self, folder: str) -> set[str]:
        """Return the names of everything in a folder, halves included."""
        return self.here(folder)

    def keep(self, folder: str, wanted: Collection[str]) -> None:
        """Bring what was published before it was kept beyond this machine to where it is kept now."""

    def forget(self, folder: str, before: str, but: Collection[str]) -> None:
        """Remove what is named, and so was made, before ``before``, except for what is in ``but``."""
        for name in self.names(folder) - set(but):
            if name < before:
                self.delete(name)

    def make_room(self, folder: str, before: str, but: Collection[str]) -> None:
        """Remove such copies of what is kept elsewhere too: here, none."""
