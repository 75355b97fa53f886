"""Says of every operation what a bookkeeper knows its record by: number, contact and money.

Nothing is asked for: what the plan has read by now is all that is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from bookward.destinations.xero.contacts import CONTACTS
from bookward.destinations.xero.documents import found_by
from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.matching import Knowledge, Question
from bookward.destinations.xero.objects import XeroObject
from bookward.records import REFUSED, REMOVING, Brief, Operation, Payload

_NOTHING: Mapping[str, Any] = {}


def briefed(
    question: Question, operations: Sequence[Operation], known: Knowledge, contacts: XeroIndex
) -> list[Operation]:
    """Return the operations, each with its record in short."""
    bodies = _bodies(known)
    names = _names(operations, contacts)
    home = question.facts.on_file() if question.kind.has_amount else None
    currency = home.currency if home else ""
    return [
        replace(o, brief=_brief(question.kind, o, bodies.get(o.remote_id or "", _NOTHING), names, currency))
        for o in operations
    ]


def _bodies(known: Knowledge) -> Mapping[str, Payload]:
    held = {record.remote_id: record.body for records in known.holders.values() for record in records}
    return held | {id_: record.body for id_, record in known.live.items()}


def _names(operations: Sequence[Operation], contacts: XeroIndex) -> Mapping[str, str]:
    """Return the names of the contacts that some operations name by their ids."""
    ids = set(filter(None, (_contact(o.payload).get(CONTACTS.id_field) for o in operations)))
    found = contacts.by_id(ids) if ids else {}
    return {id_: str(record.body.get(CONTACTS.title) or "") for id_, record in found.items()}


def _brief(
    kind: XeroObject, operation: Operation, body: Mapping[str, Any], names: Mapping[str, str], home: str
) -> Brief:
    payload = operation.payload
    before = kind.amount(dict(body))
    after = None if operation.kind in REMOVING | REFUSED else kind.amount_after(payload, dict(body))
    said = next((of for of, _ in filter(None, (after, before)) if of), "")
    return Brief(
        called=str(payload.get(kind.title) or body.get(kind.title) or ""),
        party=_party(_contact(payload), names) or _party(_contact(body), names),
        currency=said or (home if after or before else ""),
        amount=after[1] if after else None,
        former=before[1] if before and before[0] in ("", said) else None,  # of one currency with the amount
    )


def _contact(body: Mapping[str, Any]) -> Mapping[str, Any]:
    contact = body.get("Contact")
    return contact if isinstance(contact, dict) else _NOTHING


def _party(contact: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return what a contact is called: by name, else by what it is looked up by."""
    by = found_by(contact)
    name = contact.get(CONTACTS.title) or names.get(str(contact.get(CONTACTS.id_field)))
    return str(name or (contact.get(by) if by != CONTACTS.id_field else None) or "")
