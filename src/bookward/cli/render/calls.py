"""API calls: a line each, or each in full."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bookward.cli.render.text import cell, clean, clean_lines, counted, number, time_of_day
from bookward.records import ApiCall

NumberedCall: TypeAlias = tuple[int, ApiCall]

_BODY_LINES = 100
_VERSION = re.compile(r"^.*/v?[0-9]+(\.[0-9]+)*/(?=.)")


def calls_table(calls: Sequence[NumberedCall]) -> Table:
    """Return calls as a table, a line each."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0), expand=True)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("Time", no_wrap=True)
    table.add_column("Status", no_wrap=True)
    table.add_column("Call", no_wrap=True, ratio=3)
    table.add_column("Why", no_wrap=True, ratio=2)
    table.add_column("Rows", justify="right", no_wrap=True)
    table.add_column("ms", justify="right", no_wrap=True)
    for number_, call in calls:
        table.add_row(
            cell(number_, "dim"),
            cell(time_of_day(call.at), "dim"),
            _status(call),
            cell(f"{call.method} {_path(call.url)}"),
            cell(call.error or call.purpose, "red" if call.error else ""),
            cell(number(call.rows) if call.rows else ""),
            cell(number(round(call.duration_ms))),
        )
    return table


def call_view(number_: int, call: ApiCall) -> Iterator[RenderableType]:
    """Yield one call in full."""
    yield Rule(Text(f"{number_}  {clean(call.purpose)}"), align="left", style="dim")
    yield Text(clean(f"{call.method} {call.url}"), style="bold", overflow="fold")
    yield from _message(call.request_headers, call.request_body)
    answer = _status(call)
    answer.append(f"  after {number(round(call.duration_ms))} ms", style="dim")
    if call.rows:
        answer.append(f", {counted(call.rows, 'row')} sent", style="dim")
    yield answer
    if call.error:
        yield Text(clean(call.error), style="red", overflow="fold")
    yield from _message(call.response_headers, call.response_body)


def _message(headers: Mapping[str, str], body: bytes) -> Iterator[RenderableType]:
    for name, value in headers.items():
        yield Padding(
            Text.assemble((clean(name), "cyan"), f": {clean(value)}", overflow="fold"), (0, 0, 0, 2)
        )
    if body:
        lines = pretty(body).splitlines()
        yield Padding(Text("\n".join(lines[:_BODY_LINES]), overflow="fold"), (1, 0, 0, 2))
        if len(lines) > _BODY_LINES:
            more = counted(len(lines) - _BODY_LINES, "more line")
            yield Text(f"  and {more}; --json shows all", style="dim")
    yield ""


def pretty(body: bytes) -> str:
    """Return a body as text: JSON indented with its numbers as they came, anything else as it is."""
    try:
        return clean_lines(msgspec.json.format(body, indent=2).decode())
    except (msgspec.DecodeError, UnicodeDecodeError):
        return clean_lines(body.decode(errors="replace"))


def _status(call: ApiCall) -> Text:
    if call.status is None:
        return Text("none", style="bold red")
    style = "green" if call.status < 300 else "yellow" if call.status < 500 else "red"
    return Text(str(call.status), style=f"bold {style}")


def _path(url: str) -> str:
    """Return what tells one call from another: the path behind the API's version, and the query."""
    parts = urlsplit(url)
    query = f"?{unquote(parts.query)}" if parts.query else ""
    return f"{_VERSION.sub('', parts.path)}{query}"
