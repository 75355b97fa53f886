"""What keeps the snapshots and plans of a state: its folder, or a storage, which keeps no other's."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select, update

from bookward.disk import disk_errors, move_to_disk
from bookward.errors import SettingInvalid, StorageRefused
from bookward.store.database import Database
from bookward.store.objects import Objects
from bookward.store.tables import keepers
from bookward.store.upserts import insert_new

OWNER = "files.id"
"""The file, beside what a storage keeps, that says whose files these are."""

_FOLDER = "folder.id"  # the same in a folder, where several machines share the database
_WHAT = "files"


class Kept(NamedTuple):
    """Whose files they are, and where they are kept."""

    id: str
    place: str

    @property
    def in_folder(self) -> bool:
        """Whether the folder of one machine keeps them."""
        return "://" not in self.place


class Keeper:
    """Knows where the files of this state are, so that no process takes another place for it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._here = f"{socket.gethostname()}:{folder.absolute()}" if database.shared else str(folder)

    def require_folder(self) -> None:
        """Make sure that the folder of this process keeps the files, where no storage does.

        The caller lets in one process of the machine at a time: an id that two make is nobody's.

        Raises:
            SettingInvalid: they are kept elsewhere.
            StoreFailed: the folder cannot be written.
        """
        if not self._database.shared:
            return
        mine = self._own(_FOLDER)
        if mine is None:
            mine = secrets.token_hex(16)
            with disk_errors(self._folder / _FOLDER):
                partial = self._folder / f"{_FOLDER}.partial"
                partial.write_text(mine, encoding="ascii")
            move_to_disk(partial, self._folder / _FOLDER)
        kept = self._claim(Kept(mine, self._here))
        if kept.id != mine or not kept.in_folder:
            raise _elsewhere(kept)

    def claim(self, storage: Objects, put_all: Callable[[], None]) -> None:
        """Make sure that a storage keeps the files of this state and of no other.

        Another state would take these files for left behind, and remove them.

        Args:
            storage: the one that this process is told of.
            put_all: puts there what the folder alone has kept so far, where other machines rely on it.

        Raises:
            SettingInvalid: they are kept elsewhere.
            StorageRefused: it keeps those of another state.
            StorageUnreachable: as ``Objects``.
        """
        storage.reach()
        theirs = storage.read(OWNER)
        # Before it was in the database, the id was in the folder.
        former = None if self._database.shared else self._own(OWNER)
        wanted = Kept(former or secrets.token_hex(16), storage.shown)
        kept = self._known() or wanted
        if theirs is not None and theirs != kept.id.encode():
            raise StorageRefused(
                f"{storage.shown} keeps the files of another state than {self._database.shown}.",
                remedy="Name another prefix in BOOKWARD_FILES: two states would remove each other's files. "
                "If that state is lost, put back a backup of it with `bookward restore`.",
            )
        kept = self._claim(wanted)
        if moved := kept.place != storage.shown:
            self._refuse_move(kept, theirs)
        if theirs is None:
            storage.write(OWNER, kept.id.encode())
        if moved:
            if self._database.shared:
                put_all()
            with self._database.writing() as connection:
                connection.execute(update(keepers).values(place=storage.shown))

    def check(self, storage: Objects | None) -> None:
        """Make sure, as above, that the files are where this process looks for them; claim nothing.

        Raises:
            SettingInvalid: they are kept elsewhere.
            StorageRefused, StorageUnreachable: as ``Objects``.
        """
        kept = self._known()
        if kept is None:
            return
        if storage is None:
            if not kept.in_folder or self._own(_FOLDER) != kept.id:
                raise _elsewhere(kept)
        elif kept.place != storage.shown:
            self._refuse_move(kept, storage.read(OWNER))

    def _refuse_move(self, kept: Kept, theirs: bytes | None) -> None:
        """Refuse another place than before which lacks the files, unless they are at hand to be put there."""
        if self._database.shared:
            at_hand = self._own(_FOLDER) == kept.id if kept.in_folder else theirs is not None
            if not at_hand:
                raise _elsewhere(kept)

    def _own(self, name: str) -> str | None:
        path = self._folder / name
        with disk_errors(path):
            return path.read_text(encoding="ascii") if path.exists() else None

    def _known(self) -> Kept | None:
        query = select(keepers.c.id, keepers.c.place).where(keepers.c.what == _WHAT)
        with self._database.reading() as connection:
            line = connection.execute(query).one_or_none()
        return Kept(*line) if line else None

    def _claim(self, wanted: Kept) -> Kept:
        """Write down who keeps the files, unless it is known; return what is known then."""
        known = self._known()
        if known is None:
            line = {"what": _WHAT, "id": wanted.id, "place": wanted.place}
            with self._database.writing() as connection:
                connection.execute(insert_new(connection, keepers), line)
            known = self._known()
        assert known is not None
        return known


def _elsewhere(kept: Kept) -> SettingInvalid:
    return SettingInvalid(
        f"The snapshots and plans of the state in BOOKWARD_DATABASE_URL are kept elsewhere: {kept.place}.",
        remedy=(
            "Several machines need an object storage for them: set BOOKWARD_FILES there first, run any sync, "
            "and then here. With one machine only, bring that folder back as it was."
            if kept.in_folder
            else f"Set BOOKWARD_FILES as the other machines have it, to {kept.place}."
        ),
    )
