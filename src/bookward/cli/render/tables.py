"""The tables of a source, each with its columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bookward.cli.render.text import cell, clean, counted
from bookward.records import ListedTable


def tables_view(tables: Sequence[ListedTable], all_: int) -> Iterator[RenderableType]:
    """Yield the tables, and one line that sums up.

    Args:
        tables: those to be shown.
        all_: how many the source lists.
    """
    if tables:
        yield _listing(tables)
        yield ""
    shown = f"{len(tables)} of " if len(tables) < all_ else ""
    yield Text(f"{shown}{counted(all_, 'table')}.", style="dim")


def _listing(tables: Sequence[ListedTable]) -> Table:
    listing = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0), expand=True)
    listing.add_column("Table", overflow="fold", ratio=1)
    listing.add_column("Columns; * is of the primary key", overflow="fold", ratio=3)
    for table in tables:
        listing.add_row(cell(f"{table.schema}.{table.name}".lstrip(".")), _columns(table))
    return listing


def _columns(table: ListedTable) -> Text:
    found = Text(overflow="fold")
    for column in table.columns:
        star = "*" if column.name in table.primary_key else ""
        found.append(", " if found else "")
        found.append(f"{clean(column.name)}{star} ").append(clean(column.type), style="dim")
    return found
