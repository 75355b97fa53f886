"""``/ContactGroups`` and the contacts in them. Source: Xero, Accounting API, Contact groups."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from bookward.demo.xero.answers import Answer, empty_answer, not_found
from bookward.demo.xero.books import Books
from bookward.demo.xero.contact_groups import ACTIVE, DELETED, GROUP_KIND, GROUPS
from bookward.demo.xero.contact_rules import ARCHIVED_CONTACT
from bookward.demo.xero.contact_shape import ARCHIVED, CONTACT_KIND
from bookward.demo.xero.endpoints import answered, get_list, read_body, write_many, write_one
from bookward.demo.xero.envelope import Element, messages, summarised
from bookward.demo.xero.exchange import Incoming
from bookward.demo.xero.kinds import Record, RecordKind, View
from bookward.demo.xero.listing import one
from bookward.demo.xero.partial import text_problems
from bookward.demo.xero.records import Records, Selection
from bookward.demo.xero.resources import Resource
from bookward.demo.xero.writing import Writer, Written

MAX_GROUPS = 100
NO_NAME = "A contact group must have a Name."
NAME_TAKEN = "Another contact group has this name. Please enter a different name."
TOO_MANY = "You\N{RIGHT SINGLE QUOTATION MARK}ve reached the limit of 100 contact groups."


class ContactGroupWriter(Writer):
    """Writes contact groups; one with the status DELETED is gone, and its contacts stay."""

    kind: ClassVar[RecordKind] = GROUP_KIND

    def write(self, sent: Element) -> Written:
        held = None if self.create_only else self.records.by_id(sent["ContactGroupID"])
        name = " ".join((sent.get("Name") or (held.doc["Name"] if held else "")).split())
        if errors := self._problems(sent, name, held):
            return self.refused(sent, held, errors)
        if held is not None and sent.get("Status") == DELETED:
            return self._deleted(held)
        return self.accepted(self.stored(held, ACTIVE, {"Name": name}))

    def _problems(self, sent: Element, name: str, held: Record | None) -> list[str]:
        found = [*text_problems(sent, GROUP_KIND.group.fields)]
        if not name:
            found.append(NO_NAME)
        elif self.records.by_key("name", name.casefold(), held.id if held else None):
            found.append(NAME_TAKEN)
        if held is None and self.records.count() >= MAX_GROUPS:
            found.append(TOO_MANY)
        return found

    def _deleted(self, group: Record) -> Written:
        for contact in _members(self.books, group):
            _leave(self.books, group, contact)
        self.records.delete(group)
        return self.accepted(replace(group, status=DELETED))


def _members(books: Books, group: Record) -> list[Record]:
    return Records(books, CONTACT_KIND).select(Selection(keys={"group": [group.id]}))


def _leave(books: Books, group: Record, contact: Record) -> None:
    _put_groups(books, contact, [id_ for id_ in contact.doc[GROUPS] if id_ != group.id])


def _put_groups(books: Books, contact: Record, ids: list[str]) -> None:
    updated = books.millis if books.options.groups_touch_contacts else contact.updated
    Records(books, CONTACT_KIND).update(replace(contact, updated=updated, doc=contact.doc | {GROUPS: ids}))


def _brief(contact: Record) -> Element:
    lists: Element = {name: [] for name in ("Addresses", "Phones", "ContactGroups", "ContactPersons")}
    return {"ContactID": contact.id, "Name": contact.doc["Name"], **lists, "HasValidationErrors": False}


def _get_one(books: Books, incoming: Incoming) -> Answer:
    group = one(books, GROUP_KIND, incoming.params["key"])
    contacts = [_brief(contact) for contact in _members(books, group)]
    shown = GROUP_KIND.show(books, group, View()) | {"Contacts": contacts}
    return answered(books, GROUP_KIND.plural, [shown])


def _add_contacts(books: Books, incoming: Incoming) -> Answer:
    """Put contacts into a group: all of them, or none where one is archived."""
    group = one(books, GROUP_KIND, incoming.params["key"])
    contacts = [
        Records(books, CONTACT_KIND).by_id(element.get("ContactID") or "")
        for element in read_body(books, incoming.body, CONTACT_KIND)
    ]
    known = [contact for contact in contacts if contact is not None]
    if len(known) < len(contacts):
        raise not_found()
    if archived := [contact for contact in known if contact.status == ARCHIVED]:
        errors = {"HasValidationErrors": True, "ValidationErrors": messages([ARCHIVED_CONTACT])}
        return summarised([_brief(contact) | errors for contact in archived])
    for contact in known:
        _put_groups(books, contact, list(dict.fromkeys([*contact.doc.get(GROUPS, ()), group.id])))
    return answered(books, CONTACT_KIND.plural, [_brief(contact) for contact in known])


def _remove_contacts(books: Books, incoming: Incoming) -> Answer:
    group = one(books, GROUP_KIND, incoming.params["key"])
    for contact in _members(books, group):
        _leave(books, group, contact)
    return empty_answer(204)


def _remove_contact(books: Books, incoming: Incoming) -> Answer:
    group = one(books, GROUP_KIND, incoming.params["key"])
    contact = one(books, CONTACT_KIND, incoming.params["contact"])
    if group.id not in contact.doc.get(GROUPS, ()):
        raise not_found()
    _leave(books, group, contact)
    return empty_answer(204)


_SCOPES = ("accounting.contacts",)
CONTACT_GROUPS = Resource(
    scopes=_SCOPES,
    methods={"GET": get_list(GROUP_KIND), "PUT": write_many(ContactGroupWriter, create_only=True)},
)
CONTACT_GROUP_ONE = Resource(scopes=_SCOPES, methods={"GET": _get_one, "POST": write_one(ContactGroupWriter)})
GROUP_CONTACTS = Resource(scopes=_SCOPES, methods={"PUT": _add_contacts, "DELETE": _remove_contacts})
GROUP_CONTACT = Resource(scopes=_SCOPES, methods={"DELETE": _remove_contact})
