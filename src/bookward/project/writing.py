"""Writing files of a project: whole or not at all, also several of them, whenever the process ends.

What is to be written to several files is first put down as a whole, and written by whoever comes next when
the writer was killed between two of them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock

from bookward import disk, exactjson
from bookward.errors import ProjectReadOnly
from bookward.failpoints import failpoint
from bookward.project.folder import Instead
from bookward.project.text import bytes_of

_LOCK = "project-files.lock"
_PENDING = "pending-edit.json"
_PARTIAL = ".bookward-new"


@contextmanager
def editing_lock(root: Path, state: Path) -> Iterator[None]:
    """Hold the right to write the project's files, waiting for whoever has it now.

    What a killed process left half written is written first.

    Args:
        root: the project folder.
        state: the folder of Bookward's own state; the lock ends with the process.
    """
    folder = state / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / _LOCK, thread_local=False):
        _finish(root, state / _PENDING)
        yield


def write_files(root: Path, state: Path, files: Instead) -> None:
    """Write, replace and remove files of a project, all of them or none; the lock must be held.

    Args:
        root: the project folder.
        state: the folder of Bookward's own state.
        files: path in the project to its new bytes; None removes it.

    Raises:
        ProjectReadOnly: the folder is not to be written.
    """
    with _refused(root):
        if len(files) > 1:
            _put_down(root, state / _PENDING, files)
        for number, (path, content) in enumerate(files.items()):
            if number:
                failpoint("between-edited-files")
            _write(root / path, content)
    if len(files) > 1:
        disk.remove(state / _PENDING)


def is_under_way(state: Path) -> bool:
    """Return whether several files are being written, or were left half written."""
    return (state / _PENDING).exists()


def finish_edit(root: Path, state: Path) -> None:
    """Write what a killed process left half written, and wait for one that is writing now."""
    if is_under_way(state):
        with editing_lock(root, state):
            pass


def _finish(root: Path, pending: Path) -> None:
    with suppress(FileNotFoundError):
        for path, file in exactjson.decode(pending.read_bytes()).items():
            found = _digest(bytes_of(root / path))
            if found == file["was"]:  # else it is written already, or somebody has changed it since
                with _refused(root):
                    _write(root / path, _unpacked(file["becomes"]))
        pending.unlink()


def _digest(content: bytes | None) -> str:
    """Return what tells a file's bytes from others; "" for a file that is not there."""
    return "" if content is None else hashlib.sha256(content).hexdigest()


def _put_down(root: Path, pending: Path, files: Instead) -> None:
    said: Mapping[str, Any] = {
        path: {
            "was": _digest(bytes_of(root / path)),
            "becomes": None if content is None else base64.b64encode(content).decode(),
        }
        for path, content in files.items()
    }
    partial = pending.with_suffix(".new")
    partial.write_bytes(msgspec.json.encode(said))
    disk.move_to_disk(partial, pending)


def _unpacked(packed: str | None) -> bytes | None:
    return None if packed is None else base64.b64decode(packed)


def _write(file: Path, content: bytes | None) -> None:
    if content is None:
        file.unlink(missing_ok=True)
        disk.sync(file.parent)
        return
    file = file.resolve()  # a link stays a link
    file.parent.mkdir(exist_ok=True)
    partial = file.with_name(f".{file.name}{_PARTIAL}")
    partial.write_bytes(content)
    if file.exists():
        partial.chmod(file.stat().st_mode & 0o7777)
    disk.sync(partial)
    partial.replace(file)
    disk.sync(file.parent)


@contextmanager
def _refused(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ProjectReadOnly(f"This process cannot write into {root}: {error.strerror}.") from error
