"""The tracking of a document's line. Source: Xero, Accounting API, Invoices, line items."""

from __future__ import annotations

from collections.abc import Sequence

from bookward.demo.xero.books import Books
from bookward.demo.xero.document_fields import TRACKING
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.partial import text_problems
from bookward.demo.xero.tracking import ACTIVE, find_category, find_option

TOO_MUCH = "A line item must not have more than 2 tracking categories."
MAX_CATEGORIES = 2


def bad_tracking(category: str, option: str) -> str:
    """Return the message about a tracking category or option that is not there, or archived."""
    return f"The tracking category '{category}' with the option '{option}' could not be found."


def read_tracking(books: Books, sent: Sequence[Element]) -> tuple[list[Element], list[str]]:
    """Return the categories and options of a line, and what is wrong with them."""
    found, errors = [], [] if len(sent) <= MAX_CATEGORIES else [TOO_MUCH]
    for part in sent:
        errors += text_problems(part, TRACKING.fields)
        category = find_category(books, id_=part.get("TrackingCategoryID"), name=part.get("Name"))
        id_, name = part.get("TrackingOptionID"), part.get("Option")
        option = find_option(category, id_=id_, name=name) if category else None
        if category is None or option is None or {category.status, option["Status"]} != {ACTIVE}:
            errors.append(bad_tracking(part.get("Name") or "", name or ""))
            continue
        shown = {"Name": category.doc["Name"], "Option": option["Name"]}
        shown |= {"TrackingCategoryID": category.id, "TrackingOptionID": option["TrackingOptionID"]}
        found.append(shown)
    return found, errors
