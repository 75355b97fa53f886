"""Where a plan or run stands, on one or two lines."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bookward.cli.render.text import clean, counted, duration, exact_moment, number, time_of_day
from bookward.ports import Progress

_PHASES = {
    "starting": "starting",
    "settling": "settling what an earlier run left open",
    "reading": "reading the model",
    "comparing": "comparing with what was accepted before",
    "mapping": "mapping rows to fields",
    "matching": "finding the records of the rows",
    "sending": "sending",
    "folding": "writing the snapshot",
    "done": "done",
}


def phase_words(progress: Progress) -> str:
    """Return what is being done, in words."""
    if progress.wait_until is not None:
        between_runs = progress.phase == "waiting"  # which may be a day
        until = exact_moment(progress.wait_until) if between_runs else time_of_day(progress.wait_until)
        return f"waiting until {until}"
    return _PHASES.get(progress.phase, clean(progress.phase))


def progress_view(sync: str, progress: Progress, elapsed: float, to_go: float | None) -> RenderableType:
    """Return the live display.

    Args:
        sync: its name.
        progress: where it stands.
        elapsed: seconds since it began.
        to_go: seconds that are left, when that can be told.
    """
    head = Table.grid(expand=True)
    head.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    head.add_column(justify="right", no_wrap=True)
    waiting = "yellow" if progress.wait_until else "cyan"
    head.add_row(
        Text.assemble((clean(sync), "bold"), "  ", (phase_words(progress), waiting)),
        Text(duration(elapsed), style="dim"),
    )
    lines: list[RenderableType] = [head]
    if progress.to_send:
        lines.append(_bar(progress, to_go))
    lines.append(Text(" · ".join(figures(progress)), style="dim"))
    return Group(*lines)


def _bar(progress: Progress, to_go: float | None) -> Table:
    row = Table.grid(expand=True, padding=(0, 2, 0, 0))
    row.add_column(ratio=1)
    row.add_column(justify="right", no_wrap=True)
    row.add_column(justify="right", no_wrap=True)
    row.add_row(
        ProgressBar(total=progress.to_send, completed=min(progress.sent, progress.to_send)),
        f"{number(progress.sent)} of {number(progress.to_send)} sent",
        f"{duration(to_go)} to go" if to_go is not None else "",
    )
    return row


def figures(progress: Progress) -> list[str]:
    """Return the counts that are not zero, each with its noun."""
    counts = {"read": progress.rows_read, "changes": progress.changes, "rejected": progress.rejected}
    said = [f"{number(n)} {noun}" for noun, n in counts.items() if n]
    if progress.calls:
        said.append(counted(progress.calls, "call"))
    left = []
    if progress.minute_left is not None:
        left.append(f"{number(progress.minute_left)}/min")
    if progress.day_left is not None:
        left.append(f"{number(progress.day_left)}/day")
    if left:
        said.append(f"left {' '.join(left)}")
    return said


def progress_line(sync: str, progress: Progress) -> str:
    """Return where it stands as one plain line, for logs."""
    sent = f", {number(progress.sent)} of {number(progress.to_send)}" if progress.to_send else ""
    more = f" ({', '.join(figures(progress))})" if figures(progress) else ""
    return f"{clean(sync)}: {phase_words(progress)}{sent}{more}"
