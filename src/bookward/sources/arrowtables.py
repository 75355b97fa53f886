"""From the Arrow tables that a driver gives, however large, to small batches of one schema.

The schema is fixed by what the driver says of the columns; every table is cast to it, so that what one part
of a result happens to look like never changes the type of a column.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bookward.heavy import pa
from bookward.sources import arrays, shape
from bookward.sources.arrays import Taken


def batches(tables: Iterable[Any], columns: Sequence[Taken]) -> Iterator[pa.RecordBatch]:
    """Yield tables or batches, piece by piece, in the schema of ``columns``.

    Raises:
        pa.ArrowInvalid, pa.ArrowTypeError: a value has no place in its column's type.
    """
    wanted = arrays.schema(columns)
    for table in tables:
        rows = max(1, min(arrays.MOST_ROWS, arrays.BATCH_BYTES * table.num_rows // max(table.nbytes, 1)))
        for start in range(0, table.num_rows, rows):
            piece = table.slice(start, rows)
            built = [column.build(_whole(piece.column(place))) for place, column in enumerate(columns)]
            yield pa.RecordBatch.from_arrays(built, schema=wanted)


def cast(name: str, type_: pa.DataType, kind: str | None = None) -> Taken:
    """Return a column whose arrays are cast to ``type_``; what would change a number is an error."""
    made = shape.column(name, type_, kind)
    cut = pa.types.is_temporal(type_)  # nanoseconds are cut to microseconds

    def build(array: Any) -> Any:
        if pa.types.is_floating(array.type) and pa.types.is_decimal(type_):
            raise pa.ArrowInvalid(f"the driver gave the amounts of column {name!r} as floats")
        return made.convert(array.cast(type_, safe=not cut))

    return Taken(made.field, build)


def amounts(name: str, precision: int, scale: int) -> Taken:
    """Return a column of decimals; canonical text beyond 38 digits."""
    exact = arrays.exact(name, precision, scale)
    if pa.types.is_decimal(exact.field.type):
        return cast(name, exact.field.type)
    return listed(exact)


def listed(column: Taken) -> Taken:
    """Return a column that is made of Python's values, for arrays that cannot be cast to what is wanted."""

    def build(array: Any) -> Any:
        return column.build(array.to_pylist())

    return Taken(column.field, build)


def texts(name: str, kind: str | None = None) -> Taken:
    """Return a column of text, whatever comes; lists and structures become JSON."""
    return Taken(shape.field(name, pa.string(), kind), _texts)


def _whole(array: Any) -> Any:
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _texts(array: Any) -> Any:
    if pa.types.is_string(array.type):
        return array
    return pa.array([None if value is None else _said(value) for value in array.to_pylist()], pa.string())


def _said(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)
