"""What a person says of rows that wait: uncertain ones are booked or not, refused ones may be sent again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bookward.bookings import Posting
from bookward.boundsync import BoundSync
from bookward.errors import NameUnknown, SettlementRefused
from bookward.failpoints import failpoint
from bookward.ids import new_id
from bookward.meter import Meter
from bookward.records import BookedRecord
from bookward.run import Runner
from bookward.store.doubts import Decision, Doubt
from bookward.store.rowstates import RowStates


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertainRow:
    """One uncertain row, and the records that may be its own, as the books show them now."""

    doubt: Doubt
    candidates: Sequence[BookedRecord]  #: those that are still there, dead ones too


def uncertain_rows(sync: BoundSync, meter: Meter) -> Sequence[UncertainRow]:
    """Return the uncertain rows of a sync, in the order of their keys; makes no call when there are none.

    Raises:
        RunUnsettled: an earlier run has to be settled first.
        StopRun, RetryLater: the books cannot be read now.
    """
    Runner(sync, meter).catch_up(new_id(sync.clock.now()))
    doubts = sync.doubts.open().values()
    ids = {id_ for doubt in doubts for id_ in doubt.candidates}
    found = {record.remote_id: record for record in sync.destination.in_books(sync.spec, ids)} if ids else {}
    return [
        UncertainRow(doubt=doubt, candidates=[found[id_] for id_ in doubt.candidates if id_ in found])
        for doubt in doubts
    ]


def settle(sync: BoundSync, meter: Meter, key: str, booked_as: str | None) -> Decision:
    """Take down what a person says of one uncertain row, in one transaction.

    Args:
        key: of the row.
        booked_as: id of the record that is the row's, checked by reading it; None when the row is not booked,
            and none of its candidates is its own.

    Raises:
        NameUnknown: there is no such uncertain row.
        SettlementRefused: that record cannot be the row's.
        RunUnsettled, StopRun, RetryLater: as for ``uncertain_rows``.
    """
    Runner(sync, meter).catch_up(new_id(sync.clock.now()))
    doubt = sync.doubts.open().get(key)
    if doubt is None:
        raise NameUnknown(
            f"Row {key!r} of sync {sync.slug!r} is not uncertain.",
            remedy=f"`bookward settle {sync.slug}` lists those that are.",
        )
    postings: Sequence[Posting] = ()
    if booked_as is not None:
        booked_as = booked_as.strip().lower()
        postings = _checked(sync, key, booked_as).postings
    failpoint("before-decision")
    decision = sync.doubts.decide(doubt, booked_as, sync.clock.now(), postings)
    failpoint("after-decision")
    return decision


def forgiven(rows: RowStates, sync: str, keys: Collection[str] | None) -> Sequence[str]:
    """Let refused rows be sent again by the next run; return their keys.

    Raises:
        NameUnknown: one of the rows was not refused.
    """
    if unknown := sorted(set(keys or ()) - set(rows.refusals(list(keys or ())))):
        raise NameUnknown(
            f"The destination has not refused row {unknown[0]!r} of sync {sync!r}.",
            remedy=f"`bookward rows {sync} --waiting` lists the rows that wait.",
        )
    return rows.forgive(keys)


def _checked(sync: BoundSync, key: str, remote_id: str) -> BookedRecord:
    """Return a record that can be the row's, and refuse any other."""
    record = next(sync.destination.in_books(sync.spec, {remote_id}), None)
    if record is None:
        raise SettlementRefused(f"{remote_id!r} is not among the {sync.spec.object} in the books.")
    if not record.live:
        raise SettlementRefused(
            f"The {record.called} is no longer in use.",
            remedy="If that was the row's record, and the row is to be booked, it is `--not-booked` now.",
        )
    if not record.meant:
        raise SettlementRefused(f"The {record.called} is of another sort than sync {sync.slug!r} writes.")
    owner = sync.state.owners([remote_id]).get(remote_id)
    if owner is not None and owner != key:
        raise SettlementRefused(f"The {record.called} is that of row {owner!r}.")
    if sync.state.owned_by(sync.others, [remote_id]):
        raise SettlementRefused(f"The {record.called} is that of a row of another sync.")
    return record
