"""The SQLite file in which everything is kept, and the lock around it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

_SCHEMA = """
CREATE TABLE IF NOT EXISTS begun (tenant TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS records (
    seq INTEGER PRIMARY KEY, tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    status TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, doc TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS records_id ON records (tenant, kind, id);
CREATE INDEX IF NOT EXISTS records_updated ON records (tenant, kind, updated, id);
CREATE TABLE IF NOT EXISTS record_keys (
    tenant TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
    record INTEGER NOT NULL, PRIMARY KEY (tenant, name, value, kind, record)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS record_keys_record ON record_keys (record);
CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS codes (
    code TEXT PRIMARY KEY, app TEXT NOT NULL, event TEXT NOT NULL, redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL, challenge TEXT, expires INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS refresh_tokens (
    token TEXT PRIMARY KEY, app TEXT NOT NULL, event TEXT NOT NULL, scope TEXT NOT NULL,
    issued INTEGER NOT NULL, retired INTEGER
);
CREATE TABLE IF NOT EXISTS dead_events (event TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS connections (
    id TEXT PRIMARY KEY, app TEXT NOT NULL, tenant TEXT NOT NULL, event TEXT NOT NULL,
    created INTEGER NOT NULL, updated INTEGER NOT NULL, UNIQUE (app, tenant)
);
CREATE TABLE IF NOT EXISTS idempotency (
    app TEXT NOT NULL, key TEXT NOT NULL, request BLOB NOT NULL, at INTEGER NOT NULL,
    status INTEGER NOT NULL, type TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (app, key)
);
"""
_TABLES = (
    "begun",
    "records",
    "record_keys",
    "codes",
    "refresh_tokens",
    "dead_events",
    "connections",
    "idempotency",
)


class Storage:
    """One SQLite database; one writer or reader at a time."""

    def __init__(self, path: Path | None) -> None:
        self._lock = RLock()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection inside a transaction: committed at the end, undone by an exception."""
        with self._lock:
            if self._db.in_transaction:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def forget_all(self) -> None:
        """Delete everything but the signing key."""
        with self.transaction() as db:
            for table in _TABLES:
                db.execute(f"DELETE FROM {table}")

    def close(self) -> None:
        with self._lock:
            self._db.close()
