"""From Snowflake's columns, as its driver describes them, to the columns of a model.

The driver gives Arrow, with whole numbers as narrow as they fit in each chunk of a result: the type of a
column comes from its description, and chunks are cast to it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from bookward.heavy import pa
from bookward.sources.arrays import Taken
from bookward.sources.arrowtables import amounts, cast, texts

_FIXED, _REAL, _TEXT, _DATE, _BINARY, _TIME, _BOOLEAN = 0, 1, 2, 3, 11, 12, 13
_JSON = (5, 9, 10, 14, 15, 16, 17)  # variant, object, array, geography, geometry, vector, map
_NO_ZONE = 8
_MOMENTS = (4, 6, 7, _NO_ZONE)


@cache
def _plain() -> dict[int, pa.DataType]:
    return {
        _REAL: pa.float64(),
        _TEXT: pa.string(),
        _DATE: pa.date32(),
        _BINARY: pa.binary(),
        _TIME: pa.time64("us"),
        _BOOLEAN: pa.bool_(),
    }


_LONG_DIGITS = 18  # any number of so many digits is one of 64 bits


def column(described: Any) -> Taken:
    """Return the column for a description: ``name``, ``type_code``, ``precision``, ``scale``."""
    name, code = described.name, described.type_code
    if code == _FIXED:
        precision, scale = described.precision or 38, described.scale or 0
        is_long = scale == 0 and precision <= _LONG_DIGITS
        return cast(name, pa.int64()) if is_long else amounts(name, precision, scale)
    if code in _MOMENTS:
        return cast(name, pa.timestamp("us", None if code == _NO_ZONE else "UTC"))
    if code in _plain():
        return cast(name, _plain()[code])
    return texts(name, "json" if code in _JSON else None)
