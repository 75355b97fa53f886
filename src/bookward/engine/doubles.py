"""Finding the rows of one plan that claim a value for themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from bookward.engine.workspace import Workspace
from bookward.heavy import pa, pq
from bookward.records import Draft

_MOST_NAMED = 5  # keys named per claim: enough to find the rows, however many share the value


class Doubles:
    """Collects claims on disk, so that a million rows need no memory, and tells who makes them.

    Use it as a context while drafts are added; what it found can be asked afterwards.
    """

    def __init__(self, path: Path, workspace: Workspace) -> None:
        self._path = path
        self._workspace = workspace
        self._empty = True
        columns: dict[str, pa.DataType] = {"claim": pa.string(), "key": pa.string(), "rejected": pa.bool_()}
        self._schema = pa.schema(columns)
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd", compression_level=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def add(self, drafts: Iterable[Draft]) -> None:
        """Take note of what some rows claim."""
        lines = [(claim, d.key, d.rejection is not None) for d in drafts for claim in d.claims]
        if lines:
            self._empty = False
            columns = zip(zip(*lines, strict=True), self._schema.types, strict=True)
            arrays = [pa.array(values, type_) for values, type_ in columns]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))

    def found(self) -> Mapping[str, Sequence[str]]:
        """Return, for every claim of more than one row that can be synced, the first few of their keys."""
        return self._keys("WHERE NOT rejected", "HAVING count(*) > 1")

    def claimants(self, claims: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return, for those of the claims that any row makes, the first few of the rows' keys, sorted."""
        return self._keys("WHERE list_contains($claims, claim)", "", claims=list(claims)) if claims else {}

    def _keys(self, where: str, having: str, **values: object) -> Mapping[str, Sequence[str]]:
        if self._empty:
            return {}
        query = f"""
            SELECT claim, list_sort(list(key))[:$most] FROM read_parquet($path) {where}
            GROUP BY claim {having}
        """
        with self._workspace.connect() as connection:
            values |= {"most": _MOST_NAMED, "path": str(self._path)}
            return dict(connection.execute(query, values).fetchall())
