"""Where a row of a sync stands between runs."""

from __future__ import annotations

from enum import StrEnum


class RowState(StrEnum):
    """Where a row of a sync stands."""

    ACCEPTED = "accepted"  #: the destination said so
    ADOPTED = "adopted"  #: found at the destination, equal
    ASSUMED = "assumed"  #: taken for synced because a person said so
    SKIPPED = "skipped"  #: no record matches it, and its sync creates none
    REJECTED = "rejected"  #: its newest version could not be synced
    PARKED = "parked"  #: refused, and not tried again by itself
    UNCERTAIN = "uncertain"  #: sent, and nothing can say whether it was booked
    LEAVING = "leaving"  #: no longer in the model, but its record has to wait
    REMOVED = "removed"  #: no longer in the model


WAITING_STATES = (RowState.REJECTED, RowState.PARKED, RowState.UNCERTAIN, RowState.SKIPPED, RowState.LEAVING)
"""The states of rows that the books do not show as the model does."""
