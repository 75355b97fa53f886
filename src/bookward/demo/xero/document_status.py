"""The statuses of invoices and credit notes, and how they follow one another.

Source: Xero, Accounting API, Types, invoice status codes.
"""

from __future__ import annotations

DRAFT, SUBMITTED, AUTHORISED = "DRAFT", "SUBMITTED", "AUTHORISED"
PAID, VOIDED, DELETED = "PAID", "VOIDED", "DELETED"
STATUSES = frozenset({DRAFT, SUBMITTED, AUTHORISED, PAID, VOIDED, DELETED})
WRITABLE = frozenset({DRAFT, SUBMITTED, AUTHORISED})  #: statuses that a new document may have
DEAD = frozenset({VOIDED, DELETED})
APPROVED = frozenset({AUTHORISED, PAID})

NOT_FOR_CREATION = "Invoice not of valid status for creation"
NOT_FOR_MODIFICATION = "Invoice not of valid status for modification"
SETTLED = "This document cannot be edited as it has a payment or credit note allocated to it."

_NEXT = {
    DRAFT: {SUBMITTED, AUTHORISED, DELETED},
    SUBMITTED: {DRAFT, AUTHORISED, DELETED},
    AUTHORISED: {VOIDED},
}


def not_applicable(status: str) -> str:
    """Return the message about a status for a document with payments or credit notes."""
    return (
        f"The status {status} cannot be applied to the invoice "
        "because it has payments or credit notes allocated to it."
    )


def status_problems(held: str | None, wanted: str, *, settled: bool) -> list[str]:
    """Return what stands against a status.

    Args:
        held: the status now; None for a new document.
        settled: whether payments or credit notes are allocated to the document.
    """
    if held is None:
        return [] if wanted in WRITABLE else [NOT_FOR_CREATION]
    if held in DEAD:
        return [NOT_FOR_MODIFICATION]
    if held == wanted:
        return []
    if settled:
        return [not_applicable(wanted)]
    return [] if wanted in _NEXT.get(held, ()) else [NOT_FOR_MODIFICATION]
