"""Values as text: the plain text that is sent, and the short form that a person is shown."""

from __future__ import annotations

import math
import re
import reprlib
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

SHOWN_LENGTH = 60
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_MOST_DIGITS = 99  # far beyond any amount, and little enough to be written out without an exponent
_EXACT_FLOAT = 2**53  # from here on a float skips whole numbers
_KINDS = {
    "bytes": "binary data",
    "bytearray": "binary data",
    "memoryview": "binary data",
    "list": "a list",
    "tuple": "a list",
    "dict": "an object",
    "bool": "a yes/no value",
    "str": "text",
    "timedelta": "a length of time",
}


class Unfit(ValueError):
    """A value cannot be had in the form asked for; the message is the reason. It stays inside the engine."""


def kind_of(value: object) -> str:
    """Return what a value is, in words."""
    name = type(value).__name__
    return _KINDS.get(name, f"a value of type {name}")


def shown(value: object) -> str:
    """Return ``value`` for an error message: short, with quotes and escapes so that nothing is invisible."""
    try:
        text = _short_repr(value)
    except ValueError:  # an integer that Python refuses to write out
        text = kind_of(value)
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 3] + "..."


def _short_repr(value: object) -> str:
    if isinstance(value, str):
        return repr(value[:SHOWN_LENGTH]) + ("..." if len(value) > SHOWN_LENGTH else "")
    if isinstance(value, bytes | bytearray):
        return repr(bytes(value[:SHOWN_LENGTH]))
    if value is None or isinstance(value, int | float | Decimal | date | time | UUID):
        return str(value)
    if isinstance(value, list | tuple | dict):
        return reprlib.repr(value)
    return kind_of(value)


def is_blank(value: object) -> bool:
    """Return whether a value counts as null: None, or text without anything but white space."""
    return value is None or (isinstance(value, str) and (not value or value.isspace()))


def plain_text(value: Any) -> str:
    """Return ``value`` as text that says exactly as much as the value did.

    A ``Decimal`` keeps its trailing zeros and never shows an exponent. A float has no scale to keep: 1.0 is
    "1". A time with a zone is written in UTC with a Z, one without a zone as it stands.

    Raises:
        Unfit: there is no such text.
    """
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | UUID):
        return str(value)
    if isinstance(value, Decimal):
        return format(written_out(value), "f")
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, datetime):
        return iso_moment(value)
    if isinstance(value, date | time):
        return value.isoformat()
    raise Unfit(f"{kind_of(value)} is not text")


def _float_text(value: float) -> str:
    if abs(value) >= _EXACT_FLOAT:
        raise Unfit("a float this large does not hold whole numbers exactly")
    text = format(float_decimal(value), "f")
    return text.removesuffix(".0")


def float_decimal(value: float) -> Decimal:
    """Return the shortest decimal that reads back as the same float.

    Raises:
        Unfit: it is not a finite number.
    """
    if not math.isfinite(value):
        raise Unfit("a number is needed")
    return Decimal(float.__repr__(value))


def written_out(value: Decimal) -> Decimal:
    """Return a plain ``Decimal`` of the same value, without a positive exponent.

    Raises:
        Unfit: it is not finite, or has more digits than any amount has.
    """
    exponent = value.as_tuple().exponent
    if isinstance(exponent, str):
        raise Unfit("a number is needed")
    if exponent < -_MOST_DIGITS or value.adjusted() > _MOST_DIGITS:
        raise Unfit(f"more than {_MOST_DIGITS} digits before or behind the point")
    return Decimal(format(value, "f")) if exponent > 0 else Decimal(value)


def iso_moment(value: datetime) -> str:
    """Return a moment as ISO 8601: in UTC with a Z, or without a zone when it has none.

    Raises:
        OverflowError: it is outside of the years 1 to 9999 in UTC.
    """
    if value.utcoffset() is None:
        return value.replace(tzinfo=None).isoformat()
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def sendable(text: str) -> str:
    """Return ``text`` itself when each of its characters can be sent.

    Raises:
        Unfit: it holds a control character other than tab and line break, or half a surrogate pair.
    """
    if text.isprintable():
        return text
    found = _FORBIDDEN.search(text)
    if found is None:
        return text
    kind = "half of a surrogate pair" if found[0] >= "\ud800" else "a control character"
    raise Unfit(f"character {found.start() + 1} is U+{ord(found[0]):04X}, {kind}, which cannot be sent")
