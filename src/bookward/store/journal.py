"""The write-ahead journal: what was about to be sent, and what became of it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, insert, select, update

from bookward.clock import Clock, Uptime
from bookward.errors import RecordMoved
from bookward.records import SENDING, Intent, Operation, Outcome, Rejection
from bookward.store.database import Database
from bookward.store.epochs import Epochs
from bookward.store.tables import intents, outcomes, run_rows, settlements
from bookward.store.upserts import insert_new

# Made once: it is executed for every batch, and takes longer to make than to execute.
_INTEND = insert(intents)


def is_open() -> ColumnElement[bool]:
    """Return the condition that an intent has no settlement.

    Not by NOT IN: from some 100,000 settlements on, PostgreSQL goes through them all for each intent.
    """
    return ~exists().where(settlements.c.batch == intents.c.batch)


def forget_bodies(database: Database, before: datetime) -> int:
    """Drop what was sent in batches settled before ``before``; return how many batches lost it.

    The bodies hold personal and bank data, and serve nothing once a batch is settled.
    """
    old = select(settlements.c.batch).where(settlements.c.at < before)
    with database.writing() as connection:
        return connection.execute(
            update(intents).where(intents.c.batch.in_(old), intents.c.body != b"").values(body=b"")
        ).rowcount


class RunJournal:
    """The journal of one run (``ports.Journal``)."""

    def __init__(self, database: Database, clock: Clock, epochs: Epochs, run: str) -> None:
        self._database = database
        self._clock = clock
        self._epochs = epochs
        self._run = run

    def check(self) -> None:
        self._epochs.check_of(self._run)

    def intend(self, intent: Intent) -> None:
        with self._writing() as connection:
            _add_intents(connection, [intent])

    def settle(self, batch: str, outcomes_: Sequence[Outcome], next_intents: Sequence[Intent] = ()) -> None:
        with self._writing() as connection:
            connection.execute(insert_new(connection, settlements), {"batch": batch, "at": self._clock.now()})
            self._add_outcomes(connection, outcomes_)
            _add_intents(connection, next_intents)

    def record(self, outcomes_: Sequence[Outcome]) -> None:
        with self._writing() as connection:
            self._add_outcomes(connection, outcomes_)

    def open_intents(self) -> Sequence[Intent]:
        query = select(intents).where(intents.c.run == self._run, is_open()).order_by(intents.c.position)
        with self._database.reading() as connection:
            return [_intent(line) for line in connection.execute(query)]

    def sent(self) -> int:
        """Return how many operations of the run were sent and answered, as far as that is known."""
        # A record that had moved was left out before anything was sent.
        stood = outcomes.c.code.is_distinct_from(RecordMoved.code)
        sent = (run_rows.c.run == self._run, run_rows.c.kind.in_(SENDING), stood)
        same_row = (run_rows.c.run == outcomes.c.run) & (run_rows.c.seq == outcomes.c.seq)
        query = select(func.count()).select_from(run_rows.join(outcomes, same_row)).where(*sent)
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one()

    def expected(self) -> int:
        """Return how many places of the plan are gone through: ``expect`` does so in their order."""
        query = select(func.max(run_rows.c.seq)).where(run_rows.c.run == self._run)
        with self._database.reading() as connection:
            last = connection.scalar(query)
        return 0 if last is None else last + 1

    def expect(self, operations: Sequence[Operation], known: Sequence[Outcome] = ()) -> None:
        """Write down what the run is going to do, and the outcomes of what needs no call."""
        lines = [
            {
                "run": self._run,
                "seq": o.seq,
                "key": o.key,
                "change": o.change,
                "kind": o.kind,
                "digest": o.digest,
            }
            for o in operations
        ]
        with self._writing() as connection:
            if lines:
                connection.execute(insert_new(connection, run_rows), lines)
            self._add_outcomes(connection, known)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._database.writing() as connection:
            self._epochs.require_of(connection, self._run)
            yield connection

    def _add_outcomes(self, connection: Connection, outcomes_: Sequence[Outcome]) -> None:
        if outcomes_:
            lines = [_outcome_line(self._run, outcome) for outcome in outcomes_]
            connection.execute(insert_new(connection, outcomes), lines)


def _add_intents(connection: Connection, new: Sequence[Intent]) -> None:
    lines = [
        {
            "batch": intent.batch,
            "run": intent.run,
            "seqs": list(intent.seqs),
            "method": intent.method,
            "path": intent.path,
            "body": zlib.compress(intent.body, 1),
            "idempotency_key": intent.idempotency_key,
            "at": intent.at,
            "boot": intent.uptime.boot if intent.uptime else None,
            "uptime": intent.uptime.seconds if intent.uptime else None,
        }
        for intent in new
    ]
    if lines:
        connection.execute(_INTEND, lines)


def _intent(line: Any) -> Intent:
    return Intent(
        batch=line.batch,
        run=line.run,
        seqs=tuple(line.seqs),
        method=line.method,
        path=line.path,
        body=zlib.decompress(line.body),
        idempotency_key=line.idempotency_key,
        at=line.at,
        uptime=Uptime(boot=line.boot, seconds=line.uptime) if line.boot else None,
    )


def _outcome_line(run: str, outcome: Outcome) -> dict[str, Any]:
    rejection = outcome.rejection or Rejection(code="", message="")
    return {
        "run": run,
        "seq": outcome.seq,
        "status": outcome.status,
        "remote_id": outcome.remote_id,
        "code": rejection.code or None,
        "message": rejection.message or None,
        "remedy": rejection.remedy or None,
        "field": rejection.field,
        "retry": rejection.retry if rejection.code else None,
        "warnings": list(outcome.warnings),
        "candidates": list(outcome.candidates) or None,
    }
