"""What keeps one row from being synced."""

from __future__ import annotations

from bookward.errors.base import Retry, RowError


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


class KeysLeftOut(RowError):
    """More rows are left out for their keys or lines than a plan lists one by one."""

    code = "keys_left_out"
    remedy = "Correct the key in the model; the plan lists the first of these rows one by one."


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
    remedy = (
        "Correct the value in the source, create what it names in the destination, or choose another look-up "
        "in the sync."
    )


class RecordIncomplete(RowError):
    """The record of the row is booked, but something that belongs to it was refused."""

    code = "record_incomplete"
    remedy = "Put right what the message says; the next run does only what is missing."


class RecordRemoved(RowError):
    """The row was to be replaced: its old record is gone, and the new one is not in the books."""

    code = "record_removed"
    remedy = "The row counts as new: the next run inserts it."


class BookingUncertain(RowError):
    """The row was sent once, and neither its key nor reading back can say whether it was booked."""

    code = "booking_uncertain"
    remedy = (
        "It is not sent again before you say what is true: `bookward settle SYNC` shows the records, and "
        "takes `--booked ID` or `--not-booked` for the row."
    )


class RecordLocked(RowError):
    """The destination lets nobody make this change to the record."""

    code = "record_locked"
    remedy = "Change it in the destination by hand, or filter the row out in the model."


class PeriodLocked(RowError):
    """The record is dated in a period for which the books are closed."""

    code = "period_locked"
    remedy = "Move the lock date in the destination, or filter the row out in the model."


class ChangeRefused(RowError):
    """The row differs from a record that is there already, and the sync only inserts."""

    code = "change_refused"
    remedy = (
        "Use `mode: upsert`, or `on_change: ignore` to leave such records as they are; `on_change: replace` "
        "replaces those that the sync has inserted."
    )


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
    remedy = (
        "Correct the row in the source, and the next run sends it again. If what was wrong is put right in "
        "the destination, ask for it with `bookward retry`."
    )

    def __init__(
        self, message: str, *, field: str | None = None, remedy: str | None = None, passing: bool = False
    ) -> None:
        """Say what the destination said.

        Args:
            passing: the same row may be taken later, without anybody changing it.
        """
        super().__init__(message, field=field, remedy=remedy)
        self.retry = Retry.LATER if passing else Retry.NEVER
