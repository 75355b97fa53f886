"""Comparing within a memory limit: what does not fit goes to a folder, and what cannot be done is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from bookward.engine.changewriter import ChangesFile
from bookward.engine.diff import diff
from bookward.engine.snapshot import fold
from bookward.engine.staging import stage
from bookward.engine.workspace import Workspace
from bookward.errors import StoreFailed

MANY = 1_000_000
_PART = 50_000


def customers(count: int, domain: str) -> Iterator[pa.RecordBatch]:
    for start in range(0, count, _PART):
        places = range(start, start + _PART)
        yield pa.record_batch(
            {
                "id": [f"{place * 2_654_435_761 % 2**32:010d}-{place}" for place in places],
                "name": [f"Customer number {place}" for place in places],
                "email": [f"c{place}@{domain}" for place in places],
            }
        )


def staged(path: Path, count: int, domain: str) -> Path:
    schema = next(customers(_PART, domain)).schema
    assert stage(schema, customers(count, domain), path, lambda _: None) == count
    return path


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_a_million_changed_rows_spill_into_the_folder_and_nothing_stays_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spill = tmp_path / "spill"
    workspace = Workspace(folder=spill, memory_limit="256MB")
    spilt: set[str] = set()
    schema = ChangesFile.schema.fget  # type: ignore[attr-defined]  # asked for once per diff, in its midst

    def looking(file: ChangesFile) -> pa.Schema:
        spilt.update(path.name for path in spill.iterdir())
        return schema(file)

    current, changes, snapshot = (tmp_path / f"{name}.parquet" for name in ("current", "changes", "snapshot"))
    first = diff(staged(current, MANY, "a.example"), None, ["id"], 1, changes, workspace)
    fold(None, changes, [range(MANY)], snapshot, workspace)
    monkeypatch.setattr(ChangesFile, "schema", property(looking))
    second = diff(staged(current, MANY, "b.example"), snapshot, ["id"], 1, changes, workspace)
    assert (first.added, second.changed, second.same) == (MANY, MANY, 0)
    assert spilt
    assert list(spill.iterdir()) == []


def test_too_little_memory_is_said_with_the_names_of_the_settings(tmp_path: Path) -> None:
    workspace = Workspace(folder=tmp_path / "spill", memory_limit="32MB")
    current = staged(tmp_path / "current.parquet", 300_000, "a.example")
    with pytest.raises(StoreFailed, match="needs more memory than 32MB") as caught:
        diff(current, None, ["id"], 1, tmp_path / "changes.parquet", workspace)
    assert isinstance(caught.value.__cause__, duckdb.OutOfMemoryException)
    assert "BOOKWARD_MEMORY_LIMIT" in caught.value.remedy
    assert "BOOKWARD_WORK" in caught.value.remedy
    assert not (tmp_path / "changes.parquet").exists()
