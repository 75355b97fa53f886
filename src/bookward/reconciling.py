"""Holds all rows of a plan against all records in the books: what should not be there is found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from bookward.boundsync import BoundSync
from bookward.engine.findings import Reconciled, tally
from bookward.records import (
    BookedRecord,
    ChangeKind,
    Draft,
    Finding,
    FoundKind,
    Operation,
    OperationKind,
)

REMOVABLE = (FoundKind.LEFT_BEHIND, FoundKind.TWICE)
"""The kinds of finding that a person may have removed; what nobody knows stays."""

_ORDER = tuple(FoundKind)


class Reconciling:
    """The rows of one plan, the records in the books, and what is left of these."""

    def __init__(self, sync: BoundSync) -> None:
        """Read all records of the object that a sync writes; what reading raises is raised here."""
        self._sync = sync
        self._records: Iterator[BookedRecord] = sync.destination.in_books(sync.spec)
        self._rows: dict[str, tuple[str, tuple[str, Decimal] | None]] = {}  #: key and amount, by record
        self._doubtful = {id_ for doubt in sync.doubts.open().values() for id_ in doubt.candidates}
        self._uncertain = 0  #: records that may be those of uncertain rows
        self._aside: set[str] = set()
        self._recordless: set[str] = set()  #: keys of rows to which the plan gives no record, or none yet
        self._left: dict[str, str] = {}  #: key of the row, by the record that it leaves behind
        self._sums: dict[str, Decimal] = defaultdict(Decimal)
        self._booked: dict[str, Decimal] = defaultdict(Decimal)
        self._count = self._same = 0

    def note(self, drafts: Sequence[Draft], operations: Sequence[Operation]) -> None:
        """Take note of what the plan does about some rows."""
        for draft, operation in zip(drafts, operations, strict=True):
            if draft.change is not ChangeKind.REMOVED:
                self._living(draft, operation)
            elif operation.remote_id and operation.kind is OperationKind.KEEP:
                self._left[operation.remote_id] = operation.key
            elif operation.remote_id:
                self._aside.add(operation.remote_id)  # it goes, or another row has it

    def _living(self, draft: Draft, operation: Operation) -> None:
        self._count += 1
        # With `on_change: ignore` a record that says something else is left, and adopted with nothing to say.
        self._same += operation.kind is OperationKind.ADOPT and bool(operation.payload)
        amount = self._sync.object_type.amount(draft.payload)
        if amount and operation.brief:
            amount = (amount[0] or operation.brief.currency, amount[1])
        if operation.remote_id:
            self._rows[operation.remote_id] = (operation.key, amount)
        else:
            self._recordless.add(operation.key)
            self._add(amount)

    def findings(self, *, sure: bool) -> list[Finding]:
        """Return the live records that no row accounts for, in the order of their kinds.

        Args:
            sure: all rows have keys of their own, so that one that is not in the plan left the model.
        """
        loose: list[BookedRecord] = []
        told: dict[str, str] = {}  #: key of a row, by what tells its record from all others
        without = dict(self._rows)
        for record in self._records:
            if record.live and record.remote_id in self._rows:
                del without[record.remote_id]
                told |= dict.fromkeys(record.shared, self._rows[record.remote_id][0])
                self._add_up(record)
            elif record.live and record.remote_id in self._doubtful:
                self._uncertain += 1
            elif record.live and record.remote_id not in self._aside:
                loose.append(record)
        for _, amount in without.values():
            self._add(amount)
        ids = [record.remote_id for record in loose]
        state = self._sync.state
        kept_out = state.owned_by(self._sync.others, ids)
        kept_out |= {i for i, key in state.owners(ids).items() if key in self._recordless or not sure}
        had = {i: key for i, key in (state.had(ids) | self._left).items() if key not in self._recordless}
        known = state.owned_by(self._sync.others, ids, former=True)
        found = [
            finding
            for record in loose
            if record.remote_id not in kept_out and (record.remote_id in had or record.remote_id not in known)
            if (finding := _finding(record, had, told)) is not None
        ]
        return sorted(found, key=lambda each: (_ORDER.index(each.kind), each.day, each.called))

    def removals(
        self, findings: Sequence[Finding], kinds: Sequence[FoundKind], place: int
    ) -> list[tuple[Draft, str]]:
        """Return drafts that remove the findings of some kinds, each with the id of its record.

        Args:
            findings: all of them.
            kinds: those that are removed.
            place: of the first draft in the plan.
        """
        living = {key for key, _ in self._rows.values()}
        wanted = [finding for finding in findings if finding.kind in kinds]
        return [
            (Draft(seq=place + n, key=_key(finding, living), change=ChangeKind.REMOVED), finding.remote_id)
            for n, finding in enumerate(wanted)
        ]

    def _add(self, amount: tuple[str, Decimal] | None) -> None:
        """Add the amount of a row that has no live record."""
        if amount is not None:
            self._sums[amount[0]] += amount[1]

    def _add_up(self, record: BookedRecord) -> None:
        amount = self._rows[record.remote_id][1]
        if amount is not None and record.net is not None:
            self._sums[amount[0] or record.currency] += amount[1]
            self._booked[record.currency] += record.net

    def report(
        self, findings: Sequence[Finding], removing: Sequence[FoundKind], *, left_out: int, calls: int
    ) -> Reconciled:
        """Return it all at a glance.

        Args:
            left_out: rows that are not in the plan one by one, for want of a key of their own.
            removing: the kinds that the plan removes.
            calls: that reading and comparing took.
        """
        return Reconciled(
            rows=self._count + left_out,
            in_books=self._same,
            rows_sums=dict(self._sums),
            records_sums=dict(self._booked),
            found=tally(findings),
            uncertain=self._uncertain,
            removing=tuple(kind.value for kind in removing),
            calls=calls,
        )


def _finding(record: BookedRecord, had: Mapping[str, str], told: Mapping[str, str]) -> Finding | None:
    """Return what a live record is that no row accounts for, None where the sync does not write such."""
    row = next((told[claim] for claim in record.shared if claim in told), None)
    if record.remote_id in had:
        kind, row = FoundKind.LEFT_BEHIND, had[record.remote_id]
    elif row is not None:
        kind = FoundKind.TWICE
    elif record.meant:
        kind = FoundKind.UNKNOWN
    else:
        return None
    return Finding(
        kind=kind,
        remote_id=record.remote_id,
        called=record.called,
        day=record.day,
        currency=record.currency,
        total=record.total,
        row=row,
    )


def _key(finding: Finding, living: Collection[str]) -> str:
    """Return the key under which a record is removed: that of the row that had it, once it has left.

    A record that no row had, or only one that has another by now, is told by its own id.
    """
    if finding.kind is FoundKind.LEFT_BEHIND and finding.row is not None and finding.row not in living:
        return finding.row
    return f"record {finding.remote_id}"
