"""BigQuery's dialect, catalogue and Storage Read API, as an emulator has them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr

from bookward.errors import SourceFailed
from bookward.model import Model
from bookward.sources.bigquery import BigQuerySource, BigQuerySpec
from bookward.sources.bigquery import source as module
from bookward.spec.model import ModelSpec
from tests.fakes import FakeClock
from tests.peers.bigquery import BigQueryStub
from tests.peers.bqemulator import BigQueryEmulator, running_bqemulator

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def emulator() -> Iterator[BigQueryEmulator]:
    with running_bqemulator() as found:
        found.execute(
            "CREATE SCHEMA sales",
            "CREATE TABLE sales.invoices (id INT64 NOT NULL, amount NUMERIC, half FLOAT64, "
            "name STRING, paid BOOL, due DATE, made DATETIME, sent TIMESTAMP, clock TIME, raw BYTES, "
            "more JSON, items ARRAY<INT64>)",
            "INSERT INTO sales.invoices VALUES (1, NUMERIC '1234567890.123', "
            "0.5, \"O'Brien 株\", true, DATE '2026-01-31', "
            "DATETIME '2026-01-31 12:00:00.123456', TIMESTAMP '2026-01-31 12:00:00+00:00', "
            "TIME '12:30:00', FROM_HEX('00ff'), JSON '{\"a\":[1.5]}', [1, 2])",
            "CREATE TABLE sales.wide AS SELECT x AS id, repeat('x', 40) AS filler "
            "FROM unnest(generate_array(1, 50000)) AS x",
        )
        yield found


@pytest.fixture
def source(emulator: BigQueryEmulator, bigquery: BigQueryStub) -> BigQuerySource:
    spec = BigQuerySpec(
        project="books", url=emulator.url, default_dataset="sales",
        service_account_key=SecretStr(bigquery.account()),
    )  # fmt: skip
    return BigQuerySource("warehouse", spec)


def rows(source: BigQuerySource, query: str) -> list[dict[str, Any]]:
    with source.read(query) as found:
        return [row for batch in found.batches for row in batch.to_pylist()]


def test_checking_reads_something(source: BigQuerySource) -> None:
    steps = list(source.check())
    assert [(step.name, step.ok) for step in steps] == [("reach", True), ("sign in", True), ("read", True)]


def test_values_arrive_exact(source: BigQuerySource) -> None:
    with source.read("SELECT * FROM invoices") as found:
        assert found.schema.field("amount").type == pa.decimal128(38, 9)
        (row,) = next(found.batches).to_pylist()
    assert row == {
        "id": 1, "amount": Decimal("1234567890.123"), "half": 0.5,
        "name": "O'Brien 株", "paid": True, "due": date(2026, 1, 31),
        "made": datetime.fromisoformat("2026-01-31T12:00:00.123456"),
        "sent": datetime(2026, 1, 31, 12, tzinfo=UTC), "clock": time(12, 30), "raw": b"\x00\xff",
        "more": '{"a":[1.5]}', "items": [1, 2],
    }  # fmt: skip


def test_a_model_names_tables_and_columns_as_bigquery_does(source: BigQuerySource) -> None:
    spec = ModelSpec(source="warehouse", primary_key=["id"], table="sales.invoices")
    model = Model("invoices", spec, source, FakeClock())
    with model.read(["name", "id"]) as found:
        assert [batch.to_pylist() for batch in found.batches] == [[{"name": "O'Brien 株", "id": 1}]]
    assert model.preview(limit=1).rows[0]["id"] == 1


def test_a_large_result_arrives_whole_page_by_page(source: BigQuerySource) -> None:
    with source.read("SELECT * FROM wide") as found:
        assert sum(batch.num_rows for batch in found.batches) == 50_000


@pytest.mark.filterwarnings("ignore:Retrieving Arrow:PendingDeprecationWarning")
def test_a_large_table_arrives_whole_by_the_storage_api(
    source: BigQuerySource, emulator: BigQueryEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The emulator gives no result of a query this way, only a table.
    def listed(query: Any) -> Any:
        return query._client.list_rows("books.sales.wide")

    monkeypatch.setattr(module._Query, "_result", listed)
    with emulator.storage() as storage:
        monkeypatch.setattr(module._Query, "storage", lambda _: storage)
        with source.read("SELECT * FROM wide") as found:
            sizes = [batch.num_rows for batch in found.batches]
    assert sum(sizes) == 50_000


def test_tables_are_listed_with_columns(source: BigQuerySource, monkeypatch: pytest.MonkeyPatch) -> None:
    # The emulator has no view of keys, and none of columns beside a default dataset.
    source = BigQuerySource("warehouse", source._spec.model_copy(update={"default_dataset": None}))
    none = "(SELECT '' AS table_name, '' AS column_name, '' AS constraint_name, 0 AS ordinal_position)"
    keyless = source.catalogue.replace("{dataset}.INFORMATION_SCHEMA.KEY_COLUMN_USAGE", none)
    monkeypatch.setattr(BigQuerySource, "catalogue", keyless)
    (table,) = [table for table in source.tables() if table.name == "invoices"]
    assert table.schema == "sales"
    assert [(column.name, column.type, column.nullable) for column in table.columns][:3] == [
        ("id", "INT64", False), ("amount", "NUMERIC", True), ("half", "FLOAT64", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * FROM nowhere", "(?i)refused the query.*nowhere"),
        ("SELECT 1 +", "refused the query"),
        ("CREATE TABLE sales.theft (id INT64)", "read-only"),
        ("DELETE FROM sales.invoices WHERE true", "read-only"),
        ("INSERT INTO sales.invoices (id) VALUES (9)", "read-only"),
    ],
)
def test_what_is_no_query_is_refused(source: BigQuerySource, query: str, said: str) -> None:
    with pytest.raises(SourceFailed, match=said), source.read(query):
        pass
    assert rows(source, "SELECT count(*) AS n FROM invoices") == [{"n": 1}]
