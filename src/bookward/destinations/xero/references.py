"""Checks that the accounts and tax rates that rows name are there, before a call is spent on the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.objects import Reference, XeroObject
from bookward.errors import LookUpFailed, RowError
from bookward.records import Operation, OperationKind, Rejection, RemoteRecord

_WRITING = frozenset({OperationKind.INSERT, OperationKind.UPDATE})

Found = Mapping[tuple[str, str], RemoteRecord]


def check_references(
    kind: XeroObject, operations: Sequence[Operation], indexes: Mapping[str, XeroIndex]
) -> list[Operation]:
    """Return operations, rejected where what they name is not in Xero or no longer in use.

    Reads the lists of what is named, each once a plan, and nothing when nothing is named.
    """
    named = {o.seq: list(kind.references(o.payload)) for o in operations if o.kind in _WRITING}
    wanted = [reference for references in named.values() for reference in references]
    if not wanted:
        return list(operations)
    found = {name: _found(indexes[name], name, wanted) for name in {r.object for r in wanted}}
    return [_checked(operation, named.get(operation.seq, ()), found, indexes) for operation in operations]


def _found(index: XeroIndex, name: str, wanted: Sequence[Reference]) -> Found:
    index.refresh()
    kind = index.kind
    by_field: dict[str, set[str]] = {}
    for reference in wanted:
        if reference.object == name:
            by_field.setdefault(reference.field, set()).add(kind.fold(reference.field, reference.value))
    return {
        (field, folded): record
        for field, values in by_field.items()
        for folded, record in _records(index, field, values)
    }


def _records(index: XeroIndex, field: str, values: set[str]) -> Iterator[tuple[str, RemoteRecord]]:
    if field == index.kind.id_field:
        yield from index.by_id(values).items()
        return
    for folded, records in index.by_key(field, values).items():
        # Of an archived record and one in use, the latter is meant.
        yield folded, min(records, key=lambda record: record.archived)


def _checked(
    operation: Operation,
    references: Sequence[Reference],
    found: Mapping[str, Found],
    indexes: Mapping[str, XeroIndex],
) -> Operation:
    try:
        for reference in references:
            kind = indexes[reference.object].kind
            folded = kind.fold(reference.field, reference.value)
            _check(kind, reference, found[reference.object].get((reference.field, folded)))
    except RowError as error:
        return replace(operation, kind=OperationKind.REJECT, before=None, rejection=Rejection.of(error))
    return operation


def _check(kind: XeroObject, reference: Reference, record: RemoteRecord | None) -> None:
    named = f"{kind.noun} with {reference.field} {reference.value!r}"
    if record is None:
        raise LookUpFailed(f"There is no {named} in Xero.", field=reference.path)
    if record.archived:
        raise LookUpFailed(f"The {named} is no longer in use in Xero.", field=reference.path)
