"""Work that waits for its turn: who asked for it, why, and what became of it.

A ticket only wakes somebody who works. Who may write for a sync is decided by the sync's lock and its epoch
alone, so a ticket that is taken twice, after its holder was held for too long, books nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, exists, insert, null, select, update

from bookward import tracing
from bookward.clock import SKEW, Clock
from bookward.errors import NameUnknown, PlanStale
from bookward.ids import new_id, new_token
from bookward.store.database import Database
from bookward.store.locks import Locks
from bookward.store.tables import tickets

ALONE = "tickets"
"""What whoever changes the line, or who goes back into it, writes alone."""


class TicketState(StrEnum):
    """Where the work that somebody asked for stands."""

    WAITING = "waiting"  #: for its time, for another run of the sync, or for somebody who works
    WORKING = "working"
    ENDED = "ended"  #: ``run`` tells how, or ``said``
    CANCELLED = "cancelled"  #: by a person, before anything was done


OPEN = (TicketState.WAITING, TicketState.WORKING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One piece of work that somebody asked for, or a schedule."""

    number: int  #: grows with every ticket
    id: str
    sync: str
    work: str  #: "run" or "plan"
    wishes: Mapping[str, Any] = field(default_factory=dict)  #: what is wanted beyond that
    reason: str  #: why, in a few words: "schedule", "after contacts", "by hand"
    asked_by: str | None  #: the person; None for a schedule
    asked_at: datetime
    not_before: datetime
    state: TicketState
    holder: str | None
    run: str | None  #: id of the run or plan that is or was at work, the newest of several
    said: str | None  #: why it waits, or why it ended without a run
    pauses: int  #: how often it has paused without getting anything through
    cancelled: bool  #: a person wants it to end
    progress: Mapping[str, Any] | None  #: figures of ``ports.Progress`` while it is at work
    ended_at: datetime | None
    error: Mapping[str, str] | None = None  #: code, message and remedy of what kept it from being done
    traceparent: str | None = None  #: the trace within which it was asked for, as W3C Trace Context has it


# Asked for every start of a schedule; making such a statement takes longer than executing it.
_WAITS = select(
    exists().where(
        tickets.c.sync == bindparam("of"),
        tickets.c.state == TicketState.WAITING,
        tickets.c.asked_by.is_(None),
    )
)
_NEXT = (
    select(tickets.c.id)
    .where(
        tickets.c.state == TicketState.WAITING,
        # By a clock that was ahead, its time would be long in coming.
        (tickets.c.not_before <= bindparam("now")) | (tickets.c.put_at > bindparam("ahead")),
        tickets.c.sync.not_in(select(tickets.c.sync).where(tickets.c.state == TicketState.WORKING)),
    )
    .order_by(tickets.c.number)
    .limit(1)
)
_TAKE = (
    update(tickets)
    .where(tickets.c.id == _NEXT.scalar_subquery())
    .values(state=TicketState.WORKING, holder=bindparam("by"), said=None, progress=null())
    .returning(tickets)
)


class Tickets:
    """The tickets of all syncs, and those that this process works on."""

    def __init__(self, database: Database, locks: Locks, clock: Clock) -> None:
        self._database = database
        self._locks = locks
        self._clock = clock
        self._holder = new_token()
        self._living = ExitStack()

    def work(self) -> None:
        """Be known, from now on, as somebody who works; whatever a process held that is gone goes on."""
        self._living.enter_context(self._locks.living(self._holder))

    def close(self) -> None:
        """Be known as somebody who works no more."""
        self._living.close()

    def ask(
        self,
        sync: str,
        work: str = "run",
        *,
        wishes: Mapping[str, Any] = MappingProxyType({}),
        reason: str = "by hand",
        asked_by: str | None = None,
    ) -> Ticket:
        """Add a ticket at the end of the line.

        Raises:
            PlanStale: its plan is to be executed already.
        """
        with self._database.writing(alone=ALONE) as connection:
            if "plan" in wishes:
                _refuse_twice(connection, sync, wishes)
            id_ = self._add(connection, sync, work, wishes, reason, asked_by)
        return self.get(id_)

    def ask_once(self, connection: Connection, sync: str, reason: str) -> None:
        """Add a run for a schedule, unless one waits already; in the transaction of the schedule's turn."""
        if not connection.scalar(_WAITS, {"of": sync}):
            self._add(connection, sync, "run", {}, reason, None)

    def take(self) -> Ticket | None:
        """Take the next ticket whose time has come and whose sync nobody works on, None if there is none."""
        now = {"now": self._clock.now(), "ahead": self._clock.now() + SKEW}
        with self._database.reading() as connection:  # most of the time there is nothing to do
            if connection.scalar(_NEXT, now) is None:
                return None
        with self._database.writing(alone=ALONE) as connection:
            line = connection.execute(_TAKE, now | {"by": self._holder}).mappings().one_or_none()
        return None if line is None else _ticket(line)

    def took(self, id_: str, run: str) -> None:
        """Write down which run is at work for a ticket."""
        self._change(id_, {"run": run})

    def tell(self, id_: str, progress: Mapping[str, Any]) -> None:
        """Write down how far the work is."""
        self._change(id_, {"progress": dict(progress)}, at_once=False)

    def postpone(self, id_: str, until: datetime, said: str, pauses: int = 0) -> None:
        """Put a ticket back into the line, not to be taken before a moment; one that is cancelled is over."""
        mine = (tickets.c.id == id_, tickets.c.holder == self._holder)
        back = {"holder": None, "progress": None, "said": said}
        now = self._clock.now()
        over = {"state": TicketState.CANCELLED, "ended_at": now}
        waits = {"state": TicketState.WAITING, "not_before": until, "put_at": now, "pauses": pauses}
        with self._database.writing(alone=ALONE) as connection:
            connection.execute(update(tickets).where(*mine, tickets.c.cancelled).values(**back, **over))
            connection.execute(update(tickets).where(*mine).values(**back, **waits))

    def end(self, id_: str, said: str | None = None, error: Mapping[str, str] | None = None) -> None:
        """Write down that the work has ended, and the error that kept it from being done."""
        ended = {"said": said, "error": error, "ended_at": self._clock.now()}
        self._change(id_, {"state": TicketState.ENDED, "holder": None, "progress": None} | ended)

    def cancel(self, id_: str) -> Ticket:
        """Let the work end: at once where it waits, cleanly where it is under way.

        Raises:
            NameUnknown: there is no such ticket.
        """
        with self._database.writing(alone=ALONE) as connection:
            one = tickets.c.id == id_
            waiting = {"state": TicketState.CANCELLED, "cancelled": True, "ended_at": self._clock.now()}
            connection.execute(
                update(tickets).where(one, tickets.c.state == TicketState.WAITING).values(**waiting)
            )
            connection.execute(
                update(tickets).where(one, tickets.c.state == TicketState.WORKING).values(cancelled=True)
            )
        return self.get(id_)

    def to_be_cancelled(self) -> set[str]:
        """Return the ids of the tickets of this process that a person wants to end."""
        query = select(tickets.c.id).where(tickets.c.holder == self._holder, tickets.c.cancelled)
        with self._database.reading() as connection:
            return set(connection.scalars(query))

    def at_work(self) -> set[str]:
        """Return the ids of the tickets that this process has taken and neither ended nor put back."""
        query = select(tickets.c.id).where(
            tickets.c.holder == self._holder, tickets.c.state == TicketState.WORKING
        )
        with self._database.reading() as connection:
            return set(connection.scalars(query))

    def take_back(self) -> int:
        """Put back into the line what processes that are gone were working on; return how much that is."""
        query = select(tickets.c.id, tickets.c.holder).where(
            tickets.c.state == TicketState.WORKING, tickets.c.holder != self._holder
        )
        with self._database.reading() as connection:
            held = {line.id: line.holder for line in connection.execute(query)}
            gone = self._locks.gone(set(held.values()), connection) if held else set()
        left = [id_ for id_, holder in held.items() if holder in gone]
        if not left:
            return 0
        back = {"holder": None, "progress": None, "said": "Its worker died."}
        still = (tickets.c.id.in_(left), tickets.c.holder.in_(gone))
        over = {"state": TicketState.CANCELLED, "ended_at": self._clock.now()}
        with self._database.writing(alone=ALONE) as connection:
            unwanted = update(tickets).where(*still, tickets.c.cancelled).values(**back, **over)
            wanted = update(tickets).where(*still).values(**back, state=TicketState.WAITING)
            return connection.execute(unwanted).rowcount + connection.execute(wanted).rowcount

    def get(self, id_: str) -> Ticket:
        """Return one ticket.

        Raises:
            NameUnknown: there is none of this id.
        """
        with self._database.reading() as connection:
            line = connection.execute(select(tickets).where(tickets.c.id == id_)).mappings().one_or_none()
        if line is None:
            raise NameUnknown(f"There is no ticket {id_!r}.", remedy="`bookward schedule` lists what waits.")
        return _ticket(line)

    def list(
        self,
        *,
        sync: str | None = None,
        states: Sequence[TicketState] = (),
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[Ticket]:
        """Return tickets, the newest first.

        Args:
            sync: only those of one sync.
            states: only those in one of these states; empty for all.
            before: only those with a smaller number.
            limit: at most so many.
        """
        query = select(tickets).order_by(tickets.c.number.desc()).limit(limit)
        if sync is not None:
            query = query.where(tickets.c.sync == sync)
        if states:
            query = query.where(tickets.c.state.in_(states))
        if before is not None:
            query = query.where(tickets.c.number < before)
        with self._database.reading() as connection:
            return [_ticket(line) for line in connection.execute(query).mappings()]

    def forget(self, before: datetime) -> None:
        """Drop the tickets that ended before a moment."""
        with self._database.writing() as connection:
            connection.execute(delete(tickets).where(tickets.c.ended_at < before))

    def _add(
        self,
        connection: Connection,
        sync: str,
        work: str,
        wishes: Mapping[str, Any],
        reason: str,
        asked_by: str | None,
    ) -> str:
        now = self._clock.now()
        id_ = f"{new_id(now)}{new_token()[:6]}"
        line: dict[str, Any] = {
            "id": id_,
            "sync": sync,
            "work": work,
            "wishes": dict(wishes),
            "reason": reason,
        }
        line |= {"asked_by": asked_by, "asked_at": now, "not_before": now, "state": TicketState.WAITING}
        line |= {"put_at": now, "traceparent": tracing.here()}
        connection.execute(insert(tickets).values(**line, pauses=0, cancelled=False))
        return id_

    def _change(self, id_: str, values: Mapping[str, Any], *, at_once: bool = True) -> None:
        """Change a ticket of this process; one that was taken back meanwhile is another's."""
        mine = (tickets.c.id == id_, tickets.c.holder == self._holder)
        with self._database.writing(at_once=at_once) as connection:
            connection.execute(update(tickets).where(*mine).values(values))


def _refuse_twice(connection: Connection, sync: str, wishes: Mapping[str, Any]) -> None:
    """Refuse to have a plan executed a second time; but not to have one approved that is not yet."""
    query = select(tickets.c.wishes, tickets.c.asked_by)
    for said, who in connection.execute(query.where(tickets.c.sync == sync, tickets.c.state.in_(OPEN))):
        if said.get("plan") == wishes["plan"] and (said.get("approved") or not wishes.get("approved")):
            raise PlanStale(
                f"Plan {wishes['plan']} is to be executed already: {who or 'somebody'} has asked for that.",
                remedy="See what becomes of it.",
            )


def _ticket(line: RowMapping) -> Ticket:
    fields = {name: line[name] for name in Ticket.__dataclass_fields__}
    return Ticket(**fields | {"state": TicketState(line["state"])})
