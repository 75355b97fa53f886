"""``/TrackingCategories``: writing and deleting them. Source: Xero, Accounting API, Tracking categories."""

from __future__ import annotations

from typing import ClassVar

from bookward.demo.xero.answers import Answer, Refused
from bookward.demo.xero.books import Books
from bookward.demo.xero.endpoints import answered, get_list, get_one, write_first, write_one
from bookward.demo.xero.envelope import Element, summarised
from bookward.demo.xero.exchange import Incoming
from bookward.demo.xero.kinds import Record, RecordKind, View
from bookward.demo.xero.listing import one
from bookward.demo.xero.partial import text_problems
from bookward.demo.xero.records import Selection
from bookward.demo.xero.resources import Resource
from bookward.demo.xero.tracking import ACTIVE, ARCHIVED, DELETED, TRACKING_KIND
from bookward.demo.xero.uses import USES_OPTION, used
from bookward.demo.xero.writing import Writer, Written

MAX_ACTIVE, MAX_ALL = 2, 4
NO_NAME = "A tracking category must have a Name."
NAME_TAKEN = "Another tracking category has this name. Please enter a different name."
TOO_MANY_ACTIVE = "An organisation has at most 2 active tracking categories."
TOO_MANY = "An organisation has at most 4 tracking categories, archived ones included."
USED = "The tracking category is used in transactions and cannot be deleted. It can be archived."
NO_DELETING = "A tracking category is deleted with DELETE, not by its Status."


class TrackingWriter(Writer):
    """Writes tracking categories, without their options."""

    kind: ClassVar[RecordKind] = TRACKING_KIND

    def write(self, sent: Element) -> Written:
        held = None if self.create_only else self.records.by_id(sent["TrackingCategoryID"])
        name = (sent.get("Name") or (held.doc["Name"] if held else "")).strip()
        status = (sent.get("Status") or held.status) if held else ACTIVE
        if errors := self._problems(sent, name, status, held):
            return self.refused(sent, held, errors)
        options = held.doc["Options"] if held else []
        return self.accepted(self.stored(held, status, {"Name": name, "Options": options}))

    def _problems(self, sent: Element, name: str, status: str, held: Record | None) -> list[str]:
        found = [*text_problems(sent, TRACKING_KIND.group.fields)]
        if not name:
            found.append(NO_NAME)
        elif self.records.by_key("name", name.casefold(), held.id if held else None):
            found.append(NAME_TAKEN)
        if status == DELETED:
            found.append(NO_DELETING)
        becomes_active = status == ACTIVE and (held is None or held.status == ARCHIVED)
        if becomes_active and self.records.count(Selection(archived=False)) >= MAX_ACTIVE:
            found.append(TOO_MANY_ACTIVE)
        elif held is None and self.records.count() >= MAX_ALL:
            found.append(TOO_MANY)
        return found


def _delete(books: Books, incoming: Incoming) -> Answer:
    category = one(books, TRACKING_KIND, incoming.params["key"])
    writer = TrackingWriter(books, create_only=False)
    if any(used(books, USES_OPTION, option["TrackingOptionID"]) for option in category.doc["Options"]):
        sent: Element = {"Name": category.doc["Name"], "Status": category.status}
        raise Refused(summarised([writer.refused(sent, category, [USED]).element]))
    writer.records.delete(category)
    shown = TRACKING_KIND.show(books, category, View()) | {"Status": DELETED}
    return answered(books, TRACKING_KIND.plural, [shown])


_SCOPES = ("accounting.settings",)
TRACKING_CATEGORIES = Resource(
    scopes=_SCOPES,
    methods={"GET": get_list(TRACKING_KIND), "PUT": write_first(TrackingWriter, create_only=True)},
)
TRACKING_CATEGORY_ONE = Resource(
    scopes=_SCOPES,
    methods={"GET": get_one(TRACKING_KIND), "POST": write_one(TrackingWriter), "DELETE": _delete},
)
