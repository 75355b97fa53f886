"""Snowflake's dialect, catalogue and folding of names, as an emulator has them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from bookward.errors import SourceFailed
from bookward.model import Model
from bookward.sources.snowflake import SnowflakeSource, SnowflakeSpec
from bookward.spec.model import ModelSpec
from tests.fakes import FakeClock
from tests.peers.fakesnow import execute, running_fakesnow

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running_fakesnow() as found:
        execute(
            found,
            "CREATE DATABASE books",
            "CREATE SCHEMA books.sales",
            "CREATE TABLE books.sales.invoices (id INTEGER, line NUMBER(4), amount NUMBER(12, 2), "
            "rate NUMBER(38, 12), half FLOAT, name VARCHAR, paid BOOLEAN, due DATE, made TIMESTAMP_NTZ, "
            "sent TIMESTAMP_TZ, clock TIME, raw BINARY, more VARIANT, PRIMARY KEY (id, line))",
            "INSERT INTO books.sales.invoices SELECT 1, 2, 1234567890.12, 0.000000000001, 0.5, "
            "'O''Brien 株', true, '2026-01-31', '2026-01-31 12:00:00.123456', "
            "'2026-01-31 12:00:00+00:00', '12:30:00', "
            "to_binary('00ff', 'HEX'), parse_json('{\"a\": [1.5]}')",
            "CREATE TABLE books.sales.wide AS SELECT seq4() AS id, repeat('x', 400) AS filler "
            "FROM table(generator(rowcount => 100000))",
        )
        yield found


@pytest.fixture
def source(port: int) -> SnowflakeSource:
    url = f"http://127.0.0.1:{port}"
    spec = SnowflakeSpec(
        account="books", user="u", password="p", database="BOOKS", default_schema="SALES", url=url
    )
    return SnowflakeSource("warehouse", spec)


def rows(source: SnowflakeSource, query: str) -> list[dict[str, Any]]:
    with source.read(query) as found:
        return [row for batch in found.batches for row in batch.to_pylist()]


def test_checking_reads_something(source: SnowflakeSource) -> None:
    steps = list(source.check())
    assert [(step.name, step.ok) for step in steps] == [("reach", True), ("sign in", True), ("read", True)]
    assert "Snowflake" in steps[-1].detail


def test_values_arrive_exact_and_names_folded(source: SnowflakeSource) -> None:
    with source.read("select * from invoices") as found:
        assert found.schema.field("AMOUNT").type == pa.decimal128(12, 2)
        assert found.schema.field("RATE").type == pa.decimal128(38, 12)
        (row,) = next(found.batches).to_pylist()
    assert row == {
        "ID": Decimal(1), "LINE": 2, "AMOUNT": Decimal("1234567890.12"), "RATE": Decimal("0.000000000001"),
        "HALF": 0.5, "NAME": "O'Brien 株", "PAID": True, "DUE": date(2026, 1, 31),
        "MADE": datetime.fromisoformat("2026-01-31T12:00:00.123456"),
        "SENT": datetime(2026, 1, 31, 12, tzinfo=UTC), "CLOCK": time(12, 30), "RAW": b"\x00\xff",
        "MORE": '{"a":[1.5]}',
    }  # fmt: skip


def test_a_model_names_tables_and_columns_as_snowflake_does(source: SnowflakeSource) -> None:
    spec = ModelSpec(source="warehouse", primary_key=["ID"], table="sales.invoices")
    model = Model("invoices", spec, source, FakeClock())
    with model.read(["NAME", "ID"]) as found:
        assert [batch.to_pylist() for batch in found.batches] == [[{"NAME": "O'Brien 株", "ID": Decimal(1)}]]
    assert model.preview(limit=1).rows[0]["ID"] == 1


def test_a_large_result_arrives_whole(source: SnowflakeSource) -> None:
    with source.read("select * from wide") as found:
        assert sum(batch.num_rows for batch in found.batches) == 100_000


def test_the_catalogue_tells_columns_with_their_types(source: SnowflakeSource) -> None:
    # The emulator knows no SHOW PRIMARY KEYS of a database.
    found = [list(row.values()) for row in rows(source, source.catalogue)]
    assert found[:3] == [
        ["SALES", "INVOICES", "ID", "NUMBER(38,0)", False],
        ["SALES", "INVOICES", "LINE", "NUMBER(4,0)", False],
        ["SALES", "INVOICES", "AMOUNT", "NUMBER(12,2)", True],
    ]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * FROM nowhere", "(?i)refused the query.*nowhere"),
        ("SELECT 1 +", "refused the query"),
        ("CREATE TABLE theft (id INTEGER)", "refused the query"),
        ("DELETE FROM invoices", "refused the query"),
        ("INSERT INTO invoices (id) VALUES (9)", "refused the query"),
    ],
)
def test_what_is_no_query_is_refused(source: SnowflakeSource, query: str, said: str) -> None:
    with pytest.raises(SourceFailed, match=said), source.read(query):
        pass
    assert rows(source, "SELECT count(*) AS n FROM invoices") == [{"N": 1}]
