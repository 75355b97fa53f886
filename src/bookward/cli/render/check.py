"""What `check` found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bookward.cli.render.text import cell, clean, counted, prose
from bookward.records import Problem

if TYPE_CHECKING:
    from bookward.app import CheckReport, Connection


def check_view(report: CheckReport) -> Iterator[RenderableType]:
    """Yield every problem and warning, every connection, and one line that sums up."""
    for problem in report.problems:
        yield _problem(problem, Text("Error", style="red"))
        yield ""
    for warning in report.warnings:
        yield _problem(warning, Text("Warning", style="yellow"))
        yield ""
    if report.connections:
        yield _connections(report.connections)
        yield ""
    yield _summary(report)


def _problem(problem: Problem, kind: Text) -> RenderableType:
    place = Text(clean(f"{problem.path}:{problem.line}:{problem.column}"), style="bold", overflow="fold")
    if problem.field:
        place.append(f"  {clean(problem.field)}", style="cyan not bold")
    body = Table.grid(padding=(0, 2, 0, 0))
    body.add_row(kind, prose(problem.message))
    if problem.remedy:
        body.add_row(Text("To do"), prose(problem.remedy))
    lines = Table.grid()
    lines.add_row(place)
    lines.add_row(Padding(body, (0, 0, 0, 2)))
    return lines


def _connections(connections: Sequence[Connection]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for connection in connections:
        name: Text = Text(clean(f"{connection.kind} {connection.slug}"), style="bold")
        for step in connection.steps:
            mark = Text("ok", style="green") if step.ok else Text("failed", style="red")
            said = prose(step.detail)
            if step.remedy and not step.ok:
                said.append(f"\nTo do: {clean(step.remedy)}")
            table.add_row(name, cell(step.name), mark, said)
            name = Text()
    return table


def _summary(report: CheckReport) -> Text:
    if report.ok:
        return Text.assemble(("All well: ", "bold green"), _counts(report.counts), ".")
    failed = sum(not connection.ok for connection in report.connections)
    parts = []
    if report.problems:
        files = len({problem.path for problem in report.problems})
        parts.append(f"{counted(len(report.problems), 'problem')} in {counted(files, 'file')}")
    if failed:
        parts.append(f"{counted(failed, 'connection')} failed")
    return Text.assemble((", ".join(parts), "bold red"), f". Without a problem: {_counts(report.counts)}.")


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(counted(n, kind.removesuffix("s")) for kind, n in counts.items())
