"""Current rows on their way into canonical types."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bookward.engine.staging import stage
from bookward.errors import ColumnMissing, ModelRefused, SourceFailed


def _stage(table: pa.Table, path: Path, **options: Any) -> pa.Table:
    stage(table.schema, iter(table.to_batches()), path, lambda _: None, **options)
    return pq.read_table(path)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (pa.array([1], pa.int8()), pa.int64()),
        (pa.array([2**32 - 1], pa.uint32()), pa.int64()),
        (pa.array([2**64 - 1], pa.uint64()), pa.decimal128(20, 0)),
        (pa.array([1.5], pa.float32()), pa.float64()),
        (pa.array(["a"], pa.large_string()), pa.string()),
        (pa.array(["a"], pa.string_view()), pa.string()),
        (pa.array(["a"]).dictionary_encode(), pa.string()),
        (pa.array([b"a"], pa.large_binary()), pa.binary()),
        (pa.array([b"ab"], pa.binary(2)), pa.binary()),
        (pa.array([0], pa.timestamp("ns", "Pacific/Auckland")), pa.timestamp("us", "UTC")),
        (pa.array([0], pa.timestamp("s")), pa.timestamp("us")),
        (pa.array([0], pa.date64()), pa.date32()),
        (pa.array([0], pa.time32("s")), pa.time64("us")),
        (pa.array([Decimal("1.50")], pa.decimal128(9, 2)), pa.decimal128(9, 2)),
        (pa.array([Decimal("1.50")], pa.decimal256(30, 2)), pa.decimal128(30, 2)),
        (pa.array([[1]], pa.large_list(pa.int32())), pa.list_(pa.int64())),
        (pa.array([{"a": 1}], pa.struct([("a", pa.int16())])), pa.struct([("a", pa.int64())])),
        (pa.array([[("a", 1)]], pa.map_(pa.large_string(), pa.int8())), pa.map_(pa.string(), pa.int64())),
        (pa.nulls(1), pa.string()),
        (pa.array([True]), pa.bool_()),
    ],
    ids=lambda value: str(value) if isinstance(value, pa.DataType) else str(value.type),
)  # fmt: skip
def test_types_become_canonical_and_values_stay(tmp_path: Path, given: pa.Array, kept: pa.DataType) -> None:
    staged = _stage(pa.table({"v": given}), tmp_path / "rows.parquet")
    assert staged.schema.field("v").type == kept
    expected = given.to_pylist()
    if pa.types.is_timestamp(given.type) and given.type.tz:
        expected = [datetime(1970, 1, 1, tzinfo=UTC)]
    assert [_plain(value) for value in staged["v"].to_pylist()] == [_plain(value) for value in expected]


def _plain(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) and value.tzinfo is None else value


def test_decimals_in_text_keep_saying_so(tmp_path: Path) -> None:
    field = pa.field("v", pa.large_string(), metadata={"bookward": "decimal", "other": "x"})
    table = pa.table([pa.array(["1.50"], pa.large_string())], schema=pa.schema([field]))
    staged = _stage(table, tmp_path / "rows.parquet")
    assert staged.schema.field("v").metadata[b"bookward"] == b"decimal"
    assert staged["v"].to_pylist() == ["1.50"]


def test_decimals_too_wide_for_the_engine_become_text(tmp_path: Path) -> None:
    wide = Decimal("1" * 50 + ".0000000001")
    staged = _stage(pa.table({"v": pa.array([wide, None], pa.decimal256(76, 10))}), tmp_path / "rows.parquet")
    assert staged["v"].to_pylist() == [str(wide), None]
    assert staged.schema.field("v").metadata[b"bookward"] == b"decimal"


def test_durations_and_intervals_become_iso_text(tmp_path: Path) -> None:
    table = pa.table(
        {
            "d": pa.array([timedelta(days=1, seconds=2, microseconds=500_000)], pa.duration("us")),
            "i": pa.array([pa.MonthDayNano([1, 2, 3 * 10**9])], pa.month_day_nano_interval()),
        }
    )
    staged = _stage(table, tmp_path / "rows.parquet")
    assert staged.to_pylist() == [{"d": "P0M1DT2.5S", "i": "P1M2DT3S"}]


def test_a_uuid_becomes_its_text(tmp_path: Path) -> None:
    storage = pa.array([bytes(range(16))], pa.binary(16))
    array = pa.ExtensionArray.from_storage(pa.uuid(), storage)
    staged = _stage(pa.table({"v": array}), tmp_path / "rows.parquet")
    assert staged["v"].to_pylist() == ["00010203-0405-0607-0809-0a0b0c0d0e0f"]


def test_rows_keep_their_order_and_are_counted_as_they_come(tmp_path: Path) -> None:
    batches = [pa.record_batch({"n": list(range(start, start + 3))}) for start in (0, 3, 6)]
    seen: list[int] = []
    path = tmp_path / "rows.parquet"
    assert stage(batches[0].schema, iter(batches), path, seen.append) == 9
    assert seen == [3, 6, 9]
    assert pq.read_table(path)["n"].to_pylist() == list(range(9))


def test_only_the_columns_asked_for_are_kept(tmp_path: Path) -> None:
    table = pa.table({"a": [1], "b": [2], "c": [3]})
    assert _stage(table, tmp_path / "rows.parquet", columns=["c", "a"]).column_names == ["a", "c"]


def test_a_column_asked_for_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ColumnMissing, match="'d'; it returns 'a', 'b'"):
        _stage(pa.table({"a": [1], "b": [2]}), tmp_path / "rows.parquet", columns=["a", "d"])


def test_a_source_that_dies_leaves_no_file(tmp_path: Path) -> None:
    def dying() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"n": [1]})
        raise SourceFailed("the server went away")

    with pytest.raises(SourceFailed, match="went away"):
        stage(pa.schema([("n", pa.int64())]), dying(), tmp_path / "rows.parquet", lambda _: None)
    assert list(tmp_path.iterdir()) == []


def test_a_model_without_rows_gives_a_file_without_rows(tmp_path: Path) -> None:
    staged = _stage(pa.table({"n": pa.array([], pa.int8())}), tmp_path / "rows.parquet")
    assert (staged.num_rows, staged.schema.field("n").type) == (0, pa.int64())


def test_reserved_and_repeated_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match=r"'_bookward_config'.*reserved"):
        _stage(pa.table({"_bookward_config": [1]}), tmp_path / "rows.parquet")
    twice = pa.table([pa.array([1]), pa.array([2])], names=["n", "n"])
    with pytest.raises(ModelRefused, match="more than one column named 'n'"):
        _stage(twice, tmp_path / "rows.parquet")
    assert list(tmp_path.iterdir()) == []


def test_a_number_of_39_digits_is_refused_and_not_rounded(tmp_path: Path) -> None:
    storage = (2**127 - 1).to_bytes(16, "little")
    array = pa.Array.from_buffers(pa.decimal128(38, 0), 1, [None, pa.py_buffer(storage)])
    with pytest.raises(SourceFailed, match="'v' has a value out of range in rows 1 to 1"):
        _stage(pa.table({"v": array}), tmp_path / "rows.parquet")


def test_json_in_columns_of_lines_is_kept_in_one_form(tmp_path: Path) -> None:
    text = '[ {"b": 1.50, "a": "x  y"} ]'
    table = pa.table({"lines": [text, None, "no [json", ""], "other": [text] * 4})
    staged = _stage(table, tmp_path / "rows.parquet", lines=["lines", "absent"])
    assert staged["lines"].to_pylist() == ['[{"a":"x  y","b":1.50}]', None, "no [json", ""]
    assert staged["other"].to_pylist() == [text] * 4
