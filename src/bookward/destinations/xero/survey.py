"""Shows records in the books as a person tells them from others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any

from bookward.destinations.xero.comparison import day_shown, differences
from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.queries import Wanted
from bookward.records import BookedRecord, Payload, RemoteRecord
from bookward.spec.mapping import ConstantMapping
from bookward.spec.sync import SyncSpec

_SORTS = ("Type", "CurrencyCode", "Account")
"""Fields of which a constant says what sort of record a sync writes; others may change in a record's life."""


def in_books(
    kind: XeroObject, sync: SyncSpec, index: XeroIndex, remote_ids: Collection[str] | None = None
) -> Iterator[BookedRecord]:
    """Read some records, or all, and return them one by one.

    Raises:
        StopRun, RetryLater: Xero cannot be read now.
    """
    show = partial(_booked, kind, sync, _constants(sync.fields))
    if remote_ids is None:
        return map(show, index.read_whole())
    found = index.look_again(Wanted(ids=frozenset(remote_ids))).by_id
    return (show(found[id_]) for id_ in remote_ids if id_ in found)


def _constants(fields: Mapping[str, Any]) -> Payload:
    """Return what a mapping says of every record; a part that depends on the row says nothing."""
    found: Payload = {}
    for name, mapping in fields.items():
        if isinstance(mapping, ConstantMapping):
            found[name] = mapping.value
        elif isinstance(mapping, dict) and (inner := _constants(mapping)):
            found[name] = inner
    return found


def _booked(kind: XeroObject, sync: SyncSpec, always: Payload, record: RemoteRecord) -> BookedRecord:
    body = record.body
    sort = {name: always[name] for name in _SORTS if name in always}
    match_field = next(iter(sync.match))
    told_by = () if match_field == kind.id_field else (match_field,)
    natural = kind.natural_keys(body, kind.title)
    keys = natural | {field: record.keys[field] for field in told_by if field in record.keys}
    # A row that names no currency is in that of the books; records always name theirs.
    said = body if "CurrencyCode" in sync.fields else {n: v for n, v in body.items() if n != "CurrencyCode"}
    net = kind.amount_before(always, body)
    return BookedRecord(
        remote_id=record.remote_id,
        called=kind.called(record),
        live=not record.archived,
        meant=not differences(sort, body),
        day=str(day_shown(body.get(kind.dated_by or "")) or "")[:10],
        currency=kind.currency(body),
        total=kind.total(body),
        net=net[1] if net else None,
        shared=tuple(sorted(f"{field}={value}" for field, value in keys.items())),
        postings=tuple(kind.postings(said, "")),
    )
