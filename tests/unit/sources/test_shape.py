"""Whatever Arrow type a driver gives, a model has one of a few."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookward.sources.shape import Shape, column, kind_of

MORNING = datetime.combine(date(2026, 1, 1), time(8))
DAYS_TO_1970 = date(1970, 1, 1).toordinal()


def converted(array: Any, *, wraps: bool = False) -> Any:
    shape = Shape([column("c", array.type, wraps=wraps)])
    return shape.apply(pa.record_batch({"c": array})).column(0)


@given(st.lists(st.none() | st.integers(-(2**31), 2**31 - 1)))
def test_every_day_lands_in_the_calendar_and_nulls_stay(days: list[int | None]) -> None:
    first, last = date.min.toordinal() - DAYS_TO_1970, date.max.toordinal() - DAYS_TO_1970
    found = converted(pa.array(days, pa.int32()).cast(pa.date32())).to_pylist()
    expected = [None if day is None else max(first, min(last, day)) for day in days]
    assert [day and day.toordinal() - DAYS_TO_1970 for day in found] == [day and day for day in expected]


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)), st.sampled_from(["s", "ms", "us", "ns"]))
def test_every_moment_lands_in_the_calendar(moments: list[int | None], unit: Any) -> None:
    array = pa.array(moments, pa.int64()).cast(pa.timestamp(unit, "Pacific/Auckland"))
    found = converted(array)
    assert found.type == pa.timestamp("us", "UTC")
    assert [moment is None for moment in found.to_pylist()] == [moment is None for moment in moments]


def test_an_overflown_infinity_is_the_last_day() -> None:
    infinity, minus_infinity = -(2**31) + 10_956, -(2**31) + 10_957
    days = pa.array([infinity, minus_infinity, 0], pa.int32()).cast(pa.date32())
    assert converted(days, wraps=True).to_pylist() == [date.max, date.min, date(1970, 1, 1)]


@pytest.mark.parametrize(
    ("array", "type_", "values"),
    [
        (pa.array(["a", None]).dictionary_encode(), pa.string(), ["a", None]),
        (pa.nulls(2), pa.string(), [None, None]),
        (pa.array(["a"], pa.large_string()), pa.string(), ["a"]),
        (pa.array([1, 2], pa.uint8()), pa.uint8(), [1, 2]),
        (pa.array([[1], None, []], pa.list_(pa.int32())), pa.list_(pa.int32()), [[1], None, []]),
        (pa.array([[0], [0], None, [2**31 - 1]], pa.list_(pa.int32())).cast(pa.list_(pa.date32()))[1:],
         pa.list_(pa.date32()), [[date(1970, 1, 1)], None, [date.max]]),
        (pa.array([[1, 2], None], pa.list_(pa.int32(), 2)), pa.list_(pa.int32()), [[1, 2], None]),
        (pa.array([MORNING], pa.timestamp("ns")), pa.timestamp("us"), [MORNING]),
    ],
)  # fmt: skip
def test_types_become_plain(array: Any, type_: pa.DataType, values: list[object]) -> None:
    found = converted(array)
    assert found.type == type_
    assert found.to_pylist() == values


def test_a_field_says_what_its_text_means() -> None:
    assert kind_of(column("c", pa.string(), "json").field) == "json"
    assert kind_of(column("c", pa.string()).field) is None
