"""A model's query in the words of another kind of source."""

from __future__ import annotations

from bookward.errors import ModelRefused
from bookward.heavy import sqlglot
from bookward.sources.select import single_select


def translated(query: str, read: str, write: str) -> str:
    """Return a query that is written in dialect ``read`` as dialect ``write`` says it.

    What both say alike stays as it is, names of tables and unknown functions among it; a person has to look.

    Raises:
        ModelRefused: it is not one single SELECT, or the other dialect has no words for a part of it.
    """
    if read == write:
        return query
    query = single_select(query, read)
    try:
        (said,) = sqlglot.transpile(
            query, read=read, write=write, pretty=True, unsupported_level=sqlglot.errors.ErrorLevel.RAISE
        )
    except sqlglot.errors.SqlglotError as error:
        words = " ".join(str(error).split())
        raise ModelRefused(
            f"The query cannot be said in the SQL of {write}: {words}",
            remedy="Write the query anew for the other source, and name that source in the model's file.",
        ) from error
    return f"{said}\n"
