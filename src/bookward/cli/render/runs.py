"""Runs: how one ended, and the list of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bookward.cli.render.errors import error_block
from bookward.cli.render.notes import notes_view
from bookward.cli.render.text import books_line, cell, clean, counted, duration, exact_moment, moment, number
from bookward.records import OutcomeStatus

if TYPE_CHECKING:
    from bookward.app import Run, RunReport

_ROOM_FOR_TIME = 98

STATE_STYLES = {
    "done": "green",
    "failed": "red",
    "paused": "yellow",
    "cancelled": "yellow",
    "parked": "yellow",
    "interrupted": "yellow",
    "running": "cyan",
}

STATUS_STYLES = {
    "accepted": "green",
    "rejected": "red",
    "deferred": "yellow",
    "parked": "red",
    "uncertain": "yellow",
    "pending": "yellow",
}

_SAYS = {
    OutcomeStatus.ACCEPTED.value: "the books took them",
    OutcomeStatus.ADOPTED.value: "found in the books, and left as they are",
    OutcomeStatus.UNCHANGED.value: "nothing to send",
    OutcomeStatus.KEPT.value: "left the model; their records stay",
    OutcomeStatus.SKIPPED.value: "no record matches, and the sync creates none",
    OutcomeStatus.HELD.value: "left the model; another row or sync still has their records",
    OutcomeStatus.REJECTED.value: "not synced, each for a reason",
    OutcomeStatus.ASSUMED.value: "taken for synced, because you said so",
    OutcomeStatus.DEFERRED.value: "refused before, and not tried again yet",
    OutcomeStatus.PARKED.value: "refused before, and not tried again by themselves",
    OutcomeStatus.UNCERTAIN.value: "sent, and not known whether they were booked",
    "left": "left for the next run: this one was a trial of other rows",
    "pending": "not sent yet; the next run goes on",
}
_WAITS = ("parked", "deferred", "uncertain")
_BAD = ("rejected", "deferred", "parked", "uncertain", "pending")


def run_view(report: RunReport, rejected_command: str, waiting_command: str) -> Iterator[RenderableType]:
    """Yield how a run ended, and the commands that show its rejected rows and those that wait."""
    run = report.run
    yield from _beginning(report)
    yield ""
    yield Padding(_outcome_table(run), (0, 0, 0, 2))
    if run.counts.get("rows_rejected"):
        yield ""
        yield Text.assemble("See why:  ", (rejected_command, "cyan"), overflow="fold")
    if any(run.counts.get(f"rows_{status}") for status in _WAITS):
        yield ""
        yield Text.assemble("See why:  ", (waiting_command, "cyan"), overflow="fold")
    if run.error_message:
        yield ""
        yield error_block(run.error_message, run.error_remedy or "", run.error_code or "")
    if run.resume_at:
        yield Text(_resumes(run.resume_at), style="yellow")


def _beginning(report: RunReport) -> Iterator[RenderableType]:
    """Yield what a run was about, before what came of it."""
    run = report.run
    yield _headline(run)
    for earlier in report.paused:
        yield Text(f"Paused before: run {clean(earlier.id)}, {_outcomes(earlier)}.", style="dim")
    for earlier in report.recovered:
        yield Text(f"Settled first: run {clean(earlier.id)}, {_outcomes(earlier)}.", style="dim")
    if run.organisation:
        yield books_line(run.organisation_name or run.organisation)
    if "rows_read" in run.counts:
        yield Text(_read(run), style="dim")
    if report.plan and report.plan.header.untouched:
        keys = ", ".join(clean(key) for key in report.plan.header.untouched[:10])
        yield Text(
            f"Nothing to do about {keys}: in the books as in the model, or in neither.", style="yellow"
        )
    if report.plan:
        yield from notes_view(report.plan.header.notes)
    if report.logs:
        yield from notes_view([report.logs])


def _headline(run: Run) -> Text:
    took = f" in {duration(run.finished_at - run.started_at)}" if run.finished_at else ""
    state = (str(run.state), f"bold {STATE_STYLES.get(run.state, '')}")
    return Text.assemble((clean(run.sync), "bold"), "  ", state, took, (f"  run {clean(run.id)}", "dim"))


def _read(run: Run) -> str:
    changes = [
        f"{number(n)} {name.removeprefix('changes_')}"
        for name, n in run.counts.items()
        if n and name.startswith("changes_") and name != "changes_same"
    ]
    rows = counted(run.counts.get("rows_read", 0), "row")
    calls = counted(run.counts.get("calls", 0), "call")
    return f"{rows} read: {', '.join(changes) or 'no change'}; {calls}."


def _outcome_table(run: Run) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    for status, says in _SAYS.items():
        n = run.counts.get(f"rows_{status}")
        if n:
            table.add_row(
                Text(status, style=STATUS_STYLES.get(status, "")), number(n), Text(says, style="dim")
            )
    if not table.rows and run.state == "done":
        table.add_row(Text("nothing to send", style="green"))
    return table


def _resumes(at: datetime) -> str:
    return f"It can go on at {exact_moment(at)}."


def _outcomes(run: Run) -> str:
    known = [f"{number(n)} {status}" for status in _SAYS if (n := run.counts.get(f"rows_{status}"))]
    return ", ".join(known) or "nothing was open"


def history_view(runs: Sequence[Run], width: int) -> Iterator[RenderableType]:
    """Yield the list of runs, and below it what went wrong in those that did not end well.

    Args:
        runs: newest first.
        width: of the terminal, in letters; a narrow one goes without the time, which the id tells too.
    """
    if not runs:
        yield Text("No runs yet.")
        return
    with_time = width >= _ROOM_FOR_TIME
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Run", min_width=20)
    table.add_column("Sync")
    if with_time:
        table.add_column("Started", min_width=16)
    table.add_column("State", min_width=max(len(_state_of(run)) for run in runs))
    for name, least in {"Took": 6, "OK": 6, "Bad": 3, "Calls": 5}.items():
        table.add_column(name, justify="right", min_width=least)
    for run in runs:
        table.add_row(*_line(run, with_time=with_time))
    yield table
    for run in runs:
        if run.error_message:
            yield ""
            resumes = f" {_resumes(run.resume_at)}" if run.resume_at else ""
            said = f"  {clean(run.error_message)}{resumes}{_became(run)}"
            yield Text.assemble((clean(run.id), "bold"), said, overflow="fold")


def _became(run: Run) -> str:
    """Return what became of the plan of a parked run, "" while it waits."""
    parked = run.parked
    if parked is None or parked.state == "open":
        return ""
    by = f" by {parked.by}" if parked.by else ""
    if parked.state == "executed":
        return f" Approved{clean(by)}: run {clean(parked.run or '')}."
    why = f": {parked.why}" if parked.why else "."
    return clean(f" {parked.state.capitalize()}{by}{why}")


def _state_of(run: Run) -> str:
    """Return how a run stands; of one whose plan waited, what became of the plan."""
    if run.parked is None or run.parked.state == "open":
        return str(run.state)
    return "approved" if run.parked.state == "executed" else str(run.parked.state)


def _line(run: Run, *, with_time: bool) -> Iterator[Text]:
    counts = run.counts
    bad = sum(counts.get(f"rows_{status}", 0) for status in _BAD)
    good = sum(counts.get(f"rows_{status}", 0) for status in _SAYS) - bad
    yield cell(run.id)
    yield cell(run.sync, "bold")
    if with_time:
        yield cell(moment(run.started_at), "dim")
    yield cell(_state_of(run), STATE_STYLES.get(_state_of(run), ""))
    yield cell(duration(run.finished_at - run.started_at) if run.finished_at else "")
    yield cell(number(good))
    yield cell(number(bad), "red" if bad else "dim")
    yield cell(number(counts.get("calls", 0)))
