"""The statements of `diff: warehouse`, as text in every dialect."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import sqlglot

from bookward.sources.pushdown_sql import PushdownSql
from bookward.sources.rowhash import ROW_HASHES, key_of, text_of
from bookward.sources.select import quoted

GOLDEN = Path(__file__).parent / "golden"


ROW = pa.schema([
    pa.field("id", pa.int64()), pa.field('a "b"', pa.date32()), pa.field("note", pa.string()),
    pa.field("doc", pa.string(), metadata={"bookward": "json"}), pa.field("raw", pa.binary()),
    pa.field("flag", pa.bool_()), pa.field("moment", pa.timestamp("us", "UTC")),
])  # fmt: skip


def statements(dialect: str) -> str:
    """Return all statements about a sync with a key of two columns, each under its name."""
    work = None if dialect == "postgres" else "20261102-090000-3f9c21"
    sql = PushdownSql(
        dialect=dialect, schema=("bookward",), rows="rows_of_it", stage="plan_1", keys=2, work=work
    )
    names = ROW.names[:2]
    keys = [quoted(name, dialect) for name in names]
    said = {
        "model": sql.model("SELECT * FROM customers", ROW.names, keys, ROW_HASHES[dialect](ROW)),
        "differing": sql.differing(),
        "counts": sql.counts(),
        "staged, whole": sql.staged(whole=True),
        "staged": sql.staged(whole=False),
        "read_rows": sql.read_rows(names, "place"),
        "read_gone": sql.read_gone(names, "place"),
        "opened": sql.opened("ranges_1"),
        "accepted": sql.accepted(),
        "left": sql.left(),
        "leave": sql.leave(),
        "strays": sql.into_rows(sql.strays(["bigint", "date"])),
    }
    return "".join(f"-- {name}\n{statement};\n" for name, statement in said.items())


@pytest.mark.parametrize("dialect", ROW_HASHES)
def test_the_statements_are_those_that_were_looked_over(dialect: str) -> None:
    assert statements(dialect) == (GOLDEN / f"pushdown.{dialect}.sql").read_text(encoding="utf-8")


VALUES = [None, "", "-", "1:a", "a", "a:", "0:", "NULL", "é", "1:-"]


@pytest.mark.parametrize("dialect", ["databricks", "redshift"])
def test_rows_that_differ_are_never_hashed_from_the_same_text(dialect: str) -> None:
    rows = [(one, other) for one in VALUES for other in VALUES]
    whole = ROW_HASHES[dialect](pa.schema([("one", pa.string()), ("other", pa.string())]))
    said = sqlglot.parse_one(whole, read=dialect).sql("duckdb")
    with duckdb.connect() as connection:
        connection.execute("CREATE MACRO xxhash64(t) AS t")
        connection.execute("CREATE MACRO farm_fingerprint(t) AS hex(t)")
        connection.execute("CREATE TABLE t (one VARCHAR, other VARCHAR)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", rows)
        texts = [text for (text,) in connection.execute(f"SELECT {said} FROM t").fetchall()]
    assert len(set(texts)) == len(rows)


@pytest.mark.parametrize("dialect", ["snowflake", "bigquery", "databricks", "redshift"])
def test_keys_whose_values_are_not_equal_by_themselves_are_compared_as_text(dialect: str) -> None:
    for field in ROW:
        as_it_is = key_of(dialect, field) == quoted(field.name, dialect)
        assert as_it_is == (field.name not in ("doc", "raw"))
        assert as_it_is or key_of(dialect, field) == text_of(dialect, field)
