"""The current rows of a model, written down so that they can be compared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from bookward.engine.columns import RESERVED, Array, canonical_array, canonical_field
from bookward.engine.lists import sorted_json
from bookward.engine.parquet import new_file
from bookward.errors import ColumnMissing, ModelRefused, SourceFailed
from bookward.heavy import pa


def stage(
    schema: pa.Schema,
    batches: Iterator[pa.RecordBatch],
    path: Path,
    on_rows: Callable[[int], None],
    columns: Sequence[str] | None = None,
    lines: Collection[str] = (),
) -> int:
    """Write rows to a Parquet file, in the order they arrive and in canonical types.

    Args:
        on_rows: is told after every batch how many rows there are so far.
        columns: the ones to keep; all when None.
        lines: the ones that hold lines: JSON in them is kept in one form, however it is spaced and ordered.

    Returns:
        How many rows there are. An error, whoever raises it, leaves no file.

    Raises:
        ModelRefused: two columns have one name, or a name is reserved.
        ColumnMissing: one of ``columns`` is not there.
        SourceFailed: a value does not fit the type that its column has.
    """
    places = _places(schema, columns)
    kept = pa.schema([canonical_field(schema.field(place)) for place in places])
    with new_file(path, kept, durable=False) as file:
        for batch in batches:
            file.write(_in_one_form(_canonical(batch, places, kept, file.rows), lines))
            on_rows(file.rows)
        return file.rows


def _places(schema: pa.Schema, columns: Sequence[str] | None) -> list[int]:
    for name in schema.names:
        if schema.names.count(name) > 1:
            raise ModelRefused(
                f"The model returns more than one column named {name!r}.", remedy="Give each its own name."
            )
        if name.startswith(RESERVED):
            raise ModelRefused(
                f"The model returns a column named {name!r}; names that begin with {RESERVED} are reserved.",
                remedy="Rename the column in the model.",
            )
    missing = [name for name in columns or () if name not in schema.names]
    if missing:
        there = ", ".join(repr(name) for name in schema.names)
        raise ColumnMissing(f"The model does not return the column {missing[0]!r}; it returns {there}.")
    return [place for place, name in enumerate(schema.names) if columns is None or name in columns]


def _canonical(batch: pa.RecordBatch, places: Sequence[int], kept: pa.Schema, before: int) -> pa.RecordBatch:
    arrays = []
    for place, field in zip(places, kept, strict=True):
        try:
            arrays.append(canonical_array(batch.column(place), field.type))
        except pa.ArrowInvalid as error:
            last = before + batch.num_rows
            raise SourceFailed(
                f"Column {field.name!r} has a value out of range in rows {before + 1} to {last}: {error}",
                remedy="Cast the column to text in the model.",
            ) from error
    return pa.RecordBatch.from_arrays(arrays, schema=kept)


def _in_one_form(batch: pa.RecordBatch, lines: Collection[str]) -> pa.RecordBatch:
    arrays: list[Array] = batch.columns
    for place, field in enumerate(batch.schema):
        if field.name in lines and pa.types.is_string(field.type):
            arrays[place] = pa.array([sorted_json(text) for text in arrays[place].to_pylist()], pa.string())
    return pa.RecordBatch.from_arrays(arrays, schema=batch.schema)
