"""Comparing in the warehouse, as emulators have the dialects of Snowflake and BigQuery.

What the stubs execute is said to DuckDB by sqlglot, as is what Bookward asks; emulators read it on their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr

from bookward.ports import Accepted, Advance, Narrowed, Question
from bookward.sources.base import Source
from bookward.sources.bigquery import BigQuerySource, BigQuerySpec
from bookward.sources.rowhash import ROW_HASHES
from bookward.sources.snowflake import SnowflakeSource, SnowflakeSpec
from tests.peers.bigquery import BigQueryStub
from tests.peers.bqemulator import running_bqemulator
from tests.peers.fakesnow import execute, running_fakesnow

pytestmark = pytest.mark.nightly

QUERY = "SELECT id, name, amount, made FROM customers"
NOTHING = pa.RecordBatchReader.from_batches(
    pa.schema({"place": pa.int64(), "held": pa.bool_()}), iter(())
)  # fmt: skip


@dataclass(frozen=True)
class Emulated:
    """An emulator with a table of customers, changed by its own client."""

    source: Source
    do: Callable[..., Any]


@pytest.fixture
def fakesnow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulated]:
    # Its HASH is DuckDB's, which has no sign, and its DECIMAL(38, 0) is of 64 bits, so that half do not fit.
    hashed = ROW_HASHES["snowflake"]
    monkeypatch.setitem(ROW_HASHES, "snowflake", lambda row: f"BITSHIFTRIGHT({hashed(row)}, 1)")
    with running_fakesnow() as port:

        def do(*statements: str) -> None:
            execute(port, "USE DATABASE books", "USE SCHEMA sales", *statements)

        execute(port, "CREATE DATABASE books", "CREATE SCHEMA books.sales")
        do("CREATE TABLE customers (id INTEGER, name VARCHAR, amount NUMBER(12, 2), made TIMESTAMP_NTZ)")
        spec = SnowflakeSpec(
            account="books", user="u", password="p", database="BOOKS", default_schema="SALES",
            url=f"http://127.0.0.1:{port}",
        )  # fmt: skip
        yield Emulated(SnowflakeSource("warehouse", spec), do)


@pytest.fixture
def bqemulator(bigquery: BigQueryStub) -> Iterator[Emulated]:
    with running_bqemulator() as emulator:
        emulator.execute("CREATE SCHEMA sales")

        def do(*statements: str) -> None:
            emulator.execute(*(each.replace("customers", "sales.customers") for each in statements))

        do("CREATE TABLE customers (id INT64, name STRING, amount NUMERIC, made DATETIME)")
        spec = BigQuerySpec(
            project="books", url=emulator.url, default_dataset="sales",
            service_account_key=SecretStr(bigquery.account()),
        )  # fmt: skip
        yield Emulated(BigQuerySource("warehouse", spec), do)


def accepted(snapshot: str | None) -> Accepted:
    return Accepted(sync="customers", organisation="books", snapshot=snapshot)


def rows(found: Narrowed) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for batch in found.rows().batches for row in batch.to_pylist()]


@pytest.mark.parametrize("kind", ["fakesnow", "bqemulator"])
def test_only_what_differs_is_found(kind: str, request: pytest.FixtureRequest) -> None:
    emulated: Emulated = request.getfixturevalue(kind)
    emulated.do(
        "INSERT INTO customers VALUES (1, 'Ann', 1.50, '2026-01-31 12:00:00.000001'), "
        "(2, 'Bob', 2, '2026-01-31 12:00:00'), (3, NULL, 3, '2026-01-31 12:00:00')"
    )
    pushdown = emulated.source.pushdown()
    assert pushdown is not None
    pushdown.check()
    with emulated.source.read(QUERY) as read:
        id_ = read.schema.names[0]

    def looked_at(plan: str, snapshot: str | None) -> tuple[bool, int, list[Any], list[Any]]:
        question = Question(query=QUERY, keys=[id_], config_version=1, plan=plan)
        with pushdown.narrow(accepted(snapshot), question) as found:
            gone = [] if found.whole else [
                value for batch in found.gone().batches for value in batch.column(0).to_pylist()
            ]  # fmt: skip
            return found.whole, found.unread, [row[0] for row in rows(found)], gone

    def take_over(plan: str, base: str | None, snapshot: str, looked: int, count: int) -> None:
        became = Advance(
            plan=plan, base=base, whole=base is None, looked_at=looked, open_places=NOTHING,
            strays=pa.table({"k0": pa.array([], pa.string())}), rows=count,
        )  # fmt: skip
        pushdown.advance(accepted(snapshot), became)

    assert looked_at("20261101-1", None) == (True, 0, [1, 2, 3], [])
    take_over("20261101-1", None, "one.parquet", 3, 3)
    assert looked_at("20261101-2", "one.parquet") == (False, 3, [], [])
    emulated.do(
        "UPDATE customers SET made = '2026-01-31 12:00:00.000002' WHERE id = 1",
        "DELETE FROM customers WHERE id = 2",
        "INSERT INTO customers VALUES (4, 'Dan', 4, '2026-01-31 12:00:00')",
    )
    whole, unread, changed, gone = looked_at("20261101-3", "one.parquet")
    assert (whole, unread, sorted(changed), gone) == (False, 1, [1, 4], [2])
    take_over("20261101-3", "one.parquet", "two.parquet", 3, 3)
    assert looked_at("20261101-4", "two.parquet") == (False, 3, [], [])
    assert looked_at("20261101-5", "another.parquet")[0]
    pushdown.forget(accepted(None), lambda plan: plan == "20261101-4")
