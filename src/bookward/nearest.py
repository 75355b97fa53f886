"""What a mistyped name was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_LISTED = 8
_LONGEST = 200  # comparing costs the square of the length


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that looks most like ``name``, if any comes near; case does not count."""
    folded = {candidate.casefold(): candidate for candidate in sorted(known)}
    close = get_close_matches(name.casefold()[:_LONGEST], folded, n=1)
    return folded[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return "Did you mean 'mode'?", or nothing when no name comes near."""
    candidate = nearest(name, known)
    return f"Did you mean {candidate!r}?" if candidate else ""


def choose_from(name: str, known: Iterable[str]) -> str:
    """Return what to do about an unknown name: take the nearest known one, or one of the known ones."""
    names = list(known)
    listed = f"Known are: {some_of(names)}." if names else "There is nothing to choose from."
    return did_you_mean(name, names) or listed


def some_of(names: Sequence[str]) -> str:
    """Return ``names`` as a list for a sentence, shortened when there are many."""
    listed = ", ".join(names[:_LISTED])
    return f"{listed} and {len(names) - _LISTED} more" if len(names) > _LISTED else listed
