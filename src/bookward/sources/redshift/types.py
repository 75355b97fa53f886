"""From Redshift's columns, as its protocol describes them, to the columns of a model.

Source: PostgreSQL's pg_type for what Redshift has from there, and the driver's ``RedshiftOID`` for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from bookward.heavy import pa
from bookward.sources import arrays

VARBYTE = 6551
LEFT_AS_TEXT = (VARBYTE, 1186, 1188, 1190)
"""What the driver would take for letters, and intervals, of which it loses the months."""
_SUPER, _NUMERIC = 4000, 1700


@cache
def _plain() -> Mapping[int, pa.DataType]:
    return {
        16: pa.bool_(),
        21: pa.int16(),
        23: pa.int32(),
        20: pa.int64(),
        700: pa.float32(),
        701: pa.float64(),
        1082: pa.date32(),
        1083: pa.time64("us"),
        1114: pa.timestamp("us"),
        1184: pa.timestamp("us", "UTC"),
    }


def column(described: Mapping[str, Any]) -> arrays.Taken:
    """Return the column for what the server says of one: label, type_oid and type_modifier."""
    name, oid = described["label"].decode(), described["type_oid"]
    if oid == _NUMERIC:
        digits = described["type_modifier"] - 4
        return arrays.exact(name, digits >> 16 if digits >= 0 else 0, digits & 0xFFFF)
    if oid == VARBYTE:
        return arrays.converted(name, pa.binary(), bytes.fromhex)
    if oid in _plain():
        return arrays.typed(name, _plain()[oid])
    return arrays.said(name, "json" if oid == _SUPER else None)
