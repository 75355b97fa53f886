"""From SQL Server's columns, as its protocol describes them, to the columns of a model.

Source: [MS-TDS] 2.2.5.4, "Data Type Definitions".
"""

from __future__ import annotations

from functools import cache
from typing import Any

from bookward.heavy import pa
from bookward.sources import arrays

_MONEY = {60: 19, 122: 10}  # its digits, four of them after the point
_DECIMALS = (106, 108)
_UUID = 36


@cache
def _plain() -> dict[int, pa.DataType]:
    return {
        48: pa.uint8(),  # a tinyint has no sign
        52: pa.int16(),
        56: pa.int32(),
        127: pa.int64(),
        50: pa.bool_(),
        59: pa.float32(),
        62: pa.float64(),
        40: pa.date32(),
        41: pa.time64("us"),
        58: pa.timestamp("us"),
        61: pa.timestamp("us"),
        42: pa.timestamp("us"),
        43: pa.timestamp("us", "UTC"),
        34: pa.binary(),
        165: pa.binary(),
        173: pa.binary(),
        240: pa.binary(),  # a type of the CLR, a geography among them
    }


def column(described: Any) -> arrays.Taken:
    """Return the column for one of a cursor's descriptions: name, type, size, precision and scale."""
    name, code, _, _, precision, scale, _ = described
    if code in _DECIMALS:
        return arrays.exact(name, precision, scale)
    if code in _MONEY:
        return arrays.exact(name, _MONEY[code], 4)
    if code in _plain():
        return arrays.typed(name, _plain()[code])
    return arrays.said(name, "uuid" if code == _UUID else None)
