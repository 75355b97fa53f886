"""What a warehouse without transactions keeps of the accepted rows of a sync, and how it is brought forward.

One small table a sync, the ledger, says which table has the rows that count. A new one is made whole beside
it; then one statement changes one row of the ledger, and with it what counts. A process that dies before has
left a table that the ledger names, which the next one drops.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from bookward.errors import SourceFailed
from bookward.failpoints import failpoint
from bookward.heavy import pa
from bookward.ports import Accepted, Advance
from bookward.sources.pushdown_sql import PushdownSql
from bookward.sources.shape import kind_of
from bookward.sources.workshop import Bench, Workshop, literal

STAGE = "plan_"
"""What the names of the tables begin with that hold what a plan has looked at; its id follows."""

_WORKING = ("model", "differing", "open", "ranges", "strays")
_MOST = 20_000  # ranges of open places, or strays; with more of them most rows are read next time anyway
_AT_ONCE = 500  # rows of one INSERT
_LONGEST = 1_000  # letters of a key that is written out


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the warehouse says about the rows that it keeps of a sync."""

    table: str
    snapshot: str
    plan: str  #: whose rows were taken over last
    says: str  #: what columns they have, and what they were accepted under, as a digest
    rows: int


class Ledger:
    """What is kept of one sync."""

    def __init__(self, workshop: Workshop, bench: Bench, accepted: Accepted, plan: str, keys: int) -> None:
        """Make the ledger's table unless it is there.

        Args:
            keys: how many key columns there are.
        """
        whose = f"{accepted.sync}\n{accepted.organisation}"
        digest = hashlib.blake2b(whose.encode(), digest_size=6).hexdigest()
        name = f"{accepted.sync.encode()[:40].decode(errors='ignore')}_{digest}"
        self._shop = workshop
        self._bench = bench
        self.sql = PushdownSql(
            dialect=workshop.dialect,
            schema=workshop.schema,
            rows=f"rows_{name}",
            stage=f"{STAGE}{plan}",
            keys=keys,
            work=plan,
        )
        self._table = self.sql.named(f"sync_{name}")
        texts = ", ".join(f"{column} VARCHAR(300)" for column in ("kind", "name", "plan", "snapshot", "says"))
        self._do(f"CREATE TABLE IF NOT EXISTS {self._table} ({texts}, rows BIGINT)")

    def mark(self) -> Mark | None:
        """Return what is kept; None where nothing is, or where the table is gone."""
        found = self._noted("name, snapshot, plan, says, rows", "mark")
        if not found:
            return None
        table, snapshot, plan, says, rows = found[0]
        mark = Mark(table=table, snapshot=snapshot, plan=plan, says=says, rows=int(rows))
        return mark if self._count(table) == mark.rows else None

    def begin(self, says: str) -> None:
        """Write down that a plan looks at rows that are described so, before anything is made for it."""
        self._remove("plan", self.sql.stage)
        self._note("plan", self.sql.stage, "", "", says)

    def plans(self) -> list[str]:
        """Return the ids of the plans that tables are kept for."""
        return [name.removeprefix(STAGE) for (name,) in self._noted("name", "plan")]

    def forget(self, plan: str) -> None:
        """Drop all that was made for a plan."""
        tables = (f"{STAGE}{plan}", *(f"{name}_{plan}" for name in _WORKING))
        self._bench.drop(*map(self.sql.table, tables))
        self._remove("plan", f"{STAGE}{plan}")

    def working(self, name: str) -> str:
        """Return a working table of the plan."""
        return self.sql.table(f"{name}_{self.sql.work}")

    def advance(self, accepted: Accepted, advance: Advance) -> None:
        """Bring what is kept to the new snapshot; where it cannot be done, keep nothing any more."""
        kept, says = self.mark(), self._says(advance.looked_at)
        fits = kept is not None and advance.base == kept.snapshot
        begun = kept is not None and advance.plan == kept.plan
        table = None
        if says is not None and (advance.whole or fits or begun):
            table = self._made(None if advance.whole or kept is None else kept.table, advance)
        failpoint("before-warehouse-commit")
        if table is None or says is None:
            self._do(f"DELETE FROM {self._table} WHERE kind = 'mark'")
        else:
            self._move(table, advance, str(accepted.snapshot), says)
        self._sweep(table)
        self._bench.drop(*map(self.working, ("open", "ranges", "strays")))

    def _made(self, old: str | None, advance: Advance) -> str | None:
        """Return the new table of rows; None where it does not come to as many as there are."""
        ranges = list(islice(_ranges(advance.open_places), _MOST + 1))
        if len(ranges) > _MOST:
            return None
        lines = [f"{first}, {last}, {held}" for first, last, held in ranges]
        self._load("ranges", "first BIGINT, last BIGINT, held BOOLEAN", lines)
        self._bench.make(self.working("open"), self.sql.opened(f"ranges_{self.sql.work}"))
        queries = [self.sql.accepted()]
        if old is not None:
            queries.append(replace(self.sql, rows=old).left())
        if advance.strays.num_rows:
            types = self._stray_types(advance.strays)
            if types is None:
                return None
            queries.append(self.sql.strays(types))
        table = f"{self.sql.rows}_{secrets.token_hex(4)}"
        self._note("rows", table)
        self._bench.make(self.sql.table(table), " UNION ALL ".join(f"({query})" for query in queries))
        return table if self._count(table) == advance.rows else None

    def _stray_types(self, strays: pa.Table) -> list[str] | None:
        """Load keys given as text; return the types that the stage has them in, None where it cannot be."""
        names = ", ".join(f"k{place}" for place in range(self.sql.keys))
        query = self.sql.say(f"SELECT {names} FROM {self.sql.named(self.sql.stage)} LIMIT 0")
        with self._shop.read(query) as rows:
            types = [type_ for field in rows.schema if (type_ := _type(field)) is not None]
        values = [list(row.values()) for row in strays.slice(0, _MOST + 1).to_pylist()]
        longest = max(len(value) for row in values for value in row)
        if len(types) < self.sql.keys or len(values) > _MOST or longest > _LONGEST:
            return None
        columns = ", ".join(f"k{place} VARCHAR(4000)" for place in range(self.sql.keys))
        self._load("strays", columns, [", ".join(map(literal, row)) for row in values])
        return types

    def _move(self, table: str, advance: Advance, snapshot: str, says: str) -> None:
        """Let a table of rows be the one that counts; either way it is one statement that does it."""
        if not self._noted("name", "mark"):
            self._note("mark", table, advance.plan, snapshot, says, advance.rows)
            return
        self._do(
            f"UPDATE {self._table} SET name = {literal(table)}, plan = {literal(advance.plan)}, "
            f"snapshot = {literal(snapshot)}, says = {literal(says)}, rows = {advance.rows} "
            "WHERE kind = 'mark'"
        )

    def _sweep(self, kept: str | None) -> None:
        """Drop all tables of rows but the one that counts."""
        for (name,) in self._noted("name", "rows"):
            if name != kept:
                self._do(f"DROP TABLE IF EXISTS {self.sql.named(name)}")
                self._remove("rows", name)

    def _says(self, looked_at: int) -> str | None:
        """Return what the rows looked at were described as; None where they are not there any more."""
        found = dict(self._noted("name, says", "plan"))
        if self.sql.stage not in found or self._count(self.sql.stage) != looked_at:
            return None
        return str(found[self.sql.stage])

    def _count(self, table: str) -> int | None:
        try:
            ((count,),) = self._bench.ask(self.sql.say(f"SELECT COUNT(*) FROM {self.sql.named(table)}"))
        except SourceFailed:
            return None  # somebody has dropped it
        return int(count)

    def _load(self, name: str, columns: str, lines: Sequence[str]) -> None:
        """Make a working table of lines of values."""
        table = self.sql.working(name)
        self._do(f"DROP TABLE IF EXISTS {table}", f"CREATE TABLE {table} ({columns})")
        for start in range(0, len(lines), _AT_ONCE):
            values = ", ".join(f"({line})" for line in lines[start : start + _AT_ONCE])
            self._do(f"INSERT INTO {table} VALUES {values}")

    def _noted(self, columns: str, kind: str) -> list[tuple[Any, ...]]:
        return self._bench.ask(self.sql.say(f"SELECT {columns} FROM {self._table} WHERE kind = '{kind}'"))

    def _note(
        self, kind: str, name: str, plan: str = "", snapshot: str = "", says: str = "", rows: int = 0
    ) -> None:
        values = ", ".join(map(literal, (kind, name, plan, snapshot, says)))
        self._do(f"INSERT INTO {self._table} VALUES ({values}, {rows})")

    def _remove(self, kind: str, name: str) -> None:
        self._do(f"DELETE FROM {self._table} WHERE kind = '{kind}' AND name = {literal(name)}")

    def _do(self, *statements: str) -> None:
        self._bench.do(*map(self.sql.say, statements))


def _ranges(places: pa.RecordBatchReader) -> Iterator[tuple[int, int, bool]]:
    """Yield places that follow each other and are alike as first, last, and whether they are held."""
    first, last, held = 0, -1, False
    for batch in places:
        for place, is_held in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            if last >= first and (place, is_held) == (last + 1, held):
                last = place
                continue
            if last >= first:
                yield first, last, held
            first, last, held = place, place, is_held
    if last >= first:
        yield first, last, held


def _type(field: pa.Field[Any]) -> str | None:
    """Return the type of a key that can be told from its text in every dialect; None for all others."""
    type_ = field.type
    if pa.types.is_integer(type_):
        return "BIGINT"
    if pa.types.is_decimal(type_):
        return f"DECIMAL({type_.precision}, {type_.scale})"
    if pa.types.is_date(type_):
        return "DATE"
    return "VARCHAR(4000)" if pa.types.is_string(type_) and kind_of(field) is None else None
