"""Whose turn it is to write for a sync: numbers that only grow, so that an overtaken process finds out.

A lock can be lost: its folder deleted, its network file system gone, its machine cut off. So whoever begins
to work on a sync takes the next epoch of it, and everything that leads to a request or moves the snapshot
asks, in the transaction that writes it, whether that epoch is still the newest.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, select

from bookward.errors import RunOvertaken
from bookward.store.database import Database
from bookward.store.tables import epochs, runs
from bookward.store.upserts import insert

_OF_SYNC = select(epochs.c.number, epochs.c.run).where(epochs.c.sync == bindparam("of"))
_OF_RUN = (
    select(epochs.c.sync, epochs.c.number, epochs.c.run)
    .join_from(epochs, runs, epochs.c.sync == runs.c.sync)
    .where(runs.c.id == bindparam("of"))
)
_HOLDING_OF_RUN = _OF_RUN.with_for_update(read=True, of=epochs)


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
        line = insert(connection, epochs).values(sync=sync, number=1, run=run)
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

    def newest(self, sync: str) -> int:
        """Return the newest epoch of a sync, 0 when nobody has taken one yet."""
        with self._database.reading() as connection:
            return connection.scalar(select(epochs.c.number).where(epochs.c.sync == sync)) or 0

    def check(self, sync: str) -> None:
        """Go on, unless another process has taken a newer epoch of a sync.

        Raises:
            RunOvertaken: so it is.
        """
        with self._database.reading() as connection:
            self._compare(sync, connection.execute(_OF_SYNC, {"of": sync}).first())

    def check_of(self, run: str) -> None:
        """See ``check``, for the sync of a run."""
        with self._database.reading() as connection:
            line = connection.execute(_OF_RUN, {"of": run}).first()
        if line is not None:
            self._compare(line.sync, line)

    def require(self, connection: Connection, sync: str) -> None:
        """See ``check``; nobody takes the next epoch before the transaction of what depends on it ends."""
        self._compare(sync, connection.execute(_OF_SYNC.with_for_update(read=True), {"of": sync}).first())

    def require_of(self, connection: Connection, run: str) -> None:
        """See ``require``, for the sync of a run."""
        line = connection.execute(_HOLDING_OF_RUN, {"of": run}).first()
        if line is not None:
            self._compare(line.sync, line)

    def _compare(self, sync: str, line: Any) -> None:
        taken = self.taken(sync)
        if line is None and taken:
            raise RunOvertaken(f"Another process has given sync {sync!r} another name.")
        if line is not None and line.number != taken:
            raise RunOvertaken(f"Another process has taken sync {sync!r} over: {line.run} is the newest.")
