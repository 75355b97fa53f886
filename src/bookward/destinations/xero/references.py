"""Finds the records of other kinds that rows name, before a call is spent on the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

from msgspec.structs import replace

from bookward.destinations.xero.alternatives import remedy_of_missing
from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.looked_up import CURRENCIES
from bookward.destinations.xero.matching import Question
from bookward.destinations.xero.newcomers import to_be_made
from bookward.destinations.xero.objects import Reference, XeroObject
from bookward.destinations.xero.queries import Wanted
from bookward.errors import LookUpFailed, MatchAmbiguous, RowError
from bookward.records import WRITING, Draft, Operation, OperationKind, Payload, Rejection, RemoteRecord

Found = Mapping[tuple[str, str], Sequence[RemoteRecord]]


def look_up(
    question: Question, drafts: Sequence[Draft], indexes: Mapping[str, XeroIndex]
) -> tuple[list[Draft], list[tuple[Draft, RowError]]]:
    """Return drafts with what they look up replaced by its id, and those whose look-up failed, with why."""
    kind = question.kind
    named = {draft.seq: list(kind.look_ups(draft.payload, question.look_ups)) for draft in drafts}
    found = _all_found([reference for references in named.values() for reference in references], indexes)
    resolved: list[Draft] = []
    failed: list[tuple[Draft, RowError]] = []
    for draft in drafts:
        try:
            ids = [_id(question, draft, reference, found, indexes) for reference in named[draft.seq]]
            resolved.append(
                replace(draft, payload=draft.payload | {n: v for part in ids for n, v in part.items()})
            )
        except RowError as error:
            failed.append((draft, error))
    return resolved, failed


def _id(
    question: Question,
    draft: Draft,
    reference: Reference,
    found: Mapping[str, Found],
    indexes: Mapping[str, XeroIndex],
) -> Payload:
    kind = indexes[reference.object].kind
    records = found[reference.object].get((reference.field, kind.fold(reference.field, reference.value)), ())
    if not records and reference.path in question.creates:
        return {reference.path: to_be_made(question.ledger, draft, reference)}
    active = [record for record in records if not record.archived]
    if len(active) > 1:
        names = " and ".join(kind.called(record) for record in active[:3])
        raise MatchAmbiguous(
            f"{reference.field} {reference.value!r} is that of {names}.",
            field=reference.path,
            remedy=f"Merge or rename them, or look it up by {kind.id_field}.",
        )
    _check(indexes[reference.object], reference, records)
    return {reference.path: {kind.id_field: active[0].remote_id}}


def check_references(
    question: Question, operations: Sequence[Operation], indexes: Mapping[str, XeroIndex]
) -> list[Operation]:
    """Return operations, rejected where what they name is not in Xero or no longer in use.

    Reads the lists of what is named, each once a plan, and nothing when nothing is named.
    """
    named = {o.seq: list(_named(question, o.payload)) for o in operations if o.kind in WRITING}
    wanted = [reference for references in named.values() for reference in references]
    if not wanted:
        return list(operations)
    found = _all_found(wanted, indexes)
    kind = question.kind
    return [
        _checked(kind, operation, named.get(operation.seq, ()), found, indexes) for operation in operations
    ]


def _named(question: Question, payload: Payload) -> Iterator[Reference]:
    """Yield what a payload names and has to be looked up; an organisation's own currency has not."""
    for reference in question.kind.references(payload):
        if reference.object != CURRENCIES.name or reference.value != question.facts.latest().currency:
            yield reference


def _all_found(wanted: Sequence[Reference], indexes: Mapping[str, XeroIndex]) -> dict[str, Found]:
    return {name: _found(indexes[name], name, wanted) for name in {reference.object for reference in wanted}}


def _found(index: XeroIndex, name: str, wanted: Sequence[Reference]) -> Found:
    kind = index.kind
    by_field: dict[str, set[str]] = {}
    for reference in wanted:
        if reference.object == name:
            by_field.setdefault(reference.field, set()).add(kind.fold(reference.field, reference.value))
    ids = frozenset(by_field.get(kind.id_field, ()))
    keys = {(kind.named_by(field), value) for field, values in by_field.items() for value in values}
    index.refresh(Wanted(ids=ids, keys=frozenset(key for key in keys if key[0] != kind.id_field)))
    return {
        (field, folded): records
        for field, values in by_field.items()
        for folded, records in records_named(index, field, values)
    }


def records_named(
    index: XeroIndex, field: str, values: Set[str]
) -> Iterator[tuple[str, Sequence[RemoteRecord]]]:
    """Yield the records that have one of the folded values in ``field``, as far as they were read."""
    if field == index.kind.id_field:
        yield from ((id_, [record]) for id_, record in index.by_id(values).items())
    else:
        yield from index.by_key(index.kind.named_by(field), values).items()


def _checked(
    object_: XeroObject,
    operation: Operation,
    references: Sequence[Reference],
    found: Mapping[str, Found],
    indexes: Mapping[str, XeroIndex],
) -> Operation:
    named: dict[str, RemoteRecord] = {}
    try:
        for reference in references:
            kind = indexes[reference.object].kind
            folded = kind.fold(reference.field, reference.value)
            records = found[reference.object].get((reference.field, folded), ())
            _check(indexes[reference.object], reference, records)
            named[reference.path] = next(record for record in records if not record.archived)
        if named:
            object_.check_named(operation.payload, named)
    except RowError as error:
        return replace(operation, kind=OperationKind.REJECT, before=None, rejection=Rejection.of(error))
    return operation


def _check(index: XeroIndex, reference: Reference, records: Sequence[RemoteRecord]) -> None:
    kind = index.kind
    named = f"{kind.noun} with {reference.field} {reference.value!r}"
    if not records:
        remedy = remedy_of_missing(index, reference.field, reference.value)
        raise LookUpFailed(f"There is no {named} in Xero.", field=reference.path, remedy=remedy)
    if all(record.archived for record in records):
        word = kind.archived_word(records[0].body)
        raise LookUpFailed(f"The {named} is {word}, no longer in use in Xero.", field=reference.path)
