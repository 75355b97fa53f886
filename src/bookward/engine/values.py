"""Arrow values as Python values, exactly; as text where Python has no equal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bookward.engine.columns import Array, ArrowType, Field, Kind, kind
from bookward.heavy import pa, pc

_ENDLESS = 2**31 - 1, 2**63 - 1  #: how drivers say "infinity" in a date and in a time


def python_rows(structs: Any) -> list[dict[str, Any] | None]:
    """Return the rows of a ``pa.StructArray``; None where the struct itself is null."""
    fields = [structs.type.field(place) for place in range(structs.type.num_fields)]
    names = [field.name for field in fields]
    columns = [python_values(column, field) for column, field in zip(structs.flatten(), fields, strict=True)]
    rows: list[dict[str, Any] | None] = [
        dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)
    ]
    if structs.null_count:
        for place, valid in enumerate(structs.is_valid().to_pylist()):
            if not valid:
                rows[place] = None
    return rows


def python_values(array: Array, field: Field) -> list[Any]:
    """Return the values of a column: decimals kept in text as ``Decimal``, times in UTC."""
    try:
        values = array.to_pylist()
    except (OverflowError, ValueError):
        return _far_values(array)
    convert = _conversion(field)
    return values if convert is None else [None if value is None else convert(value) for value in values]


def _conversion(field: Field) -> Callable[[Any], Any] | None:
    """Return what is still to be done to the values that Arrow gives for a column, None when nothing is."""
    type_: ArrowType = field.type
    if pa.types.is_list(type_):
        item = _conversion(type_.value_field)
        return item and (lambda values: [None if value is None else item(value) for value in values])
    if pa.types.is_struct(type_):
        parts = {part.name: convert for part in type_ if (convert := _conversion(part)) is not None}
        return (lambda struct: _converted(struct, parts)) if parts else None
    return _CONVERSIONS.get(kind(field))


def _converted(struct: dict[str, Any], parts: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    done = {name: convert(struct[name]) for name, convert in parts.items() if struct[name] is not None}
    return struct | done


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC)


def _decimal(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


_CONVERSIONS: dict[Kind, Callable[[Any], Any]] = {Kind.TIME: _utc, Kind.DECIMAL_TEXT: _decimal}


def _far_values(values: Any) -> list[Any]:
    return [_python(value) for value in values]


def _python(value: pa.Scalar[Any]) -> Any:
    """Return one value of a column in which at least one is beyond Python."""
    if not value.is_valid:
        return None
    if isinstance(value, pa.StructScalar):
        return {name: _python(value[name]) for name in value}
    if isinstance(value, pa.ListScalar) and not pa.types.is_map(value.type):
        return _far_values(value)
    try:
        known = value.as_py()
    except (OverflowError, ValueError):
        return _far_text(value)
    return _utc(known) if isinstance(known, datetime) and known.tzinfo is not None else known


def _far_text(value: pa.Scalar[Any]) -> str:
    """Return a date or time beyond the years 1 to 9999 as ISO text, or as infinity."""
    number = value.cast(pa.int32() if pa.types.is_date(value.type) else pa.int64()).as_py()
    if abs(number) >= _ENDLESS[not pa.types.is_date(value.type)]:
        return "infinity" if number > 0 else "-infinity"
    return str(pc.cast(value, pa.string()).as_py())
