"""What is still owed on a document, and when it was paid in full. Source: Xero, Accounting API, Invoices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bookward.demo.xero.document_status import APPROVED, AUTHORISED, PAID
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
    status: str, total: Decimal, payments: Sequence[Settled], credits_: Sequence[Settled], day: str
) -> Balance:
    """Return where a document of a day stands; approved ones are PAID as long as nothing is due."""
    paid = sum((part.amount for part in payments), ZERO)
    credited = sum((part.amount for part in credits_), ZERO)
    due = total - paid - credited
    if status not in APPROVED:
        return Balance(status, paid, credited, due, None)
    if due > 0:
        return Balance(AUTHORISED, paid, credited, due, None)
    return Balance(PAID, paid, credited, due, max([part.day for part in (*payments, *credits_)] or [day]))
