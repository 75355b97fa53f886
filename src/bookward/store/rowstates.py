"""The rows of a sync between its runs: where each stands, and which wait for what."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, func, or_, select, update

from bookward.records import Brief
from bookward.rowstate import RowState
from bookward.store.database import Database
from bookward.store.refusals import STANDS, Refusal, refusal_of, stands_in
from bookward.store.tables import CAME_BACK, rows, runs

_MOST_VALUES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRow:
    """One row of a sync as it stands now."""

    key: str
    state: RowState
    remote_id: str | None
    run: str  #: the run that brought it there
    code: str | None
    message: str | None
    remedy: str | None
    field: str | None
    attempts: int  #: how often the destination refused it as it is
    next_try: datetime | None  #: a refused row is not sent again before this moment
    brief: Brief | None = None  #: as the plan of its run says it; None where that is not asked, or not kept


_KEPT = [rows.c[name] for name in SyncRow.__dataclass_fields__ if name in rows.c and name != "state"]


def counted(connection: Connection, *of: ColumnElement[bool]) -> dict[str, Mapping[str, int]]:
    """Return how many rows stand in which state, by sync.

    Args:
        of: only rows of which this holds.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    by_state = select(rows.c.sync, rows.c.state, func.count()).where(*of).group_by(rows.c.sync, rows.c.state)
    for sync, state, count in connection.execute(by_state):
        found[sync][state] = count
    # Asked apart, since few rows did: the first query is answered by an index alone.
    left = [sync for sync, counts in found.items() if RowState.REMOVED in counts]
    back = select(rows.c.sync, STANDS, func.count()).where(rows.c.sync.in_(left), CAME_BACK)
    for sync, state, count in connection.execute(back.group_by(rows.c.sync, "standing")) if left else ():
        found[sync].update({state: count, RowState.REMOVED: -count})
    return {sync: dict(+counts) for sync, counts in found.items()}


def _row(line: RowMapping) -> SyncRow:
    kept = dict(line)
    return SyncRow(state=RowState(kept.pop("standing")), **kept)


class RowStates:
    """Where the rows of one sync stand."""

    def __init__(self, database: Database, sync: str) -> None:
        self._database = database
        self._of_sync = rows.c.sync == sync
        self._refused = (self._of_sync, rows.c.digest.is_not(None))

    def list(
        self,
        *,
        states: Collection[str] = (),
        search: str = "",
        in_words: bool = True,
        called: Mapping[str, Collection[str]] | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Iterator[SyncRow]:
        """Yield rows in the order of their keys.

        Args:
            states: only rows in one of these states; empty for all.
            search: only rows whose key, record or reason contains this.
            in_words: whether reasons are searched, too.
            called: by run the keys of rows that are found as well, where that run brought them there.
            after: only rows behind this key.
            limit: at most so many.
        """
        query = select(*_KEPT, STANDS).where(self._of_sync).order_by(rows.c.key).limit(limit)
        if states:
            query = query.where(stands_in(states))
        if after is not None:
            query = query.where(rows.c.key > after)
        if search:
            places = [rows.c.key, rows.c.remote_id, *([rows.c.message] if in_words else [])]
            found = [place.icontains(search, autoescape=True) for place in places]
            named = [and_(rows.c.run == run, rows.c.key.in_(keys)) for run, keys in (called or {}).items()]
            query = query.where(or_(*found, *named))
        query = query.execution_options(yield_per=500)
        with self._database.reading() as connection, connection.execute(query) as lines:
            for line in lines.mappings():
                yield _row(line)

    def get(self, key: str) -> SyncRow | None:
        """Return one row, None where the sync has none of this key."""
        query = select(*_KEPT, STANDS).where(self._of_sync, rows.c.key == key)
        with self._database.reading() as connection:
            line = connection.execute(query).mappings().one_or_none()
        return None if line is None else _row(line)

    def runs(self, limit: int) -> Sequence[str]:
        """Return the newest runs that brought rows where they stand, at most so many."""
        of_rows = select(rows.c.run).where(self._of_sync).distinct()
        query = select(runs.c.id).where(runs.c.id.in_(of_rows)).order_by(runs.c.position.desc()).limit(limit)
        with self._database.reading() as connection:
            return connection.scalars(query).all()

    def counts(self) -> Mapping[str, int]:
        """Return how many rows are in which state."""
        with self._database.reading() as connection:
            return next(iter(counted(connection, self._of_sync).values()), {})

    def known(self, keys: Sequence[str]) -> set[str]:
        """Return those of the keys that the sync has, or had, a row of."""
        query = select(rows.c.key).where(self._of_sync, rows.c.key.in_(keys))
        with self._database.reading() as connection:
            return set(connection.scalars(query))

    def has_refusals(self) -> bool:
        """Return whether the destination refused any row."""
        with self._database.reading() as connection:
            return connection.execute(select(rows.c.key).where(*self._refused).limit(1)).first() is not None

    def refusals(self, keys: Sequence[str]) -> Mapping[str, Refusal]:
        """Return, by key, what the destination refused about rows."""
        found: dict[str, Refusal] = {}
        with self._database.reading() as connection:
            for start in range(0, len(keys), _MOST_VALUES):
                part = rows.c.key.in_(keys[start : start + _MOST_VALUES])
                lines = connection.execute(select(rows).where(*self._refused, part)).mappings()
                found |= {line["key"]: refusal_of(line) for line in lines}
        return found

    def forgive(self, keys: Collection[str] | None = None) -> Sequence[str]:
        """Let refused rows be sent again by the next run; return their keys.

        Args:
            keys: of the rows; None for all that were refused.
        """
        asked = self._refused if keys is None else (*self._refused, rows.c.key.in_(keys))
        back = case((rows.c.state == RowState.PARKED, RowState.REJECTED), else_=rows.c.state)
        again = {"state": back, "digest": None, "next_try": None, "attempts": 0}
        query = update(rows).where(*asked).values(again).returning(rows.c.key)
        with self._database.writing() as connection:
            return sorted(connection.scalars(query))
