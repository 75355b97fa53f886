"""How everything stands that people are told of, the messages to them, and what is silenced.

Whoever changes a state does so alone, and writes the messages about it in the same transaction: a state that
changed has its messages, however soon the process dies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from bookward.spec.triggers import Trigger
from bookward.standings import Level, Message, Silence, Standing, Subject, Told
from bookward.store import upserts
from bookward.store.alert_tables import alert_messages, alert_silences, alert_states
from bookward.store.database import Database
from bookward.store.outbox import MessageState
from bookward.store.tables import runs

_ALONE = "standings"
_COLUMNS = ("level", "since", "episode", "began", "said", "remedy", "run")


class Standings:
    """The states of all subjects."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def changing(self) -> Iterator[Changing]:
        """Yield what changes states; all of it is on disk, or nothing, when the block is left."""
        with self._database.writing(alone=_ALONE) as connection:
            yield Changing(connection)

    def list(self, *, all_: bool = False) -> Sequence[Standing]:
        """Return what is not well, the worst and the oldest first; with ``all_``, also what is well again."""
        with self._database.reading() as connection:
            return _standings(connection, all_=all_)

    def unwatched(self, limit: int) -> Sequence[str]:
        """Return the ids of runs that have ended and were not looked at yet, in the order of their ends."""
        query = select(runs.c.id).where(~runs.c.watched, runs.c.finished_at.is_not(None))
        query = query.order_by(runs.c.finished_at, runs.c.position).limit(limit)
        with self._database.reading() as connection:
            return connection.scalars(query).all()

    def silences(self) -> Sequence[Silence]:
        """Return what people want to hear nothing of; some may be over."""
        with self._database.reading() as connection:
            return _silences(connection)

    def end_silence(self, subject: Subject, trigger: Trigger | None, now: datetime) -> bool:
        """End a silence and let go what it held back; return whether there was one."""
        of_subject = alert_messages.c.subject == str(subject)
        held = (of_subject, alert_messages.c.state == MessageState.WAITING, alert_messages.c.held)
        key = (alert_silences.c.subject == str(subject), alert_silences.c.trigger == (trigger or ""))
        with self._database.writing() as connection:
            connection.execute(update(alert_messages).where(*held).values(not_before=now))
            return bool(connection.execute(delete(alert_silences).where(*key)).rowcount)


class Changing:
    """Changes states and writes messages, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def watch(self, run: str) -> bool:
        """Take a run as looked at; return whether nobody did before."""
        line = update(runs).where(runs.c.id == run, ~runs.c.watched).values(watched=True)
        return bool(self._connection.execute(line).rowcount)

    def standing(self, subject: Subject, trigger: Trigger) -> Standing | None:
        """Return how a trigger of a subject stands; None where it was always well."""
        key = (alert_states.c.subject == str(subject), alert_states.c.trigger == trigger)
        line = self._connection.execute(select(alert_states).where(*key)).mappings().one_or_none()
        return _standing(line) if line else None

    def put(self, standing: Standing) -> None:
        """Replace a state."""
        values = {name: getattr(standing, name) for name in _COLUMNS}
        key = {"subject": str(standing.subject), "trigger": standing.trigger}
        line = upserts.insert(self._connection, alert_states).values(**key, **values)
        self._connection.execute(line.on_conflict_do_update(index_elements=list(key), set_=values))

    def not_well(self) -> Sequence[Standing]:
        """Return what is not well, the worst and the oldest first."""
        return _standings(self._connection)

    def silence(self, silence: Silence) -> None:
        """Keep messages back; a silence of the same subject and trigger gives way to it."""
        values = {"until": silence.until, "by": silence.by, "at": silence.at}
        key = {"subject": str(silence.subject), "trigger": silence.trigger or ""}
        line = upserts.insert(self._connection, alert_silences).values(**key, **values)
        self._connection.execute(line.on_conflict_do_update(index_elements=list(key), set_=values))

    def silences(self) -> Sequence[Silence]:
        """Return what people want to hear nothing of; some may be over."""
        return _silences(self._connection)

    def told(self, alert: str, subject: Subject, trigger: Trigger) -> Told:
        """Return what a recipient was told of a subject and trigger, and what is held back from it."""
        held, going = alert_messages.c.held, alert_messages.c.state == MessageState.WAITING
        query = select(alert_messages.c.level).where(*_about(alert, subject, trigger))
        sent = alert_messages.c.state.in_([MessageState.SENDING, MessageState.SENT])
        last = query.where(sent | (going & ~held)).order_by(alert_messages.c.number.desc()).limit(1)
        level = self._connection.scalar(last)
        waits = self._connection.scalar(query.where(going, held).limit(1))
        kept = (*_about(alert, subject, trigger), alert_messages.c.state != MessageState.DROPPED)
        newest = select(alert_messages.c.body).where(*kept).order_by(alert_messages.c.number.desc()).limit(1)
        body = self._connection.scalar(newest)
        episode = body["episode"] if body else None
        return Told(Level(level) if level else Level.OK, held=waits is not None, episode=episode)

    def drop_held(self, alert: str, subject: Subject, trigger: Trigger) -> None:
        """Drop what is held back from a recipient: something newer takes its place, or nothing."""
        held = (alert_messages.c.state == MessageState.WAITING, alert_messages.c.held)
        line = update(alert_messages).where(*_about(alert, subject, trigger), *held)
        self._connection.execute(line.values(state=MessageState.DROPPED, said="Over before it was told."))

    def post(self, message: Message, not_before: datetime, *, held: bool) -> None:
        """Add a message to those that are to be sent."""
        line: dict[str, Any] = {
            "id": message.id,
            "alert": message.alert,
            "subject": str(message.subject),
            "trigger": message.trigger,
            "level": message.level,
            "body": message.plain(),
            "not_before": not_before,
        }
        line |= {"held": held, "state": MessageState.WAITING, "attempts": 0}
        self._connection.execute(insert(alert_messages).values(**line))


def _about(alert: str, subject: Subject, trigger: Trigger) -> tuple[Any, ...]:
    columns = alert_messages.c
    return (columns.alert == alert, columns.subject == str(subject), columns.trigger == trigger)


def _standings(connection: Connection, *, all_: bool = False) -> Sequence[Standing]:
    query = select(alert_states)
    if not all_:
        query = query.where(alert_states.c.level != Level.OK)
    found = [_standing(line) for line in connection.execute(query).mappings()]
    return sorted(found, key=lambda one: (-one.level.rank, one.since, one.subject, one.trigger))


def _standing(line: Any) -> Standing:
    values = {name: line[name] for name in _COLUMNS} | {"level": Level(line["level"])}
    return Standing(subject=Subject.parse(line["subject"]), trigger=Trigger(line["trigger"]), **values)


def _silences(connection: Connection) -> list[Silence]:
    lines = connection.execute(select(alert_silences).order_by(alert_silences.c.subject)).all()
    return [
        Silence(
            subject=Subject.parse(line.subject),
            trigger=Trigger(line.trigger) if line.trigger else None,
            until=line.until,
            by=line.by,
            at=line.at,
        )
        for line in lines
    ]
