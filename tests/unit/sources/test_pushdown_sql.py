"""The statements of `diff: warehouse`, as text in every dialect; only PostgreSQL's are executed by tests."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from bookward.sources.pushdown_sql import ENCODERS, Encoder, PushdownSql
from bookward.sources.select import quoted

GOLDEN = Path(__file__).parent / "golden"


def statements(dialect: str) -> str:
    """Return all statements about a sync with a key of two columns, each under its name."""
    sql = PushdownSql(encoder=ENCODERS[dialect], schema="bookward", rows="rows_of_it", stage="plan_1", keys=2)
    names = ["id", 'a "b"']
    said = {
        "model": sql.model("SELECT * FROM customers", names, [quoted(name, dialect) for name in names]),
        "differing": sql.differing(),
        "counts": sql.counts(),
        "staged, whole": sql.staged(whole=True),
        "staged": sql.staged(whole=False),
        "read_rows": sql.read_rows(names),
        "read_gone": sql.read_gone(names),
        "accepted": sql.accepted(),
        "leave": sql.leave(),
        "strays": sql.into_rows(sql.strays(["bigint", "date"])),
    }
    return "".join(f"-- {name}\n{statement};\n" for name, statement in said.items())


@pytest.mark.parametrize("dialect", ENCODERS)
def test_the_statements_are_those_that_were_looked_over(dialect: str) -> None:
    assert statements(dialect) == (GOLDEN / f"pushdown.{dialect}.sql").read_text(encoding="utf-8")


def test_rows_that_differ_are_never_hashed_from_the_same_text() -> None:
    values = [None, "", "-", "1:a", "a", "a:", "0:", "NULL", "é", "1:-"]
    rows = [(one, other) for one in values for other in values]
    whole = Encoder("duckdb", "").row(["one", "other"])
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t (one VARCHAR, other VARCHAR)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", rows)
        texts = [text for (text,) in connection.execute(f"SELECT {whole} FROM t").fetchall()]
    assert len(set(texts)) == len(rows)
