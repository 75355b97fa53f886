"""Casts: any value that a driver may give, to the value that goes on the wire, or a named error.

A cast never loses anything silently. Text is never cut, numbers are never rounded, and what could be read
in two ways (1,5 or 03/04/2026) is refused. Texts, whole numbers, ``Decimal`` and booleans go on the wire as
they are, dates as YYYY-MM-DD, moments as ISO 8601, ids in lower case.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import partial
from typing import Any, TypeAlias
from uuid import UUID

from bookward.engine.rewriting import rewriting
from bookward.engine.text import (
    Unfit,
    float_decimal,
    iso_moment,
    kind_of,
    plain_text,
    sendable,
    shown,
    written_out,
)
from bookward.errors import FieldInvalid
from bookward.nearest import nearest, some_of
from bookward.spec.field import Field, FieldKind

Wire: TypeAlias = str | int | Decimal | bool
Cast: TypeAlias = Callable[[Any], Wire]
Zone: TypeAlias = Callable[[], tzinfo | None]
"""Gives the time zone in which a moment's day is told, when one has to be; None for the moment's own."""

EARLIEST_DATE = date(1753, 1, 1)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r" ?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")
_WORDS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0"), False),
}
_INTEGER_BITS = 63
_WRITTEN = (FieldKind.INTEGER, FieldKind.DECIMAL, FieldKind.DATE, FieldKind.DATETIME)


def own_zone() -> None:
    """Leave every moment in the zone in which it is given."""


def caster(field: Field, path: str, zone: Zone = own_zone, *, column: str | None = None) -> Cast:
    """Return the cast of a scalar field.

    Args:
        field: what the value has to fit.
        path: the field's dotted path, for messages.
        column: that the values are of; a refusal then says how others than plain ones are mapped.
        zone: is asked where a moment with a zone meets a day; what it raises comes through.

    Returns:
        A function from any value but null to the value on the wire; it raises ``FieldInvalid``.
    """
    to_wire = _to_wire(field, zone)

    def cast(value: Any) -> Wire:
        try:
            return to_wire(value)
        except (ValueError, ArithmeticError) as error:
            remedy = None
            if column is not None and field.kind in _WRITTEN and isinstance(value, str):
                remedy = rewriting(value, column) or None
            raise FieldInvalid(f"{path} is {shown(value)}: {error}.", field=path, remedy=remedy) from error

    if field.kind is not FieldKind.TEXT or field.choices:
        return cast
    longest = sys.maxsize if field.max_length is None else field.max_length

    def text_cast(value: Any) -> Wire:
        # Nearly all values of a model are such texts.
        if value.__class__ is str and len(value) <= longest and value.isprintable():
            return str(value)
        return cast(value)

    return text_cast


def _to_wire(field: Field, zone: Zone) -> Cast:
    match field.kind:
        case FieldKind.TEXT if field.choices:
            return _choice_cast(field.choices)
        case FieldKind.TEXT:
            return _text_cast(field.max_length)
        case FieldKind.INTEGER:
            return to_integer
        case FieldKind.DECIMAL:
            return to_decimal
        case FieldKind.BOOLEAN:
            return to_boolean
        case FieldKind.DATE:
            return partial(to_date, zone=zone)
        case FieldKind.DATETIME:
            return to_datetime
        case FieldKind.UUID:
            return to_uuid
        case _:
            raise TypeError(f"{field.name} has no single value")


def _text_cast(max_length: int | None) -> Cast:
    def to_text(value: Any) -> str:
        text = sendable(plain_text(value))
        if max_length is not None and len(text) > max_length:
            raise Unfit(f"{len(text)} characters, at most {max_length} are allowed")
        return text

    return to_text


def _choice_cast(choices: Sequence[str]) -> Cast:
    """Return a cast to one of ``choices``; other case is taken where it leaves no doubt."""
    exact = frozenset(choices)
    folded: dict[str, list[str]] = {}
    for choice in choices:
        folded.setdefault(choice.casefold(), []).append(choice)

    def to_choice(value: Any) -> str:
        text = sendable(plain_text(value))
        if text in exact:
            return text
        candidates = folded.get(text.strip().casefold(), [])
        if len(candidates) == 1:
            return candidates[0]
        hint = nearest(text, choices)
        raise Unfit(f"allowed are {some_of(choices)}" + (f"; nearest is {hint}" if hint else ""))

    return to_choice


def to_decimal(value: Any) -> Decimal:
    """Return the exact number; a float counts as the shortest decimal that reads back as it.

    Raises:
        Unfit: it is not a finite number.
    """
    if isinstance(value, Decimal):
        return written_out(value)
    if isinstance(value, bool):
        raise Unfit("a yes/no value is not a number")
    if isinstance(value, int):
        return written_out(Decimal(value))
    if isinstance(value, float):
        return written_out(float_decimal(value))
    if isinstance(value, str):
        return _parsed(value.strip())
    raise Unfit(f"{kind_of(value)} is not a number")


def _parsed(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise Unfit("not a number in plain digits with a point, such as 1234.50")
    return written_out(Decimal(text))


def to_integer(value: Any) -> int:
    """Return the whole number.

    Raises:
        Unfit: it is not a whole number, or too large for 64 bits.
    """
    if isinstance(value, float) and value.is_integer():
        value = plain_text(value)
    number = to_decimal(value)
    digits = -int(number.as_tuple().exponent)
    if number != number.to_integral_value():
        raise Unfit(f"a whole number is needed, not one with decimals ({digits} behind the point)")
    whole = int(number)
    if whole.bit_length() > _INTEGER_BITS:
        raise Unfit("too large for a whole number of 64 bits")
    return whole


def to_boolean(value: Any) -> bool:
    """Return yes or no, for true/false, t/f, yes/no, y/n and 1/0 in any case.

    Raises:
        Unfit: it is none of these.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal) and value in (0, 1):
        return bool(value)
    word = _WORDS.get(value.strip().lower()) if isinstance(value, str) else None
    if word is None:
        raise Unfit("neither true nor false")
    return word


def to_date(value: Any, zone: Zone = own_zone) -> str:
    """Return the day as YYYY-MM-DD: of a moment with a zone the day in ``zone``, else as it stands.

    Raises:
        Unfit: it is not a day, or too early.
    """
    if isinstance(value, str):
        value = _parsed_day(value.strip())
    if not isinstance(value, date):
        raise Unfit(f"{kind_of(value)} is not a date")
    day = _day_in(zone, value) if isinstance(value, datetime) else value
    _refuse_early(day)
    return day.isoformat()


def _parsed_day(text: str) -> date:
    if _DAY.fullmatch(text):
        return date.fromisoformat(text)
    if _MOMENT.fullmatch(text):
        return _parsed_moment(text)
    raise Unfit("not a date as YYYY-MM-DD")


def _day_in(zone: Zone, moment: datetime) -> date:
    if moment.tzinfo is None:
        return moment.date()
    return moment.astimezone(zone() or moment.tzinfo).date()


def to_datetime(value: Any) -> str:
    """Return the moment as ISO 8601: in UTC when it has a zone, else as it stands, without one.

    A day counts as its first moment.

    Raises:
        Unfit: it is not a moment, or too early.
        OverflowError: it is outside of the years 1 to 9999 in UTC.
    """
    if isinstance(value, str):
        text = value.strip()
        value = date.fromisoformat(text) if _DAY.fullmatch(text) else _parsed_moment(text)
    if not isinstance(value, date):
        raise Unfit(f"{kind_of(value)} is not a moment")
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day has no zone
    _refuse_early(value.date())
    return iso_moment(value)


def _parsed_moment(text: str) -> datetime:
    if not _MOMENT.fullmatch(text):
        raise Unfit("not a moment as YYYY-MM-DDTHH:MM:SS")
    return datetime.fromisoformat(text.replace(" ", "T", 1).replace(" ", ""))


def _refuse_early(day: date) -> None:
    # Source: Microsoft, datetime (Transact-SQL): the type that many ledgers keep their dates in starts there.
    if day < EARLIEST_DATE:
        raise Unfit("ledgers keep no date before 1753-01-01")


def to_uuid(value: Any) -> str:
    """Return the id in lower case with hyphens.

    Raises:
        Unfit: it is not an id.
    """
    text = plain_text(value).strip().lower()
    if not _ID.fullmatch(text):
        raise Unfit("not an id such as 0b6f2a4e-5d1c-4c86-9f7a-1f2e3d4c5b6a")
    return str(UUID(text))
