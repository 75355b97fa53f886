"""Rows of one key become one row, with its lines in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookward.engine.columns import DECIMAL_TEXT
from bookward.engine.gathering import Gathering, bad_lines, gather
from bookward.engine.keys import KeyProblem
from bookward.engine.staging import stage
from bookward.engine.values import python_values
from bookward.errors import ColumnMissing
from bookward.spec.model import LinesSpec, ModelSpec
from tests.unit.engine_data.ledger import Sync

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("currency", pa.string()),
        ("line_no", pa.int64()),
        ("what", pa.string()),
        ("amount", pa.decimal128(20, 4)),
    ]
)
LINES = LinesSpec(order_by=["line_no"], columns=["what", "amount"])
MODEL = ModelSpec(source="s", primary_key=["id"], lines=LINES)


def gathering(wanted: Sequence[str] = ("id", "currency", "lines"), model: ModelSpec = MODEL) -> Gathering:
    made = Gathering.of(model, wanted)
    assert made is not None
    return made


class Gathered(Sync):
    """A sync whose rows are gathered before they are compared."""

    def __init__(self, folder: Path, how: Gathering | None = None) -> None:
        self.how = how or gathering()
        super().__init__(folder, self.how.keys)
        self.read = folder / "read.parquet"

    def stage(self, rows: pa.Table) -> int:
        stage(rows.schema, iter(rows.to_batches()), self.read, lambda _: None, self.how.reads)
        return gather(self.read, self.how, self.current, self.workspace)

    def rows(self, rows: pa.Table) -> list[dict[str, Any]]:
        self.stage(rows)
        table = pq.read_table(self.current)
        columns = [python_values(table.column(f.name).combine_chunks(), f) for f in table.schema]
        return [dict(zip(table.schema.names, values, strict=True)) for values in zip(*columns, strict=True)]

    def bad_keys(self) -> list[KeyProblem]:
        return list(bad_lines(self.read, self.how, self.workspace))


def table(*rows: tuple[Any, ...], schema: pa.Schema = SCHEMA) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)


@pytest.fixture
def sync(tmp_path: Path) -> Gathered:
    return Gathered(tmp_path)


def test_rows_of_one_key_are_one_row_with_its_lines_in_order(sync: Gathered) -> None:
    given_rows = table(
        ("B", "NZD", 2, "two", Decimal("2.0001")),
        ("A", "AUD", 7, "one", Decimal("-0.0001")),
        ("B", "NZD", 10, "ten", None),
        ("B", "NZD", 1, "one", Decimal("99999999999999.9999")),
    )
    assert sync.rows(given_rows) == [
        {"id": "A", "currency": "AUD", "lines": [{"what": "one", "amount": Decimal("-0.0001")}]},
        {
            "id": "B",
            "currency": "NZD",
            "lines": [
                {"what": "one", "amount": Decimal("99999999999999.9999")},
                {"what": "two", "amount": Decimal("2.0001")},
                {"what": "ten", "amount": None},
            ],
        },
    ]
    assert sync.bad_keys() == []


def test_lines_that_nobody_asks_for_are_not_kept(tmp_path: Path) -> None:
    sync = Gathered(tmp_path, gathering(["id", "currency"]))
    rows = sync.rows(table(("A", "AUD", 1, "x", None), ("A", "AUD", 2, "y", None)))
    assert rows == [{"id": "A", "currency": "AUD"}]


def test_a_column_that_differs_between_the_lines_of_a_row_is_named(sync: Gathered) -> None:
    counts = sync.diff(
        table(
            ("A", "AUD", 1, "x", None),
            ("A", "NZD", 2, "y", None),
            ("B", "NZD", 1, "z", None),
            ("C", None, 1, "z", None),
            ("C", "NZD", 2, "z", None),
        )
    )
    first, second = sync.bad_keys()
    assert (first.key, first.rows, first.rejection.code) == ("A", 2, "lines_disagree")
    assert first.rejection.message == (
        "The 2 lines with the key id = 'A' differ in column 'currency': 'AUD' and 'NZD'."
    )
    assert second.rejection.message == (
        "The 2 lines with the key id = 'C' differ in column 'currency': 'NZD' and null."
    )
    assert counts.bad_keys == 4
    assert sync.kinds() == {"B": "added"}


def test_two_lines_in_one_place_are_named(sync: Gathered) -> None:
    counts = sync.diff(
        table(
            ("A", "AUD", 1, "x", None),
            ("A", "AUD", 2, "y", None),
            ("A", "AUD", 2, "z", None),
            ("B", "NZD", None, "x", None),
            ("B", "NZD", None, "z", None),
            ("C", "NZD", None, "x", None),
        )
    )
    first, second = sync.bad_keys()
    assert (first.key, first.rows, first.rejection.code) == ("A", 3, "line_duplicate")
    assert first.rejection.message == "More than one of the 3 lines with the key id = 'A' has line_no = '2'."
    assert (
        second.rejection.message == "More than one of the 2 lines with the key id = 'B' has line_no = null."
    )
    assert counts.bad_keys == 5
    assert sync.kinds() == {"C": "added"}


def test_a_null_key_is_named_by_the_place_of_its_row_in_the_model(sync: Gathered) -> None:
    counts = sync.diff(
        table(("A", "AUD", 1, "x", None), (None, "AUD", 1, "y", None), (None, "AUD", 1, "z", None))
    )
    assert [(bad.key, bad.rejection.code) for bad in sync.bad_keys()] == [
        ("row 2", "key_null"),
        ("row 3", "key_null"),
    ]
    assert (counts.rows, counts.null_keys, counts.added) == (3, 2, 1)


def test_a_row_whose_lines_no_longer_agree_is_not_taken_for_removed(sync: Gathered) -> None:
    sync.accept(table(("A", "AUD", 1, "x", None), ("A", "AUD", 2, "y", None)))
    counts = sync.diff(table(("A", "AUD", 1, "x", None), ("A", "NZD", 2, "y", None)))
    assert (counts.removed, counts.changes, counts.bad_keys) == (0, 0, 2)


def test_the_diff_sees_what_changes_inside_of_the_lines(sync: Gathered) -> None:
    one, two = ("A", "AUD", 1, "x", Decimal("1.5")), ("A", "AUD", 2, "y", Decimal(2))
    sync.accept(table(one, two))
    assert sync.diff(table(two, one)).changes == 0
    assert sync.diff(table(one, ("A", "AUD", 2, "y", Decimal("2.0001")))).changed == 1
    assert sync.diff(table(one)).changed == 1
    assert sync.diff(table(("A", "AUD", 3, "x", Decimal("1.5")), two)).changed == 1  # the other order
    (change,) = sync.changes()
    assert change.old is not None
    assert [line["what"] for line in change.old["lines"]] == ["x", "y"]
    assert change.new is not None
    assert [line["what"] for line in change.new["lines"]] == ["y", "x"]


def test_another_scale_is_no_change(sync: Gathered) -> None:
    rows = (("A", "AUD", 1, "x", Decimal("1.5")), ("B", "AUD", 1, None, None))
    finer = SCHEMA.set(4, pa.field("amount", pa.decimal128(30, 7)))
    sync.accept(table(*rows))
    assert sync.diff(table(*rows, schema=finer)).changes == 0
    sync.diff(table(rows[0], ("B", "AUD", 1, None, Decimal("0.0000001")), schema=finer))
    assert sync.kinds() == {"B": "changed"}
    sync.fold()
    assert sync.diff().changes == 0
    assert {row["id"]: row["lines"][0]["amount"] for row in sync.accepted()} == {
        "A": Decimal("1.5000000"),
        "B": Decimal("0.0000001"),
    }


def test_lines_with_another_column_are_compared_and_kept(tmp_path: Path) -> None:
    fewer = ModelSpec(source="s", primary_key=["id"], lines=LinesSpec(order_by=["line_no"], columns=["what"]))
    rows = table(("A", "AUD", 1, "x", Decimal("1.50")), ("B", "AUD", 1, "y", Decimal(2)))
    sync = Gathered(tmp_path)
    sync.accept(rows)
    sync.how = gathering(model=fewer)
    assert sync.diff(rows).changed == 2
    sync.fold([0])
    assert sorted(row["lines"] for row in sync.accepted()) == [
        '[{"what":"x"}]',
        '[{"what":"y","amount":2.0000}]',
    ]
    sync.diff(rows)
    sync.fold()
    assert sync.diff(rows).changes == 0
    assert sync.accepted()[0]["lines"] == [{"what": "x"}]


def test_numbers_in_text_put_lines_in_the_order_of_numbers(tmp_path: Path) -> None:
    number = pa.field("line_no", pa.string(), metadata=DECIMAL_TEXT)
    sync = Gathered(tmp_path)
    places = [
        "10",
        "9",
        "-1",
        "9007199254740993",
        "9007199254740992",
        "1.5",
        "123456789012345678901234567890",
    ]
    rows = [("A", "AUD", place, place, None) for place in places]
    (row,) = sync.rows(table(*rows, schema=SCHEMA.set(2, number)))
    assert [line["what"] for line in row["lines"]] == sorted(places, key=Decimal)


def test_several_columns_make_a_key_and_an_order(tmp_path: Path) -> None:
    model = ModelSpec(
        source="s",
        primary_key=["id", "currency"],
        lines=LinesSpec(order_by=["what", "line_no"], columns=["line_no"]),
    )
    sync = Gathered(tmp_path, gathering(["id", "currency", "lines"], model))
    given_rows = table(
        ("A", "x", 2, "b", None), ("A", "y", 5, "b", None), ("A", "x", 9, "a", None), ("A", "x", 1, "b", None)
    )
    assert [
        (row["currency"], [line["line_no"] for line in row["lines"]]) for row in sync.rows(given_rows)
    ] == [
        ("x", [9, 1, 2]),
        ("y", [5]),
    ]
    sync.stage(table(("A", "x", 2, "b", None), ("A", "x", 2, "b", None)))
    (problem,) = sync.bad_keys()
    assert problem.key == '["A","x"]'
    assert problem.rejection.message.endswith("has what = 'b', line_no = '2'.")


def test_a_column_of_the_lines_is_not_one_of_the_row() -> None:
    with pytest.raises(ColumnMissing, match="'amount' may differ from line to line"):
        Gathering.of(MODEL, ["id", "amount"])
    with pytest.raises(ColumnMissing, match="'line_no' may differ"):
        Gathering.of(MODEL, ["id", "line_no"])
    assert Gathering.of(ModelSpec(source="s", primary_key=["id"]), ["id", "amount"]) is None


def test_a_row_of_very_many_lines_is_one_row(sync: Gathered) -> None:
    count = 60_000
    ids = ["A"] * count + ["B"]
    rows = pa.table(
        {
            "id": ids,
            "currency": ["NZD"] * len(ids),
            "line_no": list(range(len(ids))),
            "what": [str(place) for place in range(len(ids))],
            "amount": pa.array([Decimal(1)] * len(ids), pa.decimal128(20, 4)),
        }
    )
    first, second = sync.rows(rows)
    assert [line["what"] for line in first["lines"]] == [str(place) for place in range(count)]
    assert [line["what"] for line in second["lines"]] == [str(count)]


_LINES = st.lists(
    st.tuples(
        st.none() | st.sampled_from(["A", "a", "", "B\x00", "é", "1", "1.0"]),
        st.sampled_from(["NZD", "AUD"]) | st.none(),
        st.integers(-2, 9) | st.none(),
        st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
        st.none() | st.decimals(-(10**15), 10**15, places=4),
    ),
    max_size=14,
)


@settings(max_examples=max(settings().max_examples // 3, 1))  # each opens DuckDB several times
@given(lines=_LINES)
def test_every_line_is_in_its_row_in_order_or_named(
    new_folder: Callable[[], Path], lines: list[tuple[Any, ...]]
) -> None:
    sync = Gathered(new_folder())
    sync.accept(table(*lines))
    expected, bad = {}, {}
    for key in {line[0] for line in lines} - {None}:
        own = [line for line in lines if line[0] == key]
        if len({line[1] for line in own}) > 1:
            bad[key] = ("lines_disagree", len(own))
        elif len({line[2] for line in own}) < len(own):
            bad[key] = ("line_duplicate", len(own))
        else:
            own.sort(key=lambda line: (line[2] is None, line[2]))
            expected[key] = (own[0][1], [{"what": line[3], "amount": line[4]} for line in own])
    assert {row["id"]: (row["currency"], row["lines"]) for row in sync.accepted()} == expected
    problems = sync.bad_keys()
    nulls = [problem for problem in problems if problem.rejection.code == "key_null"]
    assert len(nulls) == sum(line[0] is None for line in lines)
    assert {p.key: (p.rejection.code, p.rows) for p in problems if p not in nulls} == bad
    counts = sync.diff(table(*reversed(lines)))
    assert counts.changes == 0
    assert counts.bad_keys == sum(problem.rows for problem in problems)
