"""The state as earlier releases left it, in either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
)

import bookward.store
from bookward.settings import Settings

_SCRIPTS = Path(bookward.store.__file__).parent / "migrations"
_VALUES: dict[type, Any] = {
    String: "text",
    Integer: 7,
    Boolean: True,
    Float: 1.5,
    DateTime: datetime(2026, 11, 2, 9, tzinfo=UTC),
    JSON: {},
    LargeBinary: b"bytes",
}

REVISIONS = sorted(script.revision for script in ScriptDirectory(str(_SCRIPTS)).walk_revisions())
"""All that there ever were, oldest first."""

Tables = dict[str, list[dict[str, Any]]]


@contextmanager
def opened(settings: Settings) -> Iterator[Connection]:
    """Give a connection to the state, past all code that knows the state of today."""
    settings.state.mkdir(parents=True, exist_ok=True)
    here = f"sqlite:///{settings.state / 'state.db'}"
    url = settings.database_url
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:") if url else here)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def make_older(settings: Settings, revision: str) -> None:
    """Make an empty state of an earlier revision."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    with opened(settings) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def tables_of(settings: Settings) -> Tables:
    """Return all rows of all tables."""
    with opened(settings) as connection:
        return {
            name: [dict(row) for row in connection.execute(table.select()).mappings()]
            for name, table in _tables(connection).items()
        }


def fill(settings: Settings) -> None:
    """Give every table a row with a value in every column."""
    with opened(settings) as connection:
        for table in _tables(connection).values():
            values = {column.name: _value(column.type) for column in table.columns}
            connection.execute(table.insert().values(values))


def insert(settings: Settings, table: str, **values: object) -> None:
    """Insert one row."""
    with opened(settings) as connection:
        connection.execute(_tables(connection)[table].insert().values(values))


def _tables(connection: Connection) -> dict[str, Table]:
    known = MetaData()
    known.reflect(connection)
    return {name: table for name, table in known.tables.items() if name != "alembic_version"}


def _value(type_: object) -> Any:
    return next(value for kind, value in _VALUES.items() if isinstance(type_, kind))
