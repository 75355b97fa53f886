"""Every error Bookward raises, grouped by what the caller should do about it.

BookwardError
├── ConfigError            fix a file or the command line
│   ├── ProjectInvalid         one or more files of the project are wrong
│   ├── NameUnknown            no model, sync, run ... of that name
│   ├── ExtraMissing           a driver is not installed
│   ├── ModelRefused           the query is not one single SELECT
│   ├── ColumnMissing          a column that the sync refers to is not in the model
│   ├── ObjectChanged          the sync's rows were written to another object
│   ├── KeyChanged             the sync's rows are known by another primary key
│   ├── NotConnected           nobody is signed in at the destination
│   └── FilesInTheWay          files that would be written exist already
├── StopRun                the run cannot go on
│   ├── SourceUnreachable      no connection to the source
│   ├── SourceFailed           the source refused the query or died while reading
│   ├── SignInLost             the destination does not accept our sign-in any more
│   ├── AccessDenied           signed in, but not allowed
│   ├── RemoteRefused          the destination refuses every request, not single rows
│   ├── PlanStale              the plan's base has moved or its time is over
│   ├── OrganisationChanged    the destination leads to other books than the sync has written to
│   ├── RunUnsettled           an earlier run's fate has to be settled first
│   ├── SyncBusy               another process is running this sync
│   ├── ModelEmpty             the model suddenly returns nothing and removals would follow
│   └── StoreFailed            Bookward's own state could not be read or written
├── RetryLater             wait, then try again
│   ├── RateLimited            a limit of the destination is reached; carries how long
│   ├── RemoteUnavailable      5xx, maintenance, organisation offline
│   └── AnswerLost             sent, but no complete answer came back: it may have been booked
└── RowError               this row only; the others go on
    ├── KeyNull                a key column is null
    ├── KeyDuplicate           several rows have this key
    ├── LinesDisagree          the lines of one row differ in what they have in common
    ├── LineDuplicate          two lines of one row have the same place in their order
    ├── FieldRequired          a field that the destination requires has no value
    ├── FieldInvalid           a value does not fit its field (type, length, choice, characters)
    ├── TemplateFailed         a template could not be rendered for this row
    ├── TotalDiffers           the lines of a row do not come to the total that it says
    ├── MatchAmbiguous         more than one record matches
    ├── MatchTaken             the record or a unique value belongs to another row or record
    ├── RecordArchived         the matching record is archived and cannot be edited
    ├── RecordMissing          the row names a record that does not exist
    ├── LookUpFailed           the row names an account, tax rate ... that does not exist
    ├── RecordIncomplete       the record is there, but something that belongs to it was refused
    ├── RecordLocked           the destination lets nobody make this change to the record
    ├── ChangeRefused          the row changed, and the sync only inserts
    ├── RecordMoved            somebody changed the record since the plan was made
    ├── RemovalHeldBack        the row may not be gone: rows without a key may be it
    └── RemoteRejected         the destination validated the row and said no

A leaf's docstring is its explanation, ``code`` never changes once released, ``remedy`` says what to do
when the place that raises it has nothing better to say. ``docs/reference/errors.md`` is generated from here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar


class BookwardError(Exception):
    """Base of all errors that Bookward raises on purpose."""

    code: ClassVar[str] = "error"
    remedy: str = ""

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if remedy is not None:
            self.remedy = remedy


class ConfigError(BookwardError):
    """Fix a file or the command line."""


class ProjectInvalid(ConfigError):
    """One or more files of the project are wrong."""

    code = "project_invalid"
    remedy = "Run `bookward check` and fix what it lists."


class NameUnknown(ConfigError):
    """There is nothing of that kind with that name."""

    code = "name_unknown"
    remedy = "Check the spelling; a file's name without its ending is its slug."


class ExtraMissing(ConfigError):
    """A driver that this source needs is not installed."""

    code = "extra_missing"
    remedy = "Install the extra that the message names."


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
    remedy = "Put the former key back, or give the sync a new name: it then adopts the records that it finds."


class NotConnected(ConfigError):
    """Nobody is signed in at the destination: not yet, or not any more."""

    code = "not_connected"
    remedy = "Run `bookward connect DESTINATION`."


class FilesInTheWay(ConfigError):
    """Files that would be written exist already, and nothing is overwritten."""

    code = "files_in_the_way"
    remedy = "Name another folder, or move the files away."


class StopRun(BookwardError):
    """The run cannot go on; nothing more is sent."""


class SourceUnreachable(StopRun):
    """No connection to the source."""

    code = "source_unreachable"
    remedy = "Check host, port, credentials and that the server is up, then run again."


class SourceFailed(StopRun):
    """The source refused the query, or the connection was lost while reading; nothing was sent."""

    code = "source_failed"
    remedy = "Run the model with `bookward preview` to see the source's own message."


class SignInLost(StopRun):
    """The destination does not accept the stored sign-in any more."""

    code = "sign_in_lost"
    remedy = (
        "Run `bookward connect DESTINATION` to sign in again; the next run goes on where this one stopped."
    )


class AccessDenied(StopRun):
    """Signed in, but not allowed to do this in this organisation."""

    code = "access_denied"
    remedy = "Check the scopes and the user's role, and that the organisation is still connected."


class RemoteRefused(StopRun):
    """The destination refuses whole requests, whatever row they hold."""

    code = "remote_refused"
    remedy = "Look at the refused call with `bookward calls RUN --full`."


class PlanStale(StopRun):
    """The world moved since the plan was made, or its time is over."""

    code = "plan_stale"
    remedy = "Plan again."


class OrganisationChanged(StopRun):
    """The destination leads to another organisation than the one that this sync has written to so far."""

    code = "organisation_changed"
    remedy = "Connect the former organisation again, or give the sync a new name so that it starts anew."


class RunUnsettled(StopRun):
    """An earlier run was cut off, and what became of its last batches has to be settled first."""

    code = "run_unsettled"
    remedy = "Run the sync: it first settles what the earlier run had sent."


class SyncBusy(StopRun):
    """Another process is running this sync."""

    code = "sync_busy"
    remedy = "Wait until it has finished; `bookward history` shows it."


class ModelEmpty(StopRun):
    """The model returns no row while records were synced before, and removals would follow."""

    code = "model_empty"
    remedy = "Check the model. If it is meant to be empty, run with --allow-empty."


class StoreFailed(StopRun):
    """Bookward's own state could not be read or written."""

    code = "store_failed"
    remedy = "Check that the disk has room and that the state folder is writable."


class RetryLater(BookwardError):
    """Wait, then try again; ``wait`` is how long at least, when known."""

    def __init__(self, message: str, *, wait: timedelta | None = None, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.wait = wait


class RateLimited(RetryLater):
    """A limit of the destination is reached."""

    code = "rate_limited"
    remedy = "Nothing to do: run again after the time named and the rest is sent."


class RemoteUnavailable(RetryLater):
    """The destination is down or under maintenance."""

    code = "remote_unavailable"
    remedy = "Run again later; what was accepted is not sent again."


class AnswerLost(RetryLater):
    """A request was sent but no complete answer came back, so it may or may not have been booked."""

    code = "answer_lost"
    remedy = "Run again: Bookward first reads back what was booked and sends only what is missing."


class RowError(BookwardError):
    """One row cannot be synced; the others go on. ``field`` names the destination's field, if any."""

    def __init__(self, message: str, *, field: str | None = None, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.field = field


class KeyNull(RowError):
    """A column of the primary key is null."""

    code = "key_null"
    remedy = "Filter such rows out in the model, or choose another primary key."


class KeyDuplicate(RowError):
    """Several rows of the model have the same primary key; none of them is taken."""

    code = "key_duplicate"
    remedy = "Make the key unique in the model, add a column to the primary key, or gather rows with `lines`."


class LinesDisagree(RowError):
    """The lines of one row differ in a column that belongs to the row; none of them is taken."""

    code = "lines_disagree"
    remedy = "Make the column the same in all lines, or list it under `lines.columns` of the model."


class LineDuplicate(RowError):
    """Two lines of one row have the same place in their order; none of the row's lines is taken."""

    code = "line_duplicate"
    remedy = "Give every line a place of its own in the model, or add a column to `lines.order_by`."


class FieldRequired(RowError):
    """A field that the destination requires has no value in this row."""

    code = "field_required"
    remedy = "Fill the column in the source, or map the field to something that always has a value."


class FieldInvalid(RowError):
    """The value does not fit the destination's field."""

    code = "field_invalid"
    remedy = "Correct the value in the source or change the mapping."


class TemplateFailed(RowError):
    """A template could not be rendered for this row."""

    code = "template_failed"
    remedy = "Correct the template in the sync's file."


class TotalDiffers(RowError):
    """The lines of the row do not come to the total that the row says."""

    code = "total_differs"
    remedy = "Correct the lines or the total in the source; nothing is rounded beyond cents."


class MatchAmbiguous(RowError):
    """More than one record in the destination matches this row."""

    code = "match_ambiguous"
    remedy = "Merge or rename the records, or match by a field that is unique."


class MatchTaken(RowError):
    """The record, or a value that must be unique, belongs to another row or record."""

    code = "match_taken"
    remedy = "Make the value unique in the model."


class RecordArchived(RowError):
    """The matching record is archived, and the destination does not let archived records be edited."""

    code = "record_archived"
    remedy = "Restore the record in the destination, or filter the row out in the model."


class RecordMissing(RowError):
    """The row names a record by id that the destination does not have."""

    code = "record_missing"
    remedy = "Correct the id in the source, or leave it empty to create a new record."


class LookUpFailed(RowError):
    """The row names something that the destination does not have, or no longer uses."""

    code = "look_up_failed"
    remedy = "Correct the value in the source, or create what it names in the destination."


class RecordIncomplete(RowError):
    """The record of the row is booked, but something that belongs to it was refused."""

    code = "record_incomplete"
    remedy = "Put right what the message says; the next run does only what is missing."


class RecordLocked(RowError):
    """The destination lets nobody make this change to the record."""

    code = "record_locked"
    remedy = "Change it in the destination by hand, or filter the row out in the model."


class ChangeRefused(RowError):
    """The row differs from a record that is there already, and the sync only inserts."""

    code = "change_refused"
    remedy = "Use `mode: upsert`, or `on_change: ignore` to leave such records as they are."


class RecordMoved(RowError):
    """Somebody changed the record after the plan was made, so the plan shows what is no longer true."""

    code = "record_moved"
    remedy = "Plan again: the new plan shows what the record says now."


class RemovalHeldBack(RowError):
    """The row is no longer in the model, but it may live on as a row that cannot be synced now."""

    code = "removal_held_back"
    remedy = "Give every row of the model a key of its own; the removal is then planned again."


class RemoteRejected(RowError):
    """The destination checked the row and refused it, for the reason it gives."""

    code = "remote_rejected"
    remedy = "Correct the row in the source; it is tried again on the next run."
