"""All that is known about a sync, under another name."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sqlalchemy import delete, update

from bookward.errors import StoreFailed
from bookward.failpoints import failpoint
from bookward.store.database import Database
from bookward.store.tables import configs, epochs, metadata


def rename_state(database: Database, snapshots: Path, old: str, new: str) -> None:
    """Move what the state knows about a sync to a name of which it knows no run; both are held.

    The snapshots stand under both names until the one transaction that moves everything else is on disk.

    Raises:
        StoreFailed: something cannot be read or written.
    """
    try:
        _stand_under_both(snapshots / old, snapshots / new)
        failpoint("before-rename-state")
        with database.writing() as connection:
            for table in (configs, epochs):  # of plans that nobody ran
                connection.execute(delete(table).where(table.c.sync == new))
            for table in metadata.sorted_tables:
                if "sync" in table.c:
                    connection.execute(update(table).where(table.c.sync == old).values(sync=new))
        failpoint("after-rename-state")
        shutil.rmtree(snapshots / old, ignore_errors=True)
    except OSError as error:
        raise StoreFailed(f"The snapshots of sync {old!r} cannot be moved: {error}") from error


def _stand_under_both(old: Path, new: Path) -> None:
    for file in old.glob("*.parquet"):
        new.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, new / file.name)
        _to_disk(new / file.name)
        _to_disk(new)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
