"""Only settled changes move the snapshot; everything else keeps what it had."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bookward.engine.snapshot import fold
from bookward.errors import StoreFailed
from tests.unit.engine_data.ledger import Sync, same_rows


def _rows(**columns: Any) -> pa.Table:
    return pa.table(columns)


def test_a_first_fold_takes_what_is_done_and_nothing_else(sync: Sync) -> None:
    sync.diff(_rows(id=[1, 2, 3], v=["a", "b", "c"]))
    counts = sync.fold([0, 2])
    assert (counts.rows, counts.taken, counts.left) == (2, 2, 0)
    assert sync.accepted() == [
        {"id": 1, "v": "a", "_bookward_config": 1},
        {"id": 3, "v": "c", "_bookward_config": 1},
    ]
    sync.diff()
    assert sync.kinds() == {"2": "added"}


def test_what_is_not_settled_keeps_its_old_row_and_comes_back(sync: Sync) -> None:
    sync.accept(_rows(id=[1, 2, 3], v=["a", "b", "c"]))
    sync.diff(_rows(id=[1, 2], v=["A", "B"]))
    counts = sync.fold([1])
    assert (counts.rows, counts.taken, counts.left) == (3, 1, 1)
    assert {row["id"]: row["v"] for row in sync.accepted()} == {1: "a", 2: "B", 3: "c"}
    sync.diff()
    assert sync.kinds() == {"1": "changed", "3": "removed"}


def test_a_settled_removal_leaves(sync: Sync) -> None:
    sync.accept(_rows(id=[1, 2], v=["a", "b"]))
    sync.diff(_rows(id=[1], v=["a"]))
    counts = sync.fold()
    assert (counts.rows, counts.taken, counts.left) == (1, 0, 1)
    assert sync.diff().same == 1


def test_folding_again_gives_the_same_rows(sync: Sync, tmp_path: Path) -> None:
    sync.accept(_rows(id=[1, 2, 3], v=["a", "b", "c"]))
    before = sync.snapshot
    sync.diff(_rows(id=[2, 3, 4], v=["B", "c", "d"]))
    sync.fold()
    again = tmp_path / "again.parquet"
    for base in (before, sync.snapshot):
        fold(base, sync.changes_path, [range(3)], again, sync.workspace)
        assert same_rows(pq.read_table(again).to_pylist(), sync.accepted())


def test_places_behind_the_changes_are_the_rejected_keys_and_move_nothing(sync: Sync) -> None:
    sync.diff(_rows(id=[1], v=["a"]))
    assert sync.fold([1, 7]).rows == 0


def test_each_row_remembers_its_configuration_and_its_columns(sync: Sync) -> None:
    sync.accept(_rows(id=[1, 2], old_only=["x", "y"]))
    sync.version = 2
    sync.diff(_rows(id=[1, 2], new_only=[True, False]))
    sync.fold([1])
    assert sync.accepted() == [
        {"id": 1, "new_only": None, "old_only": "x", "_bookward_config": 1},
        {"id": 2, "new_only": False, "old_only": None, "_bookward_config": 2},
    ]
    sync.diff()
    assert sync.kinds() == {"1": "remapped"}
    assert sync.changes()[0].old == {"id": 1, "new_only": None, "old_only": "x"}
    sync.fold()
    assert sync.accepted()[0].keys() == {"id", "new_only", "_bookward_config"}


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        (pa.array([7, 7]), pa.array([Decimal("1.25")] * 2, pa.decimal128(9, 2)), Decimal("7.00")),
        (pa.array([2**60 + 1] * 2), pa.array([0.1] * 2), Decimal(2**60 + 1)),
        (pa.array([0.1, 0.1]), pa.array([5, 5]), Decimal("0.1")),
        (pa.array([1e20, 1e20]), pa.array([5, 5]), Decimal("1e20")),
        (pa.array([7, 7]), pa.array([Decimal("1.5")] * 2, pa.decimal128(38, 30)), Decimal(7)),
        (pa.array([date(2026, 3, 4)] * 2), pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * 2),
         datetime(2026, 3, 4, tzinfo=UTC)),
        (pa.array([2**31 - 1] * 2, pa.date32()), pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * 2),
         "infinity"),
        (pa.array([7, 7]), pa.array(["x", "x"]), "7"),
        (pa.array([True] * 2), pa.array(["x", "x"]), "true"),
        (pa.array([[1], [1]]), pa.array(["x", "x"]), "[1]"),
        (pa.array([None, None], pa.int64()), pa.array(["x", "x"]), None),
    ],
    ids=str,
)  # fmt: skip
def test_a_changed_type_is_widened_for_the_rows_that_stay(
    sync: Sync, old: pa.Array, new: pa.Array, kept: Any
) -> None:
    sync.accept(pa.table({"id": [1, 2], "v": old}))
    sync.diff(pa.table({"id": [1, 2], "v": new}))
    sync.fold([1])
    assert sync.diff().same == 1
    assert sync.diff(pa.table({"id": [1, 2], "v": old})).changed == 1
    (row,) = sync.changes()
    assert row.key == "2"
    sync.diff(pa.table({"id": [], "v": []}, schema=pa.schema([("id", pa.int64()), ("v", old.type)])))
    assert sync.changes()[0].old == {"id": 1, "v": kept}


def test_a_new_type_alone_is_taken_as_it_is(sync: Sync) -> None:
    sync.accept(_rows(id=[1], v=[1]))
    sync.version = 2
    sync.diff(_rows(id=[1], v=["1"]))
    sync.fold()
    assert sync.accepted() == [{"id": 1, "v": "1", "_bookward_config": 2}]


def test_a_fold_that_fails_leaves_no_file(sync: Sync, tmp_path: Path) -> None:
    def lost() -> Any:
        yield [0]
        raise StoreFailed("the store is gone")

    sync.diff(_rows(id=[1], v=["a"]))
    out = tmp_path / "next.parquet"
    with pytest.raises(StoreFailed):
        fold(None, sync.changes_path, lost(), out, sync.workspace)
    assert not out.exists()
    assert not list(tmp_path.glob("*.partial"))


def test_many_rows_keep_their_order(sync: Sync) -> None:
    sync.accept(_rows(id=list(range(40_000)), v=["x"] * 40_000))
    sync.diff(_rows(id=list(range(40_000)), v=["x"] * 20_000 + ["y"] * 20_000))
    sync.fold(range(0, 20_000, 2))
    assert [row["id"] for row in sync.accepted()][:20_001] == [*range(20_000), 20_001]
    assert sync.diff().changed == 10_000
