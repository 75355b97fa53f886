"""JSON whose numbers keep the digits that they are written with."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

_MOST_LETTERS = 64 * 1024 * 1024  # of one object
_LETTER = re.compile(r"\S")


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


def elements(pieces: Iterable[str], *path: str) -> Iterator[Any]:
    """Yield what a list of objects holds, one after the other, while its text comes in.

    Args:
        pieces: the text.
        path: the keys that lead to the list: each the only one of an object that is alone in the list of the
            key before it. Where the last one is missing, the list is empty.

    Raises:
        ValueError: it is no such list, or more than one, or ends before its end.
    """
    text = _Text(pieces)
    yield from _within(text, path)
    if text.next():
        raise text.wrong()


def _within(text: _Text, path: Sequence[str]) -> Iterator[Any]:
    if not path:
        yield from _listed(text)
        return
    name, *rest = path
    text.take("{")
    if rest or text.next() != "}":
        text.take(f'"{name}":')
        if rest:
            text.take("[")
        yield from _within(text, rest)
        if rest:
            text.take("]")
    text.take("}")


def _listed(text: _Text) -> Iterator[Any]:
    text.take("[")
    if text.next() != "]":
        yield text.object()
        while text.next() == ",":
            text.take(",")
            yield text.object()
    text.take("]")


class _Text:
    """The text of JSON, taken while it comes in."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = iter(pieces)
        self._text, self._at = "", 0
        self._decoder = json.JSONDecoder(parse_float=Digits, parse_int=Digits)

    def next(self) -> str:
        """Return the next letter that is no space, which stays; "" at the end."""
        while not (found := _LETTER.search(self._text, self._at)):
            if not self._grows():
                return ""
        self._at = found.start()
        return found[0]

    def take(self, letters: str) -> None:
        for letter in letters:
            if self.next() != letter:
                raise self.wrong()
            self._at += 1

    def object(self) -> Any:
        if self.next() != "{":
            raise self.wrong()
        while True:
            try:
                found, self._at = self._decoder.raw_decode(self._text, self._at)
            except ValueError:
                if len(self._text) - self._at > _MOST_LETTERS:
                    raise
                if not self._grows():
                    raise self._short() from None
            else:
                return found

    def wrong(self) -> ValueError:
        """Return the error for what comes next."""
        return ValueError(f"it goes on with {self._rest[:200]!r}") if self.next() else self._short()

    def _short(self) -> ValueError:
        return ValueError(f"it ends with {self._text[-200:]!r} before its list does")

    @property
    def _rest(self) -> str:
        return self._text[self._at :]

    def _grows(self) -> bool:
        piece = next(self._pieces, None)
        if piece is not None:
            self._text, self._at = self._rest + piece, 0
        return piece is not None
