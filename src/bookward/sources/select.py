"""What may be a model's query, and how one query is wrapped into another.

The check is the first wall, for people's sake: it says what is wrong and where. The second wall is the
read-only session in which every source runs its queries.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bookward.errors import ModelRefused
from bookward.heavy import exp, sqlglot

_TSQL = "tsql"  # SQL Server's
_KEEPS_CASE = (_TSQL, "bigquery")  # in the first the database says whether case matters, in the other it does
_STATEMENTS = re.compile(
    "ALTER|BACKUP|COMMIT|CREATE|DBCC|DELETE|DROP|EXEC|EXECUTE|GRANT|INSERT|KILL|RESTORE|SHUTDOWN|TRUNCATE|"
    "UPDATE|WAITFOR",
    re.IGNORECASE,
)
_OPENING = ("SELECT", "WITH", "FROM")
_FORBIDDEN = (
    ("Insert", ("INSERT", "REPLACE"), "an INSERT"),
    ("Update", ("UPDATE",), "an UPDATE"),
    ("Delete", ("DELETE",), "a DELETE"),
    ("Merge", ("MERGE",), "a MERGE"),
    ("Into", ("INTO",), "SELECT INTO, which creates a table"),
    ("Lock", ("FOR",), "a row lock (FOR UPDATE or FOR SHARE)"),
)
_OPENS_LITERAL = re.compile(r"/\*|['\"`$\[]")
_TABLE_PART = re.compile(r'"((?:[^"]|"")*)"|([^."]+)')


class QueryRefused(ModelRefused):
    """A query that is not one single SELECT; ``line`` and ``column``, from 1, say where it goes wrong."""

    def __init__(self, message: str, line: int, column: int, *, remedy: str | None = None) -> None:
        super().__init__(f"Line {line}, column {column}: {message}", remedy=remedy)
        self.line = line
        self.column = column


def single_select(sql: str, dialect: str) -> str:
    """Return the one SELECT that ``sql`` holds, without semicolon and comments at its end.

    Raises:
        QueryRefused: it is anything else.
    """
    if "\0" in sql:
        raise _refused(sql, sql.index("\0"), "there is a NUL character in the query.")
    tokens = _tokens(sql, dialect)
    statement = _first_statement(sql, tokens)
    opening = next((token for token in statement if token.text != "("), statement[0])
    if opening.text.upper() not in _OPENING:
        raise _refused(sql, opening.start, f"expected a SELECT, found {_shown(opening.text)}.")
    if dialect == _TSQL:
        _refuse_statements(sql, statement)
    _inspect(sql, statement, _parsed(sql, dialect))
    return sql[: statement[-1].end + 1]


def quoted(name: str, dialect: str) -> str:
    """Return a column's or table's exact name as an identifier."""
    return exp.to_identifier(name, quoted=True).sql(dialect=dialect)


def quotes(dialect: str) -> str:
    """Return what stands before a name that is taken exactly, and what stands after it."""
    return quoted("x", dialect).replace("x", "")


def table_query(table: str, dialect: str) -> str:
    """Return the SELECT of everything in ``table``, whose name is read as the dialect reads it.

    Plain words fold as they do in SQL (`Orders` is `orders` in PostgreSQL, and itself in BigQuery), quoted
    parts are exact, and so are parts that SQL would not take unquoted (`order lines`).
    """
    parts = [
        _table_part(exact.replace('""', '"') if exact else plain, bool(exact), dialect)
        for exact, plain in _TABLE_PART.findall(table)
    ]
    return f"SELECT * FROM {'.'.join(parts)}"


def projection(query: str, columns: Sequence[str], dialect: str, loose: Collection[str] = ()) -> str:
    """Return the query that gives ``columns`` of ``query``, in that order.

    Args:
        loose: those of them whose numbers are to be of any size and scale, NaN and infinity among them.
    """
    names = {name: quoted(name, dialect) for name in columns}
    selected = (f"{names[name]} + 0 AS {names[name]}" if name in loose else names[name] for name in columns)
    clauses, derived = _derived(query, dialect)
    return f"{clauses}SELECT {', '.join(selected)} FROM {derived}"


def limited(query: str, rows: int, dialect: str, by: Sequence[str] = ()) -> str:
    """Return the query that gives at most ``rows`` rows of ``query``.

    Args:
        by: the columns to order them by first; rows with a null in one of them are left out. Of no columns,
            they are whichever come first.
    """
    clauses, derived = _derived(query, dialect)
    if by:
        names = [quoted(name, dialect) for name in by]
        there = " AND ".join(f"{name} IS NOT NULL" for name in names)
        derived = f"{derived} WHERE {there} ORDER BY {', '.join(names)}"
    if dialect == _TSQL:
        return f"{clauses}SELECT TOP ({rows}) * FROM {derived}"
    return f"SELECT * FROM {derived} LIMIT {rows}"


def recast(query: str, names: Sequence[str], casts: Mapping[int, str], dialect: str) -> str:
    """Return ``query`` with some columns put through an expression; names and order stay.

    Args:
        names: the names of all columns; the same name may stand there twice.
        casts: place of a column, from 0, to an expression with ``{}`` where the column goes.
    """
    if not casts:
        return query
    aliases = [quoted(f"column{place}", dialect) for place in range(len(names))]
    selected = ", ".join(
        f"{casts.get(place, '{}').format(alias)} AS {quoted(name, dialect)}"
        for place, (alias, name) in enumerate(zip(aliases, names, strict=True))
    )
    clauses, derived = _derived(query, dialect)
    return f"{clauses}SELECT {selected} FROM {derived}({', '.join(aliases)})"


def _derived(query: str, dialect: str) -> tuple[str, str]:
    """Return the query as what a SELECT can be from, and what has to stand before that SELECT."""
    clauses, query = _fit_inside(query) if dialect == _TSQL else ("", query)
    # The line break ends a comment that the query may end with.
    return clauses, f"(\n{query}\n) AS {quoted('model', dialect)}"


def _fit_inside(query: str) -> tuple[str, str]:
    """Return a query of SQL Server's in two: its WITH, and what is left, as one query within another may be.

    There is no WITH within another query, and no ORDER BY unless it chooses rows, which ``OFFSET 0`` does
    without leaving one out.
    """
    start = _after_with(_tokens(query, _TSQL))
    clauses, body = query[:start], query[start:]
    parts = _parsed(query, _TSQL).args
    if parts.get("order") and not (parts.get("limit") or parts.get("offset")):
        body += "\nOFFSET 0 ROWS"
    return clauses, body


def _after_with(tokens: Sequence[Any]) -> int:
    """Return where the SELECT begins that follows a WITH, 0 where there is none."""
    depth = 0
    for token in tokens if tokens[0].text.upper() == "WITH" else ():
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.text.upper() == "SELECT":
            return int(token.start)
    return 0


def _table_part(name: str, exact: bool, dialect: str) -> str:
    if dialect not in _KEEPS_CASE and not exact and re.fullmatch(r"[^\W\d]\w*", name):
        rules = sqlglot.Dialect.get_or_raise(dialect)
        name = rules.normalize_identifier(exp.to_identifier(name)).name
    return quoted(name, dialect)


def _tokens(sql: str, dialect: str) -> list[Any]:
    try:
        return list(sqlglot.tokenize(sql, read=dialect))
    except sqlglot.errors.SqlglotError:
        raise _refused(sql, _unclosed(sql, dialect), "this quote or comment is never closed.") from None


def _unclosed(sql: str, dialect: str) -> int:
    """Return where the literal or comment starts that runs over the end: all before it can be read."""
    for found in reversed(list(_OPENS_LITERAL.finditer(sql))):
        try:
            sqlglot.tokenize(sql[: found.start()], read=dialect)
        except sqlglot.errors.SqlglotError:
            continue
        return found.start()
    return 0


def _first_statement(sql: str, tokens: Sequence[Any]) -> Sequence[Any]:
    ends = [place for place, token in enumerate(tokens) if token.text == ";" and sql[token.start] == ";"]
    end = ends[0] if ends else len(tokens)
    if end == 0:
        raise _refused(sql, 0, "there is no query, only blanks and comments.")
    second = next((token for token in tokens[end:] if token.text != ";"), None)
    if second is not None:
        raise _refused(sql, second.start, f"a second statement begins here, {_shown(second.text)}.")
    return tokens[:end]


def _refuse_statements(sql: str, tokens: Sequence[Any]) -> None:
    """Refuse what begins another statement, which needs no semicolon before it; its words are reserved."""
    for token in tokens:
        if _STATEMENTS.fullmatch(token.text) and sql[token.start : token.end + 1] == token.text:
            raise _refused(sql, token.start, f"a second statement begins here, {_shown(token.text)}.")


def _parsed(sql: str, dialect: str) -> Any:
    remedy = (
        "Correct the query. If the source itself accepts it, make it a view there and name that view "
        "under `table`."
    )
    try:
        return next(tree for tree in sqlglot.parse(sql, read=dialect) if tree is not None)
    except sqlglot.errors.ParseError as error:
        first = error.errors[0]
        text, line, end = first["highlight"] or "", first["line"] or 1, first["col"] or 1
        message = f"syntax error at {_shown(text)}." if text else "syntax error."
        raise QueryRefused(message, line, max(end - len(text) + 1, 1), remedy=remedy) from None
    except (sqlglot.errors.SqlglotError, LookupError, AttributeError, TypeError, ValueError, RecursionError):
        # The parser was not written for hostile input and trips over some of it.
        raise _refused(sql, 0, "this query cannot be understood.", remedy) from None


def _inspect(sql: str, tokens: Sequence[Any], tree: Any) -> None:
    for kind, words, what in _FORBIDDEN:
        if tree.find(getattr(exp, kind)) is not None:
            start = next((token.start for token in tokens if token.text.upper() in words), 0)
            raise _refused(sql, start, f"the query contains {what}.")
    if not isinstance(tree, exp.Query):
        raise _refused(sql, tokens[0].start, f"expected a SELECT, found {_shown(tree.key)}.")


def _shown(text: str) -> str:
    word = text if len(text) <= 40 else f"{text[:39]}…"
    return word.upper() if word.isalpha() else repr(word)


def _refused(sql: str, position: int, message: str, remedy: str | None = None) -> QueryRefused:
    line = sql.count("\n", 0, position) + 1
    return QueryRefused(message, line, position - sql.rfind("\n", 0, position), remedy=remedy)
