"""What a person may want to know, and nothing depends on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from bookward.cli.render.text import clean


def notes_view(notes: Sequence[str]) -> Iterator[RenderableType]:
    """Yield the notes of a plan, a line each."""
    for note in notes:
        yield Text.assemble(("Note: ", "bold"), clean(note), overflow="fold")
