"""What each of thousands of tests would do again: make a new state, and compile the store's statements."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from bookward.store.sqlite import STATE_FILE, SqliteDatabase

_compiled: LRUCache[Any, Any] = LRUCache(1000)


class _Dialect(SQLiteDialect_pysqlite):
    """Equal to its like, since it is a part of the key under which a compiled statement is kept."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


def engine_of_compiled(url: str, **options: Any) -> Engine:
    """Return an engine that knows the statements which another one of this process has compiled."""
    engine = create_engine(url, **options)
    engine.dialect.__class__ = _Dialect
    engine.update_execution_options(compiled_cache=_compiled)
    return engine


def put_new_state(folder: Path) -> None:
    """Put a state into ``folder`` as the store makes it there; its migrations have tests of their own."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / STATE_FILE
    file.touch(mode=0o600)
    file.write_bytes(_new_state())


@cache
def _new_state() -> bytes:
    with TemporaryDirectory() as folder:
        SqliteDatabase(Path(folder)).close()
        return (Path(folder) / STATE_FILE).read_bytes()
