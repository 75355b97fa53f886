"""The people who may sign in at the server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table

from bookward.cli.render.text import cell, prose

if TYPE_CHECKING:
    from bookward.serving import Member


def people_view(people: Sequence[Member]) -> Iterator[RenderableType]:
    """Yield everybody."""
    if not people:
        yield prose("Nobody can sign in yet: `bookward serve` prints a link for the first admin.")
        return
    table = Table(box=None, pad_edge=False)
    for title in ("E-mail", "Name", "Role", ""):
        table.add_column(title)
    for each in people:
        state = "disabled" if each.disabled else ""
        table.add_row(cell(each.email, "cyan"), cell(each.name), cell(each.role.value), cell(state))
    yield table
