"""From Athena's columns, as the metadata of a result has them, to the columns of a model.

A result is a CSV file: each value comes as the text that Athena writes, and Arrow reads it, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from bookward.heavy import pa, pc
from bookward.sources import arrays, shape
from bookward.sources.arrays import Taken
from bookward.sources.arrowtables import amounts, cast, texts
from bookward.sources.athena.query import QueryRefused


@cache
def _plain() -> dict[str, pa.DataType]:
    return {
        "boolean": pa.bool_(),
        "tinyint": pa.int8(),
        "smallint": pa.int16(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
        "float": pa.float32(),
        "real": pa.float32(),
        "double": pa.float64(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us"),
    }


def column(described: Mapping[str, Any]) -> Taken:
    """Return the column for ``Name``, ``Type`` and, of decimals, ``Precision`` and ``Scale``."""
    name, kind = described["Name"], described["Type"].lower()
    if kind == "decimal":
        return amounts(name, described["Precision"], described["Scale"])
    if kind in _plain():
        return cast(name, _plain()[kind])
    if kind in _made():
        type_, build = _made()[kind]
        return Taken(shape.field(name, type_), build)
    return texts(name, "json" if kind == "json" else None)


def _time(texts_: Any) -> Any:
    day = arrays.replaced(texts_, "^", "1970-01-01 ")
    return day.cast(pa.timestamp("us")).cast(pa.time64("us"))


def _bytes(texts_: Any) -> Any:
    found = [None if text is None else bytes.fromhex(text) for text in texts_.to_pylist()]
    return pa.array(found, pa.binary())


def _moment(texts_: Any) -> Any:
    """Return moments such as "2026-03-29 02:30:00.123 Pacific/Auckland" in UTC."""
    utc = pa.timestamp("us", "UTC")
    if pc.all(pc.ends_with(texts_, " UTC")).as_py() is not False:
        return arrays.replaced(texts_, " UTC$", "Z").cast(utc)
    return pa.array([None if text is None else _zoned(text) for text in texts_.to_pylist()], utc)


def _zoned(text: str) -> datetime:
    """Return a moment in UTC, unless clocks that are set back let its words stand for two."""
    day, _, zone = text.rpartition(" ")
    found = datetime.fromisoformat(day).replace(tzinfo=_zone(zone))
    if found.utcoffset() != found.replace(fold=1).utcoffset():
        raise QueryRefused(f"{text} stands for two moments; write `AT TIME ZONE 'UTC'` after the column.")
    return found.astimezone(UTC)


def _zone(name: str) -> Any:
    if name[0] in "+-":
        hours, _, minutes = name[1:].partition(":")
        span = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(span if name[0] == "+" else -span)
    return ZoneInfo(name)


@cache
def _made() -> dict[str, tuple[pa.DataType, Callable[[Any], Any]]]:
    return {
        "time": (pa.time64("us"), _time),
        "varbinary": (pa.binary(), _bytes),
        "timestamp with time zone": (pa.timestamp("us", "UTC"), _moment),
    }
