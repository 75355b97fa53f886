"""The first rows of a model, as a plan would have them or refuse them."""

from __future__ import annotations

from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bookward.engine.workspace import Workspace
from bookward.model import Model
from bookward.records import Rejection
from bookward.sampling import LINES, Sample, Samples
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

    def sample(self, source: Any = None, **model: Any) -> Sample:
        spec = ModelSpec(source="warehouse", table="rows", **{"primary_key": ["key"], **model})
        found = Model("rows", spec, SampleSource("warehouse", self.spec), FakeClock())
        return self.samples.of(found, source or self.spec, self.workspace, nullcontext)


LINED = {"lines": {"order_by": "line", "columns": ["line"]}}


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path)


def code(found: Any) -> str:
    assert isinstance(found, Rejection)
    return found.code


def test_rows_of_one_key_are_shown_once_and_as_refused(warehouse: Warehouse) -> None:
    warehouse.holds("FROM (VALUES ('2', 'a'), ('1', 'b'), (NULL, 'c'), ('1', 'd')) AS t(key, name)")
    found = warehouse.sample().rows
    assert list(found) == ["2", "1"]
    assert found["2"] == {"key": "2", "name": "a"}
    assert code(found["1"]) == "key_duplicate"


def test_lines_that_disagree_are_shown_once_and_as_refused(warehouse: Warehouse) -> None:
    warehouse.holds(
        "FROM (VALUES ('A', 1, 'x'), ('A', 2, 'y'), ('B', 1, 'x'), ('B', 1, 'x'), ('C', 1, 'x'),"
        " (NULL, 1, 'x')) AS t(key, line, name)"
    )
    found = warehouse.sample(**LINED).rows
    assert [code(found[key]) for key in ("A", "B")] == ["lines_disagree", "line_duplicate"]
    assert found["C"] == {"key": "C", "name": "x", "lines": [{"line": 1}]}
    assert list(found) == ["A", "B", "C"]


def test_rows_are_known_as_everywhere(warehouse: Warehouse) -> None:
    warehouse.holds("FROM (VALUES (1.50, true), (2.00, false), (2.00, false)) AS t(key, flag)")
    found = warehouse.sample().rows
    assert found["1.5"] == {"key": Decimal("1.50"), "flag": True}
    assert code(found["2"]) == "key_duplicate"
    assert list(warehouse.sample(primary_key=["key", "flag"]).rows) == ['["1.5","True"]', '["2","False"]']


def test_a_row_whose_lines_lie_apart_has_all_of_them(warehouse: Warehouse) -> None:
    others = f"SELECT concat('B', i // 10), i, 2 FROM range({LINES}) AS r(i)"
    warehouse.holds(
        f"SELECT 'A' AS key, 0 AS line, 1 AS n UNION ALL {others} UNION ALL SELECT 'A', {LINES}, 1"
    )
    found = warehouse.sample(**LINED).rows
    assert found["A"] == {"key": "A", "n": 1, "lines": [{"line": 0}, {"line": LINES}]}
    assert {len(row["lines"]) for row in found.values() if not isinstance(row, Rejection)} == {2, 10}


def test_lines_without_a_key_take_no_place(warehouse: Warehouse) -> None:
    nulls = f"SELECT NULL, i FROM range({LINES}) AS r(i)"
    warehouse.holds(f"SELECT * FROM ({nulls} UNION ALL SELECT 'A', 1) AS t(key, line)")
    assert list(warehouse.sample(**LINED).rows) == ["A"]


def test_the_one_row_that_there_is_stays_though_it_is_cut(warehouse: Warehouse) -> None:
    warehouse.holds(f"SELECT 'A' AS key, i AS line FROM range({LINES + 1}) AS r(i)")
    assert list(warehouse.sample(**LINED).rows) == ["A"]


def test_a_sample_is_kept_while_its_source_is_the_same(warehouse: Warehouse) -> None:
    def source(password: str) -> PostgresSpec:
        return PostgresSpec.model_validate({"type": "postgres", "url": f"postgresql://a:{password}@b/c"})

    warehouse.holds("SELECT 'old' AS key")
    assert list(warehouse.sample(source("one")).rows) == ["old"]
    warehouse.holds("SELECT 'new' AS key")
    assert list(warehouse.sample(source("one")).rows) == ["old"]
    assert list(warehouse.sample(source("two")).rows) == ["new"]
    warehouse.clock.jump(minutes=3)
    assert list(warehouse.sample(source("one")).rows) == ["new"]
