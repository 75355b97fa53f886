"""Decides which groups the contact of a row is to be in, and out of which it is to be taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from bookward.destinations.xero.alternatives import remedy_of_missing
from bookward.destinations.xero.contact_groups import CONTACT_GROUPS, GROUPS, ID, MEMBER
from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.matching import Question
from bookward.destinations.xero.queries import Wanted
from bookward.errors import FieldInvalid, LookUpFailed, MatchAmbiguous, RowError
from bookward.records import Draft, Payload, RemoteRecord

_Found = Mapping[tuple[str, str], Sequence[RemoteRecord]]


def find_groups(
    question: Question, drafts: Sequence[Draft], index: XeroIndex
) -> tuple[list[Draft], list[tuple[Draft, RowError]]]:
    """Return drafts with the groups that they name found, and those whose groups cannot be, with why.

    The accepted version of a row says which groups its contact was put into: of those, it is taken out of
    what the row no longer names. Groups that no version of the row named are nobody's business here.
    """
    grouped = [draft for draft in drafts if GROUPS in draft.payload]
    named = [pair for draft in grouped for pair in (*_named(draft.payload), *_named(draft.previous))]
    found = _found(index, named) if named else {}
    ready: list[Draft] = []
    failed: list[tuple[Draft, RowError]] = []
    for draft in drafts:
        try:
            ready.append(_with_groups(question, draft, found, index) if GROUPS in draft.payload else draft)
        except RowError as error:
            failed.append((draft, error))
    return ready, failed


def _named(payload: Payload | None) -> Iterator[tuple[str, Any]]:
    """Yield the fields by which a payload, as it was mapped, names groups, with their values."""
    for group in (payload or {}).get(GROUPS) or ():
        yield from group.items()


def _found(index: XeroIndex, named: Sequence[tuple[str, Any]]) -> _Found:
    index.refresh(Wanted())
    names = {CONTACT_GROUPS.fold(field, value) for field, value in named if field == "Name"}
    ids = {CONTACT_GROUPS.fold(field, value) for field, value in named if field == ID}
    found: dict[tuple[str, str], Sequence[RemoteRecord]] = {}
    found |= {("Name", name): records for name, records in index.by_key("Name", names).items()}
    return found | {(ID, id_): [record] for id_, record in index.by_id(ids).items()}


def _with_groups(question: Question, draft: Draft, found: _Found, index: XeroIndex) -> Draft:
    wanted: dict[str, Payload] = {}
    for field, value in _named(draft.payload):
        record = _one(field, value, found)
        if record is not None:
            wanted[record.body["Name"]] = {ID: record.remote_id, MEMBER: True}
        elif GROUPS in question.creates:
            wanted[" ".join(value.split())] = {MEMBER: True}
        else:
            message = f"There is no contact group with {field} {value!r} in Xero."
            raise LookUpFailed(message, field=GROUPS, remedy=remedy_of_missing(index, field, value))
    if wanted and draft.payload.get("ContactStatus") == "ARCHIVED":
        message = "The row archives its contact, and an archived contact cannot be put into a group."
        raise FieldInvalid(message, field=GROUPS)
    left: dict[str, Payload] = {}
    for field, value in _named(draft.previous):
        record = _one(field, value, found)
        if record is not None and record.body["Name"] not in wanted:
            left[record.body["Name"]] = {ID: record.remote_id, MEMBER: False}
    payload = {name: value for name, value in draft.payload.items() if name != GROUPS}
    groups = dict(sorted((wanted | left).items()))
    made = [f"There is no contact group {n!r} in Xero; it is made." for n, g in wanted.items() if ID not in g]
    return replace(draft, payload=payload | ({GROUPS: groups} if groups else {}), notes=(*draft.notes, *made))


def _one(field: str, value: Any, found: _Found) -> RemoteRecord | None:
    records = [r for r in found.get((field, CONTACT_GROUPS.fold(field, value)), ()) if not r.archived]
    if len(records) > 1:
        raise MatchAmbiguous(f"{field} {value!r} is that of {len(records)} contact groups.", field=GROUPS)
    return records[0] if records else None
