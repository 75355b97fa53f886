"""Values as text that a terminal can be trusted with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from rich.text import Text

_PICTURES = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "␡", 0x0A: "⏎", 0x09: " "}
_HIDDEN = re.compile("[\x80-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]")
"""C1 controls, line separators, overrides of the writing direction, half characters, invisible tags."""


def clean(value: object) -> str:
    """Return ``value`` as one line in which nothing can move the cursor, colour, or turn what follows."""
    return _HIDDEN.sub(_escaped, str(value).translate(_PICTURES))


def clean_lines(value: str) -> str:
    """Return a text of several lines, each of them clean."""
    return "\n".join(clean(line) for line in value.splitlines())


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def cell(value: object, style: str = "") -> Text:
    """Return a value for a table: one line, cut with an ellipsis when the column is narrower."""
    return Text(clean(value), style=style, no_wrap=True, overflow="ellipsis")


def prose(value: object, style: str = "") -> Text:
    """Return a text that may wrap."""
    return Text(clean(value), style=style, overflow="fold")


def plain(value: Any) -> str:
    """Return a value of a row or payload as a person would write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return str(value)


def books_line(organisation: str) -> Text:
    """Return the line that says whose books are meant."""
    return Text.assemble(("Into ", "dim"), (clean(organisation), "bold"), overflow="fold")


def number(value: int) -> str:
    """Return a count with its thousands apart: 12,345."""
    return f"{value:,}"


def money(sums: Mapping[str, Decimal]) -> str:
    """Return amounts by currency: 1,210.00 NZD, 5.00 USD."""
    return ", ".join(f"{amount:,.2f} {currency}".strip() for currency, amount in sorted(sums.items()))


def counted(value: int, one: str, many: str = "") -> str:
    """Return a count and its noun: "1 row", "2 rows"."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def moment(value: datetime) -> str:
    """Return a moment in the time of this computer: 2026-11-02 09:00."""
    return f"{value.astimezone():%Y-%m-%d %H:%M}"


def exact_moment(value: datetime) -> str:
    """Return a moment in the time of this computer, with seconds: 2026-11-02 09:00:00."""
    return f"{value.astimezone():%Y-%m-%d %H:%M:%S}"


def time_of_day(value: datetime) -> str:
    """Return the time of day of this computer, with seconds."""
    return f"{value.astimezone():%H:%M:%S}"


def duration(value: float | timedelta) -> str:
    """Return a duration, in seconds or as such, with as much precision as a person needs."""
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02} min"
