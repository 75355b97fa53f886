"""Finding the values that several rows of one plan claim for themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

_SCHEMA = pa.schema([("claim", pa.string()), ("key", pa.string())])
_MOST_NAMED = 5  # keys named per claim: enough to find the rows, however many share the value


class Doubles:
    """Collects claims on disk, so that a million rows need no memory, and tells which are made twice."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer = pq.ParquetWriter(path, _SCHEMA, compression="zstd", compression_level=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def add(self, claims: Iterable[tuple[str, str]]) -> None:
        """Take note of (claim, key of the row that makes it)."""
        pairs = list(claims)
        columns = [[claim for claim, _ in pairs], [key for _, key in pairs]]
        self._writer.write_table(pa.table(columns, schema=_SCHEMA))

    def found(self, memory_limit: str) -> Mapping[str, Sequence[str]]:
        """Return, for every claim made by more than one row, the first few keys of those rows, sorted."""
        self._writer.close()
        with duckdb.connect(config={"memory_limit": memory_limit}) as connection:
            return dict(
                connection.execute(
                    """
                    SELECT claim, list_sort(list(key))[:$most] FROM read_parquet($path)
                    GROUP BY claim HAVING count(*) > 1
                    """,
                    {"most": _MOST_NAMED, "path": str(self._path)},
                ).fetchall()
            )
