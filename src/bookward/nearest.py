"""What a mistyped name was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache
from itertools import takewhile

_LISTED = 8
_NEAR = 3
_LONGEST = 200  # comparing costs the square of the length


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that looks most like ``name``, if any comes near; case does not count."""
    return next(iter(nearest_few(name, tuple(known))), None)


@lru_cache(maxsize=512)  # many rows name the same that is not there
def nearest_few(name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the known names that look most like ``name``, the nearest first; case does not count.

    Of those that are as near, the ones come first that begin alike: 200 for 20O, and not 820.
    """
    folded = {candidate.casefold(): candidate for candidate in sorted(known)}
    said = name.casefold()[:_LONGEST]
    close = get_close_matches(said, folded, n=len(folded) or 1)
    close.sort(key=lambda each: _distance(each, said))
    return tuple(folded[each] for each in close[:_NEAR])


def _distance(one: str, other: str) -> tuple[float, int, str]:
    begin_alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return -SequenceMatcher(None, one, other).ratio(), -begin_alike, one


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
