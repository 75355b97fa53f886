"""Comparing in a warehouse that answers statement by statement; see ``ledger`` for what it keeps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from secrets import token_hex
from typing import Any

from bookward import exactjson
from bookward.errors import SourceFailed
from bookward.heavy import pa
from bookward.ports import Accepted, Advance, Question, Rows
from bookward.sources.ledger import Ledger
from bookward.sources.pushdown_sql import PushdownSql
from bookward.sources.rowhash import ROW_HASHES, key_of
from bookward.sources.shape import kind_of
from bookward.sources.workshop import Bench, Workshop

_FORMAT = 1  #: of what is kept; another one counts as nothing kept


class WorkshopPushdown:
    """A ``ports.SqlPushdown`` for a warehouse that a ``Workshop`` stands in."""

    def __init__(self, workshop: Workshop) -> None:
        self._shop = workshop

    def check(self) -> None:
        with self._shop.opened() as bench:
            sql = PushdownSql(
                dialect=self._shop.dialect, schema=self._shop.schema, rows="", stage="", keys=0
            )  # fmt: skip
            table = sql.table(f"check_{token_hex(4)}")
            bench.make(table, "SELECT 1 AS one")
            bench.do(f"DROP TABLE {table}")

    @contextmanager
    def narrow(self, accepted: Accepted, question: Question) -> Iterator[_Narrowed]:
        described = self._shop.described(question.query)
        with self._shop.opened() as bench:
            ledger = Ledger(self._shop, bench, accepted, question.plan, len(question.keys))
            try:
                unread = _looked_at(bench, ledger, accepted, question, described)
                with ExitStack() as reading:
                    yield _Narrowed(self._shop, reading, ledger.sql, described.names, question.keys, unread)
            finally:
                bench.drop(ledger.working("model"), ledger.working("differing"))

    def advance(self, accepted: Accepted, advance: Advance) -> None:
        with self._shop.opened() as bench:
            keys = advance.strays.num_columns
            Ledger(self._shop, bench, accepted, advance.plan, keys).advance(accepted, advance)

    def forget(self, accepted: Accepted, needed: Callable[[str], bool]) -> None:
        with self._shop.opened() as bench:
            ledger = Ledger(self._shop, bench, accepted, "", 0)
            for plan in ledger.plans():
                if not needed(plan):
                    ledger.forget(plan)


class _Narrowed:
    """A ``ports.Narrowed``; its rows lie in the plan's tables until they are read."""

    def __init__(
        self,
        shop: Workshop,
        reading: ExitStack,
        sql: PushdownSql,
        names: Sequence[str],
        keys: Sequence[str],
        unread: int | None,
    ) -> None:
        self._shop = shop
        self._reading = reading
        self._sql = sql
        self._names = names
        self._keys = keys
        self.whole = unread is None
        self.unread = unread or 0

    def gone(self) -> Rows:
        return self._in_order(self._sql.read_gone(self._keys, "place"), None)

    def rows(self) -> Rows:
        return self._in_order(self._sql.read_rows(self._names, "place"), 0)

    def _in_order(self, query: str, first: int | None) -> Rows:
        rows = self._reading.enter_context(self._shop.read(query))
        return Rows(rows.schema.remove(len(rows.schema) - 1), _in_place(rows.batches, first, self._shop.name))


def _in_place(batches: Iterator[pa.RecordBatch], first: int | None, source: str) -> Iterator[pa.RecordBatch]:
    """Yield rows without their place, the last column; what is written down of a row goes by its place.

    Args:
        first: place of the first row; None: whatever it says.

    Raises:
        SourceFailed: they came in another order.
    """
    for batch in batches:
        places: list[Any] = batch.column(batch.num_columns - 1).to_pylist()
        if first is None and places:
            first = int(places[0])
        if first is not None and places != list(range(first, first + len(places))):
            raise SourceFailed(
                f"Source {source!r} gave rows in another order than they were asked for.",
                remedy="Run again; set `diff: local` where it stays so.",
            )
        first = None if first is None else first + len(places)
        yield batch.select(list(range(batch.num_columns - 1)))


def _looked_at(
    bench: Bench, ledger: Ledger, accepted: Accepted, question: Question, described: pa.Schema
) -> int | None:
    """Write down which rows are looked at; return how many keys are not, None where all rows are."""
    sql, says = ledger.sql, _says(question, described)
    model, stage, differing = ledger.working("model"), sql.table(sql.stage), ledger.working("differing")
    ledger.begin(says)
    keys = [key_of(sql.dialect, described.field(name)) for name in question.keys]
    hashed = ROW_HASHES[sql.dialect](described)
    bench.make(model, sql.model(question.query, described.names, keys, hashed))
    kept = ledger.mark()
    unread = None
    if kept is not None and (kept.snapshot, kept.says) == (accepted.snapshot, says):
        try:
            bench.make(differing, replace(sql, rows=kept.table).differing())
            ((gone, other),) = bench.ask(sql.counts())
            unread = kept.rows - int(gone) - int(other)
        except SourceFailed:
            if ledger.mark() == kept:
                raise
            # A run of the same sync, of a copy of this state, has dropped that table meanwhile: all are read.
    bench.make(stage, sql.staged(whole=unread is None))
    return unread


def _says(question: Question, described: pa.Schema) -> str:
    """Return a digest of all that must be the same for two hashes to be of the same thing."""
    said: Mapping[str, Any] = {
        "format": _FORMAT,
        "keys": list(question.keys),
        "columns": [[field.name, str(field.type), kind_of(field) or ""] for field in described],
        "config": question.config_version,
    }
    return hashlib.blake2b(exactjson.encode_sorted(dict(said)), digest_size=16).hexdigest()
