"""How often a sign-in may fail: whoever guesses passwords has to wait."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, insert, select

from bookward.clock import Clock
from bookward.errors import TooManyRequests
from bookward.ids import new_token
from bookward.store.access_tables import sign_in_tries
from bookward.store.database import Database

WINDOW = timedelta(minutes=15)
MOST_HERE = 5  #: for one e-mail from one address
MOST_FOR_EMAIL = 50  #: from all addresses: many machines guess, but the person is not locked out soon
MOST_FROM_ADDRESS = 100  #: for all e-mails: an office shares one


class Throttle:
    """Counts sign-ins that failed, in the state: all processes count together, and a restart forgets none."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def take(self, email: str, address: str) -> None:
        """Count a try before it is known whether it fails, so that many at once count as many.

        Raises:
            TooManyRequests: too many have failed; it says how long to wait.
        """
        tries, now = sign_in_tries.c, self._clock.now()
        limits = (
            ((tries.email == email) & (tries.address == address), MOST_HERE),
            (tries.email == email, MOST_FOR_EMAIL),
            (tries.address == address, MOST_FROM_ADDRESS),
        )
        with self._database.writing() as connection:
            connection.execute(delete(sign_in_tries).where(tries.at <= now - WINDOW))
            for which, most in limits:
                # The one that has to grow old before another is let in.
                blocking = select(tries.at).where(which).order_by(tries.at.desc()).offset(most - 1).limit(1)
                at = connection.scalar(blocking)
                if at is not None:
                    raise TooManyRequests("Too many sign-ins have failed.", wait=at + WINDOW - now)
            connection.execute(
                insert(sign_in_tries).values(id=new_token(), at=now, email=email, address=address)
            )

    def forget(self, email: str, address: str) -> None:
        """Forget the tries of who has signed in."""
        here: ColumnElement[bool] = (sign_in_tries.c.email == email) & (sign_in_tries.c.address == address)
        with self._database.writing() as connection:
            connection.execute(delete(sign_in_tries).where(here))
