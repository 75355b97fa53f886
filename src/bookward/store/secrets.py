"""The secrets that the project's files name and the environment does not set, sealed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from bookward.clock import Clock
from bookward.errors import EditRefused
from bookward.settings import is_own
from bookward.store.access_tables import answers, departures
from bookward.store.database import Database
from bookward.store.seal import Seal
from bookward.store.tables import choices, secrets, tokens
from bookward.store.upserts import insert

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSecret:
    """A secret as people may know of it: its value is never shown again."""

    name: str
    set_by: str
    set_at: datetime


def _nothing(_: Connection) -> None:
    """Do nothing more in the transaction."""


class Secrets:
    """Keeps secrets by name."""

    def __init__(self, database: Database, clock: Clock, seal: Seal) -> None:
        self._database = database
        self._clock = clock
        self._seal = seal

    def get(self, name: str) -> str | None:
        """Return the value of a name, None when there is none.

        Raises:
            StoreFailed: it was sealed with another key.
        """
        with self._database.reading() as connection:
            sealed = connection.scalar(select(secrets.c.sealed).where(secrets.c.name == name))
        return self._seal.open(sealed).decode() if sealed else None

    def set(
        self, name: str, value: str, set_by: str, also: Callable[[Connection], object] = _nothing
    ) -> None:
        """Seal a value under a name, instead of what was there.

        Args:
            name: as the files say it.
            value: what is sealed.
            set_by: e-mail of who does it.
            also: what else is done in the same transaction.

        Raises:
            EditRefused: the name is none that a file may refer to, or there is no value.
        """
        if not _NAME.fullmatch(name) or not value:
            raise EditRefused(
                f"{name!r} is no name of a secret." if value else f"The secret {name!r} has no value.",
                remedy="A name has letters, digits and underscores, a letter first; a value is not empty.",
            )
        if is_own(name):
            raise EditRefused(
                f"{name!r} is a name of Bookward's own settings, which no file takes.",
                remedy="Choose a name that does not begin with BOOKWARD_.",
            )
        said = {
            "sealed": self._seal.close(value.encode()),
            "set_by": set_by,
            "set_at": self._clock.now(),
        }
        with self._database.writing() as connection:
            line = insert(connection, secrets).values(name=name, **said)
            connection.execute(line.on_conflict_do_update(index_elements=[secrets.c.name], set_=said))
            also(connection)

    def remove(self, name: str, also: Callable[[Connection], object] = _nothing) -> bool:
        """Forget a name; say whether it was known, and if so do something else in the same transaction."""
        with self._database.writing() as connection:
            known = connection.execute(delete(secrets).where(secrets.c.name == name)).rowcount > 0
            if known:
                also(connection)
        return known

    def list(self) -> Sequence[KeptSecret]:
        """Return what is known of all secrets, by name."""
        columns = (secrets.c.name, secrets.c.set_by, secrets.c.set_at)
        with self._database.reading() as connection:
            return [
                KeptSecret(name=name, set_by=set_by, set_at=set_at)
                for name, set_by, set_at in connection.execute(select(*columns).order_by(secrets.c.name))
            ]

    def version(self) -> object:
        """Return what differs when any secret has been set or removed since."""
        with self._database.reading() as connection:
            rows = connection.execute(select(secrets.c.name, secrets.c.sealed))
            return tuple(sorted(tuple(row) for row in rows))

    def reseal(self) -> int:
        """Seal everything anew with the first key, the sign-ins too, and return how many things these are.

        What is sealed for a day or less is forgotten: answers that would be given again, sign-ins under way.

        Raises:
            StoreFailed: something was sealed with a key that is not given; nothing is sealed anew.
        """
        count = 0
        with self._database.writing() as connection:
            for table in (answers, departures, choices):
                connection.execute(delete(table))
            for table in (secrets, tokens):
                (key,) = table.primary_key.columns
                for name, sealed in connection.execute(select(key, table.c.sealed).with_for_update()):
                    new = self._seal.reseal(sealed)
                    connection.execute(update(table).where(key == name).values(sealed=new))
                    count += 1
        return count
