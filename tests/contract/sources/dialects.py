"""The battery's SQL, which is PostgreSQL's, as other warehouses say it."""

from __future__ import annotations

import re

import sqlglot

_SERIES = re.compile(r"generate_series\(1, (\d+)\) AS t\(n\)")


def statements(sql: str, dialect: str) -> list[str]:
    """Return the statements, each as the dialect has it."""
    if dialect == "mysql":
        sql = _SERIES.sub(r"(SELECT seq AS n FROM seq_1_to_\1) AS t", sql)
    return [tree.sql(dialect) for tree in sqlglot.parse(sql, read="postgres") if tree is not None]


def mysql(sql: str) -> str:
    """Return one query as MySQL has it."""
    (query,) = statements(sql, "mysql")
    return query
