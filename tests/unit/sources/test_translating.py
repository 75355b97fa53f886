"""A query in another dialect means the same, or is refused."""

from __future__ import annotations

import pytest

from bookward.errors import ModelRefused
from bookward.sources.translating import translated


@pytest.mark.parametrize(
    ("query", "write", "said"),
    [
        ("SELECT CAST(a AS DOUBLE) FROM s.t", "postgres", "SELECT CAST(a AS DOUBLE PRECISION) FROM s.t"),
        ("SELECT TRY_CAST(a AS BIGINT) FROM t", "bigquery", "SELECT SAFE_CAST(a AS INT64) FROM t"),
        ("SELECT DATE_ADD('day', 1, d) AS n FROM t", "postgres", "SELECT d + INTERVAL '1 DAY' AS n FROM t"),
        ("SELECT APPROX_DISTINCT(a) FROM t", "clickhouse", "SELECT uniq(a) FROM t"),
        ("SELECT a FROM t; -- the end", "postgres", "SELECT a FROM t"),
    ],
)  # fmt: skip
def test_a_query_is_said_in_other_words(query: str, write: str, said: str) -> None:
    assert " ".join(translated(query, "presto", write).split()) == said


def test_a_query_of_the_same_dialect_stays_as_it_is_written() -> None:
    query = "select  1 as id -- mine\n"
    assert translated(query, "postgres", "postgres") == query


@pytest.mark.parametrize("query", ["DROP TABLE t", "SELECT 1; SELECT 2", "SELECT 1 +"])
def test_what_is_no_single_query_is_refused(query: str) -> None:
    with pytest.raises(ModelRefused):
        translated(query, "presto", "postgres")


def test_what_the_other_dialect_has_no_words_for_is_refused() -> None:
    query = "SELECT * FROM t PIVOT(SUM(a) FOR b IN ('x', 'y'))"
    with pytest.raises(ModelRefused, match="cannot be said in the SQL of mysql") as refused:
        translated(query, "snowflake", "mysql")
    assert "Write the query anew" in refused.value.remedy
