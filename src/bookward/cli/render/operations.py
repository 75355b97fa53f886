"""Operations with the old and the new value of every field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bookward.cli.render.text import cell, clean, counted, plain, prose
from bookward.records import Operation, OperationKind, Payload, Rejection

STYLES: Mapping[str, str] = {
    OperationKind.INSERT: "green",
    OperationKind.UPDATE: "yellow",
    OperationKind.REPLACE: "yellow",
    OperationKind.ARCHIVE: "magenta",
    OperationKind.DELETE: "magenta",
    OperationKind.VOID: "magenta",
    OperationKind.REJECT: "red",
    OperationKind.DEFER: "yellow",
    OperationKind.PARK: "red",
    OperationKind.UNCERTAIN: "yellow",
}

_MISSING = object()
_FIELDS = 12  # of one operation, unless all are asked for
_PATH = 30  # letters of a field's path


def operations_view(operations: Sequence[Operation], *, all_fields: bool) -> Iterator[RenderableType]:
    """Yield operations, each with a line per field that would change."""
    changes = [list(changed_fields(operation)) for operation in operations]
    width = max((len(path) for fields in changes for path, _, _ in fields), default=0)
    for operation, fields in zip(operations, changes, strict=True):
        style = STYLES.get(operation.kind, "dim")
        yield Text.assemble((operation.kind.value, style), "  ", (clean(operation.key), "bold"))
        shown = fields if all_fields else fields[:_FIELDS]
        if shown:
            yield Padding(_fields(operation, shown, min(width, _PATH)), (0, 0, 0, 2))
        if len(fields) > len(shown):
            yield Text(f"  and {counted(len(fields) - len(shown), 'more field')}", style="dim")
        for note in operation.notes:
            yield Padding(prose(f"note: {note}", "dim italic"), (0, 0, 0, 2))


def _fields(operation: Operation, fields: Sequence[tuple[str, Any, Any]], width: int) -> Table:
    new_only = operation.kind is OperationKind.INSERT
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(width=width)
    if not new_only:
        table.add_column(ratio=1)
        table.add_column(width=1)
    table.add_column(ratio=1)
    for path, old, new in fields:
        middle = () if new_only else (_old(old, operation), Text("→", style="dim"))
        table.add_row(cell(path), *middle, _new(new))
    return table


def changed_fields(operation: Operation) -> Iterator[tuple[str, Any, Any]]:
    """Yield the path, the old and the new value of every field that would change.

    Where nothing is known about the record, these are all fields that are sent. A value that is not known,
    or that the record does not have, is ``None``.
    """
    changing = operation.payload
    if operation.before is not None:
        changing = {name: value for name, value in operation.payload.items() if name in operation.before}
    before = dict(_leaves(operation.before or {}))
    after = dict(_leaves(changing))
    for path in [*after, *(path for path in before if path not in after)]:
        old, new = before.get(path, _MISSING), after.get(path, _MISSING)
        if old != new:
            yield path, None if old is _MISSING else old, None if new is _MISSING else new


def _leaves(payload: Payload, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in payload.items():
        yield from _leaf(f"{path}.{name}" if path else name, value)


def _leaf(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        yield from _leaves(value, path)
    elif isinstance(value, list) and value:
        for number, part in enumerate(value, 1):
            yield from _leaf(f"{path}[{number}]", part)
    else:
        yield path, value


def _old(value: Any, operation: Operation) -> Text:
    if value is None and operation.before is None:
        return cell("not known", "dim italic")
    return _new(value, "dim")


def _new(value: Any, style: str = "") -> Text:
    empty = value is None or value in ("", [], {})
    return cell("empty", "dim italic") if empty else cell(plain(value), style)


def rejected_view(operations: Sequence[Operation]) -> Iterator[RenderableType]:
    """Yield the rejected rows, those with one remedy together."""
    with_reason = [(operation, operation.rejection) for operation in operations if operation.rejection]
    ordered = sorted(with_reason, key=lambda pair: (pair[1].code, pair[1].remedy))
    for (code, remedy), group in groupby(ordered, key=lambda pair: (pair[1].code, pair[1].remedy)):
        yield Text.assemble((clean(code), "red"), f"  {clean(remedy)}", overflow="fold")
        rows = Table.grid(padding=(0, 2, 0, 0), expand=True)
        rows.add_column(max_width=24)
        rows.add_column(overflow="fold", ratio=1)
        for operation, rejection in group:
            rows.add_row(cell(operation.key), _reason(operation, rejection))
        yield Padding(rows, (0, 0, 0, 2))


def _reason(operation: Operation, rejection: Rejection) -> Text:
    named = (f"{clean(rejection.field)}: ", "cyan") if rejection.field else ""
    notes = operation.notes if operation.kind is not OperationKind.REJECT else ()
    waits = "".join(f"\n{clean(note)}" for note in notes)
    return Text.assemble(named, clean(rejection.message), (waits, "dim"), overflow="fold")
