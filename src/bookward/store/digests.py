"""Up to when each recipient was told what was synced: each digest is made once, and leaves nothing out.

What is told is dated by ``told_from`` where it is written down: never in a time that was told already. A
digest is taken as told only if nothing was added to its time since it was made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from bookward.digests import Digest
from bookward.standings import Level
from bookward.store import upserts
from bookward.store.alert_tables import alert_messages, digests
from bookward.store.database import Database
from bookward.store.outbox import DIGEST, MessageState
from bookward.store.tables import decisions, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How far a recipient's digests have come."""

    since: datetime  #: where the next one begins
    seen: datetime  #: up to when its times were seen to


class Digests:
    """The digests of all recipients."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def told(self, said: Mapping[str, str], now: datetime) -> Mapping[str, Told]:
        """Return, by recipient, how far its digests have come; those of a new one begin now.

        Where the times of one were edited they count from now on, and its next digest leaves nothing out.

        Args:
            said: by recipient, what its file says of its digest.
            now: this moment.
        """
        known = self._known()
        new = {alert: text for alert, text in said.items() if alert not in known or known[alert][0] != text}
        if new:
            with self._database.writing() as connection:
                for alert, text in sorted(new.items()):
                    line = upserts.insert(connection, digests)
                    line = line.values(alert=alert, said=text, since=now, seen=now)
                    edited = {"said": text, "seen": now}
                    key = [digests.c.alert]
                    other = digests.c.said != text
                    connection.execute(
                        line.on_conflict_do_update(index_elements=key, set_=edited, where=other)
                    )
            known = self._known()
        return {alert: known[alert][1] for alert in said if alert in known}

    def since(self, alert: str) -> datetime | None:
        """Return where the next digest of a recipient begins, None where it has had none."""
        with self._database.reading() as connection:
            found: datetime | None = connection.scalar(
                select(digests.c.since).where(digests.c.alert == alert)
            )
        return found

    def final(self, since: datetime, until: datetime) -> int:
        """Return how many runs and settled rows a digest of some time tells; asked before it is made."""
        with self._database.reading() as connection:
            return _final(connection, since, until)

    def take(self, digest: Digest, told: Told, *, final: int, skip: bool = False) -> bool:
        """Take the time of a digest as told, and write down that it is to be sent, in one transaction.

        Args:
            digest: what is told.
            told: how far its recipient's digests had come when it was made.
            final: what ``final`` said before it was made.
            skip: it is not to be sent.

        Returns:
            Whether nobody else had done so before, and nothing was added to its time since.
        """
        as_it_was = (digests.c.since == told.since) & (digests.c.seen == told.seen)
        mine = (digests.c.alert == digest.alert) & as_it_was
        with self._database.writing() as connection:
            if connection.execute(select(digests).where(mine).with_for_update()).first() is None:
                return False
            if _final(connection, digest.since, digest.until) != final:
                return False
            connection.execute(update(digests).where(mine).values(since=digest.until, seen=digest.until))
            if not skip:
                _post(connection, digest)
        return True

    def keep(self, alerts: Collection[str]) -> None:
        """Forget the recipients that are gone: one that comes again begins anew."""
        gone = self._known().keys() - set(alerts)
        if gone:
            with self._database.writing() as connection:
                for alert in sorted(gone):  # in the order of ``told_from``: no two wait for each other
                    connection.execute(delete(digests).where(digests.c.alert == alert))

    def _known(self) -> dict[str, tuple[str, Told]]:
        with self._database.reading() as connection:
            lines = connection.execute(select(digests)).all()
        return {line.alert: (line.said, Told(since=line.since, seen=line.seen)) for line in lines}


def told_from(connection: Connection, now: datetime) -> datetime:
    """Return the moment by which digests tell what the transaction of ``connection`` writes down.

    It is ``now``, or where what was told ends, if that is later: the clock was set back, or the transaction
    was long in coming. No digest is taken as told between this and the end of the transaction.
    """
    query = select(digests.c.since).order_by(digests.c.alert).with_for_update(read=True)
    told: Sequence[datetime] = connection.scalars(query).all()
    return max(now, *told) if told else now


def _final(connection: Connection, since: datetime, until: datetime) -> int:
    moments = (runs.c.folded_at, decisions.c.at)
    counts = [select(func.count()).where(moment >= since, moment < until) for moment in moments]
    return sum(connection.scalar(count) or 0 for count in counts)


def _post(connection: Connection, digest: Digest) -> None:
    connection.execute(
        insert(alert_messages).values(
            id=digest.id,
            alert=digest.alert,
            subject=f"alerts/{digest.alert}",
            trigger=DIGEST,
            level=Level.OK,
            body=digest.plain(),
            not_before=digest.until,
            held=False,
            state=MessageState.WAITING,
            attempts=0,
        )
    )
