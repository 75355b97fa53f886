"""Where a model reads from: its `.sql` file, or one of its keys `sql`, `table`, `dbt` and `look`."""

from __future__ import annotations

from bookward.project.conflicts import conflict_problems
from bookward.project.document import Document
from bookward.project.folder import Found
from bookward.project.text import file_problem
from bookward.records import Problem

KEYS = ("table", "sql", "dbt", "look")


def read_origin(
    document: Document | None, sql: Found | None, path: str
) -> tuple[dict[str, object], list[Problem]]:
    """Return the key that says what a model reads, with its value, and what is wrong about it.

    Args:
        document: the model's file, None when it cannot be read.
        sql: the `.sql` file beside it, if there is one.
        path: the model's file, for problems.
    """
    query, problems = _read_sql(sql) if sql else ("", [])
    given = {key: _value(document, key) for key in KEYS if _is_given(document, key)} if document else {}
    if document and sql and given:
        problems += [_twice(document, key, f"beside {sql.path}") for key in given]
    elif document and len(given) > 1:
        first, second, *_ = sorted(given)
        problems.append(_twice(document, first, f"beside the key {second!r}"))
    elif document and not sql and not given:
        problems.append(_nothing(document, path))
    if given:
        key = next(iter(given))
        return {key: given[key]}, problems
    return ({"sql": query} if sql else {}), problems


def _read_sql(sql: Found) -> tuple[str, list[Problem]]:
    text = sql.text()
    if isinstance(text, Problem):
        return "", [text]
    if not text.strip():
        return "", [file_problem(sql.path, f"{sql.path} is empty.", "Write the query: SELECT ... FROM ...")]
    return text, conflict_problems(text, sql.path, rules=False)


def _is_given(document: Document, key: str) -> bool:
    value = _value(document, key)
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _value(document: Document, key: str) -> object:
    node = document.node((key,))
    return node.plain() if node else None


def _twice(document: Document, key: str, beside: str) -> Problem:
    return document.problem(
        (key,), f"{key!r} cannot stand {beside}: a model reads one thing.", "Keep one of the two."
    )


def _nothing(document: Document, path: str) -> Problem:
    beside = f"{path.rpartition('.')[0]}.sql"
    where = next(((key,) for key in KEYS if key in document.members), ())
    return document.problem(
        where,
        "This model has neither a query nor a table.",
        f"Write {beside}, or add 'table: name', 'dbt:' or 'look:'.",
    )
