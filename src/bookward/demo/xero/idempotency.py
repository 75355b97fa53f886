"""Answers kept under their ``Idempotency-Key``. Source: Xero, Idempotent requests."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from bookward.demo.xero.answers import Answer, Refused, json_answer
from bookward.demo.xero.envelope import millis
from bookward.demo.xero.storage import Storage

LIFETIME_MS = 6 * 60 * 1000
MAX_KEY = 128
METHODS = frozenset({"POST", "PUT", "PATCH"})


def fingerprint(method: str, url: str, tenant: str, body: bytes) -> bytes:
    """Return what two requests have in common only if they are the same request."""
    parts = (method, url, tenant)
    return sha256("\n".join(parts).encode() + b"\n" + body).digest()


class IdempotencyCache:
    """First answers, for six minutes from the first call, per app."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def recall(self, app: str, key: str, request: bytes, now: datetime) -> Answer | None:
        """Return the answer given before to this very request under this key.

        Raises:
            Refused: the key is too long, or belongs to another request.
        """
        if len(key) > MAX_KEY:
            raise _refused(f"Idempotency Key: must not be longer than {MAX_KEY} characters.")
        with self._storage.transaction() as db:
            db.execute("DELETE FROM idempotency WHERE at <= ?", (millis(now) - LIFETIME_MS,))
            row = db.execute("SELECT * FROM idempotency WHERE app = ? AND key = ?", (app, key)).fetchone()
        if row is None:
            return None
        if row["request"] != request:
            raise _refused(f"Idempotency Key: {key} is used with a different request.")
        return Answer(status=row["status"], type=row["type"], body=row["body"])

    def remember(self, app: str, key: str, request: bytes, now: datetime, answer: Answer) -> None:
        """Keep ``answer``; a later one for the same key takes its place, the time stays the first call's."""
        with self._storage.transaction() as db:
            db.execute(
                "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app, key) DO UPDATE"
                " SET status = excluded.status, type = excluded.type, body = excluded.body",
                (app, key, request, millis(now), answer.status, answer.type, answer.body),
            )


def _refused(message: str) -> Refused:
    return Refused(json_answer({"Type": "IdempotencyKeyException", "Message": message}, 400))
