"""The first rows of a model, as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bookward.cli.render.text import cell, clean, counted, duration, plain
from bookward.documents import is_numeric

if TYPE_CHECKING:
    from bookward.app import Preview

_WIDEST = 32
_GAP = 2  # between columns: one of padding, one of the box


def preview_view(model: str, preview: Preview, width: int) -> Iterator[RenderableType]:
    """Yield the rows, the columns that found no room, and one line that sums up.

    Args:
        model: its name.
        preview: its columns and rows.
        width: of the terminal, in letters.
    """
    shown = _fitting(preview.columns, preview.rows, width)
    yield _rows(preview.columns[:shown], preview.rows)
    yield ""
    rest = preview.columns[shown:]
    if rest:
        names = ", ".join(f"{clean(name)} ({clean(type_)})" for name, type_ in rest)
        yield Text.assemble((f"{counted(len(rest), 'more column')}: ", "bold"), names)
        yield ""
    what = f"{clean(model)}: the first {counted(len(preview.rows), 'row')}" if preview.rows else "No rows"
    yield Text(
        f"{what}, {counted(len(preview.columns), 'column')}, read in {duration(preview.seconds)}.",
        style="dim",
    )


def _rows(columns: Sequence[tuple[str, str]], rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for name, type_ in columns:
        header = Text.assemble((clean(name), "bold"), "\n", (clean(type_), "dim not bold"))
        header.no_wrap, header.overflow = True, "ellipsis"
        side: Literal["left", "right"] = "right" if is_numeric(type_) else "left"
        table.add_column(header, justify=side, max_width=_WIDEST, no_wrap=True)
    for row in rows:
        table.add_row(*(_value(row.get(name)) for name, _ in columns))
    return table


def _value(value: Any) -> Text:
    return Text("null", style="dim italic") if value is None else cell(plain(value))


def _fitting(columns: Sequence[tuple[str, str]], rows: Sequence[Mapping[str, Any]], width: int) -> int:
    """Return how many columns, from the left, fit side by side; one at least."""
    taken = 0
    for number, (name, type_) in enumerate(columns):
        longest = max(
            [cell_len(clean(name)), cell_len(clean(type_))]
            + [cell_len(clean(plain(row.get(name)))) for row in rows]
        )
        taken += min(longest, _WIDEST) + _GAP
        if taken > width + _GAP and number:
            return number
    return len(columns)
