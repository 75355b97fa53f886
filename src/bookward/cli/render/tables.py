"""The tables of a source, each with its columns in one paragraph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from bookward.cli.render.text import clean, counted

if TYPE_CHECKING:
    from bookward.records import ListedTable


def tables_view(source: str, tables: Sequence[ListedTable]) -> Iterator[RenderableType]:
    """Yield each table with its columns, and one line that sums up."""
    for table in tables:
        name = ".".join(clean(part) for part in (table.schema, table.name) if part)
        yield Text(name, style="bold")
        yield Padding(_columns(table), (0, 0, 0, 2), expand=False)
    where = f"in source {clean(source)}"
    yield Text(f"{counted(len(tables), 'table')} {where}." if tables else f"No tables {where}.", style="dim")


def _columns(table: ListedTable) -> Text:
    shown = [
        Text.assemble(
            f"{clean(column.name)}{'*' if column.name in table.primary_key else ''} ",
            (clean(column.type).lower(), "dim"),
        )
        for column in table.columns
    ]
    return Text(", ").join(shown)
