"""With which batches a row was sent, and when it was known what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bookward.store.database import Database
from bookward.store.tables import calls, intents, settlements

_KEY = "idempotency-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One batch that carried a row."""

    key: str  #: its idempotency key
    at: datetime  #: when it was written down, just before it left
    settled_at: datetime | None  #: when what became of it was known; None while it is not


class Sendings:
    """What a run sent, row by row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, run: str, seq: int) -> Sequence[Sending]:
        """Return the batches that carried one row of a run, the oldest first; cut ones come again."""
        query = (
            select(intents.c.seqs, intents.c.idempotency_key, intents.c.at, settlements.c.at.label("settled"))
            .select_from(intents.outerjoin(settlements, settlements.c.batch == intents.c.batch))
            .where(intents.c.run == run)
            .order_by(intents.c.position)
        )
        with self._database.reading() as connection:
            lines = connection.execute(query).all()
        return [
            Sending(key=line.idempotency_key, at=line.at, settled_at=line.settled)
            for line in lines
            if seq in line.seqs
        ]

    def calls(self, run: str, keys: Sequence[str]) -> Sequence[int]:
        """Return the numbers of the calls that carried batches, by their keys."""
        if not keys:
            return []
        query = select(calls.c.id, calls.c.request_headers).where(calls.c.run == run).order_by(calls.c.id)
        with self._database.reading() as connection:
            lines = connection.execute(query).all()
        return [
            number
            for number, headers in lines
            if any(name.lower() == _KEY and value in keys for name, value in (headers or {}).items())
        ]
