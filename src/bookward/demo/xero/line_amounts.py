"""What one line of a document comes to. Source: Xero, Accounting API, Invoices; Rounding in Xero."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bookward.demo.xero.money import ZERO, rounded

QUANTITY_PLACES = 4
MAX_AMOUNT = Decimal("9999999999.99")
MAX_QUANTITY_LENGTH = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a line says about its amounts; None where it says nothing. ``rate`` is a discount in percent."""

    quantity: Decimal | None = None
    unit: Decimal | None = None
    amount: Decimal | None = None
    rate: Decimal | None = None
    discount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A line's amounts, the discount taken off; a mere description has no quantity and no unit amount."""

    quantity: Decimal | None
    unit: Decimal | None
    amount: Decimal
    discount: Decimal = ZERO  #: what the discount took off


def mismatch(total: Decimal, expected: Decimal) -> str:
    """Return the message about a line amount that is not quantity times unit amount."""
    return f"The line total {total} does not match the expected line total {expected}"


def priced(given: Given, decimals: int) -> tuple[Priced, list[str]]:
    """Return a line's amounts, unit amount to so many places, and what is wrong with them.

    Of quantity and unit amount the missing one follows from the line amount, else the quantity is 1.
    """
    if given.quantity is None and given.unit is None and given.amount is None:
        return Priced(quantity=None, unit=None, amount=ZERO), []
    quantity, unit = _completed(given, decimals)
    gross = quantity * unit
    discount = rounded(_discount(given, gross))
    expected = rounded(gross - _discount(given, gross))
    line = Priced(quantity=quantity, unit=unit, amount=expected, discount=discount)
    if given.amount is None:
        return line, _limits(line)
    if None not in (given.quantity, given.unit) and rounded(given.amount) != expected:
        return line, [mismatch(rounded(given.amount), expected)]
    line = Priced(quantity=quantity, unit=unit, amount=rounded(given.amount), discount=discount)
    return line, _limits(line)


def _completed(given: Given, decimals: int) -> tuple[Decimal, Decimal]:
    """Return quantity and unit amount; what is missing is calculated from the line amount."""
    quantity, unit = given.quantity, given.unit
    if quantity is None and unit is not None:
        quantity = _before_discount(given) / unit if given.amount is not None and unit else Decimal(1)
    elif quantity is None:
        quantity = Decimal(1)
    quantity = rounded(quantity, QUANTITY_PLACES)
    if unit is None:
        unit = _before_discount(given) / quantity if quantity else ZERO
    return quantity, rounded(unit, decimals)


def _before_discount(given: Given) -> Decimal:
    amount = given.amount or ZERO
    if given.rate is not None and given.rate != 100:
        return amount * 100 / (100 - given.rate)
    return amount + (given.discount or ZERO)


def _discount(given: Given, gross: Decimal) -> Decimal:
    if given.rate is not None:
        return gross * given.rate / 100
    return given.discount or ZERO


def _limits(line: Priced) -> list[str]:
    found = []
    if abs(line.amount) > MAX_AMOUNT:
        found.append(f"The line total {line.amount} must not be more than {MAX_AMOUNT}.")
    if line.quantity is not None and len(f"{line.quantity.normalize():f}") > MAX_QUANTITY_LENGTH:
        found.append(
            f"The quantity {line.quantity} must not have more than {MAX_QUANTITY_LENGTH} characters."
        )
    return found
