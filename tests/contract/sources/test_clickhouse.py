"""What ClickHouse alone can do, and can do to us: at a stub for its own client, and at the real engine."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr

from bookward.errors import ExtraMissing, SourceFailed, SourceUnreachable
from bookward.sources import select
from bookward.sources.clickhouse import ClickhouseSource, types
from bookward.sources.shape import kind_of
from tests.contract.sources.conftest import Warehouse
from tests.peers.certificates import write_certificate
from tests.peers.clickhouse import DuckEngine, RealClickhouse, running_clickhouse
from tests.peers.clickhouse_http import ClickhouseHttp
from tests.peers.postgres import wait_until

MANY = (
    "CREATE TABLE many AS SELECT n AS id, repeat('x', 400) AS filler FROM generate_series(1, 100000) AS t(n)"
)
NEVER = "SELECT count(*) AS n FROM many AS a, many AS b, many AS c WHERE sin(a.id + b.id + c.id) = 2"
ENDLESS = "SELECT a.filler FROM many AS a, many AS b, many AS c"


@pytest.fixture
def warehouse(clickhouse_warehouse: Warehouse) -> Warehouse:
    return clickhouse_warehouse


@pytest.fixture
def real(clickhouse_engine_warehouse: Warehouse) -> Warehouse:
    return clickhouse_engine_warehouse


@pytest.fixture
def run(clickhouse_engine: RealClickhouse, real: Warehouse) -> Callable[[str], object]:
    """Give what runs a statement of ClickHouse's own in the real engine."""
    return partial(clickhouse_engine.execute, database=str(real.spec.database))


def altered(warehouse: Warehouse, **changes: Any) -> ClickhouseSource:
    return ClickhouseSource("warehouse", warehouse.spec.model_copy(update=changes))


def test_no_server_is_named_with_host_port_and_database(warehouse: Warehouse) -> None:
    source = altered(warehouse, port=1, database="books")
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1:1/books.*refused"), source.read("SELECT 1"):
        pass
    assert [(step.name, step.ok) for step in source.check()] == [("reach", False)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": SecretStr("gu'essed")}, "Authentication failed"),
        ({"password": None}, "Authentication failed"),
        ({"database": "nosuch"}, "nosuch does not exist"),
        ({"sslmode": "require"}, "SSL"),
    ],
)
def test_a_refused_sign_in_gives_the_words_of_the_server(
    warehouse: Warehouse, change: dict[str, Any], said: str
) -> None:
    source = altered(warehouse, **change)
    with pytest.raises(SourceFailed, match=said) as failed, source.read("SELECT 1"):
        pass
    assert "gu'ess" not in failed.value.message
    assert [(step.name, step.ok) for step in source.check()] == [("reach", True), ("sign in", False)]


@contextmanager
def breaking(server: ClickhouseHttp, after: int, *, cleanly: bool) -> Iterator[None]:
    server.cut_after, server.cut_cleanly = after, cleanly
    try:
        yield
    finally:
        server.cut_after = None


@pytest.mark.parametrize("cleanly", [True, False])
@pytest.mark.parametrize("after", [0, 1, 3])
def test_an_answer_without_its_end_is_never_taken_for_a_short_one(
    warehouse: Warehouse, clickhouse: ClickhouseHttp, after: int, cleanly: bool
) -> None:
    warehouse.load(MANY)
    sizes: list[int] = []
    with breaking(clickhouse, after, cleanly=cleanly):  # noqa: SIM117
        with pytest.raises(SourceFailed, match="lost while reading"):
            with warehouse.source.read("SELECT * FROM many") as rows:
                sizes.extend(batch.num_rows for batch in rows.batches)
    assert (sum(sizes) > 0) == (after > 1)
    assert sum(sizes) < 100_000


@pytest.mark.parametrize("query", [NEVER, ENDLESS])
def test_a_query_that_takes_too_long_is_given_up_before_and_while_it_answers(
    warehouse: Warehouse, query: str
) -> None:
    warehouse.load(MANY)
    source = altered(warehouse, statement_timeout=1)
    with pytest.raises(SourceFailed, match="gave the query up: Timeout exceeded") as failed:  # noqa: SIM117
        with source.read(query) as rows:
            deque(rows.batches, maxlen=0)
    assert "statement_timeout" in failed.value.remedy


def test_leaving_early_ends_the_query_at_the_server(warehouse: Warehouse, clickhouse: ClickhouseHttp) -> None:
    warehouse.load(MANY)
    before = clickhouse.left
    with warehouse.source.read(ENDLESS) as rows:
        next(rows.batches)
    wait_until(lambda: clickhouse.left == before + 1, "the query still runs")


def test_the_server_is_told_who_asks(warehouse: Warehouse, clickhouse: ClickhouseHttp) -> None:
    assert warehouse.row("SELECT 1 AS one") == {"one": 1}
    assert clickhouse.agents[-1].startswith("bookward")


def test_a_user_who_may_change_no_settings_reads(warehouse: Warehouse, clickhouse: ClickhouseHttp) -> None:
    assert isinstance(clickhouse.engine, DuckEngine)
    with clickhouse.engine.locked(readonly=1):
        assert warehouse.row("SELECT 1 AS one") == {"one": 1}
    with clickhouse.engine.locked(readonly=0):  # noqa: SIM117
        with pytest.raises(SourceFailed, match="does not let its user give up writing"):
            warehouse.row("SELECT 1 AS one")


def test_a_missing_driver_is_named_with_the_command_that_installs_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "clickhouse_connect", None)
    with pytest.raises(ExtraMissing) as missing, warehouse.source.read("SELECT 1"):
        pass
    assert missing.value.remedy == "Run: pip install 'bookward[clickhouse]'"
    assert [step.ok for step in warehouse.source.check()] == [False]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    write_certificate(file)
    return file


@pytest.mark.parametrize(
    ("mode", "host", "trusted", "refused"),
    [
        ("require", "127.0.0.1", False, None),
        ("verify-full", "localhost", True, None),
        ("verify-full", "localhost", False, "self-signed"),
        ("verify-full", "127.0.0.1", True, "mismatch|doesn't match|not valid for"),
    ],
)
def test_who_does_not_prove_to_be_the_server_gets_no_sign_in(
    warehouse: Warehouse, certificate: Path, mode: str, host: str, trusted: bool, refused: str | None
) -> None:
    with running_clickhouse(certificate) as server:
        source = altered(
            warehouse, host=host, port=server.port, password=SecretStr(server.password), database=None,
            sslmode=mode, sslrootcert=str(certificate) if trusted else None,
        )  # fmt: skip
        if refused is None:
            assert [step.ok for step in source.check()] == [True] * 3
        else:
            with pytest.raises(SourceFailed, match=f"refused the sign-in.*({refused})"):  # noqa: SIM117
                with source.read("SELECT 1"):
                    pass


def test_a_file_of_certificates_that_is_none_is_said(warehouse: Warehouse, tmp_path: Path) -> None:
    source = altered(warehouse, sslmode="verify-full", sslrootcert=str(tmp_path / "none.pem"))
    with pytest.raises(SourceFailed, match=r"none\.pem"), source.read("SELECT 1"):
        pass


@pytest.mark.parametrize(
    ("type_", "arrow", "value", "read"),
    [
        ("UINT64", pa.uint64(), "18446744073709551615", 2**64 - 1),
        ("HUGEINT", pa.string(), "170141183460469231731687303715884105727", str(2**127 - 1)),
        ("UUID[]", pa.list_(pa.string()), "['8d0f1c7e-5e0f-4a4e-9d3a-2f5b7f0c1a11', NULL]",
         ["8d0f1c7e-5e0f-4a4e-9d3a-2f5b7f0c1a11", None]),
        ("STRUCT(a INTEGER)", pa.string(), "{'a': 1}", '{"a":1}'),
    ],
)  # fmt: skip
def test_the_server_is_asked_to_convert_what_arrow_has_no_place_for(
    warehouse: Warehouse, type_: str, arrow: pa.DataType, value: str, read: object
) -> None:
    warehouse.load(f"CREATE TABLE exotic (value {type_}); INSERT INTO exotic VALUES (NULL), ({value})")
    found = warehouse.table("SELECT value FROM exotic")
    assert found.schema.types == [arrow]
    assert found["value"].to_pylist() == [None, read]


@pytest.mark.parametrize(
    ("declared", "read_as"),
    [
        ("DateTime", "DateTime64(0, 'UTC')"),
        ("DateTime('Asia/Tokyo')", "DateTime64(0, 'UTC')"),
        ("Nullable(DateTime)", "Nullable(DateTime64(0, 'UTC'))"),
        ("LowCardinality(Nullable(DateTime))", "Nullable(DateTime64(0, 'UTC'))"),
        ("Array(DateTime)", "Array(DateTime64(0, 'UTC'))"),
        ("Date", "Date32"),
    ],
)
def test_days_and_moments_are_never_bare_numbers(declared: str, read_as: str) -> None:
    """ClickHouse puts a DateTime into Arrow as the number of its seconds, a Date as that of its days."""
    query = types.readable("SELECT at FROM t", [("at", declared)], "clickhouse")
    assert f"CAST({select.quoted('at', 'clickhouse')} AS {read_as})" in query


MOMENT = datetime(2025, 12, 31, 15, 0, tzinfo=UTC)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("type_", "arrow", "kind", "value", "read"),
    [
        ("UInt64", pa.uint64(), None, "18446744073709551615", 2**64 - 1),
        ("Int8", pa.int8(), None, "-128", -128),
        ("UInt256", pa.string(), "decimal", f"'{2**256 - 1}'", str(2**256 - 1)),
        ("Nullable(Int128)", pa.string(), "decimal", "NULL", None),
        ("Decimal(38, 12)", pa.decimal128(38, 12), None, "'1.5'", Decimal("1.500000000000")),
        ("Nullable(Decimal(76, 10))", pa.string(), "decimal", "'-12.3400'", "-12.34"),
        ("Decimal(76, 40)", pa.string(), "decimal", "'0.0000000000000000000000000000000001'",
         "0.0000000000000000000000000000000001"),
        ("BFloat16", pa.float32(), None, "1.5", 1.5),
        ("Bool", pa.bool_(), None, "true", True),
        ("String", pa.string(), None, "'Ünï'", "Ünï"),
        ("LowCardinality(Nullable(String))", pa.string(), None, "'rare'", "rare"),
        ("FixedString(3)", pa.string(), None, "'EU'", "EU"),
        ("Enum8('fine' = 1, 'sad' = 2)", pa.string(), None, "'sad'", "sad"),
        ("Nullable(UUID)", pa.string(), "uuid", "'8d0f1c7e-5e0f-4a4e-9d3a-2f5b7f0c1a11'",
         "8d0f1c7e-5e0f-4a4e-9d3a-2f5b7f0c1a11"),
        ("IPv4", pa.string(), None, "'1.2.3.4'", "1.2.3.4"),
        ("Nullable(IPv6)", pa.string(), None, "'::1'", "::1"),
        ("Date", pa.date32(), None, "'2026-01-31'", date(2026, 1, 31)),
        ("Date32", pa.date32(), None, "'1900-01-01'", date(1900, 1, 1)),
        ("DateTime('Asia/Tokyo')", pa.timestamp("us", "UTC"), None, "'2026-01-01 00:00:00'", MOMENT),
        ("Nullable(DateTime)", pa.timestamp("us", "UTC"), None, "'2025-12-31 15:00:00Z'", MOMENT),
        ("DateTime64(9, 'Asia/Tokyo')", pa.timestamp("us", "UTC"), None, "'2026-01-01 00:00:00.000000999'",
         MOMENT),
        ("Time64(3)", pa.string(), None, "'-12:00:00.5'", "-12:00:00.500"),
        ("Array(DateTime('Asia/Tokyo'))", pa.list_(pa.timestamp("us", "UTC")), None,
         "['2026-01-01 00:00:00']", [MOMENT]),
        ("Array(Nullable(UUID))", pa.list_(pa.string()), None,
         "['8d0f1c7e-5e0f-4a4e-9d3a-2f5b7f0c1a11', NULL]", ["8d0f1c7e-5e0f-4a4e-9d3a-2f5b7f0c1a11", None]),
        ("Array(Array(Int8))", pa.string(), "json", "[[1], []]", "[[1],[]]"),
        ("Tuple(a Int8, b String)", pa.string(), "json", "(1, 'z')", '{"a":1,"b":"z"}'),
        ("Map(String, Decimal(9, 2))", pa.string(), "json", "map('k', 1.5)", '{"k":1.5}'),
        ("Point", pa.string(), "json", "(1, 2)", "[1,2]"),
        ("JSON", pa.string(), "json", """'{"a": [1]}'""", '{"a":[1]}'),
        ("Variant(Int8, String)", pa.string(), "json", "'x'", '"x"'),
        ("Dynamic", pa.string(), "json", "NULL", None),
        ("SimpleAggregateFunction(sum, UInt64)", pa.uint64(), None, "7", 7),
        ("SimpleAggregateFunction(anyLast, Nullable(DateTime('Asia/Tokyo')))", pa.timestamp("us", "UTC"),
         None, "'2026-01-01 00:00:00'", MOMENT),
    ],
)  # fmt: skip
def test_the_types_of_the_real_engine_arrive_as_a_person_would_read_them(
    real: Warehouse,
    run: Callable[[str], object],
    type_: str,
    arrow: pa.DataType,
    kind: str | None,
    value: str,
    read: object,
) -> None:
    run(f"CREATE TABLE exotic (value {type_}) ENGINE = Memory")
    run(f"INSERT INTO exotic VALUES ({value})")
    found = real.table("SELECT value FROM exotic")
    assert (found.schema.types, kind_of(found.schema.field(0))) == ([arrow], kind)
    assert found["value"].to_pylist() == [read]


@pytest.mark.nightly
def test_columns_of_a_nested_table_are_lists(real: Warehouse, run: Callable[[str], object]) -> None:
    run("CREATE TABLE n (id UInt8, line Nested(name String, at DateTime('UTC'))) ENGINE = Memory")
    run("INSERT INTO n VALUES (1, ['a'], ['2025-12-31 15:00:00'])")
    assert real.row("SELECT * FROM n") == {"id": 1, "line.name": ["a"], "line.at": [MOMENT]}


@pytest.mark.nightly
def test_a_string_that_is_no_text_is_an_error_with_the_way_out(real: Warehouse) -> None:
    with pytest.raises(SourceFailed, match=r"failed while it was read.*'v'.*hex"):
        real.table("SELECT unhex('ff') AS v")


@pytest.mark.nightly
def test_the_real_engine_gives_a_query_up_and_says_where_it_is_wrong(real: Warehouse) -> None:
    source = altered(real, statement_timeout=1)
    slow = "SELECT sum(sleepEachRow(1)) AS n FROM numbers(9) SETTINGS max_block_size = 1"
    with pytest.raises(SourceFailed, match="gave the query up: Timeout exceeded"), source.read(slow):
        pass
    with pytest.raises(SourceFailed, match=r"failed at position 18 \(nowhere\)"):  # noqa: SIM117
        with source.read("SELECT 1 +, FROM nowhere"):
            pass
