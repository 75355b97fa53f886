"""What of a document may still be changed once payments or credit notes are allocated to it.

Source: Xero, Accounting API, Invoices, updating paid invoices.
"""

from __future__ import annotations

from collections.abc import Sequence

from bookward.demo.xero.document_status import SETTLED
from bookward.demo.xero.envelope import Element

NO_LINE_ID = "To update fields on a paid invoice line item, you must supply a LineItemID"
FROZEN = ("Date", "LineAmountTypes", "CurrencyCode", "CurrencyRate", "Total")
OPEN_IN_LINES = frozenset({"Description", "AccountCode", "AccountID", "Tracking"})
QUIET = frozenset({"DueDate", "SentToContact"})
"""Fields whose change does not count as an update of a settled document."""


def edit_problems(held: Element, doc: Element, sent_lines: Sequence[Element] | None) -> list[str]:
    """Return what stands against putting ``doc`` in the place of a settled document.

    Args:
        sent_lines: the lines as they were sent; None where they were not.
    """
    if sent_lines is not None and not all(line.get("LineItemID") for line in sent_lines):
        return [NO_LINE_ID]
    frozen = any(held.get(name) != doc.get(name) for name in FROZEN)
    recontacted = bool(held["Applied"]) and held["Contact"]["ContactID"] != doc["Contact"]["ContactID"]
    return [SETTLED] if frozen or recontacted or _fixed(held) != _fixed(doc) else []


def quiet(held: Element, doc: Element) -> bool:
    """Return whether a settled document changes only in what does not count as an update."""
    return {name for name in held.keys() | doc.keys() if held.get(name) != doc.get(name)} <= QUIET


def _fixed(doc: Element) -> dict[str, Element]:
    """Return of each line, by its id, what may not change."""
    return {
        line["LineItemID"]: {name: value for name, value in line.items() if name not in OPEN_IN_LINES}
        for line in doc["LineItems"]
    }
