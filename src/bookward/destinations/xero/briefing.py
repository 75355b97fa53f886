"""Says of every operation what a bookkeeper knows its record by: number, contact and money.

Nothing is asked for: what the plan has read by now is all that is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from msgspec.structs import replace

from bookward.destinations.xero.contacts import CONTACTS
from bookward.destinations.xero.documents import found_by
from bookward.destinations.xero.index import XeroIndex
from bookward.destinations.xero.matching import Knowledge, Question
from bookward.destinations.xero.objects import Reference, XeroObject
from bookward.destinations.xero.references import records_named
from bookward.records import REFUSED, REMOVING, Brief, Operation, OperationKind, Payload, RemoteRecord

Body: TypeAlias = Mapping[str, Any]

_NOTHING: Body = {}


def briefed(
    question: Question,
    operations: Sequence[Operation],
    known: Knowledge,
    indexes: Mapping[str, XeroIndex],
) -> list[Operation]:
    """Return the operations, each with its record in short."""
    bodies = _bodies(known)
    names = _names(operations, indexes[CONTACTS.name])
    home = question.facts.on_file() if question.kind.has_amount else None
    held = [bodies.get(operation.remote_id or "", _NOTHING) for operation in operations]
    paid = _paid(question.kind, list(zip(operations, held, strict=True)), indexes)
    unread = any(record == _NOTHING for record in paid)
    # Where there is one currency alone, it is that of whatever nobody has read, too.
    told = _Told(
        kind=question.kind,
        names=names,
        home=home.currency if home else "",
        alone=unread and question.facts.has_one_currency(),
    )
    return [
        replace(operation, brief=told.brief(operation, body, record))
        for operation, body, record in zip(operations, held, paid, strict=True)
    ]


def _bodies(known: Knowledge) -> Mapping[str, Payload]:
    held = {record.remote_id: record.body for records in known.holders.values() for record in records}
    return held | {id_: record.body for id_, record in known.live.items()}


def _names(operations: Sequence[Operation], contacts: XeroIndex) -> Mapping[str, str]:
    """Return the names of the contacts that some operations name by their ids."""
    ids = set(filter(None, (_contact(o.payload).get(CONTACTS.id_field) for o in operations)))
    found = contacts.by_id(ids) if ids else {}
    return {id_: str(record.body.get(CONTACTS.title) or "") for id_, record in found.items()}


def _paid(
    kind: XeroObject, changes: Sequence[tuple[Operation, Body]], indexes: Mapping[str, XeroIndex]
) -> list[Body | None]:
    """Return of operations on records the record in whose currency each is, None where it has its own.

    Of one that nobody has read, nothing is said.
    """
    named = [
        kind.in_money_of(operation.payload) or kind.in_money_of(dict(body)) for operation, body in changes
    ]
    wanted: dict[tuple[str, str], set[str]] = {}
    for each in filter(None, named):
        folded = indexes[each.object].kind.fold(each.field, each.value)
        wanted.setdefault((each.object, each.field), set()).add(folded)
    found = {
        (object_, field, folded): records
        for (object_, field), values in wanted.items()
        for folded, records in records_named(indexes[object_], field, values)
    }
    return [
        None if each is None else _read(each, indexes[each.object].kind, found, body)
        for each, (_, body) in zip(named, changes, strict=True)
    ]


def _read(
    named: Reference,
    kind: XeroObject,
    found: Mapping[tuple[str, str, str], Sequence[RemoteRecord]],
    body: Body,
) -> Body:
    """Return a named record as it was read, else what ``body``, where it names the same, shows of it."""
    folded = kind.fold(named.field, named.value)
    records = found.get((named.object, named.field, folded), ())
    if len(records) == 1:
        return records[0].body
    shown = body.get(named.path) or _NOTHING
    return shown if kind.fold(named.field, shown.get(named.field) or "") == folded else _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What is said in the same way of all operations of a plan."""

    kind: XeroObject
    names: Mapping[str, str]  #: of contacts, by their ids
    home: str  #: the books' own currency
    alone: bool  #: whether it is known to be the only one

    def brief(self, operation: Operation, body: Body, paid: Body | None) -> Brief:
        payload = operation.payload
        said_in = (payload, body, paid or _NOTHING)
        anew = operation.kind is OperationKind.REPLACE
        before = self.kind.amount_before(payload, dict(body), anew=anew)
        after = None if operation.kind in REMOVING | REFUSED else self.kind.amount_after(payload, dict(body))
        currency = self._currency(before, after, paid)
        same = before is not None and before[0] in ("", currency)
        return Brief(
            called=str(payload.get(self.kind.title) or body.get(self.kind.title) or ""),
            party=next(filter(None, (_party(_contact(at), self.names) for at in said_in)), ""),
            currency=currency,
            amount=after[1] if after else None,
            former=before[1] if before and same else None,
        )

    def _currency(
        self,
        before: tuple[str, Decimal] | None,
        after: tuple[str, Decimal] | None,
        paid: Body | None,
    ) -> str:
        if after is None and before is None:
            return ""
        own, held = (after[0] if after else ""), (before[0] if before else "")
        if paid is None:
            return own or held or self.home
        shown = own or (held if after is None else "") or str(paid.get("CurrencyCode") or "")
        return shown or (self.home if self.alone else "")


def _contact(body: Body) -> Body:
    contact = body.get("Contact")
    return contact if isinstance(contact, dict) else _NOTHING


def _party(contact: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return what a contact is called: by name, else by what it is looked up by."""
    by = found_by(contact)
    name = contact.get(CONTACTS.title) or names.get(str(contact.get(CONTACTS.id_field)))
    return str(name or (contact.get(by) if by != CONTACTS.id_field else None) or "")
