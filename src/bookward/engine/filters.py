"""The Liquid filters that templates may use: exact with money, silent about nothing, blind to the clock.

python-liquid's own filters take a ``Decimal`` for 0, count in floats, write null as "None" when it is an
argument, and read the clock and the local time zone in ``date``; hence these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, localcontext
from typing import Any, TypeAlias
from urllib.parse import quote_plus

from liquid.builtin.filters import array, misc, string
from liquid.exceptions import FilterArgumentError

from bookward.engine.casts import to_date, to_datetime, to_decimal
from bookward.engine.text import kind_of

Filter: TypeAlias = Callable[..., Any]

TEXT_LIMIT = 100_000  #: most characters that a template or a filter in it may produce
_TRAPS = [DivisionByZero, InvalidOperation]
_EXACT = Context(prec=100, traps=[*_TRAPS, Inexact])
_QUOTIENT = Context(prec=28, traps=_TRAPS, rounding=ROUND_HALF_UP)
_MOST_PLACES = 20
_MOST_BITS = 400
_CLOCK_DIRECTIVES = ("%s", "%c", "%x", "%X")  # depend on the machine's zone or language


class Number(Decimal):
    """A number in a template; it is written in plain digits, with the scale that it has."""

    def __str__(self) -> str:
        return format(Decimal(self), "f")


def text_of(value: Any) -> str:
    """Return what a template writes for a value; null writes nothing.

    Raises:
        FilterArgumentError: it is a list or an object, which have no text of their own.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | Decimal):
        return str(value)
    raise FilterArgumentError(f"{kind_of(value)} is not text; take a part of it, or use `join`", token=None)


def _on_text(function: Filter) -> Filter:
    def on_text(value: Any, *arguments: Any) -> Any:
        return function(text_of(value), *map(text_of, arguments))

    return on_text


def _number(value: Any) -> int | Decimal | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    try:
        return to_decimal(value)
    except ValueError as error:
        raise FilterArgumentError(f"{value!r}: {error}", token=None) from error


def _on_numbers(function: Filter, context: Context = _EXACT) -> Filter:
    """Return ``function`` over exact numbers; like SQL, it gives null when one of them is null."""

    def on_numbers(*operands: Any) -> Any:
        numbers = [_number(operand) for operand in operands]
        if any(number is None for number in numbers):
            return None
        try:
            with localcontext(context):
                result = function(*numbers)
        except ArithmeticError as error:
            by_zero = isinstance(error, ZeroDivisionError)
            reason = "division by zero" if by_zero else "there is no exact result"
            raise FilterArgumentError(reason, token=None) from error
        if isinstance(result, int) and result.bit_length() > _MOST_BITS:
            raise FilterArgumentError("the result is too large", token=None)
        return Number(result) if isinstance(result, Decimal) else result

    return on_numbers


def _divided_by(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        return left // right  # what Liquid promises for two whole numbers
    return left / right


def _rounded(number: Any, places: Any = 0) -> Any:
    if not 0 <= places <= _MOST_PLACES:
        raise FilterArgumentError(f"round takes 0 to {_MOST_PLACES} places", token=None)
    result = Decimal(number).quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP)
    return result if places else int(result)


def _within_limit(length: int) -> None:
    if length > TEXT_LIMIT:
        raise FilterArgumentError(f"more than {TEXT_LIMIT} characters", token=None)


def _replace(text: str, old: str, new: str = "") -> str:
    _within_limit(len(text) + text.count(old) * len(new))
    return text.replace(old, new)


def _truncate(text: str, length: str = "50", ending: str = "...") -> str:
    """Cut text to at most ``length`` characters, the ending included; python-liquid cuts what just fits."""
    try:
        most = int(length)
    except ValueError as error:
        raise FilterArgumentError(f"truncate takes a whole number, not {length!r}", token=None) from error
    if len(text) <= most:
        return text
    return (text[: max(most - len(ending), 0)] + ending)[: max(most, 0)]


def _join(value: Any, separator: Any = " ") -> str:
    parts = [text_of(part) for part in value] if isinstance(value, list) else [text_of(value)]
    between = text_of(separator)
    _within_limit(sum(map(len, parts)) + len(between) * len(parts))
    return between.join(parts)


def _uniq(value: Sequence[Any]) -> list[Any]:
    return list(dict.fromkeys(value))


def _at(index: int) -> Filter:
    def at(value: Any) -> Any:
        return value[index] if isinstance(value, list) and value else None

    return at


def _date(value: Any, pattern: str) -> str | None:
    """Write a date or moment by a strftime pattern; there is no "now", or two plans would differ."""
    text = text_of(value)
    if not text:
        return None
    if any(directive in pattern for directive in _CLOCK_DIRECTIVES):
        raise FilterArgumentError(f"{pattern!r} depends on the machine it runs on", token=None)
    try:
        whole = to_date(text) if len(text) == len("YYYY-MM-DD") else to_datetime(text)
        moment = datetime.fromisoformat(whole) if "T" in whole else date.fromisoformat(whole)
        return moment.strftime(pattern)
    except (ValueError, OverflowError) as error:
        raise FilterArgumentError(f"{value!r}: {error}", token=None) from error


FILTERS: dict[str, Filter] = {
    "abs": _on_numbers(abs),
    "at_least": _on_numbers(max),
    "at_most": _on_numbers(min),
    "ceil": _on_numbers(math.ceil),
    "divided_by": _on_numbers(_divided_by, _QUOTIENT),
    "floor": _on_numbers(math.floor),
    "minus": _on_numbers(lambda left, right: left - right),
    "modulo": _on_numbers(lambda left, right: left % right),
    "plus": _on_numbers(lambda left, right: left + right),
    "round": _on_numbers(_rounded, Context(prec=200, traps=_TRAPS)),
    "times": _on_numbers(lambda left, right: left * right),
    "append": _on_text(string.append),
    "capitalize": _on_text(string.capitalize),
    "downcase": _on_text(string.downcase),
    "lstrip": _on_text(string.lstrip),
    "prepend": _on_text(string.prepend),
    "remove": _on_text(string.remove),
    "remove_first": _on_text(string.remove_first),
    "remove_last": _on_text(string.remove_last),
    "replace": _on_text(_replace),
    "replace_first": _on_text(string.replace_first),
    "replace_last": _on_text(string.replace_last),
    "rstrip": _on_text(string.rstrip),
    "slice": _on_text(string.slice_),
    "split": _on_text(string.split),
    "squish": _on_text(string.squish),
    "strip": _on_text(string.strip),
    "truncate": _on_text(_truncate),
    "truncatewords": _on_text(string.truncatewords),
    "upcase": _on_text(string.upcase),
    "url_encode": _on_text(quote_plus),
    "compact": array.compact,
    "concat": array.concat,
    "first": _at(0),
    "join": _join,
    "last": _at(-1),
    "map": array.map_,
    "reverse": array.reverse,
    "sort": array.sort,
    "sort_natural": array.sort_natural,
    "uniq": _uniq,
    "where": array.where,
    "date": _date,
    "default": misc.default,
    "size": misc.size,
}
