"""Rows that cannot be synced for their key: none of them is taken, and each can be named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookward.engine.compare import key_sql, text_sql
from bookward.engine.workspace import Scan, Workspace, arrow_batches
from bookward.errors import KeyDuplicate, KeyNull
from bookward.heavy import pa
from bookward.records import Rejection, row_key

_LONGEST = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyProblem:
    """A row with a null in its key, or all the rows of one key that cannot be one row."""

    key: str  #: the key; "row 17", counted from 1, where the key is null
    rows: int  #: how many rows are left out for it
    rejection: Rejection


def bad_keys(current: Path, keys: Sequence[str], workspace: Workspace) -> Iterator[KeyProblem]:
    """Yield the staged rows with a null key in the order of the file, then the duplicates in key order.

    Raises:
        ColumnMissing: a key column is not there.
    """
    yield from null_keys(current, keys, workspace)
    scan = Scan(current, "n")
    with workspace.connect() as connection:
        for batch in arrow_batches(connection, _duplicate_query(scan, keys, _texts(scan, keys))):
            for rows, *values in _lines(batch):
                yield _duplicate_problem(rows, values, keys)


def null_keys(current: Path, keys: Sequence[str], workspace: Workspace) -> Iterator[KeyProblem]:
    """Yield the staged rows with a null key in the order of the file.

    Raises:
        ColumnMissing: a key column is not there.
    """
    scan = Scan(current, "n")
    with workspace.connect() as connection:
        for batch in arrow_batches(connection, _null_query(scan, keys, _texts(scan, keys))):
            for place, *values in _lines(batch):
                yield _null_problem(place, values, keys)


def known_keys(current: Path, keys: Sequence[str], workspace: Workspace) -> list[str | None]:
    """Return the key of each staged row as it is known everywhere, None where it is null.

    Raises:
        ColumnMissing: a key column is not there.
    """
    scan = Scan(current, "n")
    query = f"SELECT {', '.join(_texts(scan, keys))} FROM {scan.sql} ORDER BY {scan.row}"
    with workspace.connect() as connection:
        lines = (line for batch in arrow_batches(connection, query) for line in _lines(batch))
        return [None if None in line else row_key(line) for line in lines]


def _texts(scan: Scan, keys: Sequence[str]) -> list[str]:
    return [text_sql(scan.field(key), scan.column(key)) for key in keys]


def _null_query(scan: Scan, keys: Sequence[str], texts: Sequence[str]) -> str:
    null = " OR ".join(f"{column} IS NULL" for column in scan.columns(keys))
    return f"SELECT {scan.row}, {', '.join(texts)} FROM {scan.sql} WHERE {null} ORDER BY {scan.row}"


def _duplicate_query(scan: Scan, keys: Sequence[str], texts: Sequence[str]) -> str:
    columns = scan.columns(keys)
    forms = [
        key_sql(scan.field(key), scan.field(key), column) for key, column in zip(keys, columns, strict=True)
    ]
    there = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    # Equal keys have equal texts, so the least of them is the text of all.
    return f"""
        SELECT count(*), {", ".join(f"min({text})" for text in texts)}
        FROM {scan.sql} WHERE {there}
        GROUP BY {", ".join(forms)} HAVING count(*) > 1 ORDER BY {", ".join(forms)}"""


def _lines(batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _null_problem(place: int, values: Sequence[str | None], keys: Sequence[str]) -> KeyProblem:
    null = [key for key, value in zip(keys, values, strict=True) if value is None]
    there = [(key, value) for key, value in zip(keys, values, strict=True) if value is not None]
    columns = "column" if len(null) == 1 else "columns"
    verb = "is" if len(null) == 1 else "are"
    where = f", where {said(there)}" if there else ""
    error = KeyNull(f"The key {columns} {', '.join(map(repr, null))} {verb} null in row {place + 1}{where}.")
    return KeyProblem(key=f"row {place + 1}", rows=1, rejection=Rejection.of(error))


def _duplicate_problem(rows: int, values: Sequence[str], keys: Sequence[str]) -> KeyProblem:
    named = said(zip(keys, values, strict=True))
    error = KeyDuplicate(f"{rows} rows have the key {named}; none of them is taken.")
    return KeyProblem(key=row_key(values), rows=rows, rejection=Rejection.of(error))


def said(values: Iterable[tuple[str, str | None]]) -> str:
    """Return columns with their values for a message, each value quoted and cut short."""
    return ", ".join(f"{column} = {_quoted(value)}" for column, value in values)


def _quoted(value: str | None) -> str:
    if value is None:
        return "null"
    return repr(value if len(value) <= _LONGEST else value[:_LONGEST] + "…")
