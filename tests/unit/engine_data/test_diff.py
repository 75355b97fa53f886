"""What counts as a change, and what does not."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bookward.errors import ColumnMissing, ProjectInvalid, StoreFailed
from bookward.records import ChangeKind, row_key
from tests.unit.engine_data.ledger import Sync


def _rows(**columns: Any) -> pa.Table:
    return pa.table(columns)


def _lines(value: Any, type_: pa.DataType) -> pa.Array:
    """Return a row of one line with a value of some type among values of every other type."""
    rest = {
        'a "b': "x",
        "on": date(2026, 3, 4),
        "at": datetime(2026, 3, 4, tzinfo=UTC),
        "local": _local(2026, 3, 4),
        "time": time(1, 2),
        "float": 1.5,
        "yes": True,
        "bytes": b"x",
        "tags": ["a"],
        "map": [("k", 1)],
    }
    types = {
        name: pa.array([part]).type if name != "map" else pa.map_(pa.string(), pa.int64())
        for name, part in rest.items()
    }
    line = pa.struct([("value", type_), *types.items()])
    return pa.array([[{"value": value, **rest}]], pa.list_(line))


def _local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


def test_without_a_snapshot_every_row_is_added(sync: Sync) -> None:
    counts = sync.diff(_rows(id=[2, 1], name=["b", "a"]))
    assert (counts.rows, counts.added, counts.changes) == (2, 2, 2)
    first, second = sync.changes()
    assert (first.seq, first.key, first.kind, first.old, first.old_version) == (
        0, "1", ChangeKind.ADDED, None, None,
    )  # fmt: skip
    assert first.new == {"id": 1, "name": "a"}
    assert second.key == "2"


def test_one_row_of_each_kind(sync: Sync) -> None:
    sync.accept(_rows(id=[1, 2, 3], name=["same", "before", "gone"]))
    counts = sync.diff(_rows(id=[4, 2, 1], name=["new", "after", "same"]))
    assert (counts.same, counts.changed, counts.added, counts.removed) == (1, 1, 1, 1)
    assert sync.kinds() == {"2": "changed", "3": "removed", "4": "added"}
    changed, _, removed = sync.changes()
    assert (changed.old, changed.new) == ({"id": 2, "name": "before"}, {"id": 2, "name": "after"})
    assert changed.old_version == 1
    assert (removed.old, removed.new, removed.old_version) == ({"id": 3, "name": "gone"}, None, 1)


def test_null_empty_text_and_swapped_columns_differ(sync: Sync) -> None:
    sync.accept(_rows(id=[1, 2, 3, 4], a=[None, "x", "ab", ""], b=["x", "y", "c", None]))
    sync.diff(_rows(id=[1, 2, 3, 4], a=["", "y", "a", None], b=["x", "x", "bc", ""]))
    assert sync.kinds() == dict.fromkeys("1234", "changed")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (pa.array([150], pa.decimal128(9, 2)), pa.array([Decimal("150.0000")], pa.decimal128(18, 4))),
        (pa.array([7], pa.int16()), pa.array([Decimal("7.00")], pa.decimal128(10, 2))),
        (pa.array([7], pa.int64()), pa.array([7.0])),
        (pa.array([-0.0]), pa.array([0], pa.int64())),
        (pa.array([0.1]), pa.array([Decimal("0.10")], pa.decimal128(10, 2))),
        (pa.array(["1.50"]), pa.array([Decimal("1.5")], pa.decimal128(10, 1))),
        (pa.array(["12"]), pa.array([12])),
        (pa.array([9.99]), pa.array(["9.99"])),
        (pa.array([True]), pa.array([1])),
        (pa.array([True]), pa.array(["true"])),
        (pa.array([date(2026, 3, 4)]), pa.array([_local(2026, 3, 4)])),
        (pa.array([date(2026, 3, 4)]), pa.array([datetime(2026, 3, 4, tzinfo=UTC)])),
        (pa.array(["2026-03-04"]), pa.array([date(2026, 3, 4)])),
        (pa.array(["2026-03-04T05:06:07Z"]), pa.array([datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)])),
        (pa.array([10**7], pa.int64()), pa.array([Decimal(10**7)], pa.decimal128(38, 30))),
        (pa.array(["a"]), pa.array(["a"]).dictionary_encode()),
        (pa.array([1.5], pa.float32()), pa.array([1.5], pa.float64())),
        (pa.nulls(1), pa.array([None], pa.int64())),
        (_lines(Decimal("1.5"), pa.decimal128(9, 2)), _lines(Decimal("1.50"), pa.decimal128(18, 4))),
        (_lines(Decimal(1), pa.decimal128(9, 2)), _lines(1, pa.int16())),
    ],
    ids=lambda array: str(array.type),
)
def test_a_value_whose_type_alone_changed_is_no_change(sync: Sync, before: pa.Array, after: pa.Array) -> None:
    for first, second in ((before, after), (after, before)):
        sync.snapshot = None
        sync.accept(pa.table({"id": [1], "v": first}))
        assert sync.diff(pa.table({"id": [1], "v": second})).same == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (pa.array([2**53 + 1]), pa.array([float(2**53)])),
        (pa.array(["007"]), pa.array([7])),
        (pa.array([Decimal("1.01")]), pa.array([1])),
        (pa.array([1e-20]), pa.array([Decimal("0.00")])),
        (pa.array([None], pa.string()), pa.array([0])),
        (pa.array([date(2026, 3, 4)]), pa.array([_local(2026, 3, 4, 0, 0, 0, 1)])),
        (_lines(Decimal("1.5"), pa.decimal128(9, 2)), _lines(Decimal("1.5001"), pa.decimal128(18, 4))),
        (_lines(1, pa.int64()), _lines("1.0", pa.string())),
        (pa.array([Decimal(10**37)], pa.decimal128(38, 0)), pa.array([Decimal(1)], pa.decimal128(38, 30))),
    ],
    ids=lambda array: str(array.type),
)  # fmt: skip
def test_a_value_that_changed_with_its_type_is_a_change(
    sync: Sync, before: pa.Array, after: pa.Array
) -> None:
    for first, second in ((before, after), (after, before)):
        sync.snapshot = None
        sync.accept(pa.table({"id": [1], "v": first}))
        assert sync.diff(pa.table({"id": [1], "v": second})).changed == 1


def test_old_and_new_keep_their_own_types(sync: Sync) -> None:
    sync.accept(_rows(id=[1], v=["1.5"]))
    sync.diff(pa.table({"id": [1], "v": pa.array([Decimal("1.60")], pa.decimal128(9, 2))}))
    (row,) = sync.changes()
    assert (row.old, row.new) == ({"id": 1, "v": "1.5"}, {"id": 1, "v": Decimal("1.60")})


def test_a_key_whose_type_changed_still_finds_its_row_and_keeps_its_name(sync: Sync) -> None:
    sync.accept(_rows(id=[1, 2, 3], v=["a", "b", "c"]))
    decimals = pa.array([Decimal("1.00"), Decimal("2.00"), Decimal("4.00")], pa.decimal128(12, 2))
    counts = sync.diff(pa.table({"id": decimals, "v": ["a", "B", "d"]}))
    assert (counts.same, counts.changed, counts.added, counts.removed) == (1, 1, 1, 1)
    assert sync.kinds() == {"2": "changed", "3": "removed", "4": "added"}
    sync.fold()
    assert sync.diff(pa.table({"id": ["1", "2", "4"], "v": ["a", "B", "d"]})).same == 3


def test_texts_that_spell_one_number_stay_two_keys(sync: Sync) -> None:
    sync.accept(_rows(id=["1", "1.0"], v=["a", "b"]))
    counts = sync.diff(_rows(id=[1], v=["a"]))
    assert (counts.same, counts.removed) == (1, 1)
    assert sync.kinds() == {"1.0": "removed"}


def test_a_key_of_decimals_in_text_ignores_the_scale(sync: Sync) -> None:
    field = pa.field("id", pa.string(), metadata={"bookward": "decimal"})
    sync.accept(pa.table([pa.array(["1.50", "2"])], schema=pa.schema([field])))
    assert sync.diff(pa.table([pa.array(["1.5", "2.000"])], schema=pa.schema([field]))).same == 2
    assert sync.diff(pa.table([pa.array(["1.5", "1.50"])], schema=pa.schema([field]))).duplicate_rows == 2


def test_another_configuration_remaps_rows_that_are_otherwise_equal(sync: Sync) -> None:
    sync.accept(_rows(id=[1, 2], name=["a", "b"]))
    sync.version = 2
    counts = sync.diff(_rows(id=[1, 2], name=["a", "B"]))
    assert (counts.remapped, counts.changed, counts.same) == (1, 1, 0)
    assert [row.old_version for row in sync.changes()] == [1, 1]
    sync.fold()
    assert sync.diff().same == 2


def test_a_column_more_or_less_is_not_compared(sync: Sync) -> None:
    sync.accept(_rows(id=[1, 2], name=["a", "b"], old_only=[1, 1]))
    sync.version = 2
    counts = sync.diff(_rows(id=[1, 2], name=["a", "B"], new_only=[2, 2]))
    assert (counts.remapped, counts.changed) == (1, 1)
    first = sync.changes()[0]
    assert first.old == {"id": 1, "name": "a", "old_only": 1}
    assert first.new == {"id": 1, "name": "a", "new_only": 2}


def test_no_common_column_but_the_key_remaps(sync: Sync) -> None:
    sync.accept(_rows(id=[1], a=["x"]))
    sync.version = 2
    assert sync.diff(_rows(id=[1], b=["y"])).remapped == 1


def test_null_and_duplicate_keys_are_left_out_and_never_removed(sync: Sync) -> None:
    sync.accept(_rows(id=[1, 2, 3, 4], v=["a", "b", "c", "d"]))
    counts = sync.diff(
        _rows(id=[1, 1, None, 2, 2, 9, 9, 9, 4], v=["a", "x", "n", "b", "b", "i", "j", "k", "D"])
    )
    assert sync.kinds() == {"3": "removed", "4": "changed"}
    assert (counts.null_keys, counts.duplicate_rows, counts.bad_keys) == (1, 7, 8)
    assert (counts.rows, counts.same) == (9, 0)


def test_composite_keys_with_forged_separators_stay_apart(tmp_path: Path) -> None:
    sync = Sync(tmp_path, keys=("a", "b"))
    parts = ["x", '","', "x,y", "", "\x1f", "\x00", '["x"', "é", "\\u001F", "😀"]
    table = _rows(a=[p for p in parts for _ in parts], b=parts * len(parts), v=list(range(len(parts) ** 2)))
    sync.accept(table)
    rows = sync.changes()
    assert len({row.key for row in rows}) == len(parts) ** 2
    assert all(row.key == row_key([row.new["a"], row.new["b"]]) for row in rows if row.new)
    assert sync.diff(table).same == len(parts) ** 2


@pytest.mark.parametrize(
    "values",
    [
        [3, -7],
        ["b", "a\x00b"],
        [True, False],
        [1.5, 1e16, 1e-5, 100.0, math.inf],
        [date(1752, 1, 1), date(1, 1, 1), date(9999, 12, 31)],
        [_local(1700, 1, 1), _local(2026, 1, 2, 3, 4, 5, 600), _local(1999, 1, 1, 1, 1, 1, 500000)],
        [datetime(1700, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=UTC)],
        [Decimal("1.25"), Decimal("-0.05"), Decimal("99999.99")],
    ],
    ids=lambda values: type(values[0]).__name__,
)
def test_the_key_is_the_one_that_the_row_itself_gives(sync: Sync, values: list[Any]) -> None:
    sync.diff(pa.table({"id": values}))
    rows = sync.changes()
    assert len(rows) == len(values)
    assert all(row.key == row_key([row.new["id"]]) for row in rows if row.new)


def test_names_that_differ_in_case_only_are_two_columns(tmp_path: Path) -> None:
    sync = Sync(tmp_path, keys=("Id",))
    sync.accept(_rows(id=["x", "y"], Id=[1, 2], ID=["p", "q"], file_row_number=[5, 5], k0=[0, 0]))
    counts = sync.diff(_rows(id=["x", "Y"], Id=[1, 2], ID=["p", "q"], file_row_number=[5, 5], k0=[0, 0]))
    assert (counts.same, counts.changed) == (1, 1)
    (row,) = sync.changes()
    assert row.new == {"id": "Y", "Id": 2, "ID": "q", "file_row_number": 5, "k0": 0}


def test_nested_values_are_compared_and_kept(sync: Sync) -> None:
    lines = [[{"sku": "a", "qty": Decimal("1.00")}], [], None, [{"sku": None, "qty": None}]]
    sync.accept(_rows(id=[1, 2, 3, 4], lines=lines))
    changed = [[{"sku": "a", "qty": Decimal("2.00")}], None, [], [{"sku": None, "qty": None}]]
    counts = sync.diff(_rows(id=[1, 2, 3, 4], lines=changed))
    assert (counts.same, counts.changed) == (1, 3)
    assert sync.changes()[0].old == {"id": 1, "lines": lines[0]}


def test_nan_is_equal_to_itself_and_zero_to_its_negative(sync: Sync) -> None:
    sync.accept(_rows(id=[1, 2, 3], v=[math.nan, -0.0, None]))
    assert sync.diff(_rows(id=[1, 2, 3], v=[-math.nan, 0.0, math.nan])).changed == 1


def test_values_beyond_python_come_as_text(sync: Sync) -> None:
    table = pa.table(
        {
            "id": [1, 2, 3],
            "d": pa.array([2**31 - 1, 8_000_000, -(2**31) + 1], pa.date32()),
            "t": pa.array([2**63 - 1, None, 0], pa.timestamp("us", "UTC")),
            "n": pa.array([[{"d": 2**31 - 1}], [], None], pa.list_(pa.struct([("d", pa.date32())]))),
        }
    )
    sync.accept(table)
    first, second, third = (row.new for row in sync.changes())
    assert first == {"id": 1, "d": "infinity", "t": "infinity", "n": [{"d": "infinity"}]}
    assert second == {"id": 2, "d": "23873-04-04", "t": None, "n": []}
    assert third == {"id": 3, "d": "-infinity", "t": datetime(1970, 1, 1, tzinfo=UTC), "n": None}
    assert sync.diff(table).same == 3


def test_long_and_strange_text_and_wide_numbers_survive(sync: Sync) -> None:
    text = ["n" * 300, "O'Brien", "\u05e9\u05dc\u05d5\u05dd \u200f", "a\x00b", "😀", "\x00"]
    money = [Decimal("9" * 38), Decimal("-" + "9" * 38), *[Decimal(n) for n in range(4)]]
    table = pa.table({"id": text, "v": pa.array(money, pa.decimal128(38, 0))})
    sync.accept(table)
    assert {row.key: row.new["v"] for row in sync.changes() if row.new} == dict(zip(text, money, strict=True))
    assert sync.diff(table).same == len(text)


def test_an_empty_model_removes_everything_and_an_empty_snapshot_adds(sync: Sync) -> None:
    table = _rows(id=[1, 2], v=["a", "b"])
    sync.accept(table.slice(0, 0))
    assert sync.accepted() == []
    assert sync.diff(table).added == 2
    sync.fold()
    assert sync.diff(table.slice(0, 0)).removed == 2
    sync.fold()
    assert sync.accepted() == []


def test_reading_starts_where_it_is_told(sync: Sync) -> None:
    sync.diff(_rows(id=list(range(20_000))))
    assert [row.seq for row in sync.changes(19_998)] == [19_998, 19_999]
    assert len(sync.changes(16_383)) == 20_000 - 16_383


def test_equal_input_gives_equal_bytes(sync: Sync, tmp_path: Path) -> None:
    sync.accept(_rows(id=list(range(40_000)), v=["x"] * 40_000))
    rows = _rows(id=list(range(20_000, 60_000)), v=["y"] * 40_000)
    sync.diff(rows)
    sync.diff(rows.take(list(reversed(range(40_000)))), out=tmp_path / "again.parquet")
    assert sync.changes_path.read_bytes() == (tmp_path / "again.parquet").read_bytes()


def test_a_missing_key_column_is_named(tmp_path: Path) -> None:
    sync = Sync(tmp_path, keys=("uuid",))
    with pytest.raises(ColumnMissing, match="no column 'uuid'; there is 'id', 'v'"):
        sync.diff(_rows(id=[1], v=["a"]))
    assert not sync.changes_path.exists()


def test_a_primary_key_that_the_snapshot_does_not_have_is_refused(sync: Sync) -> None:
    sync.accept(_rows(id=[1, 2], v=["a", "a"]))
    sync.keys = ("email",)
    with pytest.raises(ProjectInvalid, match="'email'"):
        sync.diff(_rows(id=[1], email=["a@b.c"]))
    sync.keys = ("v",)
    with pytest.raises(ProjectInvalid, match="not told apart"):
        sync.diff(_rows(id=[1], v=["a"]))


def test_another_primary_key_that_tells_rows_apart_is_taken(sync: Sync) -> None:
    sync.accept(_rows(id=[1, 2], v=["a", "b"]))
    sync.keys = ("v",)
    assert sync.diff(_rows(id=[1, 3], v=["a", "b"])).changed == 1
    assert sync.kinds() == {"b": "changed"}


def test_a_damaged_snapshot_is_an_error_of_the_store(sync: Sync) -> None:
    sync.accept(_rows(id=list(range(5000)), v=[str(n) for n in range(5000)]))
    assert sync.snapshot is not None
    whole = bytearray(sync.snapshot.read_bytes())
    whole[4:2000] = bytes(1996)
    sync.snapshot.write_bytes(whole)
    with pytest.raises(StoreFailed):
        sync.diff(_rows(id=[1], v=["a"]))


def test_a_folder_with_wildcards_in_its_name_is_only_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "it's [my] *project*?"
    folder.mkdir()
    sync = Sync(folder)
    sync.accept(_rows(id=[1]))
    assert sync.diff(_rows(id=[1])).same == 1


def test_a_column_that_a_row_never_had_is_no_reason_to_call_it_changed(sync: Sync) -> None:
    sync.accept(_rows(id=[1, 2, 3], v=["a", "b", "c"]))
    sync.version = 2
    rows = {"id": [1, 2, 3], "v": ["a", "b", "c"], "w": ["x", "y", "z"]}
    sync.diff(_rows(**rows))
    sync.fold([2])
    counts = sync.diff(_rows(**rows | {"v": ["a", "B", "c"], "w": ["x", "y", "Z"]}))
    assert counts.same == 0
    assert sync.kinds() == {"1": "remapped", "2": "changed", "3": "changed"}
