"""The database of Bookward's own state: its transactions, its migrations, its errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bookward import exactjson
from bookward.errors import StoreFailed

MIGRATIONS = Path(__file__).parent / "migrations"


class Database(ABC):
    """One database, safe for several threads and processes; SQLite in a file or PostgreSQL."""

    shared: bool  #: whether other machines can use it too
    shown: str  #: which one it is, as people may see it
    refused: str | None = None  #: what to do where it cannot be used; None: as with any disk

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one consistent state."""
        with self.errors(), self._reading() as connection:
            yield connection

    @contextmanager
    def writing(self, *, at_once: bool = True, alone: str = "") -> Iterator[Connection]:
        """Yield a connection whose changes are on disk, all of them, when the block is left.

        What is read here may be written by others before the block is left, unless it is read
        ``with_for_update``, or every writer of it names the same thing in ``alone``.

        Args:
            at_once: whether the disk is waited for. If not, the changes outlive this process, and a power cut
                as soon as anything else is written.
            alone: what nobody else writes meanwhile; empty where what is read here does not matter for it.
        """
        with self.errors(), self._writing(at_once=at_once, alone=alone) as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Connection]: ...

    @abstractmethod
    def _writing(self, *, at_once: bool, alone: str) -> AbstractContextManager[Connection]: ...

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Say what the database refuses as ``StoreFailed``."""
        try:
            yield
        except DBAPIError as error:
            raise StoreFailed(
                f"Bookward's state could not be used: {self._said(error)}.", remedy=self.refused
            ) from error
        except PoolTimeout as error:
            raise StoreFailed(
                "Bookward's state could not be used: all connections of this process stayed busy."
            ) from error

    def _said(self, error: DBAPIError) -> str:
        return str(error.orig)

    def migrate(self) -> None:
        """Make the tables, or bring them to the form of today.

        Raises:
            StoreFailed: they cannot be made, or are those of a newer Bookward.
        """
        known = revisions()
        with self.reading() as connection:
            present = revision(connection)
        if present == known[-1]:
            return
        if present is not None and present not in known:
            raise StoreFailed(
                f"The state in {self.shown} was written by a newer Bookward.",
                remedy="Upgrade Bookward: pip install --upgrade bookward",
            )
        # Only here, since Alembic takes a good part of the time that a command needs to start.
        from bookward.store.migrating import migrate

        with self.writing(alone="migrations") as connection:
            migrate(connection)


def revisions() -> list[str]:
    """Return the revisions of the state that this Bookward knows, the newest one last."""
    return sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def revision(connection: Connection) -> str | None:
    """Return the revision of a database's tables, None where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def to_json(value: Any) -> str:
    """Return what a column of JSON holds."""
    return exactjson.encode(value).decode()


from_json: Callable[[str | bytes], Any] = exactjson.decode
