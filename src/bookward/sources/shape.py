"""The Arrow types that columns of a model have, whatever a source's driver makes of them.

text, binary, boolean, integers, floats, decimal128, date32, time64[us], timestamp[us] with UTC or without
zone, and lists of these. What is text but means more says so in its field's metadata under ``bookward``:
``decimal`` (canonical: no exponent, no zeros at the end), ``json`` or ``uuid``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from bookward.heavy import pa, pc

KIND = b"bookward"
"""Metadata key under which a text column says what it means."""

Convert: TypeAlias = Callable[[Any], Any]
"""Array to array of the same length."""

_EPOCH = date(1970, 1, 1).toordinal()
_FIRST_DAY, _LAST_DAY = date.min.toordinal() - _EPOCH, date.max.toordinal() - _EPOCH
_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000}
_DAY_SECONDS = 86_400
_PG_DAYS = 10_957  # from 1970, Arrow's day zero, to 2000, PostgreSQL's


class Column(NamedTuple):
    """A column as models see it, and how it is made from the driver's."""

    field: pa.Field[Any]
    convert: Convert


class Shape:
    """Makes a driver's batches into batches as models see them."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._converts = [column.convert for column in columns]
        self.schema = pa.schema([column.field for column in columns])

    def apply(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return ``batch`` with every column converted."""
        arrays = [convert(array) for convert, array in zip(self._converts, batch.columns, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)


def column(name: str, type_: pa.DataType, kind: str | None = None, *, wraps: bool = False) -> Column:
    """Return the column that a driver's column of this type becomes.

    Days outside the years 1 to 9999, a database's "infinity" among them, become the nearest of 0001-01-01
    and 9999-12-31: neither Python nor any ledger knows others, and a made-up null would hide them.

    Args:
        kind: what a text column means.
        wraps: the driver lets "infinity" overflow when it moves days to the epoch of 1970.
    """
    new_type, convert = _conversion(type_, wraps)
    return Column(field(name, new_type, kind), convert)


def field(name: str, type_: pa.DataType, kind: str | None = None) -> pa.Field[Any]:
    """Return a field that may say what its text means."""
    return pa.field(name, type_, metadata={KIND: kind.encode()} if kind else None)


def kind_of(field_: pa.Field[Any]) -> str | None:
    """Return what a text column means beyond being text: decimal, json, uuid or nothing."""
    kind = (field_.metadata or {}).get(KIND)
    return kind.decode() if kind else None


def _conversion(type_: Any, wraps: bool) -> tuple[pa.DataType, Convert]:
    types = pa.types
    if isinstance(type_, pa.BaseExtensionType):
        return type_.storage_type, lambda array: array.storage
    if types.is_dictionary(type_):
        return _cast(type_.value_type)
    if types.is_null(type_) or types.is_large_string(type_) or types.is_string_view(type_):
        return _cast(pa.string())
    if types.is_date32(type_):
        return type_, _clamp(pa.int32(), _FIRST_DAY, _LAST_DAY, _overflown(32, _PG_DAYS) if wraps else None)
    if types.is_timestamp(type_):
        return _timestamp(type_, wraps)
    if types.is_time(type_):
        # 24:00:00 is a time in databases, but not in Python.
        in_range = _clamp(pa.int64(), 0, _DAY_SECONDS * 1_000_000 - 1)
        return pa.time64("us"), lambda array: in_range(array.cast(pa.time64("us"), safe=False))
    if types.is_list(type_) or types.is_large_list(type_) or types.is_fixed_size_list(type_):
        return _list(type_.value_type, wraps)
    return type_, _as_it_is


def _timestamp(type_: Any, wraps: bool) -> tuple[pa.DataType, Convert]:
    micros = pa.timestamp("us", "UTC" if type_.tz else None)
    per_second = _UNITS.get(type_.unit)
    if per_second is None:  # nanoseconds reach from 1677 to 2262 only
        return micros, lambda array: array.cast(micros, safe=False)
    day = _DAY_SECONDS * per_second
    overflown = _overflown(64, _PG_DAYS * day) if wraps else None
    in_range = _clamp(pa.int64(), _FIRST_DAY * day, (_LAST_DAY + 1) * day - 1, overflown)
    return micros, lambda array: in_range(array).cast(micros)


def _list(item: Any, wraps: bool) -> tuple[pa.DataType, Convert]:
    new_item, convert_item = _conversion(item, wraps)

    def convert(array: Any) -> Any:
        lists = array.cast(pa.list_(item))
        lists = pa.concat_arrays([lists]) if lists.offset else lists
        return pa.ListArray.from_arrays(lists.offsets, convert_item(lists.values), mask=lists.is_null())

    return pa.list_(new_item), convert


def _clamp(numbers: Any, low: int, high: int, overflown: int | None = None) -> Convert:
    def convert(array: Any) -> Any:
        values = array.view(numbers)
        extremes = pc.min_max(values)
        if not extremes["min"].is_valid or (
            low <= extremes["min"].as_py() and extremes["max"].as_py() <= high
        ):
            return array
        if overflown is not None:
            values = pc.if_else(
                pc.less_equal(values, pa.scalar(overflown, numbers)), pa.scalar(high, numbers), values
            )
        values = pc.min_element_wise(values, pa.scalar(high, numbers), skip_nulls=False)
        return pc.max_element_wise(values, pa.scalar(low, numbers), skip_nulls=False).view(array.type)

    return convert


def _overflown(bits: int, shift: int) -> int:
    """Return the greatest number that comes from adding ``shift`` to a signed integer beyond its range."""
    return shift - 1 - (1 << (bits - 1))


def _cast(type_: Any) -> tuple[pa.DataType, Convert]:
    return type_, lambda array: array.cast(type_)


def _as_it_is(array: Any) -> Any:
    return array
