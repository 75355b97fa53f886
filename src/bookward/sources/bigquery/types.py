"""From BigQuery's columns, as the schema of a result has them, to the columns of a model."""

from __future__ import annotations

from functools import cache
from typing import Any

from bookward.heavy import pa
from bookward.sources.arrays import Taken
from bookward.sources.arrowtables import amounts, cast, texts


@cache
def _plain() -> dict[str, pa.DataType]:
    return {
        "STRING": pa.string(),
        "BYTES": pa.binary(),
        "INTEGER": pa.int64(),
        "INT64": pa.int64(),
        "FLOAT": pa.float64(),
        "FLOAT64": pa.float64(),
        "BOOLEAN": pa.bool_(),
        "BOOL": pa.bool_(),
        "DATE": pa.date32(),
        "TIME": pa.time64("us"),
        "DATETIME": pa.timestamp("us"),
        "TIMESTAMP": pa.timestamp("us", "UTC"),
    }


_AMOUNTS = {"NUMERIC": (38, 9), "BIGNUMERIC": (76, 38)}
_JSON = ("JSON", "RECORD", "STRUCT")


def column(described: Any) -> Taken:
    """Return the column for a ``SchemaField``.

    The places of ``NUMERIC(12, 2)`` are known only when a query takes the column as it is.
    """
    name, kind = described.name, described.field_type
    if described.mode == "REPEATED":
        return cast(name, pa.list_(_plain()[kind])) if kind in _plain() else texts(name, "json")
    if kind in _AMOUNTS:
        digits, places = _AMOUNTS[kind]
        told = described.precision is not None
        return amounts(name, *((described.precision, described.scale or 0) if told else (digits, places)))
    if kind in _plain():
        return cast(name, _plain()[kind])
    return texts(name, "json" if kind in _JSON else None)
