"""Browsers that were sent to another site, with a question, and are to come back with the answer."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from bookward.access.bearers import hash_of, new_bearer
from bookward.clock import Clock
from bookward.errors import ReturnRefused
from bookward.store.access_tables import departures
from bookward.store.database import Database
from bookward.store.seal import Seal

LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """One browser that is sent away."""

    url: str = field(repr=False)  #: to where
    state: str = field(repr=False)  #: comes back with it, through the other site
    browser: str = field(repr=False)  #: stays in it, as a cookie, and never travels
    expires_at: datetime
    life: timedelta = LIFE


class Departures:
    """Keeps what was asked until the answer comes: once, in time, and in the browser that was sent."""

    def __init__(self, database: Database, clock: Clock, seal: Seal) -> None:
        self._database = database
        self._clock = clock
        self._seal = seal

    def leave(
        self,
        purpose: str,
        url: str,
        state: str,
        carried: bytes,
        also: Callable[[Connection], object] = lambda _: None,
    ) -> Departure:
        """Write down that a browser is sent away.

        Args:
            purpose: what it is to come back for.
            url: where it is sent to.
            state: random, and part of the address.
            carried: what is needed again when it comes back; sealed until then.
            also: what else is done in the same transaction.
        """
        browser, now = new_bearer("bwd"), self._clock.now()
        line = insert(departures).values(
            state=hash_of(state),
            browser=hash_of(browser),
            purpose=purpose,
            sealed=self._seal.close(carried),
            expires_at=now + LIFE,
        )
        with self._database.writing() as connection:
            connection.execute(delete(departures).where(departures.c.expires_at <= now))
            connection.execute(line)
            also(connection)
        return Departure(url=url, state=state, browser=browser, expires_at=now + LIFE)

    def back(self, purpose: str, state: str, browser: str) -> bytes:
        """Return what was carried, once.

        Raises:
            ReturnRefused: nobody was sent away with this state, they are back already, it has taken them too
                long, or another browser was sent.
        """
        which = departures.c.state == hash_of(state)
        with self._database.writing() as connection:
            line = connection.execute(select(departures).where(which)).first()
            if line is None or line.purpose != purpose or self._clock.now() >= line.expires_at:
                raise ReturnRefused("This sign-in is not known, was used already, or has taken too long.")
            if not secrets.compare_digest(line.browser, hash_of(browser)):
                raise ReturnRefused("This sign-in was begun in another browser.")
            if not connection.execute(delete(departures).where(which)).rowcount:
                raise ReturnRefused("This sign-in was used already.")
        return self._seal.open(line.sealed)
