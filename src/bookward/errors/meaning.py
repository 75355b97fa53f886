"""What the codes of rows that are not synced mean, without a word of the row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from bookward.errors.base import RowError


class Meaning(NamedTuple):
    """What is true of every row with one code."""

    said: str
    remedy: str  #: "" where it depends on the row


def meaning_of(code: str) -> Meaning:
    """Return what a code means; that of another release, or of another's making, may say nothing."""
    return _meanings().get(code, Meaning("", ""))


@cache
def _meanings() -> Mapping[str, Meaning]:
    return {leaf.code: Meaning(_first_part(leaf.__doc__ or ""), leaf.remedy) for leaf in _leaves(RowError)}


def _leaves(cls: type[RowError]) -> Iterator[type[RowError]]:
    for each in cls.__subclasses__():
        yield each
        yield from _leaves(each)


def _first_part(text: str) -> str:
    return " ".join(text.strip().split("\n\n")[0].split())
