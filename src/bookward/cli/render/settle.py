"""Uncertain rows with both possibilities, and what persons have said of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from bookward.cli.render.text import clean, counted, moment, prose

if TYPE_CHECKING:
    from bookward.app import Decision, UncertainRow
    from bookward.records import BookedRecord


def uncertain_view(
    sync: str, rows: Sequence[UncertainRow], decisions: Sequence[Decision], settle: str
) -> Iterator[RenderableType]:
    """Yield the uncertain rows of a sync, and what was decided before.

    Args:
        settle: the command that settles, without a row.
    """
    count = counted(len(rows), "row is", "rows are") if rows else "no row is"
    yield Text.assemble("Sync ", (clean(sync), "bold"), f": {count} uncertain.")
    for row in rows:
        yield ""
        yield from candidates_view(row)
    if rows:
        yield ""
        for says, how in (("It is one of them:  ", "--booked ID"), ("It is none of them: ", "--not-booked")):
            yield Text.assemble(says, (f"{settle} --row KEY {how}", "cyan"), overflow="fold")
    if decisions:
        yield ""
        yield Text("Settled before", style="bold")
        for decision in decisions:
            yield Padding(prose(f"{moment(decision.at)}  {_said(decision)}", "dim"), (0, 0, 0, 2))


def candidates_view(row: UncertainRow) -> Iterator[RenderableType]:
    """Yield one uncertain row, and the records that may be its own as they are now."""
    yield Text.assemble(("uncertain", "yellow"), "  ", (clean(row.doubt.key), "bold"))
    yield Padding(prose(row.doubt.rejection.message), (0, 0, 0, 2))
    for record in row.candidates:
        yield Padding(prose(f"now: {shown(record)}", "dim"), (0, 0, 0, 2))
    if gone := len(row.doubt.candidates) - len(row.candidates):
        yield Padding(prose(f"now: {counted(gone, 'record')} of these no longer there", "dim"), (0, 0, 0, 2))


def settled_view(decision: Decision, plan: str) -> Iterator[RenderableType]:
    """Yield what was said, and what comes of it.

    Args:
        plan: the command that plans the sync.
    """
    yield prose(f"{_said(decision)}.")
    says = "compares it with the row" if decision.booked_as else "sends the row again"
    yield Text.assemble(f"The next plan {says}:  ", (plan, "cyan"), overflow="fold")


def shown(record: BookedRecord) -> str:
    """Return a record with its day and what it comes to."""
    day = f" of {record.day}" if record.day else ""
    over = "" if record.total is None else f" over {record.total:,.2f} {record.currency}".rstrip()
    return f"{record.called}{day}{over}{'' if record.live else ', no longer in use'}"


def _said(decision: Decision) -> str:
    if decision.booked_as:
        return f"Row {decision.key!r} is booked as {decision.booked_as}"
    return f"Row {decision.key!r} is not booked"
