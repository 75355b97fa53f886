"""Turns drafts into operations: which record a row means, and what about that record would change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from bookward.destinations.xero.briefing import briefed
from bookward.destinations.xero.closed import check_dates
from bookward.destinations.xero.contact_groups import CONTACT_GROUPS, GROUPS
from bookward.destinations.xero.grouping import find_groups
from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.matching import (
    Knowledge,
    Question,
    check_claims,
    find_record,
    gather,
    match_value,
    merged,
    rows_named,
)
from bookward.destinations.xero.newcomers import with_note
from bookward.destinations.xero.references import check_references, look_up
from bookward.errors import (
    ChangeRefused,
    FieldRequired,
    MatchTaken,
    RecordArchived,
    RemovalHeldBack,
    RowError,
)
from bookward.records import (
    NARROWED,
    ChangeKind,
    Draft,
    Operation,
    OperationKind,
    Payload,
    Rejection,
    RemoteRecord,
)

_MOVED = frozenset({ChangeKind.CHANGED, ChangeKind.REMAPPED})
"""The changes of a row that was accepted before and says something else now."""


def resolve(question: Question, drafts: Sequence[Draft], indexes: Mapping[str, XeroIndex]) -> list[Operation]:
    """Return one operation for each draft, in order; reads only when one of them has to be resolved."""
    known = _known(question, drafts)
    decided: dict[int, Operation] = {}
    for draft in drafts:
        if (operation := _without_reading(question, draft, known)) is not None:
            decided[draft.seq] = operation
    open_, failed = look_up(question, [draft for draft in drafts if draft.seq not in decided], indexes)
    open_, ungrouped = find_groups(question, open_, indexes[CONTACT_GROUPS.name])
    failed += ungrouped
    decided |= {draft.seq: _rejected(draft, known.ids.get(draft.key), error) for draft, error in failed}
    if open_:
        gather(question, open_, indexes[question.kind.name], known)
        gone = {draft.key for draft in drafts if draft.change is ChangeKind.REMOVED}
        decided |= _decide(question, gone, open_, known)
    operations = _one_row_each(question, [decided[draft.seq] for draft in drafts])
    operations = check_references(question, operations, indexes)
    operations = check_dates(operations, indexes[question.kind.name], question.facts)
    noted = [with_note(question.kind, operation) for operation in operations]
    return briefed(question, noted, known, indexes)


def _known(question: Question, drafts: Sequence[Draft]) -> Knowledge:
    """Return what Bookward itself knows about some rows."""
    ledger = question.ledger
    ids = ledger.remote_ids([draft.key for draft in drafts])
    added = [draft.key for draft in drafts if draft.change is ChangeKind.ADDED and draft.key not in ids]
    leaving = [ids[d.key] for d in drafts if d.change is ChangeKind.REMOVED and d.key in ids]
    replaceable = list(ids.values()) if question.on_change == "replace" else []
    return Knowledge(
        ids=ids,
        made=ledger.made(replaceable),
        former=ledger.former_ids(added),
        disowned=ledger.disowned([draft.key for draft in drafts]),
        shared=ledger.owned_elsewhere([*leaving, *replaceable]),
        heirs=ledger.heirs(leaving),
    )


def _without_reading(question: Question, draft: Draft, known: Knowledge) -> Operation | None:
    """Return the operation when nothing about the records needs to be known, else None."""
    remote_id = known.ids.get(draft.key)
    if draft.change is ChangeKind.REMOVED and (settled := _waiting(question, draft, remote_id, known)):
        return settled
    if draft.rejection is not None:
        return _operation(draft, OperationKind.REJECT, remote_id, rejection=draft.rejection)
    if draft.change is ChangeKind.REMOVED:
        return None
    try:
        if remote_id is None or question.match_field == question.kind.id_field:
            match_value(question, draft)
        if _nothing_to_send(question, draft, remote_id):
            return _operation(draft, OperationKind.UNCHANGED, remote_id, before={})
        changed = question.mode == "insert" and draft.change in _MOVED
        if remote_id is not None and changed and question.on_change != "replace":
            return _after_insert(question, draft, remote_id)
        _check_doubles(question, draft, remote_id)
    except RowError as error:
        return _rejected(draft, remote_id, error)
    return None


def _waiting(question: Question, draft: Draft, remote_id: str | None, known: Knowledge) -> Operation | None:
    """Return the operation of a removed row whose record is not to be touched, None for any other."""
    noun = question.kind.noun
    if question.on_removal == "keep" or remote_id is None:
        return _operation(draft, OperationKind.KEEP, remote_id)
    if remote_id in known.heirs:
        return _handover(question, draft, remote_id, known.heirs[remote_id])
    if remote_id in known.shared and draft.rejection is None:
        return _operation(draft, OperationKind.HOLD, notes=(f"Another sync still has its {noun}.",))
    return None


def _handover(question: Question, draft: Draft, remote_id: str, heir: str) -> Operation:
    """Leave the record to the row that takes it over; once that is done, the removed row is forgotten."""
    note = f"Its {question.kind.noun} goes on as row {heir!r}."
    return _operation(draft, OperationKind.HOLD, remote_id, notes=(note,))


def _after_insert(question: Question, draft: Draft, remote_id: str) -> Operation:
    """Return what a sync that only inserts does about a row that it has inserted before."""
    if question.on_change == "reject":
        raise ChangeRefused(f"The row changed after its {question.kind.noun} was created.")
    note = f"The row changed after its {question.kind.noun} was created; the {question.kind.noun} stays."
    return _operation(draft, OperationKind.UNCHANGED, remote_id, before={}, notes=(note,))


def _nothing_to_send(question: Question, draft: Draft, remote_id: str | None) -> bool:
    """Say whether the accepted version was mapped to the same; a field left out says nothing.

    A row that was only assumed to be booked has no record: it is not looked for, nor made, before it says
    something else.
    """
    previous = draft.previous
    if previous is None:
        return False
    if question.match_field == question.kind.id_field and match_value(question, draft) not in ("", remote_id):
        return False  # the row means another record now
    payload = question.kind.sendable(draft.payload, draft.create_only)
    return all(name in previous and previous[name] == value for name, value in payload.items())


def _check_doubles(question: Question, draft: Draft, remote_id: str | None) -> None:
    """Refuse a value that several rows of this plan want, unless this row was the first to have it."""
    kind = question.kind
    left_out = draft.create_only if remote_id is not None else frozenset[str]()
    wanted = {name: value for name, value in draft.payload.items() if name not in left_out}
    had = kind.claims(draft.previous) if draft.previous is not None else ()
    by = [question.match_field] if remote_id is None else []
    if remote_id is None and draft.match_value:
        wanted.setdefault(question.match_field, draft.match_value)
    for claim in kind.claims(wanted, *by):
        others = sorted(key for key in question.doubles.get(claim, ()) if key != draft.key)
        if others and claim not in had:
            name = claim.partition("=")[0]
            raise MatchTaken(
                f"{name} {wanted[name]!r} is also wanted by {rows_named(others)}; none is sent.", field=name
            )


def _decide(
    question: Question, gone: set[str], open_: Sequence[Draft], known: Knowledge
) -> dict[int, Operation]:
    """Return the operations of the drafts that needed reading, by their place."""
    decided = {d.seq: _living(question, d, known, gone) for d in open_ if d.key not in gone}
    # A record that lives on under another row's key is not archived.
    heirs = {o.remote_id: o.key for o in decided.values() if _takes(o)}
    return decided | {d.seq: _removal(question, d, known, heirs) for d in open_ if d.key in gone}


def _living(question: Question, draft: Draft, known: Knowledge, gone: set[str]) -> Operation:
    try:
        record = find_record(question, draft, known, gone)
        if record is None:
            return _insert(question, draft, known)
        return _change(question, draft, record, known)
    except RowError as error:
        return _rejected(draft, known.ids.get(draft.key), error)


def _removal(
    question: Question, draft: Draft, known: Knowledge, heirs: Mapping[str | None, str]
) -> Operation:
    """Remove the record of a removed row, unless it is archived, gone, or another row's by now."""
    kind = question.kind
    remote_id = known.ids[draft.key]
    record = known.live.get(remote_id)
    if remote_id in heirs:
        return _handover(question, draft, remote_id, heirs[remote_id])
    if record is None or kind.is_gone(record.body):
        note = f"Its {kind.noun} is no longer in Xero."
        return _operation(draft, OperationKind.KEEP, remote_id, notes=(note,))
    if record.archived and question.on_removal != "delete":
        return _operation(draft, OperationKind.ADOPT, remote_id, dict(kind.archived), before={})
    if heir := _rejected_heir(question, record):
        error = RemovalHeldBack(
            f"Row {heir!r} means its {kind.noun} by now and cannot be synced.",
            remedy=f"Put that row right; the {kind.noun} then goes on as that row, or is removed.",
        )
        return _rejected(draft, remote_id, error)
    try:
        removal, payload = kind.removal(question.on_removal, record)
    except RowError as error:
        return _rejected(draft, remote_id, error)
    before = {name: record.body.get(name) for name in payload}
    return _operation(draft, removal, remote_id, payload, before=before)


def _rejected_heir(question: Question, record: RemoteRecord) -> str | None:
    """Return the key of a row that means the record by now but cannot be synced, if there is one."""
    means = (f"{question.match_field}=", f"{question.kind.id_field}=")
    claims = question.kind.claims(record.body, question.match_field)
    meant = [claim for claim in claims if claim.startswith(means)]
    return question.ledger.held_back([*meant, *(claim.partition(NARROWED)[0] for claim in meant)])


def _takes(operation: Operation) -> bool:
    """Say whether the operation is that of a living row with the record that it names."""
    taking = operation.kind in (OperationKind.UPDATE, OperationKind.REPLACE, OperationKind.ADOPT)
    return taking and operation.change is not ChangeKind.REMOVED


def _insert(question: Question, draft: Draft, known: Knowledge) -> Operation:
    kind = question.kind
    if question.mode == "update":
        note = f"No {kind.noun} in Xero matches, and `mode: update` creates none."
        return _operation(draft, OperationKind.SKIP, notes=(note,))
    payload = _new(question, draft)
    disowned = tuple(known.disowned.get(draft.key, ()))
    check_claims(kind, payload, None, known, disowned)
    return replace(_operation(draft, OperationKind.INSERT, None, payload), disowned=disowned)


def _new(question: Question, draft: Draft) -> Payload:
    """Return what a new record is made of."""
    kind = question.kind
    payload = _with_match_value(question, draft)
    kind.check_new(payload)
    if not kind.natural_keys(payload, question.match_field):
        field = next(iter(kind.unique), question.match_field)
        raise FieldRequired(
            f"{field} is empty: without it this {kind.noun} could be booked twice, if its answer is lost.",
            field=field,
        )
    return payload


def _change(question: Question, draft: Draft, record: RemoteRecord, known: Knowledge) -> Operation:
    kind = question.kind
    payload = kind.sendable(draft.payload, draft.create_only)
    before = kind.differences(payload, record.body)
    if not before and (not record.archived or kind.says_archived(payload)):
        return _operation(draft, OperationKind.ADOPT, record.remote_id, payload, before={})
    if question.on_change == "replace" and draft.key in known.ids:
        return _replaced(question, draft, record, known)
    if record.archived:
        word = kind.archived_word(record.body)
        said = f"The {kind.called(record)} is {word}{merged(record.body)}."
        raise RecordArchived(said, remedy=kind.archived_remedy)
    if question.mode == "insert" and not (set(before) == {GROUPS} and draft.key in known.ids):
        return _found_on_insert(question, draft, record)
    check_claims(kind, payload, record, known)
    payload, notes = kind.change(record, payload, before)
    before = kind.differences(payload, record.body)  # again: of what is really sent
    return _operation(draft, OperationKind.UPDATE, record.remote_id, payload, before=before, notes=notes)


def _replaced(question: Question, draft: Draft, record: RemoteRecord, known: Knowledge) -> Operation:
    """Put another record in the place of one that this sync has inserted, be that still there or not."""
    kind = question.kind
    if record.remote_id not in known.made:
        raise ChangeRefused(f"The {kind.called(record)} was in Xero before, and the row says something else.")
    if record.remote_id in known.shared:
        raise ChangeRefused(f"The row changed, and another sync has its {kind.noun} too.")
    payload = _new(question, draft)
    disowned = tuple(known.disowned.get(draft.key, ()))
    check_claims(kind, payload, record, known, disowned)
    if record.archived:
        note = f"The {kind.called(record)} is {kind.archived_word(record.body)}; a new one is inserted."
        made = _operation(draft, OperationKind.INSERT, None, payload, notes=(note,))
    else:
        _check_dead_holders(question, payload, record, known)
        before = kind.replaced(record, payload)
        made = _operation(draft, OperationKind.REPLACE, record.remote_id, payload, before=before)
    return replace(made, disowned=disowned)


def _check_dead_holders(question: Question, payload: Payload, own: RemoteRecord, known: Knowledge) -> None:
    """Refuse a value that a dead record may still hold: it is too late once the old record is gone."""
    kind = question.kind
    for claim in kind.claims(payload):
        for record in known.holders.get(claim, ()):
            if record.archived and record.remote_id != own.remote_id:
                name, word = claim.partition("=")[0], kind.archived_word(record.body)
                said = f"{name} {payload[name]!r} is that of the {word} {kind.called(record)}."
                raise RecordArchived(said, field=name, remedy=kind.archived_remedy)


def _found_on_insert(question: Question, draft: Draft, record: RemoteRecord) -> Operation:
    found = f"The {question.kind.called(record)} was in Xero before and says something else"
    if question.on_change != "ignore":
        raise ChangeRefused(f"{found}.")
    note = f"{found}; it stays."
    return _operation(draft, OperationKind.ADOPT, record.remote_id, {}, before={}, notes=(note,))


def _with_match_value(question: Question, draft: Draft) -> Payload:
    """Return what a new contact is made of: it must be found again by the field that the sync matches by."""
    payload = question.kind.sendable(draft.payload)
    if question.match_field != question.kind.id_field and draft.match_value:
        payload.setdefault(question.match_field, draft.match_value)
    return payload


def _one_row_each(question: Question, operations: Sequence[Operation]) -> list[Operation]:
    """Refuse all rows that would take one and the same record."""
    takers: dict[str | None, list[str]] = defaultdict(list)
    for operation in operations:
        if _takes(operation):
            takers[operation.remote_id].append(operation.key)
    return [
        _shared(question, operation, takers[operation.remote_id])
        if _takes(operation) and len(takers[operation.remote_id]) > 1
        else operation
        for operation in operations
    ]


def _shared(question: Question, operation: Operation, takers: Sequence[str]) -> Operation:
    others = [key for key in takers if key != operation.key]
    noun = question.kind.noun.capitalize()
    error = MatchTaken(f"{noun} {operation.remote_id} is also that of {rows_named(others)}; none is sent.")
    return Operation(
        seq=operation.seq,
        key=operation.key,
        change=operation.change,
        kind=OperationKind.REJECT,
        payload=operation.payload,
        notes=operation.notes,
        rejection=Rejection.of(error),
    )


def _operation(
    draft: Draft,
    kind: OperationKind,
    remote_id: str | None = None,
    payload: Payload | None = None,
    *,
    before: Payload | None = None,
    notes: tuple[str, ...] = (),
    rejection: Rejection | None = None,
) -> Operation:
    return Operation(
        seq=draft.seq,
        key=draft.key,
        change=draft.change,
        kind=kind,
        remote_id=remote_id,
        payload=draft.payload if payload is None else payload,
        before=before,
        notes=draft.notes + notes,
        rejection=rejection,
    )


def _rejected(draft: Draft, remote_id: str | None, error: RowError) -> Operation:
    return _operation(draft, OperationKind.REJECT, remote_id, rejection=Rejection.of(error))
