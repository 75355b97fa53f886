"""One type for a column whose type changed while old rows are still kept, without losing exactness."""

from __future__ import annotations

from bookward import exactjson
from bookward.engine.columns import DECIMAL_TEXT, Array, Field, Kind, as_text, common_type, kind
from bookward.engine.values import python_values
from bookward.heavy import pa

_DAY = 86_400_000_000
_FOREVER = 2**63 - 1
_LAST_DAY = _FOREVER // _DAY
_EXACT = frozenset({Kind.EXACT, Kind.OTHER})
_NUMBERS = frozenset({Kind.EXACT, Kind.DECIMAL_TEXT, Kind.FLOAT})
_TIMES = frozenset({Kind.DATE, Kind.LOCAL_TIME, Kind.TIME})


def wider(old: Field, new: Field) -> Field:
    """Return the field that holds the values of both; text where the types have nothing in common."""
    kinds = {kind(old), kind(new)}
    if old.type.equals(new.type) and len(kinds) == 1:
        return new
    if kinds <= _EXACT and (common := common_type(old.type, new.type)) is not None:
        return pa.field(new.name, common)
    if kinds <= _NUMBERS:
        return pa.field(new.name, pa.string(), metadata=DECIMAL_TEXT)
    if kinds <= _TIMES:
        return pa.field(new.name, pa.timestamp("us", "UTC" if Kind.TIME in kinds else None))
    return pa.field(new.name, pa.string())


def widen(array: Array, field: Field, to: Field) -> Array:
    """Return the values of a column of ``field`` as ``wider`` says they are kept."""
    if field.type.equals(to.type):
        return array
    if kind(to) in _TIMES and kind(field) is Kind.DATE:
        return _days_to_time(array).cast(to.type)
    if not pa.types.is_string(to.type):
        return array.cast(to.type)
    if kind(field) is Kind.FLOAT:
        return pa.array(
            [None if value is None else _float_text(value) for value in array.to_pylist()], to.type
        )
    values = python_values(array, field)
    if pa.types.is_nested(field.type):
        return pa.array([None if value is None else exactjson.encode(value).decode() for value in values])
    return pa.array([as_text(value) for value in values], to.type)


def _float_text(value: float) -> str:
    return repr(value).removesuffix(".0")


def _days_to_time(days: Array) -> Array:
    # A time ends before a date does: what lies beyond it, infinity above all, becomes infinity.
    number = days.cast(pa.int32())
    times = [
        day if day is None else day * _DAY if abs(day) <= _LAST_DAY else _FOREVER if day > 0 else -_FOREVER
        for day in number.to_pylist()
    ]
    return pa.array(times, pa.int64()).cast(pa.timestamp("us"))
