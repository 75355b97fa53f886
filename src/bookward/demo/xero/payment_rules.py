"""What stands against a payment. Source: Xero, Accounting API, Payments."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bookward.demo.xero.document_status import AUTHORISED
from bookward.demo.xero.money import rounded

NO_DOCUMENT = "A payment must have an Invoice, a CreditNote, a Prepayment or an Overpayment."
NO_INVOICE = "Invoice could not be found"
NO_CREDIT_NOTE = "Credit note could not be found"
NO_ADVANCE = "Prepayment or Overpayment could not be found"
NO_ACCOUNT = "Account could not be found"
BAD_ACCOUNT = "Account type is invalid for making a payment to/from"
BAD_CURRENCY = "The currency of the account is neither that of the document nor the base currency."
NOT_AUTHORISED = "Payments can only be made against Authorised documents"
TOO_MUCH = "Payment amount exceeds the amount outstanding on this document"
NO_AMOUNT = "Payment amount must be greater than zero."
TOO_FINE = "Payment amount must not have more than 2 decimal places."
ONLY_DELETED = "A payment cannot be changed; the only Status that can be sent is DELETED."
DELETED_PAYMENT = "The payment has been deleted."
RECONCILED = "This payment has been reconciled and cannot be deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The document that is paid, as far as a payment is concerned."""

    status: str
    due: Decimal
    currency: str


def document_problems(target: Target, amount: Decimal) -> list[str]:
    """Return what in a document stands against paying an amount on it."""
    found = [] if target.status == AUTHORISED else [NOT_AUTHORISED]
    return found if amount <= target.due else [*found, TOO_MUCH]


def amount_problems(amount: Decimal | None) -> list[str]:
    """Return what stands against an amount in itself."""
    if amount is None or amount <= 0:
        return [NO_AMOUNT]
    return [] if rounded(amount) == amount else [TOO_FINE]


def currency_problems(target: Target, account: str | None, base: str) -> list[str]:
    """Return what stands against an account of a currency, None where it has none of its own."""
    return [] if account in {None, base, target.currency} else [BAD_CURRENCY]
