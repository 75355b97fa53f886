"""From PostgreSQL's types, as the ADBC driver describes them, to the columns of a model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bookward.heavy import pa, pc
from bookward.sources.base import NotANumber
from bookward.sources.select import quoted
from bookward.sources.shape import Column, Shape, column, field

_TEXT = "{}::text"
_CASTS = {
    "money": "{}::numeric",  # the driver would give cents, or whatever the server's locale divides by
    "oid": "{}::bigint",
    "uuid": _TEXT,
    "interval": _TEXT,
    "record": _TEXT,
    "regproc": _TEXT,
}
_KINDS = {"uuid": "uuid", "json": "json", "jsonb": "json"}
_PLAIN_ITEMS = (
    "bool", "bytea", "date", "float4", "float8", "int2", "int4", "int8", "text", "time", "timestamp",
    "timestamptz", "varchar",
)  # fmt: skip
NESTED = re.compile(r"arrays of arrays in column (?P<name>[\w ?]*): \d")
"""What the server says about an array that the driver would read as a flat one."""
# A slice has the type of the array, and its bound fails as soon as it is read, with what we have to say.
_FLAT = (
    "CASE WHEN array_ndims({of}) > 1 "
    "THEN ({as_read})[('arrays of arrays in column {name}: ' || array_ndims({of}))::int:1] ELSE {as_read} END"
)
_CAST_TO = {"{}::numeric": "numeric", "{}::bigint": "int8"}
_AS_TEXT = '{}::text COLLATE "C"'
# Days beyond the years 1 to 9999 are read as the first or the last day, and 24:00 as the end of the day.
_KEYS = {
    **dict.fromkeys(("int2", "int4", "int8"), "{}::int8"),
    **dict.fromkeys(("float4", "float8"), "{}::float8"),
    "numeric": "{}::numeric",
    "bool": "{}",
    "bpchar": '{}::bpchar COLLATE "C"',
    "date": "least(greatest({}, DATE '0001-01-01'), DATE '9999-12-31')",
    **{
        type_: f"least(greatest({{}}, {type_} '0001-01-01'), {type_} '9999-12-31 23:59:59.999999')"
        for type_ in ("timestamp", "timestamptz")
    },
    "time": "least({}, TIME '23:59:59.999999')",
}
_MOST_DIGITS = 38
_TRAILING_ZEROS = r"^(-?\d+)(?:\.0+|(\.\d*[1-9])0+)$"


def casts(described: pa.Schema) -> Mapping[int, str]:
    """Return, by place, the expressions for columns that the driver cannot read as a person would.

    Everything that PostgreSQL has a type for can be cast to text: enums, ranges, addresses, composites.
    """
    found = {place: _cast(column_) for place, column_ in enumerate(described)}
    return {place: cast for place, cast in found.items() if cast is not None}


def key(name: str, described: pa.Field[Any], cast: str | None) -> str:
    """Return the expression of a key column that is equal for two rows just when they are read as equal.

    Its type has no length or scale, so that it holds what the column held when it was wider.

    Args:
        cast: the expression that the column is read through, if there is one; ``name`` is what it gives.
    """
    type_name = _type_name(described) if cast is None else _CAST_TO.get(cast, "text")
    return _KEYS.get(type_name, _AS_TEXT).format(quoted(name, "postgres"))


def shape(described: pa.Schema, read: pa.Schema) -> Shape:
    """Return how batches of schema ``read``, from a query described as ``described``, become a model's."""
    kinds = [_KINDS.get(_type_name(column_)) for column_ in described]
    return Shape([_column(column_, kind) for column_, kind in zip(read, kinds, strict=True)])


def _cast(described: pa.Field[Any]) -> str | None:
    type_name = _type_name(described)
    if type_name in _CASTS:
        return _CASTS[type_name]
    if type_name.startswith("_"):
        item = "" if type_name.removeprefix("_") in _PLAIN_ITEMS else "::text[]"
        return _FLAT.format(of="{0}", as_read=f"{{0}}{item}", name=re.sub(r"[^\w ]", "?", described.name))
    if pa.types.is_list(described.type):
        return "{}::text[]"
    is_plain = not isinstance(described.type, pa.OpaqueType) and not pa.types.is_nested(described.type)
    return None if is_plain or type_name == "numeric" else _TEXT


def _type_name(described: pa.Field[Any]) -> str:
    return (described.metadata or {}).get(b"POSTGRESQL:type", b"").decode()


def _column(read: pa.Field[Any], kind: str | None) -> Column:
    if _type_name(read) == "numeric":
        return _numeric(read)
    return column(read.name, read.type, kind, wraps=True)


def _numeric(read: pa.Field[Any]) -> Column:
    type_ = _decimal_type(int((read.metadata or {}).get(b"POSTGRESQL:typmod", b"-1")))
    if type_ is None:
        return Column(field(read.name, pa.string(), "decimal"), lambda array: _canonical(array.storage))
    return Column(field(read.name, type_), lambda array: _exact(read.name, array.storage, type_))


def _decimal_type(typmod: int) -> pa.DataType | None:
    """Return the Arrow type of numeric(precision, scale), None where it has no fixed or too many digits.

    Source: PostgreSQL, src/backend/utils/adt/numeric.c, make_numeric_typmod: 4 is added, the precision
    stands in the upper 16 bits, the scale in the lower 11 with a sign.
    """
    if typmod < 0:
        return None
    precision = ((typmod - 4) >> 16) & 0xFFFF
    scale = (((typmod - 4) & 0x7FF) ^ 0x400) - 0x400
    digits = max(precision, scale) if scale >= 0 else precision - scale
    return pa.decimal128(digits, max(scale, 0)) if digits <= _MOST_DIGITS else None


def _canonical(texts: Any) -> Any:
    texts = pc.replace_substring_regex(texts, _TRAILING_ZEROS, r"\1\2")
    if pc.any(pc.match_substring(texts, "n")).as_py():
        for driver, spelled in (("nan", "NaN"), ("inf", "Infinity"), ("-inf", "-Infinity")):
            texts = pc.if_else(pc.equal(texts, pa.scalar(driver)), pa.scalar(spelled), texts)
    return texts


def _exact(name: str, texts: Any, type_: pa.DataType) -> Any:
    try:
        return texts.cast(type_)
    except pa.ArrowInvalid:
        if not pc.any(pc.equal(texts, pa.scalar("nan"))).as_py():
            raise
        raise NotANumber(name) from None
