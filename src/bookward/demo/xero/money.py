"""Amounts of money, and how Xero rounds them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

_WIDE = Context(prec=100)  # products of the largest numbers have more digits than the default context
ZERO = Decimal("0.00")


def rounded(amount: Decimal, places: int = 2) -> Decimal:
    """Return an amount with so many decimal places; halves go away from zero."""
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)
