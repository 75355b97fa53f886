"""The tokens of destinations, sealed."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime

import msgspec
from sqlalchemy import delete, select, update

from bookward.ports import SignedIn, Tokens
from bookward.store.database import Database
from bookward.store.locks import Locks
from bookward.store.seal import Seal
from bookward.store.tables import choices, tokens
from bookward.store.upserts import insert


class Vault:
    """Keeps the tokens of destinations (``ports.TokenVault``)."""

    def __init__(self, database: Database, locks: Locks, seal: Seal) -> None:
        self._database = database
        self._locks = locks
        self._seal = seal

    def load(self, destination: str) -> Tokens | None:
        with self._database.reading() as connection:
            sealed = connection.scalar(select(tokens.c.sealed).where(tokens.c.destination == destination))
        return msgspec.json.decode(self._seal.open(sealed), type=Tokens) if sealed else None

    def save(self, destination: str, tokens_: Tokens) -> None:
        sealed = self._seal.close(msgspec.json.encode(tokens_))
        with self._database.writing() as connection:
            line = insert(connection, tokens).values(destination=destination, sealed=sealed)
            connection.execute(
                line.on_conflict_do_update(index_elements=[tokens.c.destination], set_={"sealed": sealed})
            )

    def forget(self, destination: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(tokens).where(tokens.c.destination == destination))
            connection.execute(delete(choices).where(choices.c.destination == destination))

    def move(self, destination: str, new: str) -> None:
        """Give the sign-in of a destination, and one to be chosen from, to one of another name."""
        with self._database.writing() as connection:
            for table in (tokens, choices):
                connection.execute(delete(table).where(table.c.destination == new))
                moved = update(table).where(table.c.destination == destination).values(destination=new)
                connection.execute(moved)

    def put_aside(self, destination: str, signed_in: SignedIn, until: datetime) -> None:
        """Keep a sign-in, sealed, until one of its organisations is chosen; the one in use stays."""
        said = {"sealed": self._seal.close(msgspec.json.encode(signed_in)), "expires_at": until}
        with self._database.writing() as connection:
            line = insert(connection, choices).values(destination=destination, **said)
            connection.execute(line.on_conflict_do_update(index_elements=[choices.c.destination], set_=said))

    def aside(self, destination: str, now: datetime) -> SignedIn | None:
        """Return the sign-in whose organisation is to be chosen, None when there is none in time."""
        with self._database.reading() as connection:
            line = connection.execute(select(choices).where(choices.c.destination == destination)).first()
        if line is not None and now < line.expires_at:
            return msgspec.json.decode(self._seal.open(line.sealed), type=SignedIn)
        if line is not None:
            self.drop_aside(destination)
        return None

    def drop_aside(self, destination: str) -> None:
        """Forget the sign-in whose organisation was to be chosen."""
        with self._database.writing() as connection:
            connection.execute(delete(choices).where(choices.c.destination == destination))

    def refreshing(self, destination: str) -> AbstractContextManager[None]:
        return self._locks.waiting_everywhere(f"refresh-{destination}")
