"""From the rows of a DB-API cursor to Arrow batches of one schema, in constant memory.

The schema is fixed by what the cursor says of its columns, never by the values that happen to come first: a
batch whose values do not fit it is an error, and not a batch of another schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from bookward.heavy import pa, pc
from bookward.sources.shape import field

MOST_ROWS = 10_000
BATCH_BYTES = 2 * 1024 * 1024
_FIRST_ROWS = 1_000
_MOST_DIGITS = 38
_END_ZEROS = re.compile(r"\.?0+$")

Build: TypeAlias = Callable[[Sequence[Any]], Any]
"""From a column's values, a list or an Arrow array as the driver gives them, to an array."""


class Taken(NamedTuple):
    """A column as models see it, and how it is made of the driver's values."""

    field: pa.Field[Any]
    build: Build


def schema(columns: Sequence[Taken]) -> pa.Schema:
    """Return the schema of these columns."""
    return pa.schema([column.field for column in columns])


def batches(fetch: Callable[[int], Sequence[Sequence[Any]]], columns: Sequence[Taken]) -> Iterator[Any]:
    """Yield what ``fetch``, a cursor's ``fetchmany``, gives until it gives nothing more.

    Raises:
        pa.ArrowInvalid, pa.ArrowTypeError: a value has no place in its column's type.
    """
    size, wanted = _FIRST_ROWS, schema(columns)
    while rows := fetch(size):
        arrays = [column.build([row[place] for row in rows]) for place, column in enumerate(columns)]
        batch = pa.RecordBatch.from_arrays(arrays, schema=wanted)
        size = max(1, min(MOST_ROWS, BATCH_BYTES * len(rows) // max(batch.nbytes, 1)))
        yield batch


def typed(name: str, type_: pa.DataType, kind: str | None = None) -> Taken:
    """Return a column whose values are of ``type_`` as they come."""
    return Taken(field(name, type_, kind), lambda values: pa.array(values, type_))


def converted(name: str, type_: pa.DataType, convert: Callable[[Any], Any], kind: str | None = None) -> Taken:
    """Return a column of ``type_`` whose values, but for nulls, go through ``convert`` one by one."""
    return Taken(field(name, type_, kind), lambda values: pa.array(map(or_null(convert), values), type_))


def or_null(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return ``convert`` with null for null."""
    return lambda value: None if value is None else convert(value)


def parsed(name: str, type_: pa.DataType, mend: Callable[[Any], Any] = lambda texts: texts) -> Taken:
    """Return a column of ``type_`` whose values come as text; ``mend`` is given their array first."""
    return Taken(field(name, type_), lambda values: mend(pa.array(values, pa.string())).cast(type_))


def said(name: str, kind: str | None = None) -> Taken:
    """Return a column of text, whatever comes: of a type that has no other place."""
    return Taken(field(name, pa.string(), kind), lambda values: pa.array(map(_text, values), pa.string()))


def exact(name: str, precision: int, scale: int) -> Taken:
    """Return a column of decimals, which come as ``Decimal`` or text; canonical text beyond 38 digits."""
    if 0 < precision <= _MOST_DIGITS and 0 <= scale <= precision:
        type_ = pa.decimal128(precision, scale)
        return Taken(field(name, type_), lambda values: pa.array(map(_decimal, values), type_))
    text = field(name, pa.string(), "decimal")
    return Taken(text, lambda values: pa.array(map(_digits, values), pa.string()))


def replaced(texts: Any, pattern: str, instead: str) -> Any:
    """Return texts with what ``pattern`` finds replaced."""
    return pc.replace_substring_regex(texts, pattern, instead)


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)


def _decimal(value: Any) -> Decimal | None:
    return value if value is None or isinstance(value, Decimal) else Decimal(str(value))


def _digits(value: Any) -> str | None:
    if value is None:
        return None
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return _END_ZEROS.sub("", text) if "." in text else text
