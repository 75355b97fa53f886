"""What of a document may still be changed, by its status and by what was paid on it.

Source: Xero, Accounting API, Invoices, updating paid invoices; Types, invoice status codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DRAFTS = frozenset({"DRAFT", "SUBMITTED"})
GONE = frozenset({"VOIDED", "DELETED"})
PAID = "PAID"

_APPROVED = {"AUTHORISED": "approved", PAID: "paid"}
_CREDITED = ("AmountCredited", "AppliedAmount", "Allocations", "CreditNotes")
_SETTLED = ("AmountPaid", "Payments", *_CREDITED)
_OPEN_ONCE_PAID = frozenset(
    {
        "Reference",
        "DueDate",
        "InvoiceNumber",
        "CreditNoteNumber",
        "BrandingThemeID",
        "Url",
        "SentToContact",
        "LineItems",  # but see lines.open_lines
    }
)


def is_settled(body: Mapping[str, Any]) -> bool:
    """Return whether payments or credits are on a document; what comes to nothing is PAID without any."""
    return any(body.get(name) for name in _SETTLED) or (body.get("Status") == PAID and body.get("Total") != 0)


def is_open(name: str, body: Mapping[str, Any], *, bought: bool) -> bool:
    """Return whether a field of a document with payments or credits may change.

    Args:
        bought: whether it is a supplier's.
    """
    if name == "Contact":
        return not any(body.get(part) for part in _CREDITED)
    if name == "PlannedPaymentDate":
        return bought
    return name in _OPEN_ONCE_PAID


def approved(wanted: Any, body: Mapping[str, Any]) -> str:
    """Return what a document has become that a status wants to be a draft; nothing where it can be one."""
    return _APPROVED.get(str(body.get("Status")), "") if wanted in DRAFTS else ""
