"""The first rows of a model, as a plan would have them or refuse them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bookward.engine.workspace import Workspace
from bookward.model import Model
from bookward.records import Rejection, Row
from bookward.sampling import LINES, Samples
from bookward.sources.postgres.address import PostgresSpec
from bookward.sources.sample import SampleSource, SampleSpec
from bookward.spec.model import ModelSpec
from tests.fakes import FakeClock


class Warehouse:
    """A table of which samples are taken."""

    def __init__(self, folder: Path) -> None:
        self.workspace = Workspace(folder=folder / "work", memory_limit="500MB")
        self.spec = SampleSpec(path=str(folder / "warehouse.duckdb"))
        self.clock = FakeClock()
        self.samples = Samples(self.clock)

    def holds(self, sql: str) -> None:
        with duckdb.connect(self.spec.path) as connection:
            connection.execute(f"CREATE OR REPLACE TABLE rows AS {sql}")

    def rows(
        self, wanted: Sequence[str] | None = None, source: Any = None, **model: Any
    ) -> Mapping[str, Row | Rejection]:
        """Return the rows of a sample for a sync that wants these columns, or all."""
        spec = ModelSpec(source="warehouse", table="rows", **{"primary_key": ["key"], **model})
        found = Model("rows", spec, SampleSource("warehouse", self.spec), FakeClock())
        sample = self.samples.of(found, source or self.spec)
        names = [column.name for column in sample.columns]
        return sample.rows(names if wanted is None else wanted, self.workspace, nullcontext)


LINED = {"lines": {"order_by": "line", "columns": ["line"]}}


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path)


def code(found: Any) -> str:
    assert isinstance(found, Rejection)
    return found.code


def test_rows_of_one_key_are_shown_once_and_as_refused(warehouse: Warehouse) -> None:
    warehouse.holds("FROM (VALUES ('2', 'a'), ('1', 'b'), (NULL, 'c'), ('1', 'd')) AS t(key, name)")
    found = warehouse.rows()
    assert list(found) == ["2", "1"]
    assert found["2"] == {"key": "2", "name": "a"}
    assert code(found["1"]) == "key_duplicate"


def test_lines_that_disagree_are_shown_once_and_as_refused(warehouse: Warehouse) -> None:
    warehouse.holds(
        "FROM (VALUES ('A', 1, 'x'), ('A', 2, 'y'), ('B', 1, 'x'), ('B', 1, 'x'), ('C', 1, 'x'),"
        " (NULL, 1, 'x')) AS t(key, line, name)"
    )
    found = warehouse.rows(**LINED)
    assert [code(found[key]) for key in ("A", "B")] == ["lines_disagree", "line_duplicate"]
    assert found["C"] == {"key": "C", "name": "x", "lines": [{"line": 1}]}
    assert list(found) == ["A", "B", "C"]


def test_lines_may_differ_in_what_no_field_is_mapped_to(warehouse: Warehouse) -> None:
    warehouse.holds("FROM (VALUES ('A', 1, 'x', 'p'), ('A', 2, 'y', 'p')) AS t(key, line, note, name)")
    assert warehouse.rows(["name", "lines"], **LINED) == {
        "A": {"key": "A", "name": "p", "lines": [{"line": 1}, {"line": 2}]}
    }
    assert code(warehouse.rows(["note"], **LINED)["A"]) == "lines_disagree"


def test_rows_are_known_as_everywhere(warehouse: Warehouse) -> None:
    warehouse.holds("FROM (VALUES (1.50, true), (2.00, false), (2.00, false)) AS t(key, flag)")
    found = warehouse.rows()
    assert found["1.5"] == {"key": Decimal("1.50"), "flag": True}
    assert code(found["2"]) == "key_duplicate"
    assert list(warehouse.rows(primary_key=["key", "flag"])) == ['["1.5","True"]', '["2","False"]']


def test_a_row_whose_lines_lie_apart_has_all_of_them(warehouse: Warehouse) -> None:
    others = f"SELECT concat('B', i // 10), i, 2 FROM range({LINES}) AS r(i)"
    warehouse.holds(
        f"SELECT 'A' AS key, 0 AS line, 1 AS n UNION ALL {others} UNION ALL SELECT 'A', {LINES}, 1"
    )
    found = warehouse.rows(**LINED)
    assert found["A"] == {"key": "A", "n": 1, "lines": [{"line": 0}, {"line": LINES}]}
    assert {len(row["lines"]) for row in found.values() if not isinstance(row, Rejection)} == {2, 10}


def test_lines_without_a_key_take_no_place(warehouse: Warehouse) -> None:
    nulls = f"SELECT NULL, i FROM range({LINES}) AS r(i)"
    warehouse.holds(f"SELECT * FROM ({nulls} UNION ALL SELECT 'A', 1) AS t(key, line)")
    assert list(warehouse.rows(**LINED)) == ["A"]


def test_the_one_row_that_there_is_stays_though_it_is_cut(warehouse: Warehouse) -> None:
    warehouse.holds(f"SELECT 'A' AS key, i AS line FROM range({LINES + 1}) AS r(i)")
    assert list(warehouse.rows(**LINED)) == ["A"]


def test_a_sample_is_kept_while_its_source_is_the_same(warehouse: Warehouse) -> None:
    def source(password: str) -> PostgresSpec:
        return PostgresSpec.model_validate({"type": "postgres", "url": f"postgresql://a:{password}@b/c"})

    warehouse.holds("SELECT 'old' AS key")
    assert list(warehouse.rows(source=source("one"))) == ["old"]
    warehouse.holds("SELECT 'new' AS key")
    assert list(warehouse.rows(source=source("one"))) == ["old"]
    assert list(warehouse.rows(source=source("two"))) == ["new"]
    warehouse.clock.jump(minutes=3)
    assert list(warehouse.rows(source=source("one"))) == ["new"]
