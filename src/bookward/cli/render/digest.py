"""A digest, as tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table

from bookward import digestwords
from bookward.cli.render.text import clean, prose

if TYPE_CHECKING:
    from bookward.digests import Digest


def digest_view(digest: Digest) -> Iterator[RenderableType]:
    """Yield what was synced, what was not, and what it cost."""
    yield prose(digestwords.headline(digest), "bold")
    yield prose(digestwords.period(digest), "dim")
    for section in digestwords.sections(digest):
        yield ""
        yield prose(section.title, "bold cyan")
        if section.rows:
            table = Table(box=None, pad_edge=False)
            numbers = digestwords.numbers(section)
            for name, number in zip(section.columns, numbers, strict=True):
                table.add_column(name, justify="right" if number else "left", overflow="fold")
            for row in section.rows:
                table.add_row(*(clean(digestwords.shown(cell)) for cell in row))
            yield table
        for note in section.notes:
            yield prose(note, "dim")
