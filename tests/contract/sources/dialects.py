"""The battery's SQL, which is PostgreSQL's, as other warehouses say it."""

from __future__ import annotations

import re

import sqlglot
from sqlglot import exp

_NUMBERS = {
    "mysql": r"(SELECT seq AS n FROM seq_1_to_\1) AS t",
    "clickhouse": r"(SELECT number + 1 AS n FROM numbers(\1)) AS t",
}
_SERIES = re.compile(r"generate_series\(1, (\d+)\) AS t\(n\)")


def statements(sql: str, dialect: str) -> list[str]:
    """Return the statements, each as the dialect has it."""
    if dialect in _NUMBERS:
        sql = _SERIES.sub(_NUMBERS[dialect], sql)
    trees = [tree for tree in sqlglot.parse(sql, read="postgres") if tree is not None]
    for tree in trees:
        _name_what_is_never_null(tree)
    return [tree.sql(dialect) for tree in trees]


def query(sql: str, dialect: str) -> str:
    """Return one query as the dialect has it."""
    (found,) = statements(sql, dialect)
    return found


def _name_what_is_never_null(tree: exp.Expression) -> None:
    """Say it of the columns of a key, too, in which ClickHouse takes it for granted of none."""
    keys = {name.name for key in tree.find_all(exp.PrimaryKey) for name in key.expressions}
    for column in tree.find_all(exp.ColumnDef):
        if column.name in keys or column.find(exp.NotNullColumnConstraint):
            column.kind.set("nullable", False)
