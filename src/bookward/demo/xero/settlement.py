"""What is still owed on a document, and when it was paid in full. Source: Xero, Accounting API, Invoices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bookward.demo.xero.document_status import APPROVED, AUTHORISED, DEAD, PAID
from bookward.demo.xero.money import ZERO


@dataclass(frozen=True, slots=True)
class Settled:
    """An amount taken off what is owed, by a payment or a credit note, and its day (``YYYY-MM-DD``)."""

    amount: Decimal
    day: str


@dataclass(frozen=True, slots=True)
class Balance:
    """Where a document stands."""

    status: str
    paid: Decimal
    credited: Decimal
    due: Decimal
    paid_on: str | None  #: the day of the last settlement, where nothing is due


def balance(
    status: str,
    total: Decimal,
    payments: Sequence[Settled],
    credited: Sequence[Settled],
    day: str,
    *,
    zero_is_paid: bool = True,
) -> Balance:
    """Return where a document of a day stands; approved ones are PAID as long as nothing is due.

    Args:
        credited: what credit notes took off an invoice, or invoices off a credit note.
        zero_is_paid: whether a document that comes to nothing is PAID by itself.
    """
    off = sum((part.amount for part in payments), ZERO), sum((part.amount for part in credited), ZERO)
    due = ZERO if status in DEAD else total - sum(off)
    settled = [part.day for part in (*payments, *credited)]
    if status not in APPROVED:
        return Balance(status, *off, due, None)
    if due > 0 or not (settled or zero_is_paid):
        return Balance(AUTHORISED, *off, due, None)
    return Balance(PAID, *off, due, max(settled or [day]))
