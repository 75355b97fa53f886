"""A SQLite file: typed by what its columns hold, and never written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bookward.errors import SourceFailed, SourceUnreachable
from bookward.sources.shape import kind_of
from bookward.sources.sqlite_file import SqliteSource, SqliteSpec
from tests.contract.sources import memory


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "books.db"


def load(file: Path, script: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(script)


def source(file: Path) -> SqliteSource:
    return SqliteSource("books", SqliteSpec(path=str(file)))


def table(file: Path, query: str) -> pa.Table:
    with source(file).read(query) as rows:
        return pa.Table.from_batches(rows.batches, schema=rows.schema)


@pytest.mark.parametrize(
    ("values", "type_", "kind", "read"),
    [
        ("1, -9223372036854775808, 9223372036854775807", pa.int64(), None, [1, -(2**63), 2**63 - 1]),
        ("1.5, 2.25", pa.float64(), None, [1.5, 2.25]),
        ("9007199254740993, 0.1, 1e-7", pa.string(), "decimal", ["9007199254740993", "0.1", "0.0000001"]),
        ("'a', 1, 2.50, NULL", pa.string(), None, ["a", "1", "2.5", None]),
        ("x'00ff', NULL", pa.binary(), None, [b"\x00\xff", None]),
        ("NULL, NULL", pa.string(), None, [None, None]),
    ],
)
def test_a_column_has_the_type_of_all_its_values(
    file: Path, values: str, type_: pa.DataType, kind: str | None, read: list[Any]
) -> None:
    load(
        file,
        f"CREATE TABLE t (n, v); INSERT INTO t VALUES {', '.join(f'(0, {v})' for v in values.split(', '))}",
    )
    found = table(file, "SELECT v FROM t ORDER BY rowid")
    assert (found.schema.field("v").type, kind_of(found.schema.field("v"))) == (type_, kind)
    assert found["v"].to_pylist() == read


def test_queries_may_have_clauses_comments_and_columns_of_one_name(file: Path) -> None:
    load(file, 'CREATE TABLE "odd t" ("a b" TEXT); INSERT INTO "odd t" VALUES (\'x\'), (\'y\')')
    query = 'WITH q AS (SELECT "a b" AS v FROM "odd t") SELECT v, v FROM q ORDER BY 1 DESC LIMIT 1 -- note'
    found = table(file, query)
    assert (found.schema.names, found.num_rows) == (["v", "v"], 1)


def test_the_catalogue_lists_tables_views_and_keys(file: Path) -> None:
    load(file, "CREATE TABLE lines (a INTEGER, b VARCHAR(9) NOT NULL, c NUMERIC(12,2), PRIMARY KEY (b, a))")
    load(
        file, "CREATE VIEW v AS SELECT c FROM lines; CREATE TABLE auto (id INTEGER PRIMARY KEY AUTOINCREMENT)"
    )
    found = {each.name: each for each in source(file).tables()}
    assert found.keys() == {"lines", "v", "auto"}
    assert found["lines"].primary_key == ("b", "a")
    assert [(c.name, c.type) for c in found["lines"].columns] == [
        ("a", "integer"), ("b", "varchar(9)"), ("c", "numeric(12,2)"),
    ]  # fmt: skip


def test_nothing_is_written_and_nothing_is_made(file: Path) -> None:
    with pytest.raises(SourceUnreachable, match=r"'books' cannot open .*books\.db"):
        table(file, "SELECT 1")
    assert not file.exists()
    load(file, "CREATE TABLE t (id)")
    for statement in ("INSERT INTO t VALUES (1)", "DROP TABLE t", "SELECT * FROM nowhere", "SELECT 1 +"):
        with pytest.raises(SourceFailed, match="refused the query"):
            table(file, statement)
    assert table(file, "SELECT * FROM t").num_rows == 0
    file.write_text("no database at all, however long it is" * 100)
    with pytest.raises(SourceUnreachable, match="not a database"):
        table(file, "SELECT 1")


def test_a_file_that_is_damaged_in_the_middle_is_no_short_result(file: Path) -> None:
    load(file, "CREATE TABLE t (id INTEGER, note TEXT)")
    with closing(sqlite3.connect(file)) as connection:
        connection.executemany("INSERT INTO t VALUES (?, ?)", ((n, "x" * 300) for n in range(20_000)))
        connection.commit()
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2 :] = bytes(len(raw) - len(raw) // 2)
    file.write_bytes(raw)
    with pytest.raises(SourceFailed):
        table(file, "SELECT * FROM t")


@pytest.mark.nightly
def test_memory_does_not_grow_with_the_table(file: Path) -> None:
    load(file, "CREATE TABLE t (id INTEGER, due, note TEXT)")
    with closing(sqlite3.connect(file)) as connection:
        rows = ((n, n * 0.25 if n % 2 else n, f"row {n}" + "x" * 100) for n in range(1_000_000))
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
        connection.commit()
    came, grown = memory.measured("sqlite", {"path": str(file)}, "SELECT * FROM t")
    assert (came, grown < 150) == (1_000_000, True), grown


def test_a_check_tells_what_is_there(file: Path) -> None:
    assert [step.ok for step in source(file).check()] == [False]
    load(file, "CREATE TABLE t (id)")
    steps = list(source(file).check())
    assert [(step.name, step.ok) for step in steps] == [("reach", True), ("read", True)]
    assert steps[1].detail == "1 tables, read-only"
