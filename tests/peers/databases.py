"""Databases for Bookward's own state, each new and empty, on the tests' PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from tests.leaks import Grep
from tests.peers.postgres import Postgres
from tests.planting import PLANTED, refuse

_numbers = count(1)


@contextmanager
def new_database(server: Postgres) -> Iterator[str]:
    """Give the URL of a database that is dropped at the end, whoever still uses it."""
    name = f"state_{next(_numbers)}"
    server.execute(f"CREATE DATABASE {name}")
    try:
        url = server.url.removesuffix(server.database) + name
        yield url
        refuse(list(Grep(PLANTED).in_postgres(url)))
    finally:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
