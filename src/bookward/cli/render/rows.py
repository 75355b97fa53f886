"""The rows of a run, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bookward.cli.render.runs import STATUS_STYLES
from bookward.cli.render.text import cell, clean

if TYPE_CHECKING:
    from bookward.app import Run, RunRow


def rows_view(run: Run, rows: Sequence[RunRow], limit: int) -> Iterator[RenderableType]:
    """Yield the first ``limit`` rows (0: all), and whether there are more."""
    shown = rows[:limit] if limit else rows
    yield Text.assemble("Run ", (clean(run.id), "bold"), " of ", (clean(run.sync), "bold"))
    if not shown:
        yield Text("No such rows.")
        return
    yield rows_table(shown)
    if len(shown) < len(rows):
        yield Text(f"There are more than these {len(shown)}; --limit 0 shows all.", style="dim")


def rows_table(rows: Sequence[RunRow]) -> Table:
    """Return rows with their outcome; reasons are shown whole."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0), expand=True)
    table.add_column("Row", no_wrap=True, ratio=2)
    table.add_column("Operation", no_wrap=True)
    table.add_column("Outcome", no_wrap=True)
    table.add_column("Record, or why not", overflow="fold", ratio=5)
    for row in rows:
        table.add_row(
            cell(row.key), cell(row.kind), cell(row.status, STATUS_STYLES.get(row.status, "")), _said(row)
        )
    return table


def _said(row: RunRow) -> Text:
    text = Text(overflow="fold")
    if row.message:
        text.append(f"{clean(row.field)}: " if row.field else "", style="cyan")
        text.append(clean(row.message))
        text.append(f"\n{clean(row.remedy)}" if row.remedy else "", style="dim")
    else:
        text.append(clean(row.remote_id or ""), style="dim")
    for warning in row.warnings:
        text.append(f"\nwarning: {clean(warning)}", style="yellow")
    return text
