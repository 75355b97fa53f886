"""Alerts, what is not well, and what is silenced, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table

from bookward.cli.render.text import cell, exact_moment, prose
from bookward.standings import Level, Silence, Standing

if TYPE_CHECKING:
    from bookward.app import AlertView

_STYLES = {Level.OK: "green", Level.WARNING: "yellow", Level.CRITICAL: "bold red"}


def alerts_view(found: Sequence[AlertView]) -> Iterator[RenderableType]:
    """Yield every alert, and whether its messages arrive."""
    if not found:
        yield prose("The project has no alerts yet: each is a file of the folder alerts.")
        return
    table = _table("Alert", "Type", "Hears of", "Last sent", "Waiting")
    for one in found:
        last = exact_moment(one.last_sent) if one.last_sent else "-"
        hears = "all" if one.notify == "warning" else one.notify
        table.add_row(cell(one.slug, "cyan"), cell(one.type), cell(hears), cell(last), cell(one.waiting))
    yield table
    for one in found:
        if one.trouble:
            yield prose(f"{one.slug}: {one.trouble}", "red")


def states_view(states: Sequence[Standing], silences: Sequence[Silence]) -> Iterator[RenderableType]:
    """Yield what is not well, the worst first, and what is silenced."""
    if not states:
        yield prose("All is well.", "green")
    for one in states:
        level = one.level.upper()
        yield prose(
            f"{level}  {one.subject}  {one.trigger}  since {exact_moment(one.since)}", _STYLES[one.level]
        )
        yield prose(f"  {one.said}")
        if one.remedy:
            yield prose(f"  {one.remedy}", "dim")
    for silence in silences:
        of = f", {silence.trigger}" if silence.trigger else ""
        until = f"until {exact_moment(silence.until)}" if silence.until else "until it is unmuted"
        yield prose(f"Silenced by {silence.by}: {silence.subject}{of}, {until}.", "dim")


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title)
    return table
