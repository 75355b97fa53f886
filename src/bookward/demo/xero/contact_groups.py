"""Contact groups: how they are stored, shown and found. Source: Xero, Accounting API, Contact groups.

Which groups a contact is in stands with the contact, as ``GROUPS`` in its ``doc``.
"""

from __future__ import annotations

from bookward.demo.xero.bodies import Choice, Group, Id, Ignored, Text
from bookward.demo.xero.books import Books
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.kinds import Keys, Record, RecordKind, View
from bookward.demo.xero.options import Options
from bookward.demo.xero.records import Records

ACTIVE, DELETED = "ACTIVE", "DELETED"
GROUPS = "ContactGroupIDs"


def shown_groups(books: Books, contact: Element) -> list[Element]:
    """Return the groups of a contact, given by its ``doc``."""
    ids = contact.get(GROUPS, ())
    groups = Records(books, GROUP_KIND)
    return [_shown(books, group, View()) for id_ in ids if (group := groups.by_id(id_))]


def _keys(doc: Element, _options: Options) -> Keys:
    return {"name": [doc["Name"].casefold()]}


def _shown(_books: Books, group: Record, _view: View) -> Element:
    return {
        "ContactGroupID": group.id,
        "Name": group.doc["Name"],
        "Status": group.status,
        "Contacts": [],
        "HasValidationErrors": False,
    }


GROUP_KIND = RecordKind(
    plural="ContactGroups",
    singular="ContactGroup",
    id="ContactGroupID",
    group=Group(
        {
            "ContactGroupID": Id(),
            "Name": Text(),
            "Status": Choice(frozenset({ACTIVE, DELETED})),
            "Contacts": Ignored(),
        }
    ),
    show=_shown,
    keys=_keys,
    fields={"ContactGroupID": "id", "Name": "text", "Status": "text"},
    own_errors=False,
)
