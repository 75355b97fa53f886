"""From Arrow to the Arrow that Snowflake sends: numbers with a scale beside them, moments as structs."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_KINDS = (
    (pa.types.is_integer, "FIXED"), (pa.types.is_decimal, "FIXED"), (pa.types.is_floating, "REAL"),
    (pa.types.is_boolean, "BOOLEAN"), (pa.types.is_date, "DATE"), (pa.types.is_time, "TIME"),
    (pa.types.is_binary, "BINARY"), (pa.types.is_list, "ARRAY"), (pa.types.is_struct, "OBJECT"),
)  # fmt: skip


def encoded(table: pa.Table) -> pa.Table:
    """Return a table as it is sent, each column with what the client is told of it."""
    fields, columns = [], []
    for field, column in zip(table.schema, table.columns, strict=True):
        kind, precision, scale = _kind(field.type)
        array = _array(column.combine_chunks(), kind)
        told = {"logicalType": kind, "precision": str(precision), "scale": str(scale)}
        fields.append(pa.field(field.name, array.type, metadata=told))
        columns.append(array)
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def described(schema: pa.Schema) -> list[dict[str, Any]]:
    """Return the description of the columns that stands beside the rows."""
    told = [{key.decode(): value.decode() for key, value in field.metadata.items()} for field in schema]
    return [
        {
            "name": field.name, "type": each["logicalType"].lower(), "nullable": True, "length": None,
            "precision": int(each["precision"]), "scale": int(each["scale"]), "byteLength": None,
            "database": "", "schema": "", "table": "", "collation": None,
        }
        for field, each in zip(schema, told, strict=True)
    ]  # fmt: skip


def stream(table: pa.Table) -> bytes:
    """Return rows as an Arrow stream, whole numbers as narrow as these fit."""
    columns = [_narrow(column.combine_chunks()) for column in table.columns]
    fields = [field.with_type(column.type) for field, column in zip(table.schema, columns, strict=True)]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, pa.schema(fields)) as writer:
        writer.write_table(pa.Table.from_arrays(columns, schema=pa.schema(fields)))
    return sink.getvalue().to_pybytes()


def _kind(type_: Any) -> tuple[str, int, int]:
    if pa.types.is_decimal(type_):
        return "FIXED", type_.precision, type_.scale
    if pa.types.is_timestamp(type_):
        return "TIMESTAMP_TZ" if type_.tz else "TIMESTAMP_NTZ", 0, 9
    kind = next((kind for fits, kind in _KINDS if fits(type_)), "TEXT")
    return kind, 38 if kind == "FIXED" else 0, 9 if kind == "TIME" else 0


def _array(array: Any, kind: str) -> Any:
    if kind.startswith("TIMESTAMP"):
        return _moments(array)
    if kind == "TIME":
        return pc.multiply(array.cast(pa.int64()), 1000)
    if kind in ("ARRAY", "OBJECT"):
        return pa.array([None if value is None else json.dumps(value) for value in array.to_pylist()])
    if kind == "FIXED" and not pa.types.is_decimal(array.type):
        return array.cast(pa.int64())
    return array.cast(pa.string()) if kind == "TEXT" else array


def _moments(array: Any) -> Any:
    micros = array.view(pa.int64())
    seconds = pc.floor(pc.divide(micros.cast(pa.float64()), 1e6)).cast(pa.int64())
    fraction = pc.multiply(pc.subtract(micros, pc.multiply(seconds, 1_000_000)), 1000).cast(pa.int32())
    parts = {"epoch": seconds, "fraction": fraction}
    if array.type.tz:
        parts["timezone"] = pa.array([1440] * len(array), pa.int32())
    return pa.StructArray.from_arrays(list(parts.values()), names=list(parts), mask=array.is_null())


def _narrow(array: Any) -> Any:
    if pa.types.is_decimal(array.type):
        return _unscaled(array)
    if pa.types.is_integer(array.type):
        for type_ in (pa.int8(), pa.int16(), pa.int32()):
            try:
                return array.cast(type_)
            except pa.ArrowInvalid:
                continue
    return array


def _unscaled(array: Any) -> Any:
    if array.type.precision > 18:
        return array
    whole = [None if value is None else int(value.scaleb(array.type.scale)) for value in array.to_pylist()]
    return _narrow(pa.array(whole, pa.int64()))
