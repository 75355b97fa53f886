"""What Xero says when it refuses, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bookward.errors import PeriodLocked, RemoteRejected

LOCKED = "lock date"
"""What is in every message of Xero's about a closed period."""

REMEDIES: tuple[tuple[str, str], ...] = (
    (
        "already assigned to another contact",
        "Rename one of the two, or match by Name so that the row finds that contact.",
    ),
    (
        "another contact has this contact number",
        "Give the row another number, or match by ContactNumber so that it finds that contact.",
    ),
    ("account number already exists", "Give the row another account number."),
    ("matched an archived contact", "Restore the contact in Xero, or filter the row out in the model."),
    ("email address must be valid", "Correct the e-mail address in the source."),
    (
        "at least 1 of the following elements",
        "Map Name to a column that always has a value.",
    ),
    (
        "not subscribed to currency",
        (
            "Add the currency in Xero's settings, or filter these rows out in the model. Do not leave "
            "the currency out: Xero would book the amount in the organisation's own."
        ),
    ),
    (LOCKED, PeriodLocked.remedy),
    ("exceeds the amount outstanding", "Correct the amount: other payments or credits are there already."),
    (
        "against authorised documents",
        "Approve the document in Xero, or sync it with Status AUTHORISED; the payment is tried again.",
    ),
    ("invoice could not be found", "Sync the invoice first, as `run --all` does, or correct its number."),
    ("credit note could not be found", "Sync the credit note first, or correct its number."),
    (
        "account type is invalid for making a payment",
        "Name a bank account, or let the account take payments in Xero's chart of accounts.",
    ),
    ("has been reconciled", "Undo the reconciliation in Xero; the payment is then deleted by the next run."),
    (
        "cannot be used with account code",
        "Correct the tax type or the account; Xero does not allow both.",
    ),
    (
        "invoice # must be unique",
        "Give the row another number, or match by InvoiceNumber.",
    ),
    (
        "please enter a unique",
        "Give the row another name or code, or match by the one that is taken.",
    ),
    (
        "does not match the expected line total",
        "Correct quantity, unit amount, discount or line amount; without a LineAmount Xero works it out.",
    ),
    (
        "discounts",
        "Leave discounts out, and map the unit amount without them: only sales invoices have discounts.",
    ),
    (
        "not of valid status for modification",
        "Look at the document in Xero: what is paid, voided or deleted is not changed any more.",
    ),
    ("price list item with code", "Give the row another code, or match by Code so that it finds that item."),
    ("bank accounts cannot be", "Change the bank account in Xero by hand."),
    (
        "bank account",
        "Bank details need the bank account administrator's role in Xero; ask for it, or leave them out.",
    ),
)
"""Part of a message of Xero's, in lower case, to what to do about it."""


PASSING = (
    "lock date",
    "exceeds the amount outstanding",
    "against authorised documents",
    "could not be found",
    "account type is invalid for making a payment",
    "has been reconciled",
    "not subscribed to currency",
    "reached the limit of invoices",
    "matched an archived contact",
    "bank account",
)
"""Parts of those messages that the same row may not meet again, since something else may change in Xero."""


def may_pass(message: str) -> bool:
    """Return whether what Xero says of a row may pass without the row being changed."""
    said = message.lower()
    return any(part in said for part in PASSING)


def remedy_for(message: str) -> str:
    """Return what to do about a message of Xero's."""
    said = message.lower()
    return next((remedy for part, remedy in REMEDIES if part in said), RemoteRejected.remedy)


def messages(value: Any, field: str = "ValidationErrors") -> Iterator[str]:
    """Yield every message under ``field`` in an element or an error body, however deep.

    Source: Xero, Requests and responses; older answers say ``Description`` instead of ``Message``.
    """
    if isinstance(value, Mapping):
        for name, part in value.items():
            if name == field:
                yield from (_message(entry) for entry in part or ())
            else:
                yield from messages(part, field)
    elif isinstance(value, list):
        for part in value:
            yield from messages(part, field)


def _message(entry: Any) -> str:
    if isinstance(entry, Mapping):
        return str(entry.get("Message") or entry.get("Description") or entry)
    return str(entry)


def whole_refusal(status: int, document: Any) -> str:
    """Return in one sentence why Xero refused a whole request."""
    if not isinstance(document, Mapping):
        return f"Xero answered {status} without a reason."
    said = list(dict.fromkeys(messages(document)))
    reason = " ".join(said) or str(document.get("Message") or document.get("Detail") or "no reason given")
    return f"Xero answered {status}: {reason}"
