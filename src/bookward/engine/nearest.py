"""The nearest known name to one that is not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_LISTED = 8


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``name`` was probably meant to be, None when none comes near."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    close = get_close_matches(name.casefold()[:200], by_folded, n=1)
    return by_folded[close[0]] if close else None


def some_of(names: Sequence[str]) -> str:
    """Return ``names`` as a list for a sentence, shortened when there are many."""
    listed = ", ".join(names[:_LISTED])
    return f"{listed} and {len(names) - _LISTED} more" if len(names) > _LISTED else listed


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return what to do about an unknown name: the nearest known one, or the known ones."""
    names = list(known)
    hint = nearest(name, names)
    if hint is not None:
        return f"Did you mean `{hint}`?"
    return f"Known are: {some_of(names)}." if names else "There is nothing to choose from."
