"""From Firebolt's columns, as an answer's first line describes them, to the columns of a model.

Values come as JSON has them; large integers, decimals, days and bytes as text.
Source: Firebolt, "Data types", and the names in ``firebolt.common._types``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

from bookward.heavy import pa
from bookward.sources import arrays

_DECIMAL = re.compile(r"(?:numeric|decimal)\((\d+), ?(\d+)\)", re.IGNORECASE)
_ARRAY = re.compile(r"array\((.*)\)")


@cache
def _scalars() -> Mapping[str, tuple[pa.DataType, Callable[[Any], Any]]]:
    return {
        "int": (pa.int32(), int),
        "integer": (pa.int32(), int),
        "long": (pa.int64(), int),
        "bigint": (pa.int64(), int),
        "real": (pa.float32(), float),
        "float": (pa.float32(), float),
        "double": (pa.float64(), float),
        "double precision": (pa.float64(), float),
        "boolean": (pa.bool_(), bool),
        "text": (pa.string(), str),
        "date": (pa.date32(), date.fromisoformat),
        "pgdate": (pa.date32(), date.fromisoformat),
        "bytea": (pa.binary(), lambda text: bytes.fromhex(text.removeprefix("\\x"))),
    }


@cache
def _moments() -> Mapping[str, pa.DataType]:
    return {
        "timestamp": pa.timestamp("us"),
        "timestampntz": pa.timestamp("us"),
        "timestamptz": pa.timestamp("us", "UTC"),
    }


def column(name: str, declared: str) -> arrays.Taken:
    """Return the column of this name and declared type, such as ``array(int null)`` or ``text null``."""
    type_ = declared.removesuffix(" null")
    if decimal := _DECIMAL.fullmatch(type_):
        return arrays.exact(name, int(decimal[1]), int(decimal[2]))
    if type_ in _scalars():
        return arrays.converted(name, *_scalars()[type_])
    if type_ in _moments():
        return arrays.parsed(name, _moments()[type_], _with_whole_offset)
    if array := _ARRAY.fullmatch(type_):
        return _array(name, array[1].removesuffix(" null"))
    if type_.startswith("struct("):
        return arrays.converted(name, pa.string(), _json, "json")
    return arrays.said(name)


def _array(name: str, item: str) -> arrays.Taken:
    if item not in _scalars():
        return arrays.converted(name, pa.string(), _json, "json")
    type_, convert = _scalars()[item]
    return arrays.converted(name, pa.list_(type_), lambda values: list(map(arrays.or_null(convert), values)))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _with_whole_offset(texts: Any) -> Any:
    """Return moments whose offset has its minutes, which Firebolt leaves out where they are none."""
    return arrays.replaced(texts, r":(\d\d(?:\.\d+)?[+-]\d\d)$", r":\1:00")
