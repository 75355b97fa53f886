"""One clear block per error."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from bookward.cli.render.text import prose


def error_block(message: str, remedy: str, code: str) -> Table:
    """Return what happened, what to do, and the code to look it up by."""
    block = Table.grid(padding=(0, 2, 0, 0))
    block.add_column(no_wrap=True)
    block.add_column(overflow="fold")
    block.add_row(Text("Error", style="bold red"), prose(message))
    if remedy:
        block.add_row(Text("To do", style="bold"), prose(remedy))
    block.add_row(Text("Code", style="dim"), prose(code, style="dim"))
    return block
