"""Inserts that say what happens where a line is there already, in the words of either database."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

    Insert: TypeAlias = sqlite.Insert | postgresql.Insert


def insert(connection: Connection, table: Table) -> Insert:
    """Return an insert that knows ``on_conflict_do_update``."""
    return _insert(connection.dialect.name, table)


def insert_new(connection: Connection, table: Table) -> Insert:
    """Return an insert that leaves lines alone that are there."""
    return _insert_new(connection.dialect.name, table)


def _insert(dialect: str, table: Table) -> Insert:
    if dialect == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # not needed by whoever has no such database

    return postgresql.insert(table)


@cache  # executed for every batch, and takes longer to make than to execute
def _insert_new(dialect: str, table: Table) -> Insert:
    return _insert(dialect, table).on_conflict_do_nothing()
