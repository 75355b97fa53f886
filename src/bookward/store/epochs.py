"""Whose turn it is to write for a sync: numbers that only grow, so that an overtaken process finds out.

A lock can be lost: its folder deleted, its network file system gone, its machine cut off. So whoever begins
to work on a sync takes the next epoch of it, and everything that leads to a request or moves the snapshot
asks, in the transaction that writes it, whether that epoch is still the newest.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from bookward.errors import RunOvertaken
from bookward.store.database import Database
from bookward.store.tables import epochs, runs

_OF_RUN = (
    select(epochs.c.sync, epochs.c.number, epochs.c.run)
    .join_from(epochs, runs, epochs.c.sync == runs.c.sync)
    .where(runs.c.id == bindparam("of"))
)


class Epochs:
    """The epochs of all syncs, and those that this process has taken."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._taken: dict[str, int] = {}

    def take(self, connection: Connection, sync: str, run: str) -> None:
        """Take the next epoch of a sync; whoever had the one before writes nothing for it any more.

        Args:
            run: id of the run, or of the plan, that takes it.
        """
        line = insert(epochs).values(sync=sync, number=1, run=run)
        following = line.on_conflict_do_update(
            index_elements=[epochs.c.sync], set_={"number": epochs.c.number + 1, "run": run}
        )
        self._taken[sync] = connection.execute(following.returning(epochs.c.number)).scalar_one()

    def begin(self, sync: str, plan: str) -> None:
        """Take the next epoch of a sync for a plan that no run executes yet."""
        with self._database.writing() as connection:
            self.take(connection, sync, plan)

    def taken(self, sync: str) -> int:
        """Return the epoch of a sync that this process has taken, 0 when none."""
        return self._taken.get(sync, 0)

    def check(self, sync: str) -> None:
        """Go on, unless another process has taken a newer epoch of a sync.

        Raises:
            RunOvertaken: so it is.
        """
        with self._database.reading() as connection:
            self.require(connection, sync)

    def require(self, connection: Connection, sync: str) -> None:
        """See ``check``; in the transaction of what depends on it."""
        line = connection.execute(select(epochs.c.number, epochs.c.run).where(epochs.c.sync == sync)).first()
        if line is not None:
            self._compare(sync, line)

    def _compare(self, sync: str, line: Any) -> None:
        if line.number != self.taken(sync):
            raise RunOvertaken(f"Another process has taken sync {sync!r} over: {line.run} is the newest.")

    def require_of(self, connection: Connection, run: str) -> None:
        """See ``require``, for the sync of a run."""
        line = connection.execute(_OF_RUN, {"of": run}).first()
        if line is not None:
            self._compare(line.sync, line)
