"""The types that rows are kept in, so that what a driver happens to choose makes no difference."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from enum import Enum, auto
from functools import cache
from typing import Any, TypeAlias

from bookward.heavy import pa, pc

Field: TypeAlias = "pa.Field[Any]"
Array: TypeAlias = "pa.Array[Any]"
ArrowType: TypeAlias = Any
"""A ``pa.DataType`` of whatever class: the stubs know no attributes that only some of them have."""

RESERVED = "_bookward"
"""Columns whose names begin so are ours."""

CONFIG = "_bookward_config"
"""The snapshot's column with the version of the configuration that a row was accepted under."""

DECIMAL_TEXT = {b"bookward": b"decimal"}
"""Metadata of a text column that holds decimals which no Arrow decimal is wide enough for."""

MAX_DIGITS = 38
"""The widest decimal that DuckDB computes with; a wider one silently becomes a float."""


class Kind(Enum):
    """What a column's values are, as far as comparing them goes."""

    EXACT = auto()  #: integers and decimals
    DECIMAL_TEXT = auto()  #: decimals in text
    FLOAT = auto()
    TEXT = auto()
    BOOLEAN = auto()
    DATE = auto()
    LOCAL_TIME = auto()  #: date and time without a zone
    TIME = auto()  #: date and time in UTC
    OTHER = auto()


def kind(field: Field) -> Kind:
    """Return what the values of a column of canonical type are."""
    type_ = field.type
    if pa.types.is_integer(type_) or pa.types.is_decimal(type_):
        return Kind.EXACT
    if pa.types.is_string(type_):
        return Kind.DECIMAL_TEXT if _says_decimal(field) else Kind.TEXT
    if pa.types.is_floating(type_):
        return Kind.FLOAT
    if pa.types.is_boolean(type_):
        return Kind.BOOLEAN
    if pa.types.is_date(type_):
        return Kind.DATE
    if pa.types.is_timestamp(type_):
        return Kind.TIME if type_.tz else Kind.LOCAL_TIME
    return Kind.OTHER


def digits(type_: ArrowType) -> tuple[int, int]:
    """Return how many digits an integer or decimal has before and behind the point."""
    return (19, 0) if pa.types.is_integer(type_) else (type_.precision - type_.scale, type_.scale)


def common_decimal(one: ArrowType, other: ArrowType) -> pa.Decimal128Type[Any, Any] | None:
    """Return the type that holds all values of two integers or decimals; None when none is wide enough."""
    before = max(digits(one)[0], digits(other)[0])
    behind = max(digits(one)[1], digits(other)[1])
    return pa.decimal128(before + behind, behind) if before + behind <= MAX_DIGITS else None


def common_type(one: ArrowType, other: ArrowType) -> pa.DataType | None:
    """Return the type that holds all values of two types of exact numbers, or of lists and structs of such.

    None when there is none, or when the two are made of other parts.
    """
    if one.equals(other):
        same: pa.DataType = one
        return same
    if pa.types.is_list(one) and pa.types.is_list(other):
        item = common_type(one.value_type, other.value_type)
        return pa.list_(item) if item is not None else None
    if pa.types.is_struct(one) and pa.types.is_struct(other):
        return _common_struct(list(one), list(other))
    if {kind(pa.field("", one)), kind(pa.field("", other))} == {Kind.EXACT}:
        return common_decimal(one, other)
    return None


def _common_struct(one: list[Field], other: list[Field]) -> pa.DataType | None:
    if [field.name for field in one] != [field.name for field in other]:
        return None
    fields = []
    for field, its_other in zip(one, other, strict=True):
        type_ = common_type(field.type, its_other.type)
        if type_ is None:
            return None
        fields.append(field.with_type(type_))
    return pa.struct(fields)


def canonical_field(field: Field) -> Field:
    """Return the field under which a column of a source is kept."""
    type_ = canonical_type(field.type)
    metadata = DECIMAL_TEXT if _says_decimal(field) or _is_wide(field.type) else None
    return pa.field(field.name, type_, nullable=True, metadata=metadata)


def canonical_type(type_: ArrowType) -> pa.DataType:
    """Return the type that values of ``type_`` are kept in; text for what has no equal in Parquet."""
    if isinstance(type_, pa.BaseExtensionType):
        return pa.string() if type_.extension_name == "arrow.uuid" else canonical_type(type_.storage_type)
    if pa.types.is_dictionary(type_) or pa.types.is_run_end_encoded(type_):
        return canonical_type(type_.value_type)
    if pa.types.is_nested(type_):
        return _canonical_nested(type_)
    if pa.types.is_uint64(type_):
        return pa.decimal128(20, 0)
    if pa.types.is_decimal(type_):
        return pa.string() if _is_wide(type_) else pa.decimal128(*_positive_scale(type_))
    if pa.types.is_timestamp(type_):
        return pa.timestamp("us", "UTC" if type_.tz else None)
    return next((kept for belongs, kept in _plain() if belongs(type_)), pa.string())


@cache
def _plain() -> tuple[tuple[Callable[[ArrowType], bool], pa.DataType], ...]:
    return (
        (pa.types.is_integer, pa.int64()),
        (pa.types.is_floating, pa.float64()),
        (pa.types.is_boolean, pa.bool_()),
        (pa.types.is_date, pa.date32()),
        (pa.types.is_time, pa.time64("us")),
        (pa.types.is_binary, pa.binary()),
        (pa.types.is_large_binary, pa.binary()),
        (pa.types.is_binary_view, pa.binary()),
        (pa.types.is_fixed_size_binary, pa.binary()),
    )


def _canonical_nested(type_: ArrowType) -> pa.DataType:
    if pa.types.is_struct(type_):
        return pa.struct([canonical_field(type_.field(place)) for place in range(type_.num_fields)])
    if pa.types.is_map(type_):
        return pa.map_(canonical_type(type_.key_type), canonical_type(type_.item_type))
    if pa.types.is_union(type_):
        return pa.string()
    return pa.list_(canonical_type(type_.value_type))


def _says_decimal(field: Field) -> bool:
    return (field.metadata or {}).get(b"bookward") == b"decimal"


def _positive_scale(type_: ArrowType) -> tuple[int, int]:
    return (type_.precision - min(type_.scale, 0), max(type_.scale, 0))


def _is_wide(type_: ArrowType) -> bool:
    return pa.types.is_decimal(type_) and _positive_scale(type_)[0] > MAX_DIGITS


def canonical_array(array: Array, type_: pa.DataType) -> Array:
    """Return the values in the type that ``canonical_type`` gave.

    Times lose what is finer than a microsecond.

    Raises:
        pa.ArrowInvalid: a value does not fit.
    """
    if isinstance(array, pa.ExtensionArray) and array.type.extension_name != "arrow.uuid":
        array = array.storage
    if array.type.equals(type_):
        return _checked(array)
    if pa.types.is_run_end_encoded(array.type):
        array = pc.call_function("run_end_decode", [array])
    if pa.types.is_string(type_) and not _is_text(array.type):
        return pa.array([as_text(value) for value in array.to_pylist()], type_)
    try:
        options = pc.CastOptions(target_type=type_, allow_time_truncate=True)
        cast: Array = pc.call_function("cast", [array], options)
    except pa.ArrowNotImplementedError:
        return pa.array(array.to_pylist(), type_)
    return cast


def _is_text(type_: ArrowType) -> bool:
    if pa.types.is_dictionary(type_):
        return _is_text(type_.value_type)
    return bool(
        pa.types.is_string(type_)
        or pa.types.is_large_string(type_)
        or pa.types.is_string_view(type_)
        or pa.types.is_null(type_)
    )


def _checked(array: Array) -> Array:
    # A 128-bit integer can arrive as a decimal of 38 digits and hold 39.
    if pa.types.is_decimal(array.type) and array.type.precision == MAX_DIGITS:
        array.validate(full=True)
    return array


def as_text(value: Any) -> str | None:
    """Return a value that has no type of its own in our files as text, exactly."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, timedelta):
        return _iso_duration(0, value.days, value.seconds * 10**9 + value.microseconds * 1000)
    if isinstance(value, pa.MonthDayNano):
        return _iso_duration(value.months, value.days, value.nanoseconds)
    return str(value)


def _iso_duration(months: int, days: int, nanoseconds: int) -> str:
    seconds = format((Decimal(nanoseconds) / 10**9).normalize(), "f")
    return f"P{months}M{days}DT{seconds}S"
