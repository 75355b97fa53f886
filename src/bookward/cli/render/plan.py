"""A plan at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bookward.bookings import Moved
from bookward.cli.render.notes import notes_view
from bookward.cli.render.operations import STYLES, operations_view, rejected_view
from bookward.cli.render.reconciled import reconciled_view
from bookward.cli.render.text import books_line, clean, counted, duration, moment, number
from bookward.records import REFUSED, SENDING, Finding, Operation, OperationKind

if TYPE_CHECKING:
    from bookward.app import Plan

_SAYS: Mapping[str, str] = {
    OperationKind.INSERT: "records to create",
    OperationKind.UPDATE: "records to change",
    OperationKind.REPLACE: "records to delete or void, and to create anew",
    OperationKind.ARCHIVE: "records to archive",
    OperationKind.DELETE: "records to delete",
    OperationKind.VOID: "documents to void, or to delete where they are drafts",
    OperationKind.ADOPT: "found in the books, and left as they are: nothing is sent",
    OperationKind.UNCHANGED: "moved, but nothing that is sent did: nothing is sent",
    OperationKind.KEEP: "left the model; their records stay as they are",
    OperationKind.SKIP: "no record matches, and the sync creates none",
    OperationKind.HOLD: "left the model; another row or sync has their records",
    OperationKind.ASSUME: "taken for synced as they are: nothing is sent",
    OperationKind.LEAVE: "left for the next run: this one is a trial of other rows",
    OperationKind.REJECT: "cannot be synced, for the reasons below",
    OperationKind.DEFER: "refused before, and not tried again yet",
    OperationKind.UNCERTAIN: "sent once and not known to be booked: you have to say, see `bookward settle`",
    OperationKind.PARK: "refused before, and not tried again until they, their mapping or you change it",
}


def moved_line(moved: Moved, currency: str) -> str:
    """Return what a plan does to the books in one currency: the change, and what it comes from and to."""
    if moved.before == moved.down == moved.unknown == 0:
        return f"{moved.net:,.2f} {currency}".strip()
    said = f"{moved.net:+,.2f} {currency}".strip() + f": {moved.before:,.2f} before, {moved.after:,.2f} after"
    ways = f"; {moved.up:,.2f} up, {moved.down:,.2f} down" if moved.up and moved.down else ""
    records = counted(moved.unknown, "record")
    return f"{said}{ways}" + (f"; before is not known of {records}" if moved.unknown else "")


def plan_view(
    plan: Plan,
    operations: Sequence[Operation],
    rejected: Sequence[Operation],
    *,
    all_fields: bool,
    findings: Sequence[Finding] = (),
) -> Iterator[RenderableType]:
    """Yield a plan: its counts, its cost, the operations that were picked, and the first findings."""
    header = plan.header
    yield from _beginning(plan)
    yield ""
    if header.operations:
        yield Padding(_kinds(header.operations), (0, 0, 1, 2))
    for currency, moved in sorted(header.money.items()):
        yield Text.assemble(("Books:    ", "bold"), moved_line(moved, currency), overflow="fold")
    if sends(plan):
        if header.first:
            made = " and ".join(f"{number(n)} {kind}" for kind, n in header.first.items())
            yield Text(f"and {made} first, which the rows name and the books do not have", style="dim")
        yield forecast_line(header.forecast)
        yield ""
    if header.reconciled:
        yield from reconciled_view(header.reconciled, findings)
        yield ""
    if beyond := [*header.tripped, *filter(None, [header.grave])]:
        yield from (Text.assemble(("Guard: ", "bold red"), clean(said), overflow="fold") for said in beyond)
        yield ""
    if operations:
        yield from operations_view(operations, all_fields=all_fields)
        yield from _more(plan, operations, set(header.operations) - REFUSED)
        yield ""
    if rejected:
        yield Text("Not synced", style="bold")
        yield from rejected_view(rejected)
        yield from _more(plan, rejected, set(REFUSED))
        yield ""


def _beginning(plan: Plan) -> Iterator[RenderableType]:
    """Yield what a plan is about, before what it does."""
    header = plan.header
    until = (f", good until {moment(header.expires)}", "dim")
    yield Text.assemble("Plan ", (clean(header.id), "bold"), " of ", (clean(header.sync), "bold"), until)
    yield books_line(header.organisation_name or header.organisation)
    yield Text(_changes(plan), style="dim")
    yield from notes_view(header.notes)
    if header.former_key:
        yield Text(_goes_over(plan), style="yellow")


def closing_line(plan: Plan, command: str) -> Text:
    """Return how to execute the plan, or that there is nothing to execute."""
    if not plan.header.operations and not plan.header.reconciled:
        return Text.assemble(("Nothing to do: ", "bold green"), "the books say what the model says.")
    return Text.assemble("Run it:  ", (command, "cyan"), overflow="fold")


def sends(plan: Plan) -> int:
    """Return how many operations spend calls."""
    return sum(n for kind, n in plan.header.operations.items() if kind in SENDING)


def forecast_line(forecast: Mapping[str, Any]) -> Text:
    """Return what executing the plan will cost."""
    calls = forecast.get("calls", 0)
    parts = [counted(calls, "call")]
    if forecast.get("least_calls", calls) < calls:
        parts[0] += f" ({number(forecast['least_calls'])} at the very least)"
    parts.append(f"about {duration(float(forecast.get('seconds', 0)))}")
    left = forecast.get("day_left")
    if left is not None:
        parts.append(_share(calls, left))
    return Text.assemble(("Forecast: ", "bold"), ", ".join(parts), overflow="fold")


def _share(calls: int, left: int) -> str:
    if calls > left:
        return f"more than the {number(left)} left today: it will pause and go on tomorrow"
    share = 100 * calls / left if left else 0
    shown = f"{share:.1f}" if share >= 0.1 else "under 0.1"
    return f"{shown} % of the {number(left)} left today"


def _changes(plan: Plan) -> str:
    header = plan.header
    changes = [f"{number(n)} {kind}" for kind, n in header.changes.items() if n and kind != "same"]
    if header.key_problems:
        changes.append(f"{number(header.key_problems)} left out for their key or lines")
    return f"{counted(header.rows_read, 'row')} read: {', '.join(changes) or 'no change'}."


def _goes_over(plan: Plan) -> str:
    former = clean(", ".join(plan.header.former_key))
    left = plan.header.left_behind
    kept = f" {counted(left, 'record')} of theirs that no row takes: kept as before." if left else ""
    return f"The rows go over from the key {former} to the model's new one.{kept}"


def _kinds(operations: Mapping[str, int]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    for kind, says in _SAYS.items():
        if operations.get(kind):
            style = STYLES.get(kind, "")
            table.add_row(Text(str(kind), style=style), number(operations[kind]), Text(says, style="dim"))
    return table


def _more(plan: Plan, shown: Sequence[Operation], kinds: set[str]) -> Iterator[RenderableType]:
    picked = {operation.kind for operation in shown} & kinds
    left = sum(plan.header.operations.get(kind, 0) for kind in picked) - len(shown)
    if left > 0:
        yield Text(f"and {number(left)} more: --limit N shows more, --all everything", style="dim")
