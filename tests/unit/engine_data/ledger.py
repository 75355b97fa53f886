"""Short ways to stage rows, accept them and compare them, for the tests of the engine's data half."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bookward.engine.changes import ChangeRow, read_changes
from bookward.engine.diff import DiffCounts, diff
from bookward.engine.keys import KeyProblem, bad_keys
from bookward.engine.snapshot import SnapshotCounts, fold
from bookward.engine.staging import stage
from bookward.engine.workspace import Workspace


class Sync:
    """One sync's files in a folder of their own: current rows, changes, snapshots."""

    def __init__(self, folder: Path, keys: Sequence[str] = ("id",), version: int = 1) -> None:
        self.folder = folder
        self.keys = keys
        self.version = version
        self.current = folder / "current.parquet"
        self.changes_path = folder / "changes.parquet"
        self.snapshot: Path | None = None
        self.workspace = Workspace(folder=folder / "spill", memory_limit="256MB")
        self._folds = 0

    def stage(self, rows: pa.Table) -> int:
        return stage(rows.schema, iter(rows.to_batches()), self.current, lambda _: None)

    def diff(self, rows: pa.Table | None = None, out: Path | None = None) -> DiffCounts:
        if rows is not None:
            self.stage(rows)
        return diff(
            self.current, self.snapshot, self.keys, self.version, out or self.changes_path, self.workspace
        )

    def changes(self, start: int = 0) -> list[ChangeRow]:
        return [row for batch in read_changes(self.changes_path, start) for row in batch]

    def bad_keys(self) -> list[KeyProblem]:
        return list(bad_keys(self.current, self.keys, self.workspace))

    def fold(self, done: Sequence[int] | None = None) -> SnapshotCounts:
        """Settle the changes in ``done``, or all of them, and go on with the snapshot that follows."""
        self._folds += 1
        out = self.folder / f"snapshot-{self._folds}.parquet"
        chosen = range(pq.read_metadata(self.changes_path).num_rows) if done is None else done
        counts = fold(self.snapshot, self.changes_path, [chosen], out, self.workspace)
        self.snapshot = out
        return counts

    def accept(self, rows: pa.Table) -> None:
        """Diff rows and settle every change."""
        self.diff(rows)
        self.fold()

    def kinds(self) -> dict[str, str]:
        return {row.key: row.kind.value for row in self.changes()}

    def accepted(self) -> list[dict[str, Any]]:
        assert self.snapshot is not None
        return pq.read_table(self.snapshot).to_pylist()


def same_rows(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> bool:
    """Whether two lists hold the same rows, in any order."""
    return sorted(map(repr, one)) == sorted(map(repr, other))
