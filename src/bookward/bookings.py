"""What payloads book, account by account, and what comes of many of them together; what plans move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

UNKNOWN = "?"
"""Stands for the currency of money that is in that of another record, which nobody has read."""


class Posting(NamedTuple):
    """Money on one account, without the tax that the destination adds."""

    account: str  #: its code, or its id where only that is said; "" where the payload names none
    currency: str  #: "" is the books' own, "?" one that is not known
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What a run booked on one account in one way."""

    kind: str  #: "insert", "update", "replace"
    account: str
    currency: str  #: "" is the books' own, "?" one that is not known
    postings: int
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How much money a plan moves in one currency, each record compared with itself, without added tax."""

    before: Decimal = Decimal()  #: what the records that it writes or removes come to
    after: Decimal = Decimal()  #: what they will come to; a removed one to nothing
    up: Decimal = Decimal()  #: by how much some will come to more; a new one counts whole
    down: Decimal = Decimal()  #: by how much others will come to less; a removed one counts whole
    unknown: int = 0  #: records of which it is not known what they come to before; taken for nothing there

    @property
    def net(self) -> Decimal:
        """What all of it changes in the books."""
        return self.up - self.down

    @property
    def gross(self) -> Decimal:
        """What is moved, whichever way."""
        return self.up + self.down

    def and_one(self, before: Decimal | None, after: Decimal | None) -> Moved:
        """Return what it is with one record more; None is what is not known before, or removed after."""
        was, will_be = before or Decimal(), after or Decimal()
        return Moved(
            before=self.before + was,
            after=self.after + will_be,
            up=self.up + max(will_be - was, Decimal()),
            down=self.down + max(was - will_be, Decimal()),
            unknown=self.unknown + (before is None),
        )


class Bookings:
    """Adds postings up."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._sums: dict[tuple[str, str, str], tuple[int, Decimal]] = {}

    def add(self, kind: str, postings: Iterable[Posting]) -> None:
        """Add what one operation books."""
        for account, currency, amount in postings:
            count, before = self._sums.get((kind, account, currency), (0, Decimal()))
            self._sums[kind, account, currency] = (count + 1, before + amount)

    def lines(self) -> Sequence[Booked]:
        """Return the sums by kind, account and currency."""
        return [
            Booked(kind=kind, account=account, currency=currency, postings=count, amount=amount)
            for (kind, account, currency), (count, amount) in sorted(self._sums.items())
        ]


def currency_in_words(currency: str) -> str:
    """Return the currency of a posting as a person reads it."""
    if currency == UNKNOWN:
        return "not known: that of what is paid"
    return currency or "the books' own"
