"""The call budget of organisations, shared by all processes that use this state."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import Connection, delete, select

from bookward.ids import new_token
from bookward.ports import Admits, BudgetState, Learns
from bookward.store.database import Database
from bookward.store.locks import Locks
from bookward.store.tables import budgets, call_places
from bookward.store.upserts import insert

_LONGEST_CALL = timedelta(seconds=60)  # a request is given up long before; also where clocks differ a little
_ENTER = call_places.insert()


class Budgets:
    """Remembers call budgets, and which calls are in flight (``ports.Budget``)."""

    def __init__(self, database: Database, locks: Locks) -> None:
        self._database = database
        self._locks = locks
        self._holder = new_token()
        self._living = ExitStack()
        self._begun = False
        self._beginning = Lock()

    def load(self, organisation: str) -> BudgetState:
        with self._database.reading() as connection:
            return _state(connection, organisation)

    def enter(self, organisation: str, at: datetime, admits: Admits) -> str | None:
        self._begin()
        place = new_token()
        with self._database.writing(at_once=False, alone=f"budget {organisation}") as connection:
            known = admits(_state(connection, organisation), self._in_flight(connection, organisation, at))
            if known is None:
                return None
            _save(connection, organisation, known)
            line = {"place": place, "organisation": organisation, "holder": self._holder, "at": at}
            connection.execute(_ENTER, line)
        return place

    def leave(self, organisation: str, place: str, learns: Learns | None) -> None:
        with self._database.writing(at_once=False, alone=f"budget {organisation}") as connection:
            connection.execute(delete(call_places).where(call_places.c.place == place))
            if learns is not None:
                _save(connection, organisation, learns(_state(connection, organisation)))

    def close(self) -> None:
        """Say that no call of this process is in flight any more."""
        self._living.close()

    def _begin(self) -> None:
        """Hold, from the first call on, the lock by which others see that this process lives."""
        with self._beginning:
            if not self._begun:
                self._living.enter_context(self._locks.living(self._holder))
                self._begun = True

    def _in_flight(self, connection: Connection, organisation: str, now: datetime) -> int:
        """Return how many calls are in flight; places of processes that are gone are cleared away."""
        query = select(call_places).where(call_places.c.organisation == organisation)
        places = connection.execute(query).all()
        others = {line.holder for line in places} - {self._holder}
        gone = self._locks.gone(others, connection) if others else set()
        dead = [p.place for p in places if p.holder in gone or p.at + _LONGEST_CALL < now]
        if dead:
            connection.execute(delete(call_places).where(call_places.c.place.in_(dead)))
        return len(places) - len(dead)


def _state(connection: Connection, organisation: str) -> BudgetState:
    line = connection.execute(select(budgets).where(budgets.c.organisation == organisation)).one_or_none()
    if line is None:
        return BudgetState()
    return BudgetState(
        minute_left=line.minute_left,
        day_left=line.day_left,
        seen_at=line.seen_at,
        blocked_until=line.blocked_until,
        minute=line.minute,
    )


def _save(connection: Connection, organisation: str, state: BudgetState) -> None:
    values = asdict(state)
    line = insert(connection, budgets).values(organisation=organisation, **values)
    connection.execute(line.on_conflict_do_update(index_elements=[budgets.c.organisation], set_=values))
