"""Which object type of an ontology a query names, and what it asks of it.

Foundry's SQL knows datasets only, by path or id: a name of two parts is a branch and a dataset there. So a
name of two parts whose second is neither path nor id is an ontology and an object type. Objects are listed,
not queried: a query may choose and rename properties and have a LIMIT, and no more, since whoever computed
the rest here would do so by other rules than Foundry's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bookward.heavy import exp, sqlglot
from bookward.sources.statements import StatementRefused

_DIALECT = "spark"
_DATASETS = ("/", "ri.")
_UNDERSTOOD = {"expressions", "from", "from_", "limit", "kind"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a query asks of an object type."""

    ontology: str
    object_type: str
    columns: tuple[tuple[str, str], ...] | None = None  #: name and property of each; None for all properties
    limit: int | None = None


def wanted(query: str) -> Wanted | None:
    """Return what ``query`` asks of an object type; None where it names none, and is for Foundry's SQL.

    Raises:
        StatementRefused: it names one, and asks for more than its properties.
    """
    try:
        tree = sqlglot.parse_one(query, read=_DIALECT)
    except sqlglot.errors.SqlglotError:
        return None  # Foundry itself says what is wrong with it
    named = [table for table in tree.find_all(exp.Table) if _is_object_type(table)]
    return _of(tree) if named else None


def _is_object_type(table: Any) -> bool:
    return bool(table.db) and not table.catalog and not table.name.startswith(_DATASETS)


def _of(tree: Any) -> Wanted:
    more = sorted(name for name, value in tree.args.items() if value and name not in _UNDERSTOOD)
    source = tree.args.get("from_") or tree.args.get("from")
    if not isinstance(tree, exp.Select) or source is None or more:
        raise _refused(more[0].upper() if more else tree.key.upper())
    within = _source(source.this)
    chosen = _chosen(within, tree.expressions)
    limits = [limit for limit in (within.limit, _limit(tree)) if limit is not None]
    return Wanted(
        ontology=within.ontology,
        object_type=within.object_type,
        columns=chosen,
        limit=min(limits, default=None),
    )


def _source(found: Any) -> Wanted:
    if any(value for name, value in found.args.items() if name not in ("this", "alias", "db")):
        raise _refused("more than one table")
    if isinstance(found, exp.Subquery):
        return _of(found.this)
    if isinstance(found, exp.Table) and _is_object_type(found):
        return Wanted(ontology=found.db, object_type=found.name)
    raise _refused("a dataset beside it")


def _chosen(within: Wanted, expressions: Any) -> tuple[tuple[str, str], ...] | None:
    if (
        len(expressions) == 1
        and isinstance(expressions[0], exp.Star)
        and not any(expressions[0].args.values())
    ):
        return within.columns
    return tuple(_column(within, each) for each in expressions)


def _column(within: Wanted, expression: Any) -> tuple[str, str]:
    column = expression.this if isinstance(expression, exp.Alias) else expression
    if not isinstance(column, exp.Column) or isinstance(column.this, exp.Star):
        raise _refused(expression.sql(_DIALECT))
    if within.columns is None:
        return expression.alias_or_name, column.name
    known = dict(within.columns)
    if column.name not in known:
        raise StatementRefused(f"the query within has no column {column.name!r}.")
    return expression.alias_or_name, known[column.name]


def _limit(tree: Any) -> int | None:
    limit = tree.args.get("limit")
    if limit is None:
        return None
    if not isinstance(limit.expression, exp.Literal) or limit.expression.is_string:
        raise _refused(limit.sql(_DIALECT))
    return int(limit.expression.name)


def _refused(what: str) -> StatementRefused:
    return StatementRefused(
        f"objects of an ontology are read as they are: a query names their properties and a LIMIT, and not "
        f"{what}. Query the dataset behind the object type instead."
    )
