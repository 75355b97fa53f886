"""The messages to people: what is to be sent, what is on its way, and what became of it.

Who sends for a recipient holds its lock. A message that says that it is being sent, without anybody who holds
the lock, is of a process that died between asking the channel and writing down that it took it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select, update

from bookward.digests import Digest
from bookward.standings import Level, Message
from bookward.store.alert_tables import alert_messages, alert_states
from bookward.store.database import Database

DIGEST = "digest"
"""Stands in place of the trigger of what is told at certain times, whatever is wrong."""


class MessageState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"  #: for its turn, for a silence or a night to end, or for the next attempt
    SENDING = "sending"
    SENT = "sent"
    DROPPED = "dropped"  #: it had no meaning any more, or its recipient is gone
    FAILED = "failed"  #: given up after many attempts


_OPEN = (MessageState.WAITING, MessageState.SENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A message with its place in the outbox."""

    number: int
    message: Message | Digest
    state: MessageState
    held: bool
    not_before: datetime
    delivery: str | None  #: tells one sending from all others, however often it is tried
    attempts: int
    said: str | None  #: why the last attempt failed, or why it was dropped
    sent_at: datetime | None


class Outbox:
    """The messages to all recipients."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def recipients(self, now: datetime) -> Sequence[str]:
        """Return the slugs of the alerts that something is to be sent to now, or was being sent to."""
        due = (alert_messages.c.state == MessageState.WAITING) & (alert_messages.c.not_before <= now)
        query = select(alert_messages.c.alert).where(due | (alert_messages.c.state == MessageState.SENDING))
        with self._database.reading() as connection:
            return sorted(connection.scalars(query.distinct()))

    def open(self, alert: str) -> Sequence[Posted]:
        """Return what is to be sent to a recipient, now or later, or was being sent, the oldest first."""
        mine = (alert_messages.c.alert == alert, alert_messages.c.state.in_(_OPEN))
        query = select(alert_messages).where(*mine).order_by(alert_messages.c.number)
        with self._database.reading() as connection:
            return [_posted(line) for line in connection.execute(query).mappings()]

    def list(self, alert: str | None = None, limit: int = 50) -> Sequence[Posted]:
        """Return messages, the newest first."""
        query = select(alert_messages).order_by(alert_messages.c.number.desc()).limit(limit)
        if alert is not None:
            query = query.where(alert_messages.c.alert == alert)
        with self._database.reading() as connection:
            return [_posted(line) for line in connection.execute(query).mappings()]

    def last_sent(self, alert: str) -> datetime | None:
        """Return when something last reached a recipient."""
        query = select(func.max(alert_messages.c.sent_at)).where(alert_messages.c.alert == alert)
        with self._database.reading() as connection:
            at: datetime | None = connection.scalar(query)
        return at

    def begin(self, posted: Sequence[Posted], delivery: str) -> None:
        """Write down that messages are about to be sent, together."""
        more = {"attempts": alert_messages.c.attempts + 1, "held": False}
        self._change(posted, state=MessageState.SENDING, delivery=delivery, **more)

    def sent(self, posted: Sequence[Posted], at: datetime) -> None:
        """Write down that messages have arrived."""
        self._change(posted, state=MessageState.SENT, sent_at=at, said=None)

    def postpone(self, posted: Sequence[Posted], until: datetime, said: str | None = None) -> None:
        """Put messages back, not to be sent before a moment."""
        self._change(posted, state=MessageState.WAITING, not_before=until, said=said)

    def hold(self, posted: Sequence[Posted], until: datetime) -> None:
        """Hold messages back until a moment."""
        self._change(posted, not_before=until, held=True)

    def give_up(self, posted: Sequence[Posted], said: str, state: MessageState = MessageState.FAILED) -> None:
        """Write down that messages will never be sent."""
        self._change(posted, state=state, said=said)

    def forget(self, before: datetime) -> None:
        """Drop messages of changes before a moment, unless what they are about is still not well."""
        same = (
            alert_states.c.subject == alert_messages.c.subject,
            alert_states.c.trigger == alert_messages.c.trigger,
        )
        bad: ColumnElement[bool] = exists().where(*same, alert_states.c.level != Level.OK)
        old = (alert_messages.c.not_before < before, alert_messages.c.state.not_in(_OPEN), ~bad)
        with self._database.writing() as connection:
            connection.execute(delete(alert_messages).where(*old))

    def _change(self, posted: Sequence[Posted], **values: Any) -> None:
        numbers = [one.number for one in posted]
        with self._database.writing() as connection:
            connection.execute(
                update(alert_messages).where(alert_messages.c.number.in_(numbers)).values(**values)
            )


def _posted(line: Any) -> Posted:
    names = ("number", "held", "not_before", "delivery", "attempts", "said", "sent_at")
    state, kind = MessageState(line["state"]), Digest if line["trigger"] == DIGEST else Message
    message = kind.of_plain(line["body"])
    return Posted(**{name: line[name] for name in names}, state=state, message=message)
