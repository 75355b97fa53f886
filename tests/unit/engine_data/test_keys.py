"""Rows that cannot be taken for their key are named, all of them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from bookward.engine.keys import bad_keys
from bookward.errors import ColumnMissing
from tests.unit.engine_data.ledger import Sync


def test_good_keys_are_no_problem(sync: Sync) -> None:
    sync.stage(pa.table({"id": [1, 2, 3]}))
    assert sync.bad_keys() == []


def test_a_null_key_is_named_by_the_place_of_its_row(sync: Sync) -> None:
    sync.stage(pa.table({"id": [1, None, 3, None]}))
    first, second = sync.bad_keys()
    assert (first.key, first.rows, first.rejection.code) == ("row 2", 1, "key_null")
    assert first.rejection.message == "The key column 'id' is null in row 2."
    assert second.key == "row 4"


def test_every_row_of_a_duplicate_key_is_counted(sync: Sync) -> None:
    sync.stage(pa.table({"id": ["b", "a", "b", "c", "a", "b"]}))
    first, second = sync.bad_keys()
    assert (first.key, first.rows, second.key, second.rows) == ("a", 2, "b", 3)
    assert second.rejection.code == "key_duplicate"
    assert second.rejection.message == "3 rows have the key id = 'b'; none of them is taken."


def test_composite_keys_name_all_their_columns(tmp_path: Path) -> None:
    sync = Sync(tmp_path, keys=("region", "no"))
    sync.stage(pa.table({"region": ["NZ", "NZ", None, None, "AU"], "no": [7, 7, 7, None, 7]}))
    one, two, three = sync.bad_keys()
    assert one.rejection.message == "The key column 'region' is null in row 3, where no = '7'."
    assert two.rejection.message == "The key columns 'region', 'no' are null in row 4."
    assert (three.key, three.rows) == ('["NZ","7"]', 2)
    assert "region = 'NZ', no = '7'" in three.rejection.message


def test_a_long_key_is_cut_in_the_message_but_not_in_the_key(sync: Sync) -> None:
    sync.stage(pa.table({"id": ["k" * 300] * 2}))
    (problem,) = sync.bad_keys()
    assert problem.key == "k" * 300
    assert len(problem.rejection.message) < 150


def test_numbers_that_are_equal_are_one_key(sync: Sync) -> None:
    sync.stage(pa.table({"id": [0.0, -0.0, 1.5]}))
    assert [problem.rows for problem in sync.bad_keys()] == [2]


def test_the_diff_leaves_out_the_rows_that_are_named(tmp_path: Path) -> None:
    sync = Sync(tmp_path, keys=("a", "b"))
    table = pa.table(
        {"a": ["x", "x", "y", None], "b": [Decimal("1.0"), Decimal("1.0"), Decimal("1.0"), None]}
    )
    counts = sync.diff(table)
    problems = sync.bad_keys()
    assert counts.bad_keys == sum(problem.rows for problem in problems) == 3
    assert not {problem.key for problem in problems} & set(sync.kinds())


def test_a_missing_key_column_is_named(sync: Sync) -> None:
    sync.stage(pa.table({"id": [1]}))
    with pytest.raises(ColumnMissing, match="'uuid'"):
        list(bad_keys(sync.current, ["uuid"], sync.workspace))
