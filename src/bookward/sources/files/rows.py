"""JSON and Excel files, row by row, with every value as the text that stands there."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any, cast
from zipfile import BadZipFile

from bookward.errors import SourceFailed
from bookward.heavy import pa, pq
from bookward.sources import jsontext
from bookward.sources.base import missing_extra
from bookward.sources.collected import refuse_alike
from bookward.sources.files.spec import FileTable

RENAME = "Rename one of them."
_BATCH_ROWS = 5_000
_MOST_JSON = 256 * 1024 * 1024  # bytes of one document: unlike lines, it has to be held whole


def as_parquet(rows: Callable[[], Iterable[Mapping[str, str | None]]], target: Path) -> None:
    """Write rows into a Parquet file: first all are asked for their columns, then read again.

    Raises:
        SourceFailed: two columns differ in capital letters only, or there is none.
    """
    names = dict.fromkeys(name for row in rows() for name in row)
    if not names:
        raise SourceFailed(
            "it is empty, without a row to tell the columns by.", remedy="Run again when there is a row."
        )
    refuse_alike(names, "it", RENAME)
    schema = pa.schema([pa.field(name, pa.string()) for name in names])
    with pq.ParquetWriter(target, schema) as writer:
        batch: list[Mapping[str, str | None]] = []
        for row in rows():
            batch.append(row)
            if len(batch) == _BATCH_ROWS:
                writer.write_batch(pa.RecordBatch.from_pylist(batch, schema))
                batch = []
        writer.write_batch(pa.RecordBatch.from_pylist(batch, schema))


def json_rows(files: Sequence[Path], *, lines: bool) -> Iterator[Mapping[str, str | None]]:
    """Yield the objects of JSON files: one a line, or in one list.

    Raises:
        SourceFailed: a file is no JSON, or holds something else.
    """
    for file in files:
        for place, found in _documents(file, lines=lines):
            if not isinstance(found, dict):
                raise SourceFailed(
                    f"{place} is {type(found).__name__}, not an object with columns.",
                    remedy='Each row has to look as {"id": 1, "name": "Ann"}.',
                )
            yield {name: _json_text(value) for name, value in found.items()}


def _documents(file: Path, *, lines: bool) -> Iterator[tuple[str, Any]]:
    with _opened(file) as stream:
        if lines:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    yield f"{file.name}, line {number},", _parsed(line, f"{file.name}, line {number},")
            return
        text = stream.read(_MOST_JSON + 1)
    if len(text) > _MOST_JSON:
        raise SourceFailed(
            f"{file.name} is one JSON document of more than {_MOST_JSON:,} bytes.",
            remedy="Write one object a line, and let the file end with .jsonl.",
        )
    found = _parsed(text, file.name)
    for number, each in enumerate(found if isinstance(found, list) else [found], 1):
        yield f"{file.name}, element {number},", each


def _parsed(text: bytes, place: str) -> Any:
    try:
        return jsontext.parsed(text)
    except ValueError as error:
        raise SourceFailed(
            f"{place} is no JSON: {error}.", remedy="Correct the file, or its `format`."
        ) from error


def _json_text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value) if isinstance(value, str) else jsontext.written(value)


def _opened(file: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(file, "rb")) if file.suffix.lower() == ".gz" else file.open("rb")


def excel_rows(files: Sequence[Path], spec: FileTable) -> Iterator[Mapping[str, str | None]]:
    """Yield the rows of a sheet, without those in which nothing stands.

    Raises:
        SourceFailed: a file is no Excel file, or has no such sheet.
        ExtraMissing: openpyxl is not installed.
    """
    for file in files:
        names: list[str] = []
        for row in _cells(file, spec):
            if not names:
                names = column_names(row if spec.header else (None,) * len(row), file.name)
                if spec.header:
                    continue
            names += column_names((None,) * (len(row) - len(names)), file.name, names)
            yield dict(zip_longest(names, map(_cell_text, row)))


def _cells(file: Path, spec: FileTable) -> Iterator[tuple[Any, ...]]:
    try:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError:
        raise missing_extra("Excel files", "excel") from None
    try:
        book = load_workbook(file, read_only=True, data_only=True)
        formulas = load_workbook(file, read_only=True)
    except (InvalidFileException, BadZipFile, OSError, KeyError, ValueError) as error:
        raise SourceFailed(f"{file.name} is no Excel file (.xlsx): {error}") from error
    try:
        if spec.sheet is not None and spec.sheet not in book.sheetnames:
            there = ", ".join(map(repr, book.sheetnames))
            raise SourceFailed(f"{file.name} has no sheet {spec.sheet!r}; there is {there}.")
        name = spec.sheet if spec.sheet is not None else book.sheetnames[0]
        for number, (row, said) in enumerate(zip(_whole(book[name]), _whole(formulas[name]), strict=True), 1):
            both = zip(row, said, strict=True)
            if any(value is None and str(what).startswith("=") for value, what in both):
                raise SourceFailed(
                    f"{file.name}, row {number}: a formula has no value.",
                    remedy="Open the file in Excel and save it there, which works its formulas out.",
                )
            if any(value is not None for value in row):
                yield row
    finally:
        book.close()
        formulas.close()


def _whole(sheet: Any) -> Iterator[tuple[Any, ...]]:
    # Some writers say that a sheet is smaller than it is, and the rest would be left out.
    sheet.reset_dimensions()
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    return rows


def column_names(row: Sequence[Any], where: str, known: Sequence[str] = ()) -> list[str]:
    """Return the names of columns; one that has none is called by its place.

    Raises:
        SourceFailed: two of them, or one and one of those that are known, have the same.
    """
    places = range(len(known) + 1, len(known) + len(row) + 1)
    names = [
        f"column{place}" if value is None else str(value).strip()
        for place, value in zip(places, row, strict=True)
    ]
    everything = [*known, *names]
    twice = next((name for name in names if everything.count(name) > 1), None)
    if twice is not None:
        raise SourceFailed(f"{where} has two columns {twice!r}.", remedy=RENAME)
    return names


def fifteen_digits(value: float) -> str:
    """Return a number of a sheet as it is shown: 0.1 + 0.2 is 0.3 to whoever made it."""
    return f"{Decimal(f'{value:.15g}').normalize():f}"


def _cell_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return fifteen_digits(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, (date, time)) else str(value)
