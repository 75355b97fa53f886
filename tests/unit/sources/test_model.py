"""A model without a database: what it asks its source, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from decimal import Decimal
from typing import ClassVar

import pyarrow as pa
import pytest

from bookward.errors import ColumnMissing, ModelRefused, ReadTooLarge
from bookward.model import Model, friendly_type
from bookward.ports import Rows
from bookward.records import CheckStep
from bookward.sources.bounds import Bounds
from bookward.sources.shape import field
from bookward.spec.model import ModelSpec
from bookward.spec.source import SourceSpec
from tests.fakes import FakeClock


class FakeSource:
    """Answers every query with one table and remembers what it was asked."""

    spec_class: ClassVar[type[SourceSpec]] = SourceSpec
    dialect: ClassVar[str] = "postgres"

    def __init__(self, name: str, spec: pa.Table) -> None:
        self.table = spec
        self.clock = FakeClock()
        self.asked: list[str] = []

    def check(self) -> Iterator[CheckStep]:
        return iter(())

    @contextmanager
    def read(self, query: str) -> Iterator[Rows]:
        self.asked.append(query)
        self.clock.jump(seconds=2)
        yield Rows(self.table.schema, iter(self.table.to_batches()))


SCHEMA = pa.schema([("id", pa.int64()), ("name", pa.string()), field("due", pa.string(), "decimal")])
TABLE = pa.table([[1, 2], ["a", None], ["1.5", "NaN"]], schema=SCHEMA)


def model(table: pa.Table = TABLE, **spec: str) -> tuple[Model, FakeSource]:
    source = FakeSource("fake", table)
    given = spec or {"sql": "SELECT * FROM t"}
    return Model(
        "customers", ModelSpec(source="fake", primary_key=["id"], **given), source, source.clock
    ), source


def test_the_columns_are_asked_for_once() -> None:
    customers, source = model()
    assert customers.columns() == customers.columns() == SCHEMA
    assert source.asked == ['SELECT * FROM (\nSELECT * FROM t\n) AS "model" LIMIT 0']


def test_reading_projects_to_the_columns_wanted() -> None:
    customers, source = model()
    with customers.read(["name", "id", "name"]):
        pass
    assert source.asked[-1] == 'SELECT "name", "id" FROM (\nSELECT * FROM t\n) AS "model"'


def test_exactly_as_many_rows_as_may_come_are_whole() -> None:
    source = FakeSource("fake", TABLE)
    spec = ModelSpec(source="fake", primary_key=["id"], table="t")
    for most, whole in ((2, True), (1, False)):
        bounds = Bounds("customers", "fake", SourceSpec(type="fake", max_rows=most))
        customers = Model("customers", spec, source, source.clock, bounds=bounds)
        with (
            nullcontext() if whole else pytest.raises(ReadTooLarge, match="more than 1 rows"),
            customers.read(["id"]) as rows,
        ):
            assert sum(batch.num_rows for batch in rows.batches) == 2


def test_a_sample_may_be_larger_than_what_all_rows_may_be() -> None:
    source = FakeSource("fake", TABLE)
    bounds = Bounds("customers", "fake", SourceSpec(type="fake", max_bytes=1))
    spec = ModelSpec(source="fake", primary_key=["id"], table="t")
    customers = Model("customers", spec, source, source.clock, bounds=bounds)
    with customers.read(["id"], limit=2) as rows:
        assert sum(batch.num_rows for batch in rows.batches) == 2
    assert len(customers.preview(limit=2).rows) == 2


def test_a_preview_tells_how_long_it_took() -> None:
    customers, _ = model()
    preview = customers.preview(limit=2)
    assert preview.seconds == 2
    assert preview.columns == (("id", "integer"), ("name", "text"), ("due", "decimal"))
    assert preview.rows[0] == {"id": 1, "name": "a", "due": Decimal("1.5")}
    assert str(preview.rows[1]["due"]) == "NaN"


def test_a_missing_column_without_a_near_one_lists_what_there_is() -> None:
    customers, _ = model()
    with pytest.raises(ColumnMissing, match=r"no column 'xyz'\.$") as missing, customers.read(["xyz"]):
        pass
    assert "id, name, due" in missing.value.remedy


@pytest.mark.parametrize(
    "spec", [{"sql": "UPDATE t SET a = 1"}, {"sql": ""}, {"description": "nothing to read"}]
)
def test_a_model_without_one_select_is_refused_before_the_source_is_asked(spec: dict[str, str]) -> None:
    with pytest.raises(ModelRefused):
        model(**spec)


def test_columns_of_one_name_are_refused() -> None:
    twins = pa.table([[1], [2]], names=["id", "ID"])
    with pytest.raises(ModelRefused, match="columns 'id' and 'ID'"):
        model(twins)[0].columns()


@pytest.mark.parametrize(
    ("type_", "words"),
    [
        (pa.list_(pa.decimal128(5, 1)), "list of decimal(5,1)"),
        (pa.timestamp("us"), "timestamp"),
        (pa.time64("us"), "time"),
        (pa.float32(), "float"),
        (pa.binary(), "bytes"),
        (pa.struct([("a", pa.int8())]), "struct<a: int8>"),
    ],
)
def test_types_have_friendly_names(type_: pa.DataType, words: str) -> None:
    assert friendly_type(pa.field("c", type_)) == words
