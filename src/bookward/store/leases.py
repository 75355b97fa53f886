"""Leases: names held for a while in a database that several machines share, by that database's clock.

A holder renews its leases as long as it lives. Whoever is held or cut off for longer than a lease lasts loses
it without being asked: epochs see to it that it sends and writes nothing more for a sync.
"""

from __future__ import annotations

import socket
from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta
from threading import Event, Lock, Thread

from sqlalchemy import BindParameter, Connection, Interval, bindparam, delete, func, select, update

from bookward.errors import StoreFailed
from bookward.ids import new_token
from bookward.store.database import Database
from bookward.store.tables import leases
from bookward.store.upserts import insert

LASTS = timedelta(seconds=45)
RENEWED_EVERY = timedelta(seconds=10)
_FORGOTTEN_AFTER = timedelta(days=1)

_NOW = func.clock_timestamp()  # not that of the transaction's beginning: it may have waited for another
_EXPIRES = _NOW + bindparam("lasts", type_=Interval, callable_=lambda: LASTS)
_HELD: BindParameter[str] = bindparam("held", expanding=True)
_RENEW = update(leases).where(leases.c.holder.in_(_HELD)).values(expires=_EXPIRES)
_RELEASE = delete(leases).where(leases.c.holder == bindparam("ended"))


class Leases:
    """The leases that this process holds, renewed by a thread of its own, and a look at those of others."""

    def __init__(self, database: Database, home: str) -> None:
        """Hold nothing yet.

        Args:
            database: is used for nothing else: no lease is to end because all connections are busy.
            home: what all processes have in common that see each other's kernel locks.
        """
        self._database = database
        self.home = home
        self._held: set[str] = set()
        self._changing = Lock()
        self._ended = Event()
        self._renewing: Thread | None = None

    def take(self, name: str) -> str | None:
        """Hold a name if nobody does; return what ``release`` wants, None when somebody does.

        The caller has the kernel lock of that name: no process of this home lives that holds the lease.
        """
        holder = new_token()
        with self._database.writing(at_once=False) as connection:
            line = insert(connection, leases).values(
                name=name, holder=holder, home=self.home, machine=socket.gethostname(), expires=_EXPIRES
            )
            over = (leases.c.expires < _NOW) | (leases.c.home == line.excluded.home)
            columns = {column: line.excluded[column] for column in ("holder", "home", "machine", "expires")}
            taken = line.on_conflict_do_update(index_elements=[leases.c.name], set_=columns, where=over)
            if connection.scalar(taken.returning(leases.c.holder)) is None:
                return None
        self._hold(holder)
        return holder

    def release(self, holder: str) -> None:
        """Let go of what was taken; where it was lost meanwhile, there is nothing to let go of."""
        with self._changing:
            self._held.discard(holder)
        with suppress(StoreFailed), self._database.writing(at_once=False) as connection:  # it ends by itself
            connection.execute(_RELEASE, {"ended": holder})

    def machine_of(self, name: str) -> str:
        """Return the machine that holds a name, as it calls itself; empty when none does any more."""
        with self._database.reading() as connection:
            return connection.scalar(select(leases.c.machine).where(leases.c.name == name)) or ""

    def homes(self, connection: Connection, names: Collection[str]) -> dict[str, str]:
        """Return the homes of those who hold names, of those names that are held."""
        query = select(leases.c.name, leases.c.home).where(leases.c.name.in_(names), leases.c.expires >= _NOW)
        return {line.name: line.home for line in connection.execute(query)}

    def close(self) -> None:
        """End the thread. What is held ends by itself."""
        self._ended.set()
        if self._renewing is not None:
            self._renewing.join()
        self._database.close()

    def _hold(self, holder: str) -> None:
        with self._changing:
            self._held.add(holder)
            if self._renewing is None:
                self._renewing = Thread(target=self._renew, name="leases", daemon=True)
                self._renewing.start()

    def _renew(self) -> None:
        while not self._ended.wait(RENEWED_EVERY.total_seconds()):
            with self._changing:
                held = list(self._held)
            # A database that does not answer now may do so at the next turn; else the leases are lost.
            with suppress(StoreFailed), self._database.writing(at_once=False) as connection:
                if held:
                    connection.execute(_RENEW, {"held": held})
                connection.execute(delete(leases).where(leases.c.expires < _NOW - _FORGOTTEN_AFTER))
