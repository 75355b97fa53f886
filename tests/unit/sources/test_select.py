"""One single SELECT passes; anything else is refused with the place where it goes wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookward.errors import ModelRefused
from bookward.sources.select import (
    QueryRefused,
    limited,
    projection,
    quoted,
    quotes,
    recast,
    single_select,
    table_query,
)

ACCEPTED = [
    "SELECT 1",
    "select id, name from users where name like '%;%'",
    "(SELECT 1)",
    "WITH a AS (SELECT 1 AS id) SELECT * FROM a",
    "WITH RECURSIVE a AS (SELECT 1 UNION ALL SELECT n + 1 FROM a) SELECT * FROM a",
    "SELECT 1 UNION ALL SELECT 2 EXCEPT SELECT 3",
    "(SELECT 1) UNION (SELECT 2)",
    "SELECT replace(a, 'x', 'y') AS \"update\", \"delete\" FROM t",
    "SELECT update_time, into_account FROM merge_log",
    "SELECT * FROM (VALUES (1), (2)) AS v(id)",
    "SELECT '-- no comment', 'it''s; fine', $$a;b$$",
    "SELECT sum(x) FILTER (WHERE y) OVER (PARTITION BY z) FROM t",
    "SELECT a::numeric(12,2), b ->> 'c', d[1] FROM t CROSS JOIN LATERAL unnest(e) AS u",
]


@pytest.mark.parametrize("sql", ACCEPTED)
@pytest.mark.parametrize("dialect", ["postgres", "duckdb"])
def test_one_select_passes_unchanged(sql: str, dialect: str) -> None:
    assert single_select(sql, dialect) == sql


@pytest.mark.parametrize("sql", ["SELECT 1 AS [delete], 'drop' AS \"exec\" FROM [update]", "SELECT 'DELETE'"])
def test_words_of_statements_may_be_names_and_texts_in_sql_server(sql: str) -> None:
    assert single_select(sql, "tsql") == sql


@pytest.mark.parametrize(
    ("sql", "column"), [("SELECT 1 DELETE FROM t", 10), ("SELECT a FROM t EXEC xp_cmdshell 'dir'", 17)]
)
def test_a_second_statement_needs_no_semicolon_in_sql_server(sql: str, column: int) -> None:
    with pytest.raises(QueryRefused, match="a second statement begins here") as refused:
        single_select(sql, "tsql")
    assert refused.value.column == column


@pytest.mark.parametrize(
    ("sql", "first_rows"),
    [
        ("SELECT a FROM t", "SELECT TOP (5) * FROM (\nSELECT a FROM t\n) AS [model]"),
        ("SELECT a FROM t ORDER BY a",
         "SELECT TOP (5) * FROM (\nSELECT a FROM t ORDER BY a\nOFFSET 0 ROWS\n) AS [model]"),
        ("SELECT TOP 9 a FROM t ORDER BY a",
         "SELECT TOP (5) * FROM (\nSELECT TOP 9 a FROM t ORDER BY a\n) AS [model]"),
        ("SELECT a FROM t ORDER BY a OFFSET 1 ROWS",
         "SELECT TOP (5) * FROM (\nSELECT a FROM t ORDER BY a OFFSET 1 ROWS\n) AS [model]"),
        ("WITH w AS (SELECT 1 AS a), v AS (SELECT 2) SELECT a FROM v",
         "WITH w AS (SELECT 1 AS a), v AS (SELECT 2) SELECT TOP (5) * FROM (\nSELECT a FROM v\n) AS [model]"),
        ("SELECT a FROM (SELECT TOP 1 a FROM t ORDER BY a) AS t",
         "SELECT TOP (5) * FROM (\nSELECT a FROM (SELECT TOP 1 a FROM t ORDER BY a) AS t\n) AS [model]"),
    ],
)  # fmt: skip
def test_a_query_fits_inside_another_one_of_sql_server(sql: str, first_rows: str) -> None:
    assert limited(sql, 5, "tsql") == first_rows


def test_a_wrapped_query_is_wrapped_again_in_sql_server() -> None:
    columns = projection("WITH w AS (SELECT 1 AS [a b]) SELECT * FROM w ORDER BY 1", ["a b"], "tsql")
    assert limited(columns, 2, "tsql") == (
        "WITH w AS (SELECT 1 AS [a b]) SELECT TOP (2) * FROM (\nSELECT [a b] FROM (\n"
        "SELECT * FROM w ORDER BY 1\nOFFSET 0 ROWS\n) AS [model]\n) AS [model]"
    )


@pytest.mark.parametrize(
    ("dialect", "around"),
    [("mysql", "``"), ("bigquery", "``"), ("spark", "``"), ("tsql", "[]"), ("trino", '""')],
)
def test_names_are_quoted_in_the_way_of_the_dialect(dialect: str, around: str) -> None:
    assert quotes(dialect) == around


def test_the_case_of_a_table_stays_in_sql_server() -> None:
    assert table_query("Sales.Order lines", "tsql") == "SELECT * FROM [Sales].[Order lines]"


@pytest.mark.parametrize("end", [";", " ;\n", "-- end", "\n-- end\n", "; /* end */ ;", "/* a /* b */ c */"])
def test_semicolons_and_comments_at_the_end_are_taken_off(end: str) -> None:
    assert (
        single_select(f"/* head */ SELECT 1 -- one\n, 2 {end}", "postgres")
        == "/* head */ SELECT 1 -- one\n, 2"
    )


@pytest.mark.parametrize(
    ("sql", "line", "column", "said"),
    [
        ("UPDATE users SET name = 'x'", 1, 1, "found UPDATE"),
        ("-- a comment\n  delete from users", 2, 3, "found DELETE"),
        ("INSERT INTO t SELECT 1", 1, 1, "found INSERT"),
        ("MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE", 1, 1, "found MERGE"),
        ("DROP TABLE users", 1, 1, "found DROP"),
        ("CREATE TABLE t AS SELECT 1", 1, 1, "found CREATE"),
        ("COPY t TO '/tmp/x'", 1, 1, "found COPY"),
        ("EXPLAIN SELECT 1", 1, 1, "found EXPLAIN"),
        ("SHOW ALL", 1, 1, "found SHOW"),
        ("CALL f()", 1, 1, "found CALL"),
        ("DO $$ BEGIN END $$", 1, 1, "found DO"),
        ("VALUES (1)", 1, 1, "found VALUES"),
        ("selec 1", 1, 1, "found SELEC"),
        ("<<<<<<< HEAD\nSELECT 1\n=======\nSELECT 2\n>>>>>>> other", 1, 1, "found '<'"),
        ("SELECT 1\n<<<<<<< HEAD\n", 2, 3, "syntax error"),
        ("SELECT 1; SELECT 2", 1, 11, "second statement begins here, SELECT"),
        ("SELECT 1;\n\n  drop table users;", 3, 3, "second statement begins here, DROP"),
        ("BEGIN; SELECT 1", 1, 8, "second statement"),
        ("WITH a AS (SELECT 1)\nUPDATE t SET b = 1", 2, 1, "contains an UPDATE"),
        ("WITH gone AS (\n  DELETE FROM t RETURNING *\n) SELECT * FROM gone", 2, 3, "contains a DELETE"),
        ("WITH n AS (INSERT INTO t VALUES (1) RETURNING id) SELECT * FROM n", 1, 12, "contains an INSERT"),
        ("SELECT *\nINTO copy FROM users", 2, 1, "SELECT INTO"),
        ("SELECT * FROM users FOR UPDATE", 1, 21, "row lock"),
        ("SELECT * FROM users FOR NO KEY UPDATE SKIP LOCKED", 1, 21, "row lock"),
        ("SELECT * FROM t WHERE (a", 1, 24, "syntax error"),
        ("SELECT a\nFROM t WHERE )", 2, 14, "syntax error"),
        ("SELECT 'a' || 'b", 1, 15, "never closed"),
        ("SELECT 'say \"hi", 1, 8, "never closed"),
        ('SELECT\n  "a FROM t', 2, 3, "never closed"),
        ("SELECT 1 /* open", 1, 10, "never closed"),
        ("SELECT $$open", 1, 8, "never closed"),
        ("SELECT 'a\0b'", 1, 10, "NUL"),
        ("", 1, 1, "no query"),
        ("  -- nothing\n;", 1, 1, "no query"),
    ],
)
def test_anything_else_is_refused_with_its_place(sql: str, line: int, column: int, said: str) -> None:
    with pytest.raises(ModelRefused, match=said) as refused:
        single_select(sql, "postgres")
    assert isinstance(refused.value, QueryRefused)
    assert (refused.value.line, refused.value.column) == (line, column)
    assert refused.value.message.startswith(f"Line {line}, column {column}: ")
    assert refused.value.remedy


def accepted_or_refused(sql: str, dialect: str) -> str | QueryRefused:
    try:
        return single_select(sql, dialect)
    except QueryRefused as refused:
        return refused


FRAGMENTS = [
    "SELECT", "1", "FROM", "t", ",", "(", ")", "'", '"', ";", "--", "\n", "/*", "*/", "WITH", "a", "AS",
    "UPDATE", "SHOW", "$$", "\0", "::", "[", "]", "é", "*", ".", "CASE", "WHEN", "END", "UNION",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(" ".join), st.sampled_from(["postgres", "duckdb"])
)
def test_any_text_is_either_accepted_or_refused(sql: str, dialect: str) -> None:
    result = accepted_or_refused(sql, dialect)
    if isinstance(result, QueryRefused):
        assert 1 <= result.line <= sql.count("\n") + 1
        assert result.column >= 1
    else:
        assert sql.startswith(result)


@given(st.text())
def test_any_unicode_is_either_accepted_or_refused(sql: str) -> None:
    accepted_or_refused(sql, "postgres")


@pytest.mark.parametrize(
    ("dialect", "query"),
    [
        ("postgres", 'SELECT * FROM (\nSELECT 1\n) AS "model" {} LIMIT 5'),
        ("tsql", "SELECT TOP (5) * FROM (\nSELECT 1\n) AS [model] {}"),
    ],
)
def test_the_first_rows_by_their_keys_leave_out_those_without(dialect: str, query: str) -> None:
    a, b = quoted("a", dialect), quoted("B b", dialect)
    wanted = f"WHERE {a} IS NOT NULL AND {b} IS NOT NULL ORDER BY {a}, {b}"
    assert limited("SELECT 1", 5, dialect, ["a", "B b"]) == query.format(wanted)


def test_wrapping_survives_a_comment_at_the_end() -> None:
    assert projection("SELECT 1 AS a -- note", ["a"], "postgres") == (
        'SELECT "a" FROM (\nSELECT 1 AS a -- note\n) AS "model"'
    )
    assert limited("SELECT 1", 5, "postgres") == 'SELECT * FROM (\nSELECT 1\n) AS "model" LIMIT 5'


def test_names_are_quoted_as_the_dialect_does() -> None:
    assert quoted('a "b" c', "postgres") == '"a ""b"" c"'
    assert quoted("Ünï`code", "mysql") == "`Ünï``code`"
    assert quoted("a]b", "tsql") == "[a]]b]"


def test_recasting_nothing_leaves_the_query_alone() -> None:
    assert recast("SELECT 1", ["a"], {}, "postgres") == "SELECT 1"


def test_recasting_keeps_names_and_order_even_of_twins() -> None:
    assert recast("q", ["a", "a"], {1: "{}::text"}, "postgres") == (
        'SELECT "column0" AS "a", "column1"::text AS "a" FROM (\nq\n) AS "model"("column0", "column1")'
    )


@pytest.mark.parametrize(
    ("table", "dialect", "named"),
    [
        ("users", "postgres", '"users"'),
        ("Sales.Users", "postgres", '"sales"."users"'),
        ('"Sales".users', "postgres", '"Sales"."users"'),
        ("sales.Users", "snowflake", '"SALES"."USERS"'),
        ("Acme-1.Shop.Orders", "bigquery", "`Acme-1`.`Shop`.`Orders`"),
        ("order", "postgres", '"order"'),
        ("Order Lines", "postgres", '"Order Lines"'),
        ('"a.b"."c""d"', "postgres", '"a.b"."c""d"'),
        ("größe", "postgres", '"größe"'),
        ("t; DROP TABLE t", "postgres", '"t; DROP TABLE t"'),
    ],
)
def test_tables_are_named_as_in_the_dialect(table: str, dialect: str, named: str) -> None:
    assert table_query(table, dialect) == f"SELECT * FROM {named}"
