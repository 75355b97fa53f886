"""Rows that come page by page, of no schema, made into one Parquet file of exact types in constant memory.

Every value is first kept as text, and what kinds of values a column holds is noted; its type is the one that
holds all of them exactly. Whole numbers and others together are decimals; what does not go together is text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from bookward.errors import SourceFailed
from bookward.heavy import pa, pq
from bookward.sources import arrays, jsontext
from bookward.sources.duck import DIALECT, literal
from bookward.sources.jsontext import Digits
from bookward.sources.select import quoted

Page: TypeAlias = Sequence[Mapping[str, Any]]

_WHOLE = re.compile(r"-?\d+")
_NUMBERS = {"integer", "decimal", "float"}
_MOST_DIGITS = 38
_LEAVE_OUT = "Leave one of them out by what the table says in the source's file, or rename it."
_INT64 = range(-(2**63), 2**63)


@cache
def _types() -> dict[frozenset[str], pa.DataType]:
    return {
        frozenset(["boolean"]): pa.bool_(),
        frozenset(["date"]): pa.date32(),
        frozenset(["moment"]): pa.timestamp("us", "UTC"),
        frozenset(["float"]): pa.float64(),
    }


class Column:
    """What is known of a column's values so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._kinds: set[str] = set()
        self._fits = True  # into 64 bits
        self._finite = True
        self._whole = self._scale = 0  # digits before and after the point

    @property
    def type(self) -> pa.DataType:
        """The type that holds all values exactly."""
        if self._kinds == {"integer"} and self._fits:
            return pa.int64()
        if self._kinds and self._kinds <= _NUMBERS and self._kinds != {"float"}:
            digits = self._whole + self._scale
            fits = self._finite and digits <= _MOST_DIGITS
            return pa.decimal128(max(digits, 1), self._scale) if fits else pa.string()
        return _types().get(frozenset(self._kinds), pa.string())

    @property
    def is_json(self) -> bool:
        """Whether every value is an object or a list."""
        return self._kinds == {"json"}

    def take(self, value: Any) -> str | None:
        """Return a value as text, and note what it is."""
        if value is None:
            return None
        kind, text = _told(value)
        self._kinds.add(kind)
        if kind in _NUMBERS:
            self._measure(text, kind)
        return text

    def _measure(self, text: str, kind: str) -> None:
        number = Decimal(text)
        if not number.is_finite():
            self._finite = False
            return
        if kind == "integer":
            self._fits = self._fits and int(text) in _INT64
        _, digits, exponent = number.as_tuple()
        assert isinstance(exponent, int)
        self._whole = max(self._whole, len(digits) + exponent)
        self._scale = max(self._scale, -exponent)


class Columns:
    """The columns of a table, in the order in which they were first seen."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Begin with columns that are there whatever comes."""
        self._found = {name: Column(name) for name in names}

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Column]:
        return iter(self._found.values())

    def take(self, page: Page) -> pa.RecordBatch:
        """Return the rows of a page, every value as text, and note what they are."""
        for name in dict.fromkeys(name for row in page for name in row):
            self._found.setdefault(name, Column(name))
        texts = {
            name: pa.array([column.take(row.get(name)) for row in page], pa.string())
            for name, column in self._found.items()
        }
        return pa.RecordBatch.from_pydict(texts)


def collect(
    pages: Iterable[Page],
    folder: Path,
    names: Sequence[str],
    if_none: Callable[[], Sequence[str]],
    where: str,
) -> tuple[Path, str]:
    """Write the rows of all pages into a file, and return it and the query that reads it.

    Args:
        pages: each as large as may be held in memory.
        folder: where the file is written.
        names: of columns that are there whatever comes.
        if_none: is asked for columns when there is none, as where no row came; at least one.
        where: begins the errors.

    Raises:
        UnicodeError: a text has letters that are none.
        SourceFailed: two columns differ in capital letters only.
    """
    columns, kept, target = Columns(names), folder / "pages", folder / "rows.parquet"
    with kept.open("wb") as file:
        for page in pages:
            batch = columns.take(page)
            with pa.ipc.new_stream(file, batch.schema) as stream:
                stream.write_batch(batch)
    columns = columns if len(columns) else Columns(if_none())
    refuse_alike([column.name for column in columns], where, _LEAVE_OUT)
    schema = pa.schema([(column.name, column.type) for column in columns])
    with pq.ParquetWriter(target, schema) as writer:
        for group in _gathered(_typed(batch, schema) for batch in _kept(kept)):
            writer.write_table(group)
    kept.unlink()
    read = ", ".join(map(_selected, columns))
    return target, f"SELECT {read} FROM read_parquet({literal(str(target))})"


def refuse_alike(names: Iterable[str], where: str, remedy: str) -> None:
    """Refuse columns that differ in capital letters only: DuckDB would split them, and take one for both.

    Raises:
        SourceFailed: there are two.
    """
    known: dict[str, str] = {}
    for name in names:
        other = known.setdefault(name.casefold(), name)
        if other != name:
            raise SourceFailed(
                f"{where} has columns {other!r} and {name!r}, which SQL takes for one.", remedy=remedy
            )


def _kept(path: Path) -> Iterator[pa.RecordBatch]:
    size = path.stat().st_size
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb"))
        while file.tell() < size:
            yield from pa.ipc.open_stream(file)


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield batches together: each part of a Parquet file is described apart, and pages may be small."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        rows, size = sum(each.num_rows for each in held), sum(each.nbytes for each in held)
        if rows >= arrays.MOST_ROWS or size >= arrays.BATCH_BYTES:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _typed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    absent = pa.nulls(batch.num_rows, pa.string())
    texts = [batch[field.name] if field.name in batch.schema.names else absent for field in schema]
    arrays = [text.cast(field.type) for text, field in zip(texts, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _selected(column: Column) -> str:
    name = quoted(column.name, DIALECT)
    return f"CAST({name} AS JSON) AS {name}" if column.is_json else name


def _told(value: Any) -> tuple[str, str]:
    """Return which kind of value it is, and the text that Arrow reads as it."""
    if isinstance(value, Digits):
        return ("integer" if _WHOLE.fullmatch(value) else "decimal"), str(value)
    if isinstance(value, str):
        return "text", value
    if isinstance(value, bool):
        return "boolean", "true" if value else "false"
    if isinstance(value, int):
        return "integer", str(value)
    if isinstance(value, (float, Decimal)):
        return ("float" if isinstance(value, float) else "decimal"), str(value)
    if isinstance(value, datetime):
        return "moment", value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return "date", value.isoformat()
    return ("json", jsontext.written(value)) if isinstance(value, (dict, list)) else ("text", str(value))
