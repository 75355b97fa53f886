"""What sort of value a column holds, in words: widths, scales and encodings do not matter."""

from __future__ import annotations

from bookward.engine.columns import Kind, kind
from bookward.heavy import pa

NOTHING = "nothing"
_NUMBERS = "numbers"

_SORTS = {
    "is_null": NOTHING,
    "is_boolean": "true or false",
    "is_integer": _NUMBERS,
    "is_decimal": _NUMBERS,
    "is_floating": _NUMBERS,
    "is_date": "dates",
    "is_timestamp": "moments",
    "is_time": "times of day",
    "is_nested": "lists",
}
"""By the name of Arrow's function that says so."""


def sorts_of(schema: pa.Schema) -> dict[str, str]:
    """Return the sort of every column by its name."""
    return {
        field.name: _NUMBERS if kind(field) is Kind.DECIMAL_TEXT else _sort(field.type) for field in schema
    }


def _sort(type_: pa.DataType) -> str:
    if pa.types.is_dictionary(type_):
        return _sort(type_.value_type)
    return next((name for says, name in _SORTS.items() if getattr(pa.types, says)(type_)), "text")
