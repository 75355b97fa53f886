"""Finds the record that a row means, and what stands in the way of its values."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Literal

from bookward.destinations.xero.facts import KnownFacts
from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.queries import Wanted
from bookward.errors import (
    FieldInvalid,
    FieldRequired,
    MatchAmbiguous,
    MatchTaken,
    RecordArchived,
    RecordMissing,
)
from bookward.ports import RowLedger
from bookward.records import ChangeKind, Draft, Payload, RemoteRecord

_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHOWN = 3  # rows or records named in one message


@dataclass(frozen=True, kw_only=True)
class Question:
    """What all drafts of one call have in common."""

    kind: XeroObject
    match_field: str
    mode: Literal["upsert", "update", "insert"]
    on_change: Literal["reject", "ignore", "replace"]
    on_removal: Literal["keep", "archive", "delete", "delete_or_archive", "void"]
    look_ups: Set[str]  #: fields that the sync looks up
    creates: frozenset[str]  #: those whose look-ups may create what they miss
    ledger: RowLedger
    facts: KnownFacts  #: about the organisation
    doubles: Mapping[str, Sequence[str]]


@dataclass(kw_only=True)
class Knowledge:
    """What was read, in bulk, before any draft is decided."""

    ids: Mapping[str, str]  #: row key to the record it has
    made: Set[str] = frozenset()  #: those of them that this sync has inserted
    former: Mapping[str, str] = field(default_factory=dict)  #: row key to the record it had before it left
    disowned: Mapping[str, Sequence[str]] = field(default_factory=dict)  #: row key to records not its own
    shared: Set[str] = frozenset()  #: records of rows that may lose theirs, and other syncs have too
    heirs: Mapping[str, str] = field(default_factory=dict)  #: records that rows of this plan take over
    live: Mapping[str, RemoteRecord] = field(default_factory=dict)
    holders: Mapping[str, Sequence[RemoteRecord]] = field(default_factory=dict)  #: by claim
    owners: Mapping[str, str] = field(default_factory=dict)
    claimants: Mapping[str, Sequence[str]] = field(default_factory=dict)  #: of what former records have


def rows_named(keys: Sequence[str]) -> str:
    """Return some rows for a message, the first few by their key."""
    shown = ", ".join(repr(key) for key in keys[:_SHOWN])
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return f"row{'s' if len(keys) > 1 else ''} {shown}{more}"


def match_value(question: Question, draft: Draft) -> str:
    """Return the folded value by which the row finds its record, empty for a record to be created.

    Raises:
        FieldRequired: the row has none.
        FieldInvalid: it is no id.
    """
    name = question.match_field
    given = draft.payload.get(name) or draft.match_value or ""
    value = question.kind.match_fold(name, given, draft.payload)
    if name == question.kind.id_field:
        if value and not _ID.fullmatch(value):
            raise FieldInvalid(f"{name} {value!r} is not an id of Xero's.", field=name)
    elif not value:
        raise FieldRequired(f"{name} is empty, and the sync matches by it.", field=name)
    return value


def gather(question: Question, drafts: Sequence[Draft], index: XeroIndex, known: Knowledge) -> None:
    """Read the records that the drafts have, match, or collide with."""
    kind = question.kind
    moving = [draft for draft in drafts if draft.change is not ChangeKind.REMOVED]
    claims = {claim for draft in moving for claim in kind.claims(draft.payload)}
    ids = {known.ids[draft.key] for draft in drafts if draft.key in known.ids} | set(known.former.values())
    if question.match_field == kind.id_field:
        ids |= {value for draft in moving if (value := match_value(question, draft))}
    else:
        new = [draft for draft in moving if draft.key not in known.ids]
        claims |= {f"{question.match_field}={match_value(question, draft)}" for draft in new}
    index.refresh(Wanted.of(kind, ids, claims))
    known.live = _by_id(index, ids)
    known.holders = holders(kind, index, claims)
    met = {record.remote_id for records in known.holders.values() for record in records}
    known.owners = question.ledger.owners(sorted(met | set(known.live)))
    former = [known.live[id_] for id_ in known.former.values() if id_ in known.live]
    if former:
        had = {claim for record in former for claim in kind.claims(record.body, question.match_field)}
        known.claimants = question.ledger.claimants(sorted(had))


def _by_id(index: XeroIndex, ids: set[str]) -> Mapping[str, RemoteRecord]:
    found = index.by_id(ids)
    if missing := sorted(ids - set(found)):
        # The index may have missed a record; nobody is told that one is gone before Xero has said so.
        index.ask_for(missing)
        found = index.by_id(ids)
    return found


def holders(
    kind: XeroObject, index: XeroIndex, claims: Iterable[str]
) -> Mapping[str, Sequence[RemoteRecord]]:
    """Return, by claim, the records in the index that have the value claimed."""
    values: dict[str, list[str]] = defaultdict(list)
    for claim in claims:
        name, _, folded = claim.partition("=")
        if name != kind.id_field:
            values[name].append(folded)
    return {
        f"{name}={folded}": records
        for name, wanted in values.items()
        for folded, records in index.by_key(name, wanted).items()
    }


def find_record(question: Question, draft: Draft, known: Knowledge, gone: set[str]) -> RemoteRecord | None:
    """Return the record that a row means, None when there is none yet.

    Raises:
        RowError: it is not clear which, or it is not this row's to take.
    """
    by_id = question.match_field == question.kind.id_field
    own = known.ids.get(draft.key)
    value = match_value(question, draft) if by_id or own is None else ""
    if own is not None and not value:
        if own not in known.live:
            raise RecordMissing(f"The {question.kind.noun} {own} that this row was synced to is not in Xero.")
        return known.live[own]
    if by_id:
        named = _named(question, draft, known, gone, value) if value else None
        return named or _former(question, draft, known)
    given = draft.payload.get(question.match_field) or draft.match_value
    foreign = known.disowned.get(draft.key, ())
    held = [r for r in known.holders.get(f"{question.match_field}={value}", ()) if r.remote_id not in foreign]
    matching = [r for r in held if question.kind.is_meant(question.match_field, given, r.body)]
    active = [record for record in matching if not record.archived]
    if len(active) > 1:
        names = " and ".join(question.kind.called(record) for record in active[:_SHOWN])
        raise MatchAmbiguous(
            f"{question.match_field} {given!r} is that of {names}.", field=question.match_field
        )
    found = next(iter(active or matching), None)
    if found is None:
        return _former(question, draft, known)
    _check_owner(question, draft, found, known, gone)
    return found


def _former(question: Question, draft: Draft, known: Knowledge) -> RemoteRecord | None:
    """Return the record that a returning row had, unless another row has it or means it by now."""
    record = known.live.get(known.former.get(draft.key, ""))
    if record is None or question.kind.is_gone(record.body) or record.remote_id in known.owners:
        return None
    claims = question.kind.claims(record.body, question.match_field)
    others = {key for claim in claims for key in known.claimants.get(claim, ())} - {draft.key}
    return None if others else record


def _named(
    question: Question, draft: Draft, known: Knowledge, gone: set[str], remote_id: str
) -> RemoteRecord:
    if remote_id not in known.live:
        raise RecordMissing(
            f"There is no {question.kind.noun} {remote_id} in Xero.", field=question.match_field
        )
    _check_owner(question, draft, known.live[remote_id], known, gone)
    return known.live[remote_id]


def _check_owner(
    question: Question, draft: Draft, record: RemoteRecord, known: Knowledge, gone: set[str]
) -> None:
    owner = known.owners.get(record.remote_id)
    if owner is not None and owner != draft.key and owner not in gone:
        raise MatchTaken(
            f"{question.match_field} leads to {question.kind.called(record)}, that of row {owner!r}.",
            field=question.match_field,
        )


def merged(body: Payload) -> str:
    """Return for a message where a merged contact went, nothing for any other."""
    into = body.get("MergedToContactID")
    return f": it was merged into {into}" if into else ""


def check_claims(
    kind: XeroObject,
    payload: Payload,
    own: RemoteRecord | None,
    known: Knowledge,
    disowned: Collection[str] = (),
) -> None:
    """Refuse a value that another record has already.

    An active record holds all its values. What an archived one keeps new ones from having
    differs by kind; where it is not known, Xero may say.

    Args:
        disowned: records that may have the same values, because a person said so.
    """
    for claim in kind.claims(payload):
        name = claim.partition("=")[0]
        value = payload[name]
        others = [
            record
            for record in known.holders.get(claim, ())
            if (own is None or record.remote_id != own.remote_id) and record.remote_id not in disowned
        ]
        for record in others:
            owner = known.owners.get(record.remote_id)
            of_row = f" of row {owner!r}" if owner else ""
            if not record.archived:
                raise MatchTaken(f"{name} {value!r} is that of {kind.called(record)}{of_row}.", field=name)
            if own is None and name in kind.held_by_archived:
                word = kind.archived_word(record.body)
                said = f"{name} {value!r} is that of the {word} {kind.called(record)}{of_row}."
                raise RecordArchived(said, field=name, remedy=kind.archived_remedy)
