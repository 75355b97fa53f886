"""Columns that a model got or lost since it was last synced, as far as no field uses them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence


def column_notes(before: Sequence[str] | None, now: Sequence[str], used: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each column that appeared or vanished.

    Args:
        before: the columns that the model had when the sync last ran; None where that is not known.
        now: those that it has.
        used: those that the sync refers to; one of them that vanished is an error, and said as such.
    """
    if before is None:
        return
    for name in now:
        if name not in before and name not in used:
            yield f"The model has a new column {name!r}, which no field uses."
    for name in before:
        if name not in now:
            yield f"Column {name!r} is gone from the model; nothing used it."
