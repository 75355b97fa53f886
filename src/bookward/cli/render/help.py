"""What our help has beyond Click's: examples and exit codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


def examples_table(examples: Sequence[tuple[str, str]]) -> RenderableType:
    """Return the examples, each a command and, below it, what it does."""
    lines: list[RenderableType] = []
    for words, meaning in examples:
        lines.append(Text(f"bookward {words}", style="cyan"))
        lines.append(Padding(Text(meaning, style="dim"), (0, 0, 0, 4)))
    return _section("Examples:", Group(*lines))


def exits_table(meanings: Mapping[int, str]) -> RenderableType:
    """Return the exit codes to expect."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for code, meaning in meanings.items():
        table.add_row(Text(str(int(code)), style="cyan"), Text(meaning))
    return _section("Exit codes:", table)


def _section(title: str, content: RenderableType) -> RenderableType:
    return Padding(Group(Text(title, style="bold"), Padding(content, (0, 0, 0, 2))), (0, 0, 1, 0))
