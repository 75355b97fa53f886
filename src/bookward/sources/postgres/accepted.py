"""What PostgreSQL keeps of the accepted rows of a sync, and how it is brought to a new snapshot."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from bookward.failpoints import failpoint
from bookward.ports import Accepted, Advance
from bookward.sources.postgres.session import Session
from bookward.sources.postgres.words import literal
from bookward.sources.pushdown_sql import PushdownSql

STAGE = "plan_"
"""What the names of the tables begin with that hold what a plan has looked at; its id follows."""

_MARKS = "snapshots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the warehouse says about the rows that it keeps of a sync."""

    snapshot: str
    plan: str  #: whose rows were taken over last
    says: str  #: what columns they have, and what they were accepted under
    rows: int


def make_tables(session: Session, sql: PushdownSql) -> None:
    """Make the table that says what is kept, unless it is there."""
    if _is_there(session, sql.table(_MARKS)):
        return
    session.make(
        f"CREATE TABLE IF NOT EXISTS {sql.table(_MARKS)} (rows_of text PRIMARY KEY, sync text NOT NULL, "
        "organisation text NOT NULL, snapshot text NOT NULL, plan text NOT NULL, says text NOT NULL, "
        "rows bigint NOT NULL)"
    )


def mark_of(session: Session, sql: PushdownSql, lock: Literal["SHARE", "UPDATE"]) -> Mark | None:
    """Return what is kept, which stays so while the transaction lasts; None where nothing is.

    Args:
        lock: whether others may look at it meanwhile.
    """
    query = f"SELECT snapshot, plan, says, rows FROM {sql.table(_MARKS)} WHERE rows_of = {literal(sql.rows)}"
    found = session.rows(f"{query} FOR {lock}")
    if not found or not _is_there(session, sql.table(sql.rows)):
        return None
    snapshot, plan, says, rows = found[0]
    ((count,),) = session.rows(f"SELECT count(*) FROM {sql.table(sql.rows)}")
    return Mark(snapshot=snapshot, plan=plan, says=says, rows=rows) if count == rows else None


def _is_there(session: Session, table: str) -> bool:
    ((there,),) = session.rows(f"SELECT to_regclass({literal(table)}) IS NOT NULL")
    return bool(there)


def sql_of(schema: str, accepted: Accepted, plan: str, keys: int) -> PushdownSql:
    """Return the statements about a sync and a plan of it."""
    whose = f"{accepted.sync}\n{accepted.organisation}"
    digest = hashlib.blake2b(whose.encode(), digest_size=6).hexdigest()
    # 63 bytes is what PostgreSQL keeps of a name.
    rows = f"rows_{accepted.sync.encode()[:40].decode(errors='ignore')}_{digest}"
    return PushdownSql(dialect="postgres", schema=(schema,), rows=rows, stage=f"{STAGE}{plan}", keys=keys)


class Advancing:
    """Bringing what is kept of a sync to its new snapshot, in one transaction."""

    def __init__(self, session: Session, schema: str, accepted: Accepted, advance: Advance) -> None:
        self._session = session
        self._accepted = accepted
        self._advance = advance
        self._sql = sql_of(schema, accepted, advance.plan, advance.strays.num_columns)

    def do(self) -> None:
        """Do it; where it cannot be done, keep nothing any more.

        To do it again for the same plan changes nothing: a run that is folded twice has two snapshots.
        """
        session, sql = self._session, self._sql
        session.begin()
        make_tables(session, sql)
        kept, says = mark_of(session, sql, "UPDATE"), self._says()
        fits = kept is not None and self._advance.base == kept.snapshot
        begun = kept is not None and self._advance.plan == kept.plan
        if says is not None and (self._advance.whole or fits or begun):
            self._bring_forward(says)
        else:
            self._give_up()
        failpoint("before-warehouse-commit")
        session.commit()

    def _bring_forward(self, says: str) -> None:
        session, sql = self._session, self._sql
        rows = sql.table(sql.rows)
        session.load("_bookward_open", self._advance.open_places)
        session.do("ANALYZE _bookward_open")
        if self._advance.whole:
            types = self._key_types()
            session.do(f"DROP TABLE IF EXISTS {rows}", f"CREATE TABLE {rows} AS {sql.accepted()}")
            if self._advance.strays.num_rows:
                session.load("_bookward_strays", self._advance.strays)
                session.do(sql.into_rows(sql.strays(types)))
            session.do(f"ANALYZE {rows}")
        else:
            session.do(sql.leave(), sql.into_rows(sql.accepted()))
        ((count,),) = session.rows(f"SELECT count(*) FROM {rows}")
        if count != self._advance.rows:
            self._give_up()
            return
        values = [
            sql.rows,
            self._accepted.sync,
            self._accepted.organisation,
            str(self._accepted.snapshot),
            self._advance.plan,
            says,
        ]
        session.do(
            f"DELETE FROM {sql.table(_MARKS)} WHERE rows_of = {literal(sql.rows)}",
            f"INSERT INTO {sql.table(_MARKS)} VALUES ({', '.join(map(literal, values))}, {count})",
        )

    def _says(self) -> str | None:
        """Return what the rows looked at were described as; None where they are not there any more."""
        name = literal(self._sql.table(self._sql.stage))
        ((says,),) = self._session.rows(f"SELECT obj_description(to_regclass({name}), 'pg_class')")
        if says is None:
            return None
        ((count,),) = self._session.rows(f"SELECT count(*) FROM {self._sql.table(self._sql.stage)}")
        return says if count == self._advance.looked_at else None

    def _key_types(self) -> list[str]:
        name = literal(self._sql.table(self._sql.stage))
        query = (
            "SELECT typname::text FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid "
            f"WHERE attrelid = to_regclass({name}) AND attname ~ '^k[0-9]+$' ORDER BY attnum"
        )
        return [type_ for (type_,) in self._session.rows(query)]

    def _give_up(self) -> None:
        """Keep nothing: the next plan reads all rows, and what it finds is kept anew."""
        self._session.do(f"DELETE FROM {self._sql.table(_MARKS)} WHERE rows_of = {literal(self._sql.rows)}")
