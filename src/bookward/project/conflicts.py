"""Conflict markers that a merge left in a file."""

from __future__ import annotations

import re

from bookward.project.text import file_problem
from bookward.records import Problem

_MARKER = re.compile(r"(<{7}|={7}|>{7}|\|{7})(?: .*)?")
_OPENS = "<<<<<<<"
_CLOSES = ">>>>>>>"
_RULE = "======="


def conflict_problems(text: str, path: str, *, rules: bool = True) -> list[Problem]:
    """Return one problem per conflict, at its first marker, and one per marker without a beginning.

    Args:
        text: the file.
        path: how the problem calls the file.
        rules: whether a lone line of seven equals signs counts; in SQL it may be a decoration.
    """
    problems = []
    inside = False
    for number, line in enumerate(text.split("\n"), start=1):
        found = _MARKER.fullmatch(line.rstrip())
        if not found:
            continue
        marker = found[1]
        if marker == _OPENS or not (inside or (marker == _RULE and not rules)):
            problems.append(_problem(path, number, marker))
        inside = marker != _CLOSES and (inside or marker == _OPENS)
    return problems


def _problem(path: str, line: int, marker: str) -> Problem:
    return file_problem(
        path,
        f"This line is a merge conflict marker ({marker}).",
        "Keep one side of the conflict and remove the lines <<<<<<<, ======= and >>>>>>>.",
        line=line,
    )
