"""From Trino's columns, as its protocol describes them, to the columns of a model.

Values come as JSON has them: decimals, days and times as text, bytes in base 64, rows as lists.
Source: Trino, "Trino client REST API" and "Data types".
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import date, time
from functools import cache
from typing import Any

from bookward.heavy import pa
from bookward.sources import arrays

ZONED = "timestamp with time zone"


@cache
def _scalars() -> Mapping[str, tuple[pa.DataType, Callable[[Any], Any]]]:
    return {
        "boolean": (pa.bool_(), bool),
        "tinyint": (pa.int8(), int),
        "smallint": (pa.int16(), int),
        "integer": (pa.int32(), int),
        "bigint": (pa.int64(), int),
        "real": (pa.float32(), float),  # which reads "NaN" and "Infinity", too
        "double": (pa.float64(), float),
        "varchar": (pa.string(), str),
        "char": (pa.string(), str),
        "uuid": (pa.string(), str),
        "varbinary": (pa.binary(), b64decode),
        "date": (pa.date32(), _day),
        "time": (pa.time64("us"), lambda text: time.fromisoformat(text[:15])),
    }


@cache
def _moments() -> Mapping[str, pa.DataType]:
    return {"timestamp": pa.timestamp("us"), ZONED: pa.timestamp("us", "UTC")}


def _day(text: str) -> date:
    """Return a day, of those beyond the calendar its first or last."""
    if text.startswith(("-", "0000")):
        return date.min
    return date.max if len(text) > len("9999-12-31") else date.fromisoformat(text)


def column(described: Mapping[str, Any]) -> arrays.Taken:
    """Return the column for a description: its name, and its type's signature."""
    name, signature = described["name"], described["typeSignature"]
    raw, arguments = signature["rawType"], signature["arguments"]
    if raw in ("decimal", "number"):
        digits = [argument["value"] for argument in arguments] or [0, 0]
        return arrays.exact(name, *digits)
    if raw in _scalars():
        type_, convert = _scalars()[raw]
        return arrays.converted(name, type_, convert, "uuid" if raw == "uuid" else None)
    if raw in _moments():
        return arrays.parsed(name, _moments()[raw], _to_micros)
    return _nested(name, signature)


def _nested(name: str, signature: Mapping[str, Any]) -> arrays.Taken:
    raw = signature["rawType"]
    item = signature["arguments"][0]["value"]["rawType"] if raw == "array" else ""
    if item in _scalars():
        type_, convert = _scalars()[item]
        return arrays.converted(
            name, pa.list_(type_), lambda values: list(map(arrays.or_null(convert), values))
        )
    if raw in ("array", "map", "row"):
        return arrays.converted(name, pa.string(), lambda value: _json(_named(value, signature)), "json")
    return arrays.said(name, "json" if raw == "json" else None)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _to_micros(texts: Any) -> Any:
    """Return moments with no more than six places, those of a zone as ISO 8601 has them."""
    return arrays.replaced(arrays.replaced(texts, r"(\.\d{6})\d+", r"\1"), " UTC$", "Z")


def _named(value: Any, signature: Mapping[str, Any]) -> Any:
    """Return a value with the names of the fields of its rows."""
    raw, arguments = signature["rawType"], [argument["value"] for argument in signature["arguments"]]
    if value is None:
        return None
    if raw == "array":
        return [_named(item, arguments[0]) for item in value]
    if raw == "map":
        return {key: _named(item, arguments[1]) for key, item in value.items()}
    if raw == "row":
        names = [
            (each.get("fieldName") or {}).get("name", f"field{place}") for place, each in enumerate(arguments)
        ]
        types = [each["typeSignature"] for each in arguments]
        return {name: _named(*pair) for name, *pair in zip(names, value, types, strict=True)}
    return value
