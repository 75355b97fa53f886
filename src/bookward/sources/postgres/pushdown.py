"""Comparing in PostgreSQL itself: what stays as it was accepted never leaves the database.

A session of its own first copies what the model says now into a temporary table, read-only as ever, so that
the model is run once and nothing that it calls can write; all else is done with tables of Bookward's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bookward import exactjson
from bookward.heavy import pa
from bookward.ports import Accepted, Advance, Question, Rows
from bookward.sources import select
from bookward.sources.postgres import types
from bookward.sources.postgres.accepted import STAGE, Advancing, make_tables, mark_of, sql_of
from bookward.sources.postgres.session import Server, Session
from bookward.sources.postgres.words import literal, quoted
from bookward.sources.pushdown_sql import PushdownSql
from bookward.sources.rowhash import ROW_HASHES

_DIALECT = "postgres"
_FORMAT = 1  #: of what is kept; another one counts as nothing kept


class PostgresPushdown:
    """A ``ports.SqlPushdown`` for PostgreSQL."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def check(self) -> None:
        with self._session() as session:
            session.begin()

    @contextmanager
    def narrow(self, accepted: Accepted, question: Question) -> Iterator[_Narrowed]:
        with self._session() as session:
            yield _asked(session, self._server.schema, accepted, question)

    def advance(self, accepted: Accepted, advance: Advance) -> None:
        with self._session() as session:
            Advancing(session, self._server.schema, accepted, advance).do()

    def forget(self, accepted: Accepted, needed: Callable[[str], bool]) -> None:
        with self._session() as session:
            session.begin()
            like = f"schemaname = {literal(self._server.schema)} AND tablename LIKE 'plan\\_%'"
            for (table,) in session.rows(f"SELECT tablename::text FROM pg_tables WHERE {like}"):
                if not needed(table.removeprefix(STAGE)):
                    session.do(f"DROP TABLE IF EXISTS {quoted(self._server.schema)}.{quoted(table)}")
            session.commit()

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with self._server.session() as cursor:
            yield Session(self._server, cursor)


class _Narrowed:
    """A ``ports.Narrowed``; its rows lie in the session until they are read."""

    def __init__(
        self,
        session: Session,
        sql: PushdownSql,
        question: Question,
        names: Sequence[str],
        unread: int | None,
    ) -> None:
        self._session = session
        self._sql = sql
        self._names = names
        self._keys = question.keys
        self.whole = unread is None
        self.unread = unread or 0

    def gone(self) -> Rows:
        return self._session.stream(self._sql.read_gone(self._keys))

    def rows(self) -> Rows:
        return self._session.stream(self._sql.read_rows(self._names))


def _asked(session: Session, schema: str, accepted: Accepted, question: Question) -> _Narrowed:
    """Copy what the model says now, compare it with what is kept, and write down what is looked at."""
    sql = sql_of(schema, accepted, question.plan, len(question.keys))
    session.begin()
    described = session.described(question.query)
    casts = types.casts(described)
    keys = [
        types.key(name, described.field(name), casts.get(described.get_field_index(name)))
        for name in question.keys
    ]
    recast = select.recast(question.query, described.names, casts, _DIALECT)
    hashed = ROW_HASHES[_DIALECT](described)
    model = sql.model(recast, described.names, keys, hashed)
    session.do(f"CREATE TEMPORARY TABLE _bookward_model AS {model} WITH NO DATA")
    make_tables(session, sql)
    says = _says(session, question, described)
    session.commit()
    session.begin(read_only=True)
    session.do(f"INSERT INTO _bookward_model {model}", "ANALYZE _bookward_model")
    session.commit()
    session.begin()
    kept = mark_of(session, sql, "SHARE")
    unread = None
    if kept is not None and (kept.snapshot, kept.says) == (accepted.snapshot, says):
        session.do(f"CREATE TEMPORARY TABLE _bookward_differing AS {sql.differing()}")
        ((gone, other),) = session.rows(sql.counts())
        unread = kept.rows - int(gone) - int(other)
    session.do(
        f"DROP TABLE IF EXISTS {sql.table(sql.stage)}",  # the same plan may read twice
        f"CREATE TABLE {sql.table(sql.stage)} AS {sql.staged(whole=unread is None)}",
        f"COMMENT ON TABLE {sql.table(sql.stage)} IS {literal(says)}",
    )
    session.commit()
    session.begin(read_only=True)
    return _Narrowed(session, sql, question, described.names, unread)


def _says(session: Session, question: Question, described: pa.Schema) -> str:
    """Return all that must be the same for two hashes to be of the same thing."""
    ((version,),) = session.rows("SELECT current_setting('server_version_num')::integer / 10000")
    said: Mapping[str, Any] = {
        "format": _FORMAT,
        "server": int(version),  # hashes are the same within one release of PostgreSQL, no more is promised
        "keys": list(question.keys),
        "columns": [[field.name, str(field.type), _metadata(field)] for field in described],
        "config": question.config_version,
    }
    return exactjson.encode_sorted(dict(said)).decode()


def _metadata(field: pa.Field[Any]) -> list[str]:
    return sorted(f"{name.decode()}={value.decode()}" for name, value in (field.metadata or {}).items())
