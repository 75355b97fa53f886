"""The past of the project's files, and the secrets that they name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table

from bookward.cli.render.text import cell, prose

if TYPE_CHECKING:
    from bookward.app import History, KeptSecret


def secrets_view(known: Sequence[KeptSecret], outside: Collection[str]) -> Iterator[RenderableType]:
    """Yield the names of all secrets; those that are set ``outside`` as well are not used."""
    if not known:
        yield prose("No secret is sealed here.")
        return
    table = Table(box=None, pad_edge=False)
    for title in ("Name", "Set by", "At", ""):
        table.add_column(title)
    for each in known:
        said = "Not used: the environment or .env sets it." if each.name in outside else ""
        at = f"{each.set_at:%Y-%m-%d %H:%M %Z}"
        table.add_row(cell(each.name, "cyan"), cell(each.set_by), cell(at), cell(said))
    yield table


def log_view(history: History) -> Iterator[RenderableType]:
    """Yield the versions of a file, newest first."""
    if history.missing:
        yield prose(f"No history: {history.missing}")
        return
    table = Table(box=None, pad_edge=False)
    for title in ("Version", "At", "By", "What"):
        table.add_column(title)
    for each in history.versions:
        at = f"{each.at:%Y-%m-%d %H:%M}"
        table.add_row(cell(each.id[:10], "cyan"), cell(at), cell(each.author.name), cell(each.message))
    yield table
