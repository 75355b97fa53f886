"""What is put right in a file or on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bookward.errors.base import ConfigError


class ProjectInvalid(ConfigError):
    """One or more files of the project are wrong."""

    code = "project_invalid"
    remedy = "Run `bookward check` and fix what it lists."


class SettingInvalid(ConfigError):
    """An environment variable of Bookward's has a value that it cannot have."""

    code = "setting_invalid"
    remedy = "Correct the variable in the environment."


class NameUnknown(ConfigError):
    """There is nothing of that kind with that name."""

    code = "name_unknown"
    remedy = "Check the spelling; a file's name without its ending is its slug."


class ExtraMissing(ConfigError):
    """A driver that this source needs is not installed."""

    code = "extra_missing"
    remedy = "Install the extra that the message names."


class AlertRefused(ConfigError):
    """The channel of an alert does not take what is sent to it, as the alert's file has it."""

    code = "alert_refused"
    remedy = "Correct the alert's file or its secrets, and try it with `bookward alert test NAME`."


class ModelRefused(ConfigError):
    """A model must be one single SELECT; anything else is refused before it reaches the source."""

    code = "model_refused"
    remedy = "Write the model as one SELECT (WITH ... SELECT is fine), without a second statement."


class ColumnMissing(ConfigError):
    """The sync or the primary key refers to a column that the model does not return."""

    code = "column_missing"
    remedy = "Add the column to the model, or correct its name in the sync."


class ObjectChanged(ConfigError):
    """The sync's file names another object than the one that its rows were written to."""

    code = "object_changed"
    remedy = "Put the former object back, or give the sync a new name so that it starts anew."


class KeyChanged(ConfigError):
    """The model has another primary key than the one by which the sync's rows are known."""

    code = "key_changed"
    remedy = (
        "Put the former key back, or say `bookward run SYNC --new-key`: every row then finds its record anew "
        "by what the sync matches by, and nothing is made twice."
    )


class SyncRenamed(ConfigError):
    """Nothing is known about the sync, and one that has no file any more looks like it."""

    code = "sync_renamed"
    remedy = (
        "Run `bookward rename OLD NEW`, which keeps its history, or `bookward run NEW --as-new` if it is "
        "another sync."
    )


class RemovalUnset(ConfigError):
    """Records are to be removed, and the sync does not say how."""

    code = "removal_unset"
    remedy = "Set `on_removal` of the sync to something else than `keep`."


class SettlementRefused(ConfigError):
    """What was said of an uncertain row cannot be so, as the books show it."""

    code = "settlement_refused"
    remedy = "`bookward settle SYNC` shows the uncertain rows, and the records that may be theirs."


class NotConnected(ConfigError):
    """Nobody is signed in at the destination: not yet, or not any more."""

    code = "not_connected"
    remedy = "Run `bookward connect DESTINATION`."


class FilesInTheWay(ConfigError):
    """Files that would be written exist already, and nothing is overwritten."""

    code = "files_in_the_way"
    remedy = "Name another folder, or move the files away."


class StateMissing(ConfigError):
    """There is no state where it is looked for, and what was asked for needs one."""

    code = "state_missing"
    remedy = (
        "Say where the server keeps it, with the variables of its service (BOOKWARD_STATE, or "
        "BOOKWARD_DATABASE_URL); where nothing was ever done there is none yet."
    )


class BackupRefused(ConfigError):
    """The state is kept by a database that has means of its own for backups."""

    code = "backup_refused"
    remedy = (
        "While nothing runs, save the database with pg_dump and what BOOKWARD_FILES names (without it, the "
        "folders snapshots and plans of the state folder) with it; put both back together, with pg_restore."
    )


class EditRefused(ConfigError):
    """What was to be written into the project's files is wrong; nothing is written.

    ``problems`` are all of them, as ``check`` has them.
    """

    code = "edit_refused"
    remedy = "Put right what the problems name, and save again."

    def __init__(self, message: str, *, problems: Sequence[Any] = (), remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.problems = tuple(problems)


class EditConflict(ConfigError):
    """Somebody else has changed the file since it was read; nothing is written. ``etag`` is that of now."""

    code = "edit_conflict"
    remedy = "Look at the file as it is now, and change that."

    def __init__(self, message: str, *, etag: str, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.etag = etag


class ObjectInUse(ConfigError):
    """Other files of the project refer to the one that was to be deleted."""

    code = "object_in_use"
    remedy = "Delete or change first what refers to it."


class ProjectReadOnly(ConfigError):
    """The project's files cannot be written by this process."""

    code = "project_read_only"
    remedy = (
        "Edit where the project's folder is at home, or give this process the right to write there; with "
        "several machines, one owns the folder."
    )


class ServerUnlike(ConfigError):
    """What answers at the address of `--server` is no Bookward server, or one of another version."""

    code = "server_unlike"
    remedy = "Check the address; use the same version of Bookward here and at the server."
