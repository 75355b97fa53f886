"""Tracking categories: how they are stored with their options, shown and found.

Source: Xero, Accounting API, Tracking categories.
"""

from __future__ import annotations

from bookward.demo.xero.bodies import Choice, Group, Id, Ignored, Text
from bookward.demo.xero.books import Books
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.kinds import Keys, Record, RecordKind, View
from bookward.demo.xero.options import Options
from bookward.demo.xero.records import Records

ACTIVE, ARCHIVED, DELETED = "ACTIVE", "ARCHIVED", "DELETED"
_STATUS = Choice(frozenset({ACTIVE, ARCHIVED, DELETED}))
OPTION = Group(
    {
        "TrackingOptionID": Id(),
        "Name": Text(100),
        "Status": _STATUS,
        "TrackingCategoryID": Ignored(),
    }
)


def find_category(books: Books, *, id_: str | None = None, name: str | None = None) -> Record | None:
    """Return the category with that id, else that name, archived or not."""
    categories = Records(books, TRACKING_KIND)
    if id_:
        return categories.by_id(id_)
    return categories.by_key("name", name.casefold()) if name else None


def find_option(category: Record, *, id_: str | None = None, name: str | None = None) -> Element | None:
    """Return the option of a category with that id, else that name, archived or not.

    It has ``TrackingOptionID``, ``Name`` and ``Status``.
    """
    wanted = (name or "").casefold()
    for option in category.doc["Options"]:
        if option["TrackingOptionID"] == id_ if id_ else option["Name"].casefold() == wanted:
            return dict(option)
    return None


def _keys(doc: Element, _options: Options) -> Keys:
    return {"name": [doc["Name"].casefold()]}


def _shown(_books: Books, category: Record, _view: View) -> Element:
    return {
        "Name": category.doc["Name"],
        "Status": category.status,
        "TrackingCategoryID": category.id,
        "Options": category.doc["Options"],
    }


TRACKING_KIND = RecordKind(
    plural="TrackingCategories",
    singular="TrackingCategory",
    id="TrackingCategoryID",
    group=Group(
        {
            "TrackingCategoryID": Id(),
            "Name": Text(100),
            "Status": _STATUS,
            **dict.fromkeys(("TrackingOptionID", "Option", "Options"), Ignored()),
        }
    ),
    show=_shown,
    keys=_keys,
    fields={"TrackingCategoryID": "id", "Name": "text", "Status": "text"},
    archived=frozenset({ARCHIVED}),
    own_errors=False,
    error_flag=None,
)
