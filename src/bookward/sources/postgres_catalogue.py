"""The query that tells which tables and views of a PostgreSQL database a role can read."""

from __future__ import annotations

from bookward.sources.postgres_words import literal

_QUERY = """
SELECT n.nspname::text AS schema_name, c.relname::text AS table_name, a.attname::text AS column_name,
       format_type(a.atttypid, a.atttypmod) AS column_type, NOT a.attnotnull AS nullable,
       array_position(k.conkey, a.attnum)::int AS key_place
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p'
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', {own}) AND n.nspname !~ '^pg_(toast|temp)'
  AND has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY n.nspname, c.relname, a.attnum
"""


def catalogue_query(own_schema: str) -> str:
    """Return the query, one line a column; Bookward's own schema is left out."""
    return _QUERY.format(own=literal(own_schema))
