"""What one line of a document comes to: its factors multiplied, less its discount, in cents."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal

EXACT = Context(prec=2000, rounding=ROUND_HALF_UP)
"""More digits than a product of several amounts has."""

_CENT = Decimal("0.01")
_PERCENT = Decimal("0.01")


def line_sum(factors: Iterable[Decimal], percent: Decimal | None, amount: Decimal | None) -> Decimal:
    """Return the product of some factors, less so many percent of it, less an amount.

    It is rounded once, at the end; halves of a cent go away from zero.
    Source: Xero, Invoices, line items; Rounding in Xero.
    """
    total = Decimal(1)
    for factor in factors:
        total = EXACT.multiply(total, factor)
    off = EXACT.multiply(EXACT.multiply(total, percent or Decimal()), _PERCENT)
    total = EXACT.subtract(EXACT.subtract(total, off), amount or Decimal())
    return EXACT.quantize(total, _CENT)
