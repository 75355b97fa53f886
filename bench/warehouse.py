"""The one source of all: a real PostgreSQL with a table of contacts, and what happens to it overnight."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import repository  # noqa: F401 - finds the tests
from tests.peers.postgres import Postgres, running_postgres

COLUMNS = (
    *("id", "name", "email", "phone", "first_name", "last_name", "company", "street", "city", "country"),
    *("credit", "since", "updated_at"),
)
_TABLE = """
DROP TABLE IF EXISTS contacts;
CREATE TABLE contacts (
    id bigint PRIMARY KEY, name text, email text, phone text, first_name text, last_name text, company text,
    street text, city text, country text, credit numeric(12,2), since date, updated_at timestamptz
)
"""
_ROWS = """
INSERT INTO contacts SELECT
    n, 'Sean O''Brien ' || n, 's' || n || '@example.com', '021 ' || n, 'Sean', 'O''Brien ' || n,
    'O''Brien & Sons ' || n % 977, n % 400 || ' Queen''s Road', 'Auckland ' || n % 97, 'New Zealand',
    (n * 7919 % 9999999) / 100.0, date '2020-01-01' + n % 2000,
    timestamptz '2026-01-01 00:00:00+00' + n * interval '1 second' {later}
FROM generate_series({first}, {last}) n
"""
_LATER = "+ interval '100 days'"


@contextmanager
def running_warehouse() -> Iterator[Postgres]:
    """Run a PostgreSQL until the block is left."""
    with running_postgres() as server:
        yield server


def fill(warehouse: Postgres, rows: int) -> None:
    """Make the table anew, with keys from 1 to ``rows``."""
    warehouse.execute(_TABLE)
    warehouse.execute(_ROWS.format(first=1, last=rows, later=""))
    warehouse.execute("ANALYZE contacts")


def change(warehouse: Postgres, rows: int) -> tuple[int, int, int]:
    """Change 1 % of the rows, remove 0.1 % and add 0.1 %; return how many of each."""
    changed, moved = rows // 100, rows // 1000
    warehouse.execute(
        f"UPDATE contacts SET city = 'Wellington', updated_at = updated_at {_LATER} "
        f"WHERE id % 100 = 1 AND id <= {changed * 100}"
    )
    warehouse.execute(f"DELETE FROM contacts WHERE id % 1000 = 500 AND id <= {moved * 1000}")
    warehouse.execute(_ROWS.format(first=rows + 1, last=rows + moved, later=_LATER))
    return changed, moved, moved
