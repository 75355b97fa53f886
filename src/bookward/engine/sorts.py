"""What sort of value a column holds, in words: widths, scales and encodings do not matter."""

from __future__ import annotations

import pyarrow as pa

from bookward.engine.columns import Kind, kind

NOTHING = "nothing"
_NUMBERS = "numbers"

_SORTS = (
    (pa.types.is_null, NOTHING),
    (pa.types.is_boolean, "true or false"),
    (pa.types.is_integer, _NUMBERS),
    (pa.types.is_decimal, _NUMBERS),
    (pa.types.is_floating, _NUMBERS),
    (pa.types.is_date, "dates"),
    (pa.types.is_timestamp, "moments"),
    (pa.types.is_time, "times of day"),
    (pa.types.is_nested, "lists"),
)


def sorts_of(schema: pa.Schema) -> dict[str, str]:
    """Return the sort of every column by its name."""
    return {
        field.name: _NUMBERS if kind(field) is Kind.DECIMAL_TEXT else _sort(field.type) for field in schema
    }


def _sort(type_: pa.DataType) -> str:
    if pa.types.is_dictionary(type_):
        return _sort(type_.value_type)
    return next((name for is_, name in _SORTS if is_(type_)), "text")
