"""Finds out by reading what became of a batch whose answer was lost.

A new record always has natural keys (a name, a code, a number, a reference). An insert was planned because no
record had them, so what is found by them now tells what became of it, unless somebody changed that very key
by hand meanwhile:

- nothing: it was not booked;
- one record that says the same: it is the row's;
- one that says something else: made or edited by somebody. The row is rejected, and the next plan finds that
  record and shows the difference. Where it would not find it, but send the row again, the row is uncertain,
  and so it is where the sync was edited since: nobody knows what the next plan finds;
- several, where Xero lets records share the key: which is the row's, or whether any is, nobody can say. The
  row is uncertain, and so are several rows that one record may be of.

What is uncertain is never sent again before a person said what is true. A change that its record does not
show is sent again: it says the same a second time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from bookward.destinations.xero.elements import accepted, refused, uncertain
from bookward.destinations.xero.index import Sight, XeroIndex
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.queries import Wanted
from bookward.errors import BookingUncertain, MatchTaken
from bookward.records import Operation, OperationKind, Outcome, RemoteRecord

_NAMED = 5  # records named in one message


def reconcile(
    kind: XeroObject,
    index: XeroIndex,
    match_field: str,
    operations: Sequence[Operation],
    *,
    edited: bool = False,
) -> tuple[list[Outcome], list[Operation]]:
    """Return the outcomes that reading settles, or shows to be uncertain, and what was not booked.

    Args:
        match_field: by which the sync found records when the operations were planned.
        edited: the next plan may find them by something else.

    Raises:
        RetryLater: Xero cannot be read now.
    """
    inserts = [operation for operation in operations if operation.kind is OperationKind.INSERT]
    keys = {o.seq: kind.natural_keys(o.payload, match_field) for o in inserts}
    ids = {operation.remote_id for operation in operations if operation.remote_id}
    named = frozenset(key for keys_ in keys.values() for key in keys_.items())
    seen = index.look_again(Wanted(ids=frozenset(ids), keys=named))
    found = _found(seen, keys, inserts)
    taken = Counter(records[0].remote_id for records in found.values() if len(records) == 1)
    outcomes: list[Outcome] = []
    missing: list[Operation] = []
    for operation in operations:
        if operation.kind is OperationKind.INSERT:
            records = found.get(operation.seq, ())
            alone = len(records) == 1 and taken[records[0].remote_id] == 1
            # The next plan finds a record by what the sync matches by, or by what Xero gives once only.
            again = keys[operation.seq].keys() & {match_field, *kind.unique_of(operation.payload)}
            outcome = _insert(kind, operation, records, alone=alone, again=bool(again) and not edited)
        else:
            done = kind.is_done(operation, seen.by_id.get(operation.remote_id or ""))
            outcome = accepted(operation, str(operation.remote_id)) if done else None
        if outcome is None:
            missing.append(operation)
        else:
            outcomes.append(outcome)
    return outcomes, missing


def _found(
    seen: Sight, keys: Mapping[int, Mapping[str, str]], inserts: Sequence[Operation]
) -> dict[int, Sequence[RemoteRecord]]:
    """Return, by an insert's place, the records in use that have all its natural keys now.

    Where none has all, it is the first one that has any: what Xero gives once only stands in the way.
    """
    disowned = {operation.seq: operation.disowned for operation in inserts}
    having: dict[int, dict[str, list[RemoteRecord]]] = defaultdict(dict)
    for seq, named in keys.items():
        for key in named.items():
            for record in seen.by_key.get(key, ()):
                if not record.archived and record.remote_id not in disowned[seq]:
                    having[seq].setdefault(record.remote_id, []).append(record)
    found: dict[int, Sequence[RemoteRecord]] = {}
    for seq, hits in having.items():
        whole = [records[0] for records in hits.values() if len(records) == len(keys[seq])]
        found[seq] = whole or next(iter(hits.values()))[:1]
    return found


def _insert(
    kind: XeroObject, operation: Operation, records: Sequence[RemoteRecord], *, alone: bool, again: bool
) -> Outcome | None:
    if not records:
        return None
    if not alone:
        return _uncertain(kind, operation, records)
    (record,) = records
    if not kind.differences(kind.element(operation), record.body):
        return accepted(operation, record.remote_id)
    if not again:
        return _uncertain(kind, operation, records)
    return refused(
        operation,
        MatchTaken(
            f"While Xero's answer was lost, {kind.called(record)} appeared with other values than the row's.",
            remedy="Plan again: the row then finds that record, and the plan shows what differs.",
        ),
    )


def _uncertain(kind: XeroObject, operation: Operation, records: Sequence[RemoteRecord]) -> Outcome:
    names = " and ".join(kind.described(record) for record in records[:_NAMED])
    more = f" and {len(records) - _NAMED} more" if len(records) > _NAMED else ""
    error = BookingUncertain(
        f"Xero's answer was lost. By now there is {names}{more}: one of them may be this row's, or none."
        if len(records) > 1
        else f"Xero's answer was lost. By now there is {names}: it may be this row's, or it may not."
    )
    return uncertain(operation, error, [record.remote_id for record in records])
