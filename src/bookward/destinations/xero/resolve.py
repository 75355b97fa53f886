"""Turns drafts into operations: which record a row means, and what about that record would change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bookward.destinations.xero.contacts import ARCHIVED
from bookward.destinations.xero.index import ContactIndex
from bookward.destinations.xero.matching import (
    Knowledge,
    Question,
    called,
    check_claims,
    find_record,
    gather,
    match_value,
    merged,
    rows_named,
)
from bookward.errors import FieldRequired, MatchTaken, RecordArchived, RemovalHeldBack, RowError
from bookward.records import ChangeKind, Draft, Operation, OperationKind, Payload, Rejection, RemoteRecord


def resolve(question: Question, drafts: Sequence[Draft], index: ContactIndex) -> list[Operation]:
    """Return one operation for each draft, in order; reads only when one of them has to be resolved."""
    living = [draft for draft in drafts if draft.rejection is None]
    known = _known(question, living)
    decided: dict[int, Operation] = {}
    for draft in drafts:
        if (operation := _without_reading(question, draft, known)) is not None:
            decided[draft.seq] = operation
    open_ = [draft for draft in drafts if draft.seq not in decided]
    if open_:
        gather(question, open_, index, known)
        decided |= _decide(question, drafts, open_, known)
    return _one_row_each([decided[draft.seq] for draft in drafts])


def _known(question: Question, drafts: Sequence[Draft]) -> Knowledge:
    """Return what Bookward itself knows about some rows."""
    ledger = question.ledger
    ids = ledger.remote_ids([draft.key for draft in drafts])
    added = [draft.key for draft in drafts if draft.change is ChangeKind.ADDED and draft.key not in ids]
    leaving = [ids[d.key] for d in drafts if d.change is ChangeKind.REMOVED and d.key in ids]
    return Knowledge(ids=ids, former=ledger.former_ids(added), shared=ledger.owned_elsewhere(leaving))


def _without_reading(question: Question, draft: Draft, known: Knowledge) -> Operation | None:
    """Return the operation when nothing about the records needs to be known, else None."""
    remote_id = known.ids.get(draft.key)
    if draft.rejection is not None:
        return _operation(draft, OperationKind.REJECT, remote_id, rejection=draft.rejection)
    if draft.change is ChangeKind.REMOVED:
        if question.on_removal == "keep" or remote_id is None:
            return _operation(draft, OperationKind.KEEP, remote_id)
        note = "Another sync still has its contact."
        return _operation(draft, OperationKind.HOLD, notes=(note,)) if remote_id in known.shared else None
    try:
        if remote_id is None or question.match_field == question.kind.id_field:
            match_value(question, draft)
        if remote_id is not None and _nothing_to_send(question, draft, remote_id):
            return _operation(draft, OperationKind.UNCHANGED, remote_id, before={})
        _check_doubles(question, draft, remote_id)
    except RowError as error:
        return _rejected(draft, remote_id, error)
    return None


def _nothing_to_send(question: Question, draft: Draft, remote_id: str) -> bool:
    """Say whether the accepted version was mapped to the same; a field left out says nothing."""
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
    if remote_id is None and question.match_field == kind.id_field and draft.match_value:
        wanted[kind.id_field] = draft.match_value
    for claim in kind.claims(wanted):
        others = sorted(key for key in question.doubles.get(claim, ()) if key != draft.key)
        if others and claim not in had:
            name = claim.partition("=")[0]
            raise MatchTaken(
                f"{name} {wanted[name]!r} is also wanted by {rows_named(others)}; none is sent.", field=name
            )


def _decide(
    question: Question, drafts: Sequence[Draft], open_: Sequence[Draft], known: Knowledge
) -> dict[int, Operation]:
    """Return the operations of the drafts that needed reading, by their place."""
    gone = {draft.key for draft in drafts if draft.change is ChangeKind.REMOVED}
    decided = {d.seq: _living(question, d, known, gone) for d in open_ if d.key not in gone}
    # A record that lives on under another row's key is not archived.
    heirs = {o.remote_id: o.key for o in decided.values() if _takes(o)}
    return decided | {d.seq: _removal(question, d, known, heirs) for d in open_ if d.key in gone}


def _living(question: Question, draft: Draft, known: Knowledge, gone: set[str]) -> Operation:
    try:
        record = find_record(question, draft, known, gone)
        return _upsert(question, draft, record, known)
    except RowError as error:
        return _rejected(draft, known.ids.get(draft.key), error)


def _removal(
    question: Question, draft: Draft, known: Knowledge, heirs: Mapping[str | None, str]
) -> Operation:
    """Archive the record of a removed row, unless it is archived, gone, or another row's by now."""
    remote_id = known.ids[draft.key]
    record = known.live.get(remote_id)
    if remote_id in heirs:
        note = f"Its contact goes on as row {heirs[remote_id]!r}."
        return _operation(draft, OperationKind.KEEP, remote_id, notes=(note,))
    if record is None:
        return _operation(draft, OperationKind.KEEP, remote_id, notes=("Its contact is no longer in Xero.",))
    if record.archived:
        return _operation(draft, OperationKind.ADOPT, remote_id, dict(ARCHIVED), before={})
    if heir := _rejected_heir(question, record):
        error = RemovalHeldBack(
            f"Row {heir!r} means its contact by now and cannot be synced.",
            remedy="Put that row right; its contact is then archived, or goes on as that row.",
        )
        return _rejected(draft, remote_id, error)
    before = {name: record.body.get(name) for name in ARCHIVED}
    return _operation(draft, OperationKind.ARCHIVE, remote_id, dict(ARCHIVED), before=before)


def _rejected_heir(question: Question, record: RemoteRecord) -> str | None:
    """Return the key of a row that means the record by now but cannot be synced, if there is one."""
    means = (f"{question.match_field}=", f"{question.kind.id_field}=")
    claims = question.kind.claims(record.body)
    return question.ledger.held_back([claim for claim in claims if claim.startswith(means)])


def _takes(operation: Operation) -> bool:
    """Say whether the operation is that of a living row with the record that it names."""
    taking = operation.kind in (OperationKind.UPDATE, OperationKind.ADOPT)
    return taking and operation.change is not ChangeKind.REMOVED


def _upsert(question: Question, draft: Draft, record: RemoteRecord | None, known: Knowledge) -> Operation:
    kind = question.kind
    if record is None:
        payload = _with_match_value(question, draft)
        if not payload.get("Name"):
            raise FieldRequired("Name has no value, and Xero creates no contact without one.", field="Name")
        check_claims(kind, payload, None, known)
        return _operation(draft, OperationKind.INSERT, None, payload)
    payload = kind.sendable(draft.payload, draft.create_only)
    before = kind.differences(payload, record.body)
    if record.archived:
        raise RecordArchived(f"The {called(record)} is archived{merged(record.body)}.")
    if not before:
        return _operation(draft, OperationKind.ADOPT, record.remote_id, payload, before={})
    check_claims(kind, payload, record, known)
    return _operation(draft, OperationKind.UPDATE, record.remote_id, payload, before=before)


def _with_match_value(question: Question, draft: Draft) -> Payload:
    """Return what a new contact is made of: it must be found again by the field that the sync matches by."""
    payload = question.kind.sendable(draft.payload)
    if question.match_field != question.kind.id_field and draft.match_value:
        payload.setdefault(question.match_field, draft.match_value)
    return payload


def _one_row_each(operations: Sequence[Operation]) -> list[Operation]:
    """Refuse all rows that would take one and the same record."""
    takers: dict[str | None, list[str]] = defaultdict(list)
    for operation in operations:
        if _takes(operation):
            takers[operation.remote_id].append(operation.key)
    return [
        _shared(operation, takers[operation.remote_id])
        if _takes(operation) and len(takers[operation.remote_id]) > 1
        else operation
        for operation in operations
    ]


def _shared(operation: Operation, takers: Sequence[str]) -> Operation:
    others = [key for key in takers if key != operation.key]
    error = MatchTaken(f"Contact {operation.remote_id} is also that of {rows_named(others)}; none is sent.")
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
