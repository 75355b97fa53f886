"""Answers that are given again: a request that is sent twice with one idempotency key is done once."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bookward.clock import Clock
from bookward.errors import KeyReused, RequestUnfinished
from bookward.store.access_tables import answers
from bookward.store.database import Database
from bookward.store.seal import Seal

LIFE = timedelta(hours=24)


class Answer(msgspec.Struct, frozen=True):
    """An answer as it was given."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Answers:
    """Keeps answers for a day, sealed: some show what is shown once."""

    def __init__(self, database: Database, clock: Clock, seal: Seal) -> None:
        self._database = database
        self._clock = clock
        self._seal = seal

    def begin(self, caller: str, key: str, request: str) -> tuple[str, Answer | None]:
        """Return the id under which to keep the answer, and the answer where there was one.

        Args:
            caller: who sends the request.
            key: the idempotency key.
            request: what differs between requests that are not the same.

        Raises:
            KeyReused: the key came with another request.
            RequestUnfinished: the first one has no answer yet, or its process died before it had one.
        """
        id_ = hashlib.sha256(f"{caller}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()
        now = self._clock.now()
        line = insert(answers).values(id=id_, request=request, begun_at=now, sealed=None)
        with self._database.writing() as connection:
            connection.execute(delete(answers).where(answers.c.begun_at <= now - LIFE))
            try:
                with connection.begin_nested():
                    connection.execute(line)
            except IntegrityError:
                found = connection.execute(select(answers).where(answers.c.id == id_)).one()
            else:
                return id_, None
        if found.request != request:
            raise KeyReused("This idempotency key was sent with another request before.")
        if found.sealed is None:
            raise RequestUnfinished("The request with this idempotency key has no answer yet.")
        return id_, msgspec.msgpack.decode(self._seal.open(found.sealed), type=Answer)

    def keep(self, id_: str, answer: Answer) -> None:
        """Keep the answer to a request."""
        sealed = self._seal.close(msgspec.msgpack.encode(answer))
        with self._database.writing() as connection:
            connection.execute(update(answers).where(answers.c.id == id_).values(sealed=sealed))

    def drop(self, id_: str) -> None:
        """Forget that a request was begun: it came to nothing and may be sent again."""
        with self._database.writing() as connection:
            connection.execute(delete(answers).where(answers.c.id == id_))
