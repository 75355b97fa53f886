"""From ClickHouse's types to those that a model can have.

The server converts what Arrow has no place for: without that a DateTime comes as a bare number, an Enum as
its number, and an address or a number of 256 bits as bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bookward.heavy import pa
from bookward.sources import select
from bookward.sources.shape import Column, Shape, column

_AROUND = re.compile(
    r"(Nullable|LowCardinality|Array|SimpleAggregateFunction)\((?:\w+(?:\([^)]*\))?, )?(.*)\)"
)
_AS_IT_IS = re.compile(r"U?Int(8|16|32|64)|Float(32|64)|Bool|String|Date32|DateTime64\(.*\)")
_NESTED = re.compile(
    r"Array\(Array|(.*\b)?(Tuple|Map|Nested|JSON|Object|Variant|Dynamic|Point|Ring|(Multi)?(LineString|Polygon))\b"
)
_DECIMAL = re.compile(r"Decimal\((\d+), \d+\)")
_OTHERS = {"Date": "Date32", "DateTime": "DateTime64(0, 'UTC')", "BFloat16": "Float32"}
_KINDS = re.compile(r"(?P<uuid>UUID)|(?P<decimal>Decimal\(.*\)|U?Int(128|256))")
_MOST_DIGITS = 38


def readable(query: str, columns: Sequence[tuple[str, str]], dialect: str) -> str:
    """Return ``query`` with those columns converted that Arrow has no place for.

    Args:
        columns: the name and the declared type of each.
    """
    casts = [
        f"{cast} AS {name}"
        for name, type_ in ((select.quoted(name, dialect), type_) for name, type_ in columns)
        if (cast := _cast(name, type_)) is not None
    ]
    return f"SELECT * REPLACE ({', '.join(casts)}) FROM (\n{query}\n)" if casts else query


def shape(read: pa.Schema, declared: Sequence[str]) -> Shape:
    """Return how batches of the schema ``read`` become those of a model."""
    return Shape([_column(*pair) for pair in zip(read, declared, strict=True)])


def _cast(name: str, declared: str) -> str | None:
    if _NESTED.match(declared):
        return f"if({name} IS NULL, NULL, toJSONString({name}))"
    target = _target(declared)
    return None if target == declared else f"CAST({name} AS {target})"


def _target(declared: str) -> str:
    """Return the type to which the server is to convert, the same type where nothing has to be done."""
    if around := _AROUND.fullmatch(declared):
        word, inner = around[1], _target(around[2])
        return f"{word}({inner})" if word in ("Nullable", "Array") else inner
    name = declared.partition("(")[0]
    decimal = _DECIMAL.fullmatch(declared)
    fits = decimal is not None and int(decimal[1]) <= _MOST_DIGITS
    return declared if fits or _AS_IT_IS.fullmatch(declared) else _OTHERS.get(name, "String")


def _column(read: pa.Field[Any], declared: str) -> Column:
    if _NESTED.match(declared):
        kind: str | None = "json"
    else:
        found = _KINDS.fullmatch(_bare(declared)) if pa.types.is_string(read.type) else None
        kind = found.lastgroup if found else None
    texts = _texts(read.type)
    made = column(read.name, texts, kind)

    def convert(array: Any) -> Any:
        try:
            array = array.cast(texts)
            array.validate(full=True)  # a String may hold any bytes
        except pa.ArrowInvalid as error:
            told = f"column {read.name!r} holds bytes that are no text; read hex() of it: {error}"
            raise pa.ArrowInvalid(told) from error
        return made.convert(array)

    return Column(made.field, convert)


def _bare(declared: str) -> str:
    around = _AROUND.fullmatch(declared)
    return _bare(around[2]) if around and around[1] != "Array" else declared


def _texts(read: Any) -> Any:
    """Return the type with text for bytes, which old servers send for a String."""
    if pa.types.is_list(read):
        return pa.list_(_texts(read.value_type))
    return pa.string() if pa.types.is_binary(read) else read
