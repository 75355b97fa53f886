"""What every source must do alike."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from bookward.errors import ColumnMissing, ReadTooLarge, SourceFailed
from bookward.sources.base import source_classes
from tests.contract.sources import memory
from tests.contract.sources.conftest import CLOUDS, REAL_FIRST, Warehouse

WIDE = "CREATE TABLE wide AS SELECT n AS id, repeat('x', 400) AS filler FROM generate_series(1, {}) AS t(n)"
WHOLE_NUMBER = pa.decimal128(38, 0)
OWN_TYPES: dict[str, dict[pa.DataType, pa.DataType]] = {
    "mysql": {pa.bool_(): pa.int8(), pa.time64("us"): pa.string()},
    "clickhouse": {pa.timestamp("us"): pa.timestamp("us", "UTC"), pa.time64("us"): pa.string()},
    "firebolt": {pa.int16(): pa.int32(), pa.time64("us"): pa.string()},
    "snowflake": dict.fromkeys((pa.int16(), pa.int32(), pa.int64()), WHOLE_NUMBER),
    "databricks": {pa.time64("us"): pa.string()},
    "bigquery": dict.fromkeys((pa.int16(), pa.int32()), pa.int64()),
}
"""What stands where there is no such type."""
OWN_WORDS = {"mysql": {"boolean": "integer"}, "snowflake": {"integer": "decimal(38,0)"}}
WITHOUT_KEYS = ("trino", "firebolt", "athena")
WRAPPED = ("snowflake", "databricks", "athena", "firebolt")
"""Who runs a query within another, where nothing but a query can stand."""
FAILS_LATE = {"mysql": "exp(id)"}
"""What fails only when it is computed, where casting "x" to a number does not."""


def own(warehouse: Warehouse, *types: pa.DataType) -> list[pa.DataType]:
    return [OWN_TYPES.get(warehouse.kind, {}).get(type_, type_) for type_ in types]


def test_the_types_of_a_table_arrive_as_arrow_types(warehouse: Warehouse) -> None:
    warehouse.load("""
        CREATE TABLE typed (
            a SMALLINT, b INTEGER, c BIGINT, d DECIMAL(12, 2), e DECIMAL(38, 12), f DOUBLE PRECISION,
            g TEXT, h VARCHAR(20), i BOOLEAN, j DATE, k TIMESTAMP, l TIMESTAMPTZ, m TIME
        )
    """)
    assert warehouse.table("SELECT * FROM typed").schema.types == own(
        warehouse, pa.int16(), pa.int32(), pa.int64(), pa.decimal128(12, 2), pa.decimal128(38, 12),
        pa.float64(), pa.string(), pa.string(), pa.bool_(), pa.date32(), pa.timestamp("us"),
        pa.timestamp("us", "UTC"), pa.time64("us"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("DECIMAL(12, 2)", "1234567890.12"),
        ("DECIMAL(12, 2)", "-0.01"),
        ("DECIMAL(20, 12)", "0.000000000001"),
        ("DECIMAL(20, 12)", "12345678.123456789012"),
        ("DECIMAL(38, 0)", "99999999999999999999999999999999999999"),
        ("DECIMAL(38, 12)", "-99999999999999999999999999.999999999999"),
        ("DECIMAL(38, 38)", "0.12345678901234567890123456789012345678"),
        ("DECIMAL(4, 4)", "0.0001"),
        ("DECIMAL(12, 2)", "7.00"),
    ],
)
def test_decimals_are_exact(warehouse: Warehouse, type_: str, value: str) -> None:
    warehouse.load(f"CREATE TABLE money (amount {type_}); INSERT INTO money VALUES ('{value}'), (NULL)")
    amounts = warehouse.table("SELECT amount FROM money")["amount"].to_pylist()
    assert amounts == [Decimal(value), None]
    assert str(amounts[0]) == str(Decimal(value))  # 7.00 is not 7: drivers drop the zeros


def test_a_column_has_one_type_whatever_its_first_values_look_like(warehouse: Warehouse) -> None:
    """A type guessed from values would be another one from batch to batch, or from chunk to chunk."""
    values = "CASE WHEN n <= 11000 THEN {} ELSE {} END"
    money = "CAST('{}' AS DECIMAL(12, 2))".format  # some take the bare number for a float
    warehouse.load(
        "CREATE TABLE grows (id BIGINT, amount DECIMAL(12, 2), note TEXT);"
        f"INSERT INTO grows SELECT {values.format('n', 2**62)}, "
        f"{values.format(money('1.5'), money('1234567890.12'))}, "
        f"{values.format('NULL', repr('late'))} FROM generate_series(1, 11001) AS t(n)"
    )
    found = warehouse.table("SELECT * FROM grows")
    assert found.schema.types == own(warehouse, pa.int64(), pa.decimal128(12, 2), pa.string())
    rows = found.to_pylist()
    assert len(rows) == 11_001
    (late,) = [row for row in rows if row["note"] is not None]
    assert late == {"id": 2**62, "amount": Decimal("1234567890.12"), "note": "late"}


def test_integers_reach_the_limits_of_64_bits(warehouse: Warehouse) -> None:
    warehouse.load("CREATE TABLE ids (low BIGINT, high BIGINT)")
    warehouse.load(f"INSERT INTO ids VALUES ({-(2**63) + 1} - 1, {2**63 - 1})")
    assert warehouse.row("SELECT * FROM ids") == {"low": -(2**63), "high": 2**63 - 1}


def test_nulls_of_every_type_stay_null(warehouse: Warehouse) -> None:
    types = "BIGINT", "TEXT", "DECIMAL(12,2)", "BOOLEAN", "DATE", "TIMESTAMPTZ", "UUID", "TIME"
    warehouse.load(f"CREATE TABLE holes ({', '.join(f'c{n} {type_}' for n, type_ in enumerate(types))})")
    warehouse.load(f"INSERT INTO holes VALUES ({', '.join('NULL' for _ in types)})")
    row = warehouse.row("SELECT h.*, NULL AS untyped FROM holes AS h")
    assert set(row.values()) == {None}


def test_nulls_of_richer_types_stay_null(rich_warehouse: Warehouse) -> None:
    row = rich_warehouse.row("SELECT CAST(NULL AS INTEGER[]) AS list, CAST(NULL AS INTERVAL) AS span")
    assert set(row.values()) == {None}


def test_times_with_a_zone_arrive_in_utc(rich_warehouse: Warehouse) -> None:
    row = rich_warehouse.row("SELECT CAST('2026-03-29 02:30:00.123456+13:00' AS TIMESTAMPTZ) AS made")
    assert row["made"] == datetime(2026, 3, 28, 13, 30, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1752-12-31", date(1752, 12, 31)),
        ("0001-01-01", date(1, 1, 1)),
        ("9999-12-31", date(9999, 12, 31)),
        ("infinity", date(9999, 12, 31)),
        ("-infinity", date(1, 1, 1)),
        ("12026-01-01", date(9999, 12, 31)),
    ],
)
def test_days_beyond_the_calendar_become_its_first_or_last(
    rich_warehouse: Warehouse, written: str, read: date
) -> None:
    row = rich_warehouse.row(
        f"SELECT CAST('{written}' AS DATE) AS day, CAST('{written}' AS TIMESTAMP) AS moment, "
        f"CAST('{written}' AS TIMESTAMPTZ) AS instant, CAST(NULL AS DATE) AS never"
    )
    assert row["day"] == read
    assert row["moment"].date() == read
    assert row["instant"].date() == read
    assert row["never"] is None


@pytest.mark.parametrize(
    "text",
    [
        "O'Brien",
        "Müller & Söhne",
        "株式会社さくら",
        "שלום עולם",
        "مرحبا\u200f!",
        "👩‍👩‍👧‍👦🚀",
        "tab\tnew\nline",
        "",
        '"\\%;--',
    ],
)
def test_text_arrives_as_it_is(warehouse: Warehouse, text: str) -> None:
    warehouse.load(
        f"CREATE TABLE t (name TEXT); INSERT INTO t VALUES ('{text.replace(chr(39), chr(39) * 2)}')"
    )
    assert warehouse.row("SELECT name FROM t") == {"name": text}


def test_an_empty_result_keeps_its_schema(warehouse: Warehouse) -> None:
    warehouse.load("CREATE TABLE empty (id BIGINT, due DECIMAL(12, 2))")
    table = warehouse.table("SELECT * FROM empty")
    assert table.num_rows == 0
    assert table.schema.names == ["id", "due"]
    assert table.schema.types == own(warehouse, pa.int64(), pa.decimal128(12, 2))


def test_what_has_no_type_of_its_own_is_text_that_says_what_it_means(rich_warehouse: Warehouse) -> None:
    warehouse = rich_warehouse
    json_ = "JSONB" if warehouse.kind == "postgres" else "JSON"
    uuid = "8d0f1c7e-5e0f-4a4e-9d3a-2f5b7f0c1a11"
    preview = warehouse.model(
        f"SELECT CAST('{uuid}' AS UUID) AS u, CAST('[1.10]' AS {json_}) AS j, "
        "CAST('1 month' AS INTERVAL) AS i, ARRAY['a', NULL] AS texts"
    ).preview()
    assert dict(preview.columns) == {"u": "uuid", "j": "json", "i": "text", "texts": "list of text"}
    assert preview.rows[0]["u"] == uuid
    assert json.loads(preview.rows[0]["j"]) == [1.1]
    assert isinstance(preview.rows[0]["i"], str)
    assert preview.rows[0]["texts"] == ["a", None]


def test_batches_stay_small(warehouse: Warehouse) -> None:
    warehouse.load(WIDE.format(50_000))
    with warehouse.source.read("SELECT * FROM wide") as rows:
        sizes = [(batch.num_rows, batch.nbytes) for batch in rows.batches]
    assert sum(rows_ for rows_, _ in sizes) == 50_000
    assert max(bytes_ for _, bytes_ in sizes) < 8 * 1024 * 1024


@pytest.mark.parametrize("warehouse", REAL_FIRST, indirect=True)
def test_memory_does_not_grow_with_the_result(warehouse: Warehouse) -> None:
    warehouse.load(WIDE.format(300_000))  # 120 MB
    spec = {
        name: getattr(value, "get_secret_value", lambda value=value: value)()
        for name, value in warehouse.spec
    }
    done = subprocess.run(
        [sys.executable, memory.__file__, warehouse.kind, json.dumps(spec), "SELECT * FROM wide"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert measured["rows"] == 300_000
    assert measured["grown"] < 80


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE theft (id INTEGER)", "INSERT INTO safe VALUES (2)", "DELETE FROM safe"]
)
def test_nothing_can_be_written_even_when_nobody_checked_the_query(
    warehouse: Warehouse, statement: str
) -> None:
    warehouse.load("CREATE TABLE safe (id INTEGER); INSERT INTO safe VALUES (1)")
    # ClickHouse takes one of them for a SELECT of a column "DELETE", and finds none.
    said = "(?i)syntax" if warehouse.kind in WRAPPED else r"(?i)read.?only|SELECT DELETE FROM safe"
    with pytest.raises(SourceFailed, match=said), warehouse.source.read(statement) as rows:
        list(rows.batches)
    assert warehouse.ask("SELECT id FROM safe") == [(1,)]


@pytest.mark.parametrize(
    ("query", "said"), [("SELECT * FROM nowhere", "nowhere"), ("SELECT 1 +", r"(?i)syntax")]
)
def test_a_refused_query_fails_with_the_words_of_the_source(
    warehouse: Warehouse, query: str, said: str
) -> None:
    with pytest.raises(SourceFailed, match=said) as failed, warehouse.source.read(query):
        pass
    assert "'warehouse'" in failed.value.message
    assert failed.value.__cause__ is not None


def test_an_error_in_the_middle_never_looks_like_a_short_result(warehouse: Warehouse) -> None:
    warehouse.load(WIDE.format(200_000))
    sizes: list[int] = []
    bad = FAILS_LATE.get(warehouse.kind, "CAST(CASE WHEN id > 190000 THEN 'x' ELSE '1' END AS INTEGER)")
    query = f"SELECT id, filler, CASE WHEN id > 190000 THEN {bad} ELSE 1 END AS bad FROM wide"
    # A warehouse that keeps results has all of one before it gives the first row.
    at_once = warehouse.kind in CLOUDS
    when = "refused the query" if at_once else "failed while it was read"
    failure = pytest.raises(SourceFailed, match=rf"(?i){when}.*(invalid|convert|parse|out of range)")
    with failure, warehouse.source.read(query) as rows:
        sizes.extend(batch.num_rows for batch in rows.batches)
    assert sum(sizes) < 200_000
    assert bool(sizes) != at_once


@pytest.mark.parametrize(("limit", "most"), [("max_rows", 29_999), ("max_bytes", 2_000_000)])
def test_more_than_may_come_stops_the_read_and_what_may_comes_whole(
    warehouse: Warehouse, limit: str, most: int
) -> None:
    warehouse.load(WIDE.format(30_000))
    bounded = replace(warehouse, spec=warehouse.spec.model_copy(update={limit: most}))
    sizes: list[int] = []
    refused = pytest.raises(ReadTooLarge, match=rf"'customers' gives more than {most:,}.*`{limit}`")
    with refused as error, bounded.model(table="wide").read(["id", "filler"]) as rows:
        sizes.extend(batch.num_rows for batch in rows.batches)
    assert sum(sizes) < 30_000
    assert "sources/warehouse.yaml" in error.value.message
    with bounded.model("SELECT * FROM wide WHERE id <= 100").read(["id", "filler"]) as rows:
        assert sum(batch.num_rows for batch in rows.batches) == 100
    assert len(bounded.model(table="wide").preview(limit=10).rows) == 10


def test_an_error_of_the_reader_is_not_taken_for_one_of_the_source(warehouse: Warehouse) -> None:
    with pytest.raises(OSError, match="disk full"), warehouse.source.read("SELECT 1 AS id"):
        raise OSError("disk full")


def test_a_reader_may_leave_early_and_come_again(warehouse: Warehouse) -> None:
    warehouse.load(WIDE.format(100_000))
    for _ in range(3):
        with warehouse.source.read("SELECT * FROM wide") as rows:
            assert next(rows.batches).num_rows > 0


def test_several_threads_read_side_by_side(warehouse: Warehouse) -> None:
    warehouse.load(WIDE.format(20_000))
    with ThreadPoolExecutor(4) as pool:
        tables = pool.map(lambda n: warehouse.table(f"SELECT id FROM wide WHERE id % 4 = {n}"), range(4))
    assert [table.num_rows for table in tables] == [5_000] * 4


def test_checking_reads_something(warehouse: Warehouse) -> None:
    warehouse.load("CREATE TABLE users (id INTEGER)")
    steps = list(warehouse.source.check())
    assert [step.ok for step in steps] == [True] * len(steps)
    assert (steps[0].name, steps[-1].name) == ("reach", "read")


def test_sources_are_found_by_their_type(warehouse: Warehouse) -> None:
    assert source_classes()[warehouse.kind].spec_class is type(warehouse.spec)


ODD_NAMES = [
    "Upper",
    "two words",
    'a "quote"',
    "semi;colon",
    "Ünïcode",
    "名前",
    "🚀",
    "select",
    "back`tick",
    "100%",
    "{}",
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_columns_may_have_odd_names(warehouse: Warehouse, name: str) -> None:
    if warehouse.kind == "mysql" and name == "🚀":
        pytest.skip("MySQL has no names with letters beyond the Basic Multilingual Plane")
    quoted = '"' + name.replace('"', '""') + '"'
    warehouse.load(f'CREATE TABLE odd (id INTEGER, {quoted} TEXT, {quoted[:-1]}2" UUID)')
    warehouse.load("INSERT INTO odd VALUES (1, 'value', NULL)")
    with warehouse.model("SELECT * FROM odd").read([name, f"{name}2"]) as rows:
        assert [row for batch in rows.batches for row in batch.to_pylist()] == [
            {name: "value", f"{name}2": None}
        ]


@pytest.mark.parametrize("end", ["", ";", " ; ", "-- note", "; -- note", "/* note */", "\n-- one\n-- two\n"])
def test_a_query_may_end_in_comments_and_a_semicolon(warehouse: Warehouse, end: str) -> None:
    model = warehouse.model(f"-- above\nSELECT 1 AS id, 'a' AS name {end}")
    assert model.columns().names == ["id", "name"]
    with model.read(["name"]) as rows:
        assert [batch.to_pylist() for batch in rows.batches] == [[{"name": "a"}]]
    assert model.preview().rows == [{"id": 1, "name": "a"}]


def test_a_model_asks_for_the_columns_needed_only(warehouse: Warehouse) -> None:
    warehouse.load("CREATE TABLE t AS SELECT 1 AS id, 'a' AS name, 2.5 AS amount")
    with warehouse.model(table="t").read(["name", "id", "name"]) as rows:
        assert rows.schema.names == ["name", "id"]


def test_a_model_may_name_queries_first_and_order_its_rows(warehouse: Warehouse) -> None:
    warehouse.load("CREATE TABLE t AS SELECT 1 AS id, 'a' AS name UNION ALL SELECT 2, 'b'")
    model = warehouse.model("WITH named AS (SELECT id, name FROM t) SELECT * FROM named ORDER BY id DESC")
    with model.read(["name", "id"], 5, ["id"]) as rows:
        assert [row["name"] for batch in rows.batches for row in batch.to_pylist()] == ["a", "b"]
    assert {row["id"] for row in model.preview().rows} == {1, 2}


def test_a_missing_column_is_named_with_the_nearest_there_is(warehouse: Warehouse) -> None:
    model = warehouse.model("SELECT 1 AS id, 'a' AS customer_email")
    with pytest.raises(ColumnMissing, match=r"'Customer_Mail'\. Did you mean 'customer_email'"):  # noqa: SIM117
        with model.read(["Customer_Mail"]):
            pass


def test_a_preview_shows_friendly_types_and_python_values(warehouse: Warehouse) -> None:
    warehouse.load(
        "CREATE TABLE t (id BIGINT, due DECIMAL(12, 2), ok BOOLEAN, day DATE, made TIMESTAMPTZ, x TEXT)"
    )
    zone = "" if warehouse.kind == "mysql" else "+00"
    warehouse.load(f"INSERT INTO t VALUES (1, 10.50, true, '2026-01-31', '2026-01-31 12:00:00{zone}', 'y')")
    preview = warehouse.model(table="t").preview()
    usual = "integer", "decimal(12,2)", "boolean", "date", "timestamp with zone", "text"
    words = OWN_WORDS.get(warehouse.kind, {})
    assert [type_ for _, type_ in preview.columns] == [words.get(word, word) for word in usual]
    assert [name for name, _ in preview.columns] == ["id", "due", "ok", "day", "made", "x"]
    assert list(preview.rows[0].values()) == [
        1, Decimal("10.50"), True, date(2026, 1, 31), datetime(2026, 1, 31, 12, tzinfo=UTC), "y",
    ]  # fmt: skip


def test_a_preview_is_as_long_as_asked(warehouse: Warehouse) -> None:
    warehouse.load(WIDE.format(1_000))
    model = warehouse.model("SELECT id FROM wide ORDER BY id DESC")
    first = [row["id"] for row in model.preview(limit=3).rows]
    # MariaDB does not keep the order of a query within a query.
    assert len(first) == 3 if warehouse.kind == "mysql" else first == [1000, 999, 998]
    assert len(model.preview().rows) == 100


def test_tables_and_views_are_listed_with_columns_and_primary_key(warehouse: Warehouse) -> None:
    warehouse.load(
        'CREATE TABLE "Order lines" (note TEXT, line INTEGER, "Order" BIGINT, due DECIMAL(12, 2) NOT NULL, '
        'PRIMARY KEY ("Order", line)); CREATE VIEW lines AS SELECT note FROM "Order lines"'
    )
    mine = {table.name: table for table in warehouse.source.tables() if "ines" in table.name}
    table = mine["Order lines"]
    assert [column.name for column in table.columns] == ["note", "line", "Order", "due"]
    knows = warehouse.kind != "athena"  # which knows no keys, and no column that is never null
    assert [column.nullable for column in table.columns] == [True, *[not knows] * 3]
    assert table.columns[1].type.lower().startswith(("int", "number"))
    assert "12,2" in table.columns[3].type.replace(" ", "")
    assert table.primary_key == (() if warehouse.kind in WITHOUT_KEYS else ("Order", "line"))
    assert mine["lines"].primary_key == ()
    model = warehouse.model(table=f'"{table.schema}"."{table.name}"')
    assert model.columns().names == ["note", "line", "Order", "due"]
