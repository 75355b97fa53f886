"""Groups of contacts, and how contacts get into them and out. Source: Xero, Accounting API, Contact groups.

What is sent for a contact does not reach its groups: contacts are put into a group by one call for many of
them, and taken out one by one. In a payload ``ContactGroups`` says, by the name of each group that the row
names or named before, whether the contact is to be in it: ``{"VIP": {"ContactGroupID": "...", "Member":
True}}``. A group that is still to be made has no id there.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from bookward import exactjson
from bookward.destinations.xero.objects import Route, XeroObject
from bookward.records import Intent, Operation, OperationKind, Payload
from bookward.spec.field import Field

GROUPS = "ContactGroups"
ID, MEMBER = "ContactGroupID", "Member"

_MEMBERS = re.compile("ContactGroups/[^/]+/Contacts(?:/([^/]+))?")


def group_differences(payload: Payload, live: Mapping[str, Any]) -> Payload:
    """Return which of the groups in ``payload`` a live contact is in, nothing when that is as it says."""
    said = payload.get(GROUPS) or {}
    ids = {str(group.get(ID)).lower() for group in live.get(GROUPS) or ()}
    shown = {name: group | {MEMBER: group.get(ID) in ids} for name, group in said.items()}
    return {GROUPS: shown} if shown != said else {}


class ContactGroups(XeroObject):
    """Groups of contacts: they are looked up, and made by their name where that is wanted."""

    name = "contact groups"
    noun = "contact group"
    path = "ContactGroups"
    envelope = "ContactGroups"
    id_field = ID
    title = "Name"
    match_fields = ("Name",)
    unique = ("Name",)
    paged = False
    listed_under = "Contacts"
    alone = frozenset({OperationKind.INSERT})
    fields: Mapping[str, Field] = {}

    def fold(self, field: str, value: object) -> str:
        """Return the form in which two names are one: nobody says whether their case matters."""
        return " ".join(unicodedata.normalize("NFC", str(value)).split()).casefold()

    def is_gone(self, body: Mapping[str, Any]) -> bool:
        return body.get("Status") == "DELETED"

    def is_archived(self, body: Mapping[str, Any]) -> bool:
        return self.is_gone(body)

    def keys(self, body: Mapping[str, Any]) -> dict[str, str]:
        return {} if self.is_gone(body) else super().keys(body)

    def params(self, method: str) -> Mapping[str, str]:
        return {}  # Source: Xero's OpenAPI: errors are always summarised


class Memberships(XeroObject):
    """Contacts in groups: an operation puts one contact into one group (UPDATE), or takes it out (DELETE)."""

    name = "contacts in groups"
    noun = "contact"
    path = "ContactGroups"
    envelope = "Contacts"
    id_field = "ContactID"
    title = "Name"
    match_fields = ()
    alone: ClassVar[frozenset[OperationKind]] = frozenset({OperationKind.DELETE})
    fields: Mapping[str, Field] = {}

    def route(self, operation: Operation) -> Route:
        group = f"{self.path}/{operation.payload[ID]}/Contacts"
        if operation.kind is OperationKind.DELETE:
            return Route("DELETE", f"{group}/{operation.remote_id}")
        return Route("PUT", group)

    def params(self, method: str) -> Mapping[str, str]:
        return {}

    def element(self, operation: Operation) -> Payload:
        return {self.id_field: operation.remote_id}


CONTACT_GROUPS = ContactGroups()
MEMBERSHIPS = Memberships()


def steps(operation: Operation, contact: str) -> Iterator[Operation]:
    """Yield what puts a contact into the groups of an operation, and what takes it out of others."""
    if operation.before is not None and GROUPS not in operation.before:
        return  # it is in the groups already
    before = (operation.before or {}).get(GROUPS, {})
    for name, group in (operation.payload.get(GROUPS) or {}).items():
        if group[MEMBER] != before.get(name, {}).get(MEMBER, False):
            yield Operation(
                seq=operation.seq,
                key=operation.key,
                change=operation.change,
                kind=OperationKind.UPDATE if group[MEMBER] else OperationKind.DELETE,
                remote_id=contact,
                payload={ID: group.get(ID), "Name": name},
            )


def changes_groups_only(operation: Operation) -> bool:
    """Return whether nothing of a contact but its groups differs from what its row says."""
    return operation.kind is OperationKind.UPDATE and set(operation.before or ()) == {GROUPS}


ASIDE, LEAVING, JOINING, MAKING = "contacts not sent", "leaving groups", "joining ", "making "
"""What is counted of operations; behind the last two comes the name of a group."""


def step_counts(operations: Sequence[Operation]) -> Mapping[str, int]:
    """Return how many contacts are not sent, leave a group, join each group, and need it to be made."""
    counts: Counter[str] = Counter()
    for operation in operations:
        if operation.kind in (OperationKind.INSERT, OperationKind.UPDATE):
            counts[ASIDE] += changes_groups_only(operation)
            counts.update(counted for step in steps(operation, "") for counted in _counted(step))
    return counts


def _counted(step: Operation) -> Iterator[str]:
    if step.kind is OperationKind.DELETE:
        yield LEAVING
        return
    yield f"{JOINING}{step.payload['Name']}"
    if not step.payload[ID]:
        yield f"{MAKING}{step.payload['Name']}"


def is_about_groups(intent: Intent) -> bool:
    """Return whether a batch makes groups, puts contacts into one, or takes one out."""
    return intent.path == GROUPS or _MEMBERS.fullmatch(intent.path) is not None


def contacts_of(intent: Intent) -> Sequence[str]:
    """Return the contacts of a batch that puts them into a group or takes them out, in the order of its rows.

    A batch that makes a group has none.
    """
    found = _MEMBERS.fullmatch(intent.path)
    if found is None:
        return ()
    if found[1] is not None:
        return (found[1],)
    return [contact["ContactID"] for contact in exactjson.decode(intent.body)["Contacts"]]
