"""Which files of this machine a project's sources may read: who edits a project is not who runs it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from bookward.errors import SettingInvalid

_WILD = re.compile(r"[*?\[]")


def refuse_out_of_reach(
    what: str, paths: Iterable[str], root: Path, allowed: Sequence[Path], state: Path
) -> None:
    """Refuse paths that lead out of the folders that a source may read, or to what is hidden there.

    Args:
        what: names them, for the error: "Source 'exports'".
        paths: files, or patterns of files.
        root: the project folder.
        allowed: other folders that sources may read.
        state: the folder of Bookward's own state.

    Raises:
        SettingInvalid: one does.
    """
    for path in paths:
        if not any(_is_below(path, folder) for folder in (root, *allowed)) or _is_state(path, root, state):
            raise SettingInvalid(
                f"{what} names {path}, which is hidden, or not in the project's folder.",
                remedy="Put the file into the project's folder, or let whoever runs Bookward name the file's "
                "folder in BOOKWARD_DATA.",
            )


def _is_below(path: str, folder: Path) -> bool:
    try:
        below = _fixed(path).relative_to(folder.resolve())
    except ValueError:
        return False
    return not any(part.startswith(".") for part in (*below.parts, *_rest(path)))


def _is_state(path: str, root: Path, state: Path) -> bool:
    kept = state.resolve()
    return kept.is_relative_to(root.resolve()) and _fixed(path).is_relative_to(kept)


def _fixed(path: str) -> Path:
    """Return where a pattern begins, wherever links lead from there."""
    wild = _WILD.search(path)
    return Path(path if wild is None else path[: wild.start()].rpartition("/")[0] or "/").resolve()


def _rest(path: str) -> tuple[str, ...]:
    wild = _WILD.search(path)
    return () if wild is None else tuple(path[wild.start() :].split("/"))
