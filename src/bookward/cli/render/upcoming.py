"""When syncs run next, as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bookward.cli.render.text import cell, clean, exact_moment
from bookward.spec.schedule import Schedule

if TYPE_CHECKING:
    from bookward.app import Ticket, Upcoming


def upcoming_view(syncs: Sequence[Upcoming]) -> Iterator[RenderableType]:
    """Yield the next times of syncs, and what waits for its turn or is under way."""
    if not syncs:
        yield Text("The project has no syncs yet.", style="dim")
        return
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("Sync")
    table.add_column("Runs")
    table.add_column("Next", no_wrap=True)
    for one in syncs:
        times = [exact_moment(moment) for moment in one.times]
        table.add_row(cell(one.sync), cell(in_words(one.schedule)), "\n".join(times) or "-")
    yield table
    for one in syncs:
        if one.problem is not None:
            yield Text(f"{clean(one.sync)}: {clean(one.problem)}", style="red")
    for one in syncs:
        if one.closed is not None:
            why = f" ({clean(one.closed.reason)})" if one.closed.reason else ""
            until = f"until {exact_moment(one.closed.until)}" if one.closed.until else "without an end"
            yield Text(f"{clean(one.sync)}: the books are closed {until}{why}.", style="yellow")
    for one in syncs:
        for ticket in one.tickets:
            yield _ticket_line(ticket)


def in_words(schedule: Schedule | None) -> str:
    """Return a schedule as people say it."""
    if schedule is None:
        return "when started by hand"
    if schedule.after is not None:
        return f"after {' and '.join(schedule.after)}"
    if schedule.after_dbt_cloud is not None:
        return f"after job {schedule.after_dbt_cloud.job} of dbt Cloud"
    if schedule.every is not None:
        return f"every {schedule.every}"
    zone = f" {schedule.timezone}"
    if schedule.cron is not None:
        return f"cron {schedule.cron}{zone}"
    days = f" on {', '.join(schedule.days)}" if schedule.days else " every day"
    return f"at {', '.join(schedule.at or ())}{days}{zone}"


def _ticket_line(ticket: Ticket) -> Text:
    said = f" {clean(ticket.said)}" if ticket.said else ""
    if ticket.state == "working":
        run = f" as run {clean(ticket.run)}" if ticket.run else ""
        return Text(f"{clean(ticket.sync)}: under way{run} ({clean(ticket.reason)}).", style="cyan")
    postponed = ticket.not_before > ticket.asked_at
    when = (
        f"until {exact_moment(ticket.not_before)}" if postponed else f"since {exact_moment(ticket.asked_at)}"
    )
    return Text(f"{clean(ticket.sync)}: waits {when} ({clean(ticket.reason)}).{said}", style="yellow")
