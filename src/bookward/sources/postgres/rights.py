"""Whether a role may keep tables in a schema of PostgreSQL, and which statements would let it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bookward.errors import RightsMissing, SourceFailed
from bookward.sources.postgres.words import literal, quoted

_QUESTION = """
SELECT current_user::text, current_database()::text, pg_is_in_recovery(),
       has_database_privilege(current_database(), 'TEMPORARY'),
       has_database_privilege(current_database(), 'CREATE'),
       n.oid IS NOT NULL,
       coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE'), false)
FROM (SELECT 1) AS one LEFT JOIN pg_namespace AS n ON n.nspname = {schema}
"""


def refuse_without_rights(ask: Callable[[str], list[tuple[Any, ...]]], source: str, schema: str) -> bool:
    """Return whether the schema is still to be made, which the role may do.

    Raises:
        RightsMissing: the role may not keep tables in the schema.
        SourceFailed: the server is a copy that cannot be written.
    """
    (answer,) = ask(_QUESTION.format(schema=literal(schema)))
    role, database, copy, temporary, create, there, usable = answer
    if copy:
        raise SourceFailed(
            f"Source {source!r} leads to a copy of the database that nobody can write to.",
            remedy="Set `diff: local` in the sync, or let the source lead to the primary server.",
        )
    who, where = quoted(role), quoted(schema)
    missing = []
    if not temporary:
        missing.append(f"GRANT TEMPORARY ON DATABASE {quoted(database)} TO {who};")
    if there and not usable:
        missing.append(f"GRANT USAGE, CREATE ON SCHEMA {where} TO {who};")
    if not there and not create:
        missing.append(f"CREATE SCHEMA {where} AUTHORIZATION {who};")
    if missing:
        raise RightsMissing(
            f"Source {source!r} does not let {role!r} keep Bookward's tables in schema {where}, which "
            f"`diff: warehouse` needs. Missing: {' '.join(missing)}"
        )
    return not there
