"""The whole state in one file, and back: the database as it was at one moment, the snapshots, the plans."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from pathlib import Path

from bookward.disk import move_to_disk, remove
from bookward.errors import BackupRefused, FilesInTheWay, StoreFailed
from bookward.failpoints import failpoint
from bookward.store.files import UNFINISHED
from bookward.store.keeper import OWNER
from bookward.store.locks import Locks
from bookward.store.sqlite import STATE_FILE

_FILES = ("snapshots", "plans", OWNER)
_DATABASE = tuple(f"{STATE_FILE}{ending}" for ending in ("", "-wal", "-shm", "-journal"))
_WHERE = "where"  # the file, among those of a backup being written, that says where it is written to


def refuse_backup(shared: bool) -> None:
    """Refuse to write or put back a state that lies in a database with means of its own for that.

    Raises:
        BackupRefused: so it is.
    """
    if shared:
        raise BackupRefused("The state is in the database of BOOKWARD_DATABASE_URL, not in the state folder.")


def write_backup(
    state: Path, locks: Locks, syncs: Iterable[str], file: Path, bring: Callable[[], None]
) -> int:
    """Write the state into a new file, whole or not at all; return how many bytes it has.

    No sync may run meanwhile: a snapshot and the pointer to it belong together.

    Args:
        state: the folder that holds it.
        locks: those of the syncs.
        syncs: all that the state knows.
        file: is written; the key that seals tokens is not in it.
        bring: brings what the state needs and keeps elsewhere into its folder.

    Raises:
        FilesInTheWay: there is such a file.
        SyncBusy: a sync is being run.
        StoreFailed: something cannot be read or written.
        StorageRefused, StorageUnreachable: what is kept elsewhere cannot be had.
    """
    if file.exists():
        raise FilesInTheWay(f"There is a file {file} already.", remedy="Name another one.")
    partial = file.with_name(f"{file.name}.partial")
    folder = state / UNFINISHED / ".backup"
    with ExitStack() as held:
        held.enter_context(locks.waiting(".backup"))
        for sync in sorted(set(syncs)):
            held.enter_context(locks.running(sync))
        bring()
        sweep_backup(folder)
        held.callback(remove, folder)
        _write(state, folder, partial, file)
    return file.stat().st_size


def _write(state: Path, folder: Path, partial: Path, file: Path) -> None:
    try:
        folder.mkdir(parents=True)
        (folder / _WHERE).write_text(str(partial.absolute()), encoding="utf-8")
        _copy_database(state / STATE_FILE, folder / STATE_FILE)
        partial.unlink(missing_ok=True)
        with (
            os.fdopen(_opened_alone(partial), "wb") as target,
            tarfile.open(fileobj=target, mode="w:gz", compresslevel=1) as archive,
        ):
            archive.add(folder / STATE_FILE, STATE_FILE)
            for name in _FILES:
                if (state / name).exists():
                    archive.add(state / name, name)
        failpoint("before-backup-rename")
        move_to_disk(partial, file)
    except (OSError, sqlite3.Error) as error:
        raise StoreFailed(
            f"The backup {file} cannot be written: {error}", remedy="Make room, or name another place."
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _opened_alone(path: Path) -> int:
    # It holds personal and bank data: from its first byte on only this user may read it.
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def sweep_backup(folder: Path) -> None:
    """Remove what a backup that was cut off has left in ``folder``, and where it wrote to."""
    where = folder / _WHERE
    if where.is_file():
        partial = Path(where.read_text(encoding="utf-8"))
        if partial.name.endswith(".partial"):
            remove(partial)
    remove(folder)


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def read_backup(file: Path, state: Path) -> None:
    """Put a backup where no state is.

    Raises:
        FilesInTheWay: there is a state.
        StoreFailed: the file is no backup, or cannot be read or written.
    """
    # What SQLite left beside a file that is gone, it would write into the one that is put back.
    if found := [name for name in _DATABASE if (state / name).exists()]:
        raise FilesInTheWay(
            f"There is a state in {state} already: {', '.join(found)}.",
            remedy="Move that folder away; it is not overwritten.",
        )
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tarfile.open(file, "r:gz") as archive:
            if STATE_FILE not in archive.getnames():
                raise tarfile.ReadError("it holds no state")
            for member in archive:
                _put_back(archive, member, state)
        # Last: a restore that is cut off before has made no state, and can be repeated.
        failpoint("before-database-rename")
        move_to_disk(_unfinished(state), state / STATE_FILE)
    except (OSError, tarfile.TarError, EOFError) as error:
        raise StoreFailed(
            f"The backup {file} cannot be read: {error}", remedy="Name a file that `bookward backup` wrote."
        ) from error


def _unfinished(state: Path) -> Path:
    return state / f"{STATE_FILE}.partial"


def _put_back(archive: tarfile.TarFile, member: tarfile.TarInfo, state: Path) -> None:
    # By hand: the first releases of Python 3.11 know no filter against files that lead elsewhere.
    path = _unfinished(state) if member.name == STATE_FILE else state / member.name
    content = archive.extractfile(member) if member.isfile() else None
    if not path.resolve().is_relative_to(state.resolve()) or (content is None and not member.isdir()):
        raise tarfile.ReadError(f"it holds {member.name!r}")
    if content is None:
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with content, path.open("wb") as target:
        path.chmod(0o600)
        shutil.copyfileobj(content, target)
