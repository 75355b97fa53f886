"""From Databricks' columns, as the manifest of a result has them, to the columns of a model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from bookward.heavy import pa
from bookward.sources.arrays import Taken
from bookward.sources.arrowtables import amounts, cast, texts


@cache
def _plain() -> dict[str, pa.DataType]:
    return {
        "BOOLEAN": pa.bool_(),
        "BYTE": pa.int8(),
        "SHORT": pa.int16(),
        "INT": pa.int32(),
        "LONG": pa.int64(),
        "FLOAT": pa.float32(),
        "DOUBLE": pa.float64(),
        "DATE": pa.date32(),
        "TIMESTAMP": pa.timestamp("us", "UTC"),
        "TIMESTAMP_NTZ": pa.timestamp("us"),
        "STRING": pa.string(),
        "CHAR": pa.string(),
        "BINARY": pa.binary(),
    }


_JSON = ("ARRAY", "STRUCT", "MAP", "VARIANT")


def column(described: Mapping[str, Any]) -> Taken:
    """Return the column for ``name``, ``type_name`` and, of decimals, ``type_precision``, ``type_scale``."""
    name, kind = described["name"], described.get("type_name", "")
    if kind == "DECIMAL":
        return amounts(name, described.get("type_precision", 10), described.get("type_scale", 0))
    if kind in _plain():
        return cast(name, _plain()[kind])
    return texts(name, "json" if kind in _JSON else None)
