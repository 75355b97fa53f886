"""A sync whose rows are known by another key from now on: each finds its record anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from bookward.rowstate import RowState
from bookward.store.database import Database
from bookward.store.epochs import Epochs
from bookward.store.syncs import SyncState
from bookward.store.tables import rows


class UnderNewKey(SyncState):
    """The state of a sync as a plan under another key has to see it: no row has a record yet.

    What a former key says may be the key of another row now, so none of them is looked up.
    """

    def __init__(self, database: Database, epochs: Epochs, sync: str) -> None:
        super().__init__(database, epochs, sync)
        self._taken = 0

    def remote_ids(self, keys: Sequence[str]) -> Mapping[str, str]:
        return {}

    def former_ids(self, keys: Sequence[str]) -> Mapping[str, str]:
        return {}

    def owners(self, remote_ids: Sequence[str]) -> Mapping[str, str]:
        return {}

    def take(self, remote_ids: Sequence[str]) -> None:
        """Note that rows of the new key take these records, each once."""
        self._taken += len(super().owners(remote_ids))

    def left_behind(self) -> int:
        """Return how many records of rows of the former key nobody has taken."""
        owned = (rows.c.sync == self.sync, rows.c.state != RowState.REMOVED, rows.c.remote_id.is_not(None))
        with self._database.reading() as connection:
            return (connection.scalar(select(func.count()).where(*owned)) or 0) - self._taken
