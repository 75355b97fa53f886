"""``/TrackingCategories/{TrackingCategoryID}/Options``. Source: Xero, Accounting API, Tracking categories."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from bookward.demo.xero.answers import ZERO_ID, Answer, not_found
from bookward.demo.xero.bodies import read_elements
from bookward.demo.xero.books import Books
from bookward.demo.xero.endpoints import answered
from bookward.demo.xero.envelope import Element, messages, summarised
from bookward.demo.xero.exchange import Incoming
from bookward.demo.xero.kinds import Record
from bookward.demo.xero.listing import one
from bookward.demo.xero.partial import text_problems
from bookward.demo.xero.records import Records
from bookward.demo.xero.resources import Resource
from bookward.demo.xero.tracking import ACTIVE, DELETED, OPTION, TRACKING_KIND, find_option
from bookward.demo.xero.uses import USES_OPTION, used

PLURAL = "Options"
MAX_ACTIVE = 100
NO_NAME = "A tracking option must have a Name."
NAME_TAKEN = "Another option of the tracking category has this name. Please enter a different name."
TOO_MANY = "A tracking category has at most 100 active options."
USED = "The tracking option is used in transactions and cannot be deleted. It can be archived."
NO_DELETING = "A tracking option is deleted with DELETE, not by its Status."


def _create(books: Books, incoming: Incoming) -> Answer:
    category = one(books, TRACKING_KIND, incoming.params["key"])
    made, refused = [], []
    for element in _sent(books, incoming):
        option = {"TrackingOptionID": str(uuid4()), "Name": _name(element), "Status": ACTIVE}
        if errors := _problems(category, element, option):
            refused.append(_refused(element, errors))
        else:
            category = _put(books, category, [*category.doc["Options"], option])
            made.append(option)
    return summarised(refused) if refused else answered(books, PLURAL, made)


def _update(books: Books, incoming: Incoming) -> Answer:
    category = one(books, TRACKING_KIND, incoming.params["key"])
    held = _held(category, incoming)
    element = _sent(books, incoming)[0]
    changes = {"Name": _name(element), "Status": element.get("Status")}
    option = held | {name: value for name, value in changes.items() if value}
    if errors := _problems(category, element, option):
        return summarised([_refused(element, errors)])
    _put(books, category, [option if one_ == held else one_ for one_ in category.doc["Options"]])
    return answered(books, PLURAL, [option])


def _delete(books: Books, incoming: Incoming) -> Answer:
    category = one(books, TRACKING_KIND, incoming.params["key"])
    held = _held(category, incoming)
    if used(books, USES_OPTION, held["TrackingOptionID"]):
        return summarised([_refused(held, [USED])])
    _put(books, category, [option for option in category.doc["Options"] if option != held])
    return answered(books, PLURAL, [held | {"Status": DELETED}])


def _held(category: Record, incoming: Incoming) -> Element:
    option = find_option(category, id_=incoming.params["option"].lower())
    if option is None:
        raise not_found()
    return option


def _sent(books: Books, incoming: Incoming) -> list[Element]:
    refuse_unknown = books.options.unknown_fields == "refuse"
    return read_elements(incoming.body, PLURAL, "TrackingOption", OPTION, refuse_unknown=refuse_unknown)


def _name(element: Element) -> str:
    return (element.get("Name") or "").strip()


def _problems(category: Record, sent: Element, option: Element) -> list[str]:
    found = [*text_problems(sent, OPTION.fields)]
    own = option["TrackingOptionID"]
    others = [other for other in category.doc["Options"] if other["TrackingOptionID"] != own]
    if not option["Name"]:
        found.append(NO_NAME)
    elif any(other["Name"].casefold() == option["Name"].casefold() for other in others):
        found.append(NAME_TAKEN)
    if option["Status"] == DELETED:
        found.append(NO_DELETING)
    if option["Status"] == ACTIVE and sum(other["Status"] == ACTIVE for other in others) >= MAX_ACTIVE:
        found.append(TOO_MANY)
    return found


def _put(books: Books, category: Record, options: list[Element]) -> Record:
    category = replace(category, updated=books.millis, doc=category.doc | {"Options": options})
    Records(books, TRACKING_KIND).update(category)
    return category


def _refused(element: Element, errors: list[str]) -> Element:
    return element | {"TrackingOptionID": ZERO_ID, "ValidationErrors": messages(errors)}


_SCOPES = ("accounting.settings",)
OPTIONS = Resource(scopes=_SCOPES, methods={"PUT": _create})
OPTION_ONE = Resource(scopes=_SCOPES, methods={"POST": _update, "DELETE": _delete})
