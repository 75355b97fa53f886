"""All that is known about a sync, or about another file, under another name."""

from __future__ import annotations

import shutil

from sqlalchemy import Connection, delete, select, update

from bookward.disk import disk_errors
from bookward.failpoints import failpoint
from bookward.store.alert_tables import alert_messages, alert_silences, alert_states
from bookward.store.database import Database
from bookward.store.epochs import Epochs
from bookward.store.files import Files, snapshot_name
from bookward.store.tables import configs, metadata, pointers, schedules
from bookward.store.tables import epochs as epochs_
from bookward.store.turns import WHAT_SCHEDULES_SAY


def rename_state(database: Database, epochs: Epochs, files: Files, old: str, new: str) -> None:
    """Move what the state knows about a sync to a name of which it knows no run; both are held.

    The snapshot stands under both names until the one transaction that moves everything else is on disk.

    Raises:
        StoreFailed: something cannot be read or written.
        StorageRefused, StorageUnreachable: the files are kept elsewhere, and cannot be reached.
    """
    with database.reading() as connection:
        snapshot = connection.scalar(select(pointers.c.snapshot).where(pointers.c.sync == old))
    if snapshot:
        _stand_under_both(files, snapshot, old, new)
    failpoint("before-rename-state")
    with database.writing(alone=WHAT_SCHEDULES_SAY) as connection:
        epochs.take(connection, old, f"the rename to {new}")  # whoever still works on it stops
        for table in (configs, epochs_):  # of plans that nobody ran
            connection.execute(delete(table).where(table.c.sync == new))
        if connection.scalar(select(schedules.c.since).where(schedules.c.sync == old)):
            # It is of a sync that is gone, or of this one since somebody moved its file.
            connection.execute(delete(schedules).where(schedules.c.sync == new))
        _move_subject(connection, f"syncs/{old}", f"syncs/{new}")
        for table in metadata.sorted_tables:
            if "sync" in table.c:
                connection.execute(update(table).where(table.c.sync == old).values(sync=new))
    failpoint("after-rename-state")
    for name in files.names(f"snapshots/{old}"):
        files.delete(name)


def rename_subject(database: Database, kind: str, old: str, new: str) -> None:
    """Move the states that people are told of, and the messages to an alert, to a file's new name."""
    with database.writing() as connection:
        _move_subject(connection, f"{kind}/{old}", f"{kind}/{new}")
        if kind == "alerts":
            mine = update(alert_messages).where(alert_messages.c.alert == old)
            connection.execute(mine.values(alert=new))


def _move_subject(connection: Connection, old: str, new: str) -> None:
    for table in (alert_states, alert_silences):
        connection.execute(delete(table).where(table.c.subject == new))
    for table in (alert_states, alert_messages, alert_silences):
        connection.execute(update(table).where(table.c.subject == old).values(subject=new))


def _stand_under_both(files: Files, snapshot: str, old: str, new: str) -> None:
    copy = files.unfinished(new) / snapshot
    with disk_errors(copy):
        shutil.copyfile(files.fetch(snapshot_name(old, snapshot)), copy)
    files.publish(copy, snapshot_name(new, snapshot))
