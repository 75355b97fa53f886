"""How offending values are shown in messages: short, quoted, with nothing unprintable in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

_LONGEST = 60
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+(?=@)")


def quoted(text: str) -> str:
    """Return ``text`` in quotes, shortened, control characters escaped, passwords in addresses covered."""
    text = _CREDENTIALS.sub("***", text)
    return repr(text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "...")


def described(value: Any, *, covered: bool = False) -> str:
    """Return what a value of a file is, in a few words; ``covered`` leaves out what it says."""
    match value:
        case None:
            return "empty"
        case dict():
            return "a mapping of keys"
        case list():
            return "a list"
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return "a number" if covered else f"the number {quoted(str(value))[1:-1]}"
        case _:
            return "a text that is not shown" if covered else f"the text {quoted(str(value))}"


def one_of(choices: Iterable[str]) -> str:
    """Return choices as a list for people: "keep, archive"."""
    return ", ".join(sorted(choices))
