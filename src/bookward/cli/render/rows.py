"""The rows of a run, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bookward.cli.render.runs import STATUS_STYLES
from bookward.cli.render.text import cell, clean, counted, moment, money, number
from bookward.records import Brief

if TYPE_CHECKING:
    from bookward.app import Run, RunRow, SyncRow


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
            cell(row.key),
            cell(row.kind),
            cell(row.status, STATUS_STYLES.get(row.status, "")),
            _named(row.brief).append_text(_said(row)).append_text(_warned(row)),
        )
    return table


def sync_rows_view(
    sync: str, counts: Mapping[str, int], rows: Sequence[SyncRow], limit: int, *, retry: str, none: str
) -> Iterator[RenderableType]:
    """Yield where the rows of a sync stand: how many in each state, and the first ``limit`` (0: all).

    Args:
        retry: the command that lets refused rows be sent again.
        none: what to say where there is no row.
    """
    known = ", ".join(f"{number(n)} {state}" for state, n in sorted(counts.items()))
    yield Text.assemble("Sync ", (clean(sync), "bold"), f": {known or 'no rows yet'}")
    if not rows:
        yield Text(none)
        return
    shown = rows[:limit] if limit else rows
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0), expand=True)
    table.add_column("Row", no_wrap=True, ratio=2)
    table.add_column("State", no_wrap=True)
    table.add_column("Record, or why not", overflow="fold", ratio=5)
    for row in shown:
        style = STATUS_STYLES.get(row.state, "")
        said = _named(row.brief).append_text(_said(row)).append_text(_next(row))
        table.add_row(cell(row.key), cell(row.state, style), said)
    yield table
    if len(shown) < len(rows):
        yield Text(f"There are more than these {len(shown)}; --limit 0 shows all.", style="dim")
    if any(row.attempts for row in shown):
        yield Text.assemble("Send them again:  ", (retry, "cyan"), overflow="fold")


def _next(row: SyncRow) -> Text:
    if not row.attempts:
        return Text()
    when = f"tried again after {moment(row.next_try)}" if row.next_try else "not tried again by itself"
    return Text(f"\nRefused {counted(row.attempts, 'time')}; {when}.", style="yellow")


def retry_view(keys: Sequence[str], run: str) -> Iterator[RenderableType]:
    """Yield which rows the next run sends again."""
    if not keys:
        yield Text("No row of this sync was refused; there is nothing to send again.")
        return
    names = ", ".join(clean(key) for key in keys[:5]) + (", ..." if len(keys) > 5 else "")
    yield Text(f"{counted(len(keys), 'row')} will be sent again: {names}", overflow="fold")
    yield Text.assemble("Run it:  ", (run, "cyan"), overflow="fold")


def _named(brief: Brief | None) -> Text:
    """Return what a person knows a record by, on a line of its own."""
    if brief is None:
        return Text()
    amount = brief.former if brief.amount is None else brief.amount
    sum_ = "" if amount is None else money({brief.currency: amount})
    told = "  ".join(clean(part) for part in (brief.called, brief.party, sum_) if part)
    return Text(f"{told}\n" if told else "")


def _said(row: RunRow | SyncRow) -> Text:
    text = Text(overflow="fold")
    if row.message:
        text.append(f"{clean(row.field)}: " if row.field else "", style="cyan")
        text.append(clean(row.message))
        text.append(f"\n{clean(row.remedy)}" if row.remedy else "", style="dim")
    else:
        text.append(clean(row.remote_id or ""), style="dim")
    return text


def _warned(row: RunRow) -> Text:
    text = Text()
    for warning in row.warnings:
        text.append(f"\nwarning: {clean(warning)}", style="yellow")
    return text
