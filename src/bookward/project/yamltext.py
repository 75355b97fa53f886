"""Values as the text of a YAML file, in the style of the files that people write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from bookward.project.scalars import plain_scalar

_PLAIN = re.compile(r"[A-Za-z_/.][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+-]+)*")
_OTHERS_READ = re.compile(r"(?:yes|no|on|off|true|false|null|\.nan|\.inf)", re.IGNORECASE)
"""Plain words that are text here and something else to readers of YAML 1.1; they get quotes."""
_BREAKS = re.compile(r"[\x7f-\xa0\ud800-\udfff\u2028\u2029\ufeff]")
_UNPRINTABLE = re.compile(
    r"[^\n\x20-\x7e\xa1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_MOST_IN_A_LINE = 3
_LONGEST_LINE = 80


def inline(value: Any, quote: str = "") -> str:
    """Return a value on one line, collections in braces and brackets.

    Args:
        value: text, bool, int, Decimal, None, or dicts and lists of these.
        quote: the quote that a text stood in before, and keeps where it can.

    Raises:
        TypeError: the value is none of these.
    """
    match value:
        case str():
            return _scalar(value, quote)
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return str(value)
        case Mapping():
            return "{" + ", ".join(f"{inline(key)}: {inline(part)}" for key, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(inline, value)) + "]"
    raise TypeError(f"{type(value).__name__} has no place in a file")


def fits_a_line(value: Any) -> bool:
    """Say whether a value is written on the line of its key."""
    if isinstance(value, str):
        return not _is_block_text(value)
    if not isinstance(value, dict | list) or not value:
        return True
    parts = list(value.values()) if isinstance(value, dict) else value
    simple = not any(
        isinstance(part, dict | list) or (isinstance(part, str) and "\n" in part) for part in parts
    )
    return simple and len(value) <= _MOST_IN_A_LINE and len(inline(value)) <= _LONGEST_LINE


def lines(value: Any, indent: int) -> list[str]:
    """Return a value that has lines of its own: a dict or list that is not empty, or text (`|` before it)."""
    return list(_lines(value, indent))


def header(value: Any) -> str:
    """Return what stands on the key's line before the lines of a value: nothing but for text."""
    if not isinstance(value, str):
        return ""
    return " |" if value.endswith("\n") else " |-"


def _lines(value: Any, indent: int) -> Iterator[str]:
    pad = " " * indent
    match value:
        case dict():
            for key, part in value.items():
                yield from _under(f"{pad}{inline(key)}:", part, indent + 2)
        case list():
            for part in value:
                yield from _item(pad, part, indent)
        case _:
            yield from (pad + line if line else "" for line in value.removesuffix("\n").split("\n"))


def _under(key: str, value: Any, indent: int) -> Iterator[str]:
    if fits_a_line(value):
        yield f"{key} {inline(value)}"
    else:
        yield key + header(value)
        yield from _lines(value, indent)


def _item(pad: str, value: Any, indent: int) -> Iterator[str]:
    if isinstance(value, dict) and value:
        first, *rest = _lines(value, indent + 2)
        yield f"{pad}- {first.lstrip(' ')}"
        yield from rest
    else:
        yield from _under(f"{pad}-", value, indent + 2)


def _is_block_text(text: str) -> bool:
    body = text.removesuffix("\n")
    return (
        "\n" in body
        and not body.endswith("\n")
        and not body.startswith((" ", "\n"))
        and not _UNPRINTABLE.search(text)
    )


def _scalar(text: str, quote: str) -> str:
    single = not _UNPRINTABLE.search(text) and "\n" not in text
    if not quote and _is_plain(text):
        return text
    if quote == "'" and single:
        return "'" + text.replace("'", "''") + "'"
    return _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _is_plain(text: str) -> bool:
    return (
        _PLAIN.fullmatch(text) is not None
        and not _OTHERS_READ.fullmatch(text)
        and isinstance(plain_scalar(text), str)
    )
