"""Uncertain rows: shown with the records that may be theirs, and settled by what a person says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bookward.boundsync import BoundSync
from bookward.errors import NameUnknown, SettlementRefused
from bookward.failpoints import failpoint
from bookward.ids import new_id
from bookward.meter import Meter
from bookward.records import BookedRecord
from bookward.run import Runner
from bookward.store.doubts import Decision, Doubt


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
    if booked_as is not None:
        booked_as = booked_as.strip().lower()
        _check(sync, key, booked_as)
    failpoint("before-decision")
    decision = sync.doubts.decide(doubt, booked_as, sync.clock.now())
    failpoint("after-decision")
    return decision


def _check(sync: BoundSync, key: str, remote_id: str) -> None:
    """Refuse a record that cannot be the row's."""
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
