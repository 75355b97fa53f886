"""JSON whose numbers keep the digits that they are written with."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

_MOST_LETTERS = 64 * 1024 * 1024  # of one object
_AFTER = {"[": "{]", ",": "{", "]": ""}


class Digits(str):
    """A number of JSON, digit by digit."""


def parsed(text: str | bytes) -> Any:
    """Return what JSON holds, its numbers as ``Digits``.

    Raises:
        ValueError: it is no JSON.
    """
    return json.loads(text, parse_float=Digits, parse_int=Digits)


def written(value: Any) -> str:
    """Return JSON; ``Digits`` and ``Decimal`` become numbers as they are."""
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {written(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, date):
        return json.dumps(value.isoformat())
    if isinstance(value, float) and not math.isfinite(value):
        return json.dumps(str(value))  # JSON has no such number
    return json.dumps(value, ensure_ascii=False, default=str)


def elements(pieces: Iterable[str]) -> Iterator[Any]:
    """Yield what a list of objects holds, one after the other, while its text comes in.

    Raises:
        ValueError: it is no such list, or more than one, or ends before its end.
    """
    decoder = json.JSONDecoder(parse_float=Digits, parse_int=Digits)
    text, awaited = "", "["
    for piece in pieces:
        text += piece
        while text := text.lstrip():
            if text[0] not in awaited:
                raise ValueError(f"it goes on with {text[:200]!r}")
            if text[0] == "{":
                try:
                    found, end = decoder.raw_decode(text)
                except ValueError:
                    if len(text) > _MOST_LETTERS:
                        raise
                    break  # the rest is still to come
                yield found
                text, awaited = text[end:], ",]"
            else:
                text, awaited = text[1:], _AFTER[text[0]]
    if awaited or text.strip():
        raise ValueError(f"it ends with {text[-200:]!r} before its list does")
