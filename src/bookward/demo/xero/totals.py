"""The tax of a line, and what the lines of a document add up to. Source: Xero, Rounding in Xero."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from bookward.demo.xero.money import ZERO, rounded

EXCLUSIVE, INCLUSIVE, NO_TAX = "Exclusive", "Inclusive", "NoTax"
LINE_AMOUNT_TYPES = frozenset({EXCLUSIVE, INCLUSIVE, NO_TAX})


@dataclass(frozen=True, slots=True)
class Totals:
    """What a document comes to, without tax, the tax, and both."""

    sub_total: Decimal
    tax: Decimal
    total: Decimal


def line_tax(amount: Decimal, percent: Decimal, line_amount_types: str) -> Decimal:
    """Return the tax that is added to a line's amount, or is in it; to the cent."""
    match line_amount_types:
        case "NoTax":
            return ZERO
        case "Inclusive":
            return rounded(amount * percent / (100 + percent))
        case _:
            return rounded(amount * percent / 100)


def totals(lines: Iterable[tuple[Decimal, Decimal]], line_amount_types: str) -> Totals:
    """Return the sums over (line amount, tax) of all lines; tax was rounded line by line."""
    pairs = list(lines)
    amount = sum((amount for amount, _ in pairs), ZERO)
    tax = sum((tax for _, tax in pairs), ZERO)
    if line_amount_types == INCLUSIVE:
        return Totals(amount - tax, tax, amount)
    return Totals(amount, tax, amount + tax)
