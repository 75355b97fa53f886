"""Reading one file of a project as text, without trusting it."""

from __future__ import annotations

import codecs
import errno
import re
import stat
from pathlib import Path

from bookward.records import Problem

MOST_BYTES = 1_000_000
"""Files of a project are written by hand; anything larger is a mistake and is not read into memory."""

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_REASONS = {
    errno.ELOOP: ("is a symbolic link that leads back to itself", "Replace the link by the file."),
    errno.ENOENT: ("is a link to a file that does not exist", "Restore the file or remove the link."),
    errno.EACCES: ("may not be read by this user", "Give this user the right to read it."),
    errno.ENAMETOOLONG: ("has a name that is too long", "Shorten the name."),
}


def file_problem(path: str, message: str, remedy: str, *, line: int = 1, column: int = 1) -> Problem:
    """Return a problem that concerns a file rather than a field of it."""
    return Problem(path=path, line=line, column=column, field="", message=message, remedy=remedy)


def system_problem(path: str, error: OSError) -> Problem:
    """Return the problem that the operating system's refusal stands for."""
    what, remedy = _REASONS.get(
        error.errno or 0, (f"cannot be read: {error.strerror}", "Check the file and its disk.")
    )
    return file_problem(path, f"{path} {what}.", remedy)


def read_text(file: Path, path: str) -> str | Problem:
    """Return the text of a file with its line ends as newlines, or why there is none.

    Args:
        file: where it is.
        path: how the problem calls it.
    """
    try:
        raw = _read_bytes(file, path)
    except OSError as error:
        return system_problem(path, error)
    return raw if isinstance(raw, Problem) else decoded(raw, path)


def _read_bytes(file: Path, path: str) -> bytes | Problem:
    # Asked before it is opened: opening a pipe would wait for somebody to write into it.
    mode = file.stat().st_mode
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
        return file_problem(path, f"{path} is {kind}, not a file.", "Rename or remove it.")
    with file.open("rb") as stream:
        return stream.read(MOST_BYTES + 1)


def bytes_of(file: Path) -> bytes | None:
    """Return what a file holds, None when there is no such file."""
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def decoded(raw: bytes, path: str) -> str | Problem:
    """Return the text that a file's bytes are, with its line ends as newlines, or why they are none."""
    if len(raw) > MOST_BYTES:
        return file_problem(
            path,
            f"{path} is larger than {MOST_BYTES:,} bytes.",
            "Split it, or check that it is the file you meant.",
        )
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return file_problem(path, f"{path} is UTF-16, not UTF-8.", "Save it as UTF-8.")
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode()
        line, column = position(before, len(before))
        byte = raw[error.start]
        return file_problem(
            path, f"Byte 0x{byte:02x} is not UTF-8.", "Save the file as UTF-8.", line=line, column=column
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _unprintable(text, path) or text


def _unprintable(text: str, path: str) -> Problem | None:
    found = _UNPRINTABLE.search(text)
    if not found:
        return None
    line, column = position(text, found.start())
    return file_problem(
        path,
        f"The control character U+{ord(found[0]):04X} may not stand in a text file.",
        "Remove it; if the file is full of them, it is not a text file.",
        line=line,
        column=column,
    )


def position(text: str, offset: int) -> tuple[int, int]:
    """Return line and column, both from 1, of an offset in ``text``."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
