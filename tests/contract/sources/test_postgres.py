"""What PostgreSQL alone can do, and can do to us."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bookward.errors import ExtraMissing, ModelRefused, SourceFailed, SourceUnreachable
from bookward.sources import select
from bookward.sources.base import NotANumber
from bookward.sources.postgres import PostgresSource, PostgresSpec
from bookward.sources.shape import kind_of
from tests.contract.sources.conftest import Warehouse
from tests.peers.postgres import Postgres, wait_until

LAST_MOMENT = datetime.combine(date.max, time.max)
MANY = "SELECT n AS id, repeat('x', 400) AS filler FROM generate_series(1, 300000) AS t(n)"


@pytest.fixture
def warehouse(postgres_warehouse: Warehouse) -> Warehouse:
    return postgres_warehouse


def altered(warehouse: Warehouse, **changes: Any) -> PostgresSource:
    return PostgresSource("warehouse", warehouse.spec.model_copy(update=changes))


def test_no_server_is_named_with_host_port_and_database(warehouse: Warehouse) -> None:
    source = altered(warehouse, host="127.0.0.1", port=1, database="books")
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1:1/books"), source.read("SELECT 1"):
        pass
    (step,) = source.check()
    assert (step.name, step.ok) == ("reach", False)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": SecretStr("gu'ess \\ed")}, "password authentication failed"),
        ({"password": None}, "password"),
        ({"database": "no'such"}, 'database "no\'such" does not exist'),
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


def test_the_whole_address_may_be_a_url(postgres: Postgres) -> None:
    source = PostgresSource("warehouse", PostgresSpec(url=SecretStr(f"{postgres.url}?sslmode=prefer")))
    assert all(step.ok for step in source.check())


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:s3cr@et@127.0.0.1:1/db",
        "postgresql://me:s3cr/et@127.0.0.1:1/db",
        "postgresql://me:s3cr?et@127.0.0.1:1/db",
        "postgresql://me:s3cr#et@127.0.0.1:1/db",
        "postgresql://me:s3cret@127.0.0.1:1/db",
        "postgresql://me:s3cret@127.0.0.1:port/db",
        "mysql://me:s3cret@127.0.0.1:1/db",
        "s3cret",
    ],
)
def test_no_part_of_a_password_in_a_url_is_ever_said(url: str) -> None:
    source = PostgresSource("warehouse", PostgresSpec(url=SecretStr(url)))
    with pytest.raises(SourceUnreachable) as failed, source.read("SELECT 1"):
        pass
    told = f"{failed.value} {failed.value.remedy} {list(source.check())} {source!r} {vars(source)!r}"
    assert "s3cr" not in told.replace("postgresql://user:password@host:port/database", "")


@pytest.mark.parametrize("end", ["terminate", "kill -9"])
def test_a_connection_lost_in_the_middle_never_looks_like_a_short_result(
    warehouse: Warehouse, postgres: Postgres, end: str
) -> None:
    def terminate() -> None:
        postgres.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bookward'"
        )

    ends: dict[str, Callable[[], None]] = {"terminate": terminate, "kill -9": postgres.kill9}
    sizes: list[int] = []
    failure = pytest.raises(SourceFailed, match="lost while reading")
    try:
        with warehouse.source.read(MANY) as rows, failure as failed:
            sizes.append(next(rows.batches).num_rows)
            ends[end]()
            sizes.extend(batch.num_rows for batch in rows.batches)
    finally:
        postgres.restart()
    assert 0 < sum(sizes) < 300_000
    assert f"{postgres.host}:{postgres.port}" in failed.value.message


def test_a_server_that_died_between_two_reads_is_unreachable(
    warehouse: Warehouse, postgres: Postgres
) -> None:
    postgres.kill9()
    try:
        with pytest.raises(SourceUnreachable), warehouse.source.read("SELECT 1"):
            pass
    finally:
        postgres.restart()
    assert warehouse.row("SELECT 1 AS id") == {"id": 1}


def test_a_query_that_takes_too_long_is_given_up(warehouse: Warehouse) -> None:
    source = altered(warehouse, statement_timeout=1)
    with pytest.raises(SourceFailed, match="statement timeout") as failed:  # noqa: SIM117
        with source.read("SELECT pg_sleep(60)") as rows:
            list(rows.batches)
    assert "statement_timeout" in failed.value.remedy


def test_the_server_lists_the_connection_as_the_file_calls_it(warehouse: Warehouse) -> None:
    named = "SELECT application_name AS name FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    assert warehouse.row(named) == {"name": "bookward"}
    with altered(warehouse, application_name="Ann's \\ books").read(named) as rows:
        assert [batch.to_pylist() for batch in rows.batches] == [[{"name": "Ann's \\ books"}]]


def test_leaving_early_ends_the_query_at_the_server(warehouse: Warehouse, postgres: Postgres) -> None:
    with warehouse.source.read(f"{MANY}, generate_series(1, 1000)") as rows:
        next(rows.batches)
    running = "SELECT pid FROM pg_stat_activity WHERE application_name = 'bookward'"
    wait_until(lambda: not postgres.execute(running), "the query still runs")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT set_config('transaction_read_only', 'off', true)",
        "SELECT setval('numbers', 100)",
        "WITH gone AS (DELETE FROM safe RETURNING *) SELECT * FROM gone",
        "SELECT steal()",
    ],
)
def test_a_select_with_side_effects_is_stopped_by_the_read_only_session(
    warehouse: Warehouse, query: str
) -> None:
    warehouse.load("CREATE SEQUENCE numbers; CREATE TABLE safe AS SELECT 1 AS id")
    warehouse.load("CREATE FUNCTION steal() RETURNS void LANGUAGE sql AS 'DELETE FROM safe'")
    with pytest.raises(SourceFailed), warehouse.source.read(query) as rows:
        list(rows.batches)
    assert warehouse.ask("SELECT count(*) FROM safe") == [(1,)]


def test_a_missing_driver_is_named_with_the_command_that_installs_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    with pytest.raises(ExtraMissing) as missing, warehouse.source.read("SELECT 1"):
        pass
    assert missing.value.remedy == "Run: pip install 'bookward[postgres]'"
    assert [step.ok for step in warehouse.source.check()] == [False]


@pytest.mark.parametrize(
    ("type_", "arrow", "value", "read"),
    [
        ("numeric(6, -2)", pa.decimal128(8, 0), "1234", Decimal(1200)),
        ("numeric(2, 5)", pa.decimal128(5, 5), "0.00012", Decimal("0.00012")),
        ("numeric(39, 2)", pa.string(), "1.50", "1.5"),
        ("numeric", pa.string(), "100.00", "100"),
        ("numeric", pa.string(), "NaN", "NaN"),
        ("numeric", pa.string(), "-Infinity", "-Infinity"),
        ("money", pa.string(), "$1,234.50", "1234.5"),
        ("oid", pa.int64(), "4294967295", 4294967295),
        ("inet", pa.string(), "10.0.0.1/8", "10.0.0.1/8"),
        ("int4range", pa.string(), "[1,5)", "[1,5)"),
        ("interval", pa.string(), "1 month 2 days 03:04:05.6", "P1M2DT3H4M5.6S"),
        ("timetz", pa.string(), "12:00:00+02", "12:00:00+02"),
        ("time", pa.time64("us"), "24:00:00", time(23, 59, 59, 999999)),
        ("mood", pa.string(), "fine", "fine"),
        ("price", pa.decimal128(10, 3), "1.5", Decimal("1.500")),
        ("pair", pa.string(), "(1,a)", "(1,a)"),
        ("xml", pa.string(), "<a/>", "<a/>"),
        ("tsvector", pa.string(), "a b", "'a' 'b'"),
        ("bytea", pa.binary(), r"\x00ff", b"\x00\xff"),
        ("mood[]", pa.list_(pa.string()), "{fine,NULL}", ["fine", None]),
        ("numeric(4,2)[]", pa.list_(pa.string()), "{1.50}", ["1.50"]),
        ("date[]", pa.list_(pa.date32()), "{infinity,NULL,1700-01-01}", [date.max, None, date(1700, 1, 1)]),
        ("timestamp", pa.timestamp("us"), "294276-12-31 23:59:59.999999", LAST_MOMENT),
        ("date", pa.date32(), "4713-01-01 BC", date.min),
    ],
)
def test_exotic_types_arrive_as_a_person_would_read_them(
    warehouse: Warehouse, type_: str, arrow: pa.DataType, value: str, read: object
) -> None:
    warehouse.load("CREATE TYPE mood AS ENUM ('fine', 'sad'); CREATE DOMAIN price AS numeric(10, 3)")
    warehouse.load("CREATE TYPE pair AS (a integer, b text)")
    warehouse.load(f"CREATE TABLE exotic (value {type_}); INSERT INTO exotic VALUES (NULL), ('{value}')")
    table = warehouse.table("SELECT value FROM exotic")
    assert table.schema.types == [arrow]
    assert table["value"].to_pylist() == [None, read]


def test_columns_without_a_type_or_a_table_are_read_too(warehouse: Warehouse) -> None:
    row = warehouse.row("SELECT NULL AS nothing, ROW(1, 'a') AS record, 'x' AS literal, pg_sleep(0) AS void")
    assert row == {"nothing": None, "record": "(1,a)", "literal": "x", "void": ""}


@given(
    st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**40), max_value=10**40, places=15)
    )
)
def test_numbers_without_fixed_digits_are_canonical_and_exact(
    postgres: Postgres, numbers: list[Decimal]
) -> None:
    source = PostgresSource("warehouse", PostgresSpec(url=SecretStr(postgres.url)))
    values = ", ".join(f"('{number:f}'::numeric)" for number in [Decimal(0), *numbers])
    with source.read(f"SELECT column1 AS n FROM (VALUES {values}) AS v") as rows:
        assert kind_of(rows.schema.field(0)) == "decimal"
        texts = [text for batch in rows.batches for text in batch.column(0).to_pylist()]
    assert [Decimal(text) for text in texts] == [Decimal(0), *numbers]
    assert not any("e" in text.lower() or ("." in text and text.endswith(("0", "."))) for text in texts)


@pytest.mark.parametrize(("type_", "item"), [("int", "1"), ("text", "'a'"), ("uuid", "gen_random_uuid()")])
def test_an_array_of_arrays_is_refused_and_never_read_as_a_flat_one(
    warehouse: Warehouse, type_: str, item: str
) -> None:
    warehouse.load(f'CREATE TABLE t (id int, "my ""tags" {type_}[]); INSERT INTO t VALUES (1, ARRAY[{item}])')
    assert [len(row['my "tags']) for row in warehouse.table("TABLE t").to_pylist()] == [1]
    warehouse.load(f"INSERT INTO t VALUES (2, NULL), (3, '{{}}'), (4, ARRAY[[{item}], [{item}]])")
    with pytest.raises(SourceFailed, match=r"Column 'my \?tags' .* holds arrays of arrays") as failed:
        warehouse.table("TABLE t")
    assert "to_jsonb(my ?tags)" in failed.value.remedy
    warehouse.load("DELETE FROM t WHERE id = 4")
    assert [row['my "tags'] for row in warehouse.table("TABLE t").to_pylist()[1:]] == [None, []]


def test_an_array_of_arrays_keeps_its_nesting_as_json(warehouse: Warehouse) -> None:
    read = warehouse.row("SELECT 1 AS id, to_jsonb(ARRAY[[1, 2], [3, 4]]) AS pairs")
    assert read["pairs"] == "[[1, 2], [3, 4]]"


def test_nan_in_a_column_of_fixed_digits_is_told_by_column(warehouse: Warehouse) -> None:
    warehouse.load("CREATE TABLE t (amount numeric(12, 2)); INSERT INTO t VALUES (1), ('NaN')")
    with (
        pytest.raises(NotANumber, match="'amount' holds NaN") as failed,
        warehouse.source.read("TABLE t") as rows,
    ):
        list(rows.batches)
    assert failed.value.column == "amount"
    loose = select.projection("TABLE t", ["amount"], "postgres", {"amount"})
    with warehouse.source.read(loose) as rows:
        assert kind_of(rows.schema.field(0)) == "decimal"
        assert [text for batch in rows.batches for text in batch.column(0).to_pylist()] == ["1", "NaN"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT 1 AS id, 2 AS id", "two columns 'id'"),
        ('SELECT 1 AS "ID", 2 AS id', "columns 'ID' and 'id'"),
        ("SELECT * FROM (SELECT 1 AS id, NULL::uuid AS u) AS a, (SELECT 1 AS id) AS b", "two columns 'id'"),
        ("SELECT", "no columns"),
    ],
)
def test_columns_that_cannot_be_told_apart_are_refused(warehouse: Warehouse, query: str, said: str) -> None:
    for look in (warehouse.model(query).columns, warehouse.model(query).preview):
        with pytest.raises(ModelRefused, match=said):
            look()


def test_tables_are_named_as_in_sql(warehouse: Warehouse) -> None:
    warehouse.load(
        'CREATE TABLE plain (id int); CREATE TABLE "order lines" (id int); CREATE TABLE "Mixed" (id int)'
    )
    schema = warehouse.ask("SELECT current_schema()")[0][0]
    for table in (
        "plain",
        "PLAIN",
        "order lines",
        '"order lines"',
        '"Mixed"',
        f'"{schema}"."Mixed"',
        f"{schema}.plain",
    ):
        assert warehouse.model(table=table).columns().names == ["id"]


def test_only_tables_that_the_user_can_read_are_listed(warehouse: Warehouse, postgres: Postgres) -> None:
    warehouse.load("CREATE TABLE open (id int, secret text); CREATE TABLE closed (id int)")
    schema = warehouse.ask("SELECT current_schema()")[0][0]
    postgres.execute(
        f"DROP ROLE IF EXISTS looker; CREATE ROLE looker LOGIN PASSWORD 'looks'; "
        f'GRANT USAGE ON SCHEMA "{schema}" TO looker; GRANT SELECT (id) ON "{schema}".open TO looker'
    )
    source = altered(warehouse, user="looker", password=SecretStr("looks"))
    assert [(table.name, [column.name for column in table.columns]) for table in source.tables()] == [
        ("open", ["id"])
    ]
    warehouse.load("DROP OWNED BY looker; DROP ROLE looker")
