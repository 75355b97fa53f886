"""From MySQL's columns, as its protocol describes them, to the columns of a model.

Every value comes as the text that the server sends, so that Arrow and ``Decimal`` read it, and no float.
Source: MySQL, Protocol::ColumnDefinition41, and my_decimal_length_to_precision in sql/my_decimal.h.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from bookward.heavy import pa
from bookward.sources import arrays

_UNSIGNED = 0x20
_BINARY = 63  # the character set of bytes
_DECIMALS = (0, 246)
_DATE, _DATETIME, _TIMESTAMP, _JSON = 10, 12, 7, 245
_BYTES = (16, 249, 250, 251, 252, 253, 254, 255)


@cache
def _integers() -> dict[int, tuple[pa.DataType, pa.DataType]]:
    return {
        1: (pa.int8(), pa.uint8()),
        2: (pa.int16(), pa.uint16()),
        9: (pa.int32(), pa.uint32()),
        3: (pa.int32(), pa.uint32()),
        8: (pa.int64(), pa.uint64()),
        13: (pa.int16(), pa.int16()),  # a year
    }


@cache
def _floats() -> dict[int, pa.DataType]:
    return {4: pa.float32(), 5: pa.float64()}


def column(field: Any) -> arrays.Taken:
    """Return the column for a field's description: ``type_code``, ``flags``, ``length``, ``scale`` ..."""
    name, code, unsigned = field.name, field.type_code, bool(field.flags & _UNSIGNED)
    if code in _integers():
        return arrays.parsed(name, _integers()[code][unsigned])
    if code in _floats():
        return arrays.parsed(name, _floats()[code])
    if code in _DECIMALS:
        signs = (field.scale > 0) + (not unsigned)
        return arrays.exact(name, field.length - signs, field.scale)
    return _day_or_text(field)


def _day_or_text(field: Any) -> arrays.Taken:
    name, code = field.name, field.type_code
    days: dict[int, pa.DataType] = {
        _DATE: pa.date32(),
        _DATETIME: pa.timestamp("us"),
        _TIMESTAMP: pa.timestamp("us", "UTC"),  # the session's zone is UTC
    }
    if code in days:
        return arrays.parsed(name, days[code], lambda texts: _first_day(texts, utc=code == _TIMESTAMP))
    if code in _BYTES and field.charsetnr == _BINARY:
        return arrays.typed(name, pa.binary())
    # A TIME is a span of up to 838 hours, and no time of day.
    return arrays.said(name, "json" if code == _JSON else None)


def _first_day(texts: Any, *, utc: bool) -> Any:
    """Return days with "0000-00-00", MySQL's word for none, as the first there is."""
    texts = arrays.replaced(texts, "^0000-00-00", "0001-01-01")
    return arrays.replaced(texts, "$", "Z") if utc else texts
