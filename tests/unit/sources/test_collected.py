"""Pages of rows become a table whose types hold every value exactly, whatever comes first."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookward.errors import SourceFailed
from bookward.sources.collected import collect
from bookward.sources.jsontext import Digits, parsed

MOMENT = datetime(2026, 1, 31, 12, 30, 0, 123456, UTC)


def read(*pages: Sequence[Mapping[str, Any]]) -> tuple[dict[str, str], list[tuple[Any, ...]]]:
    """Return the types of the columns, and the rows."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        _, query = collect(pages, Path(folder), ["id"], tuple, "The table")
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.sql(query)
        types = dict(zip(found.columns, map(str, found.types), strict=True))
        return types, found.fetchall()


@pytest.mark.parametrize(
    ("values", "type_", "read_back"),
    [
        ([None, None], "VARCHAR", [None, None]),
        ([1, None, 2**63 - 1, -(2**63)], "BIGINT", [1, None, 2**63 - 1, -(2**63)]),
        ([1, 2**63], "DECIMAL(19,0)", [Decimal(1), Decimal(2**63)]),
        ([Digits("-0"), Digits("7")], "BIGINT", [0, 7]),
        ([Digits("0.10"), Digits("12"), Digits("1e2")], "DECIMAL(5,2)",
         [Decimal("0.10"), Decimal(12), Decimal(100)]),
        ([1, 0.1], "DECIMAL(2,1)", [Decimal(1), Decimal("0.1")]),
        ([0.1, 1e300, float("inf")], "DOUBLE", [0.1, 1e300, float("inf")]),
        ([0.5, 1, float("inf")], "VARCHAR", ["0.5", "1", "inf"]),
        ([Decimal("NaN"), 1], "VARCHAR", ["NaN", "1"]),
        ([10**38 - 1], "DECIMAL(38,0)", [Decimal(10**38 - 1)]),
        ([10**38], "VARCHAR", [str(10**38)]),
        ([10**30, Digits("0.123456789")], "VARCHAR", [str(10**30), "0.123456789"]),
        ([True, False, None], "BOOLEAN", [True, False, None]),
        ([True, 1], "VARCHAR", ["true", "1"]),
        ([MOMENT, None], "TIMESTAMP WITH TIME ZONE", [MOMENT, None]),
        ([date(1, 1, 1), date(9999, 12, 31)], "DATE", [date(1, 1, 1), date(9999, 12, 31)]),
        ([MOMENT, date(2026, 1, 31)], "VARCHAR", ["2026-01-31T12:30:00.123456Z", "2026-01-31"]),
        ([{"a": [Decimal("1.10"), None, date(2026, 1, 1)]}, [1]], "JSON",
         ['{"a": [1.10, null, "2026-01-01"]}', "[1]"]),
        ([{"a": float("nan")}], "JSON", ['{"a": "nan"}']),
        ([{"a": 1}, "x"], "VARCHAR", ['{"a": 1}', "x"]),
        (["", "O'Brien", "株式会社 👩‍👧", "a\x00b"], "VARCHAR", ["", "O'Brien", "株式会社 👩‍👧", "a\x00b"]),
    ],
)  # fmt: skip
def test_a_column_has_the_type_that_holds_all_of_its_values(
    values: list[Any], type_: str, read_back: list[Any]
) -> None:
    together = read([{"id": n, "v": value} for n, value in enumerate(values)])
    one_by_one = read(*([{"id": n, "v": value}] for n, value in enumerate(values)))
    assert together == one_by_one
    types, rows = together
    assert types["v"] == type_
    assert [value for _, value in rows] == read_back


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=None) | st.integers()))
def test_numbers_are_exact_however_many_digits_they_have(numbers: list[Decimal | int]) -> None:
    _, rows = read([{"id": 1, "v": number} for number in numbers])
    assert [Decimal(row[1]) for row in rows] == [Decimal(number) for number in numbers]


def test_columns_may_come_late_and_go() -> None:
    types, rows = read([{"id": 1, "a": 1}], [], [{"b": "x"}], [{'"; DROP': 1, "id": 2}])
    assert list(types) == ["id", "a", "b", '"; DROP']
    assert rows == [(1, 1, None, None), (None, None, "x", None), (2, None, None, 1)]
    assert read() == ({"id": "VARCHAR"}, [])


def test_columns_that_sql_takes_for_one_are_refused() -> None:
    with pytest.raises(SourceFailed, match="The table has columns 'Name' and 'NAME'"):
        read([{"Name": 1}], [{"NAME": 2}])


def test_half_a_letter_is_an_error() -> None:
    with pytest.raises(UnicodeError):
        read([parsed('{"id": "\\ud800"}')])


def test_small_pages_are_put_together(tmp_path: Path) -> None:
    """Each part of a Parquet file is described apart: ten thousand of them would fill the memory."""
    collect(([{"n": n}] * 100 for n in range(250)), tmp_path, [], tuple, "The table")
    with pq.ParquetFile(tmp_path / "rows.parquet") as file:
        assert (file.metadata.num_rows, file.metadata.num_row_groups) == (25_000, 3)
