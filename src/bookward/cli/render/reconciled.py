"""What comes of holding all rows against all records in the books."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bookward.cli.render.text import cell, clean, counted, money, number, prose
from bookward.records import Finding, FoundKind

if TYPE_CHECKING:
    from bookward.app import Reconciled

_SAYS: Mapping[str, str] = {
    FoundKind.LEFT_BEHIND: "their rows left the model, and they were kept",
    FoundKind.TWICE: "told by the same as the record of a row: probably booked twice",
    FoundKind.UNKNOWN: "of no row of any sync: made by hand, or by others",
}


def reconciled_view(result: Reconciled, findings: Sequence[Finding]) -> Iterator[RenderableType]:
    """Yield the result: whether all is as it should be, the sums, and the first findings.

    Args:
        findings: those to be shown one by one.
    """
    yield _headline(result)
    if result.rows_sums or result.records_sums:
        yield from _sums(result)
    for kind, found in result.found.items():
        over = f" over {money(found.sums)}" if found.sums else ""
        going = " This plan removes them." if kind in result.removing else ""
        says = (f"  {_SAYS[kind]}{over}.{going}", "dim")
        yield Text.assemble((f"{number(found.records)} {kind}", "yellow"), says, overflow="fold")
        shown = [finding for finding in findings if finding.kind == kind]
        if shown:
            yield Padding(_table(shown), (0, 0, 0, 2))
        if found.records > len(shown):
            yield prose(f"  and {number(found.records - len(shown))} more: --limit N, or --json", "dim")


def _headline(result: Reconciled) -> Text:
    read = (f"  {counted(result.calls, 'call')} to read and compare", "dim")
    if result.agrees:
        said = f"All {counted(result.rows, 'row is', 'rows are')} in the books, no record too many."
        return Text.assemble((said, "bold green"), read, overflow="fold")
    parts = [f"{number(result.in_books)} of {counted(result.rows, 'row')} in the books as they are"]
    many = sum(found.records for found in result.found.values())
    if many or not result.uncertain:
        parts.append(f"{counted(many, 'record')} that no row accounts for" if many else "no record too many")
    if result.uncertain:
        parts.append(f"{counted(result.uncertain, 'record')} that may be of uncertain rows")
    return Text.assemble((f"{', '.join(parts)}.", "bold yellow"), read, overflow="fold")


def _sums(result: Reconciled) -> Iterator[RenderableType]:
    if result.rows_sums == result.records_sums:
        yield prose(f"Rows and records both come to {money(result.rows_sums)}, without added tax.")
        return
    records = money(result.records_sums) or "nothing"
    yield prose(f"The rows come to {money(result.rows_sums)}, their records to {records}, without added tax.")


def _table(findings: Sequence[Finding]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(overflow="fold", ratio=1)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True, max_width=24)
    for finding in findings:
        total = "" if finding.total is None else money({finding.currency: finding.total})
        row = f"row {clean(finding.row)}" if finding.row is not None else ""
        table.add_row(prose(finding.called), cell(finding.day), cell(total), cell(row, "dim"))
    return table
