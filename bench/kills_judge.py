"""Holds the books against the rows: what is missing, what is there twice, what says something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from kills_books import Ledger, Row


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How many rows the books have wrong, and in which way."""

    lost: int = 0  #: rows without a live record
    twice: int = 0  #: live records beyond the first of their number
    left: int = 0  #: live records of rows that are gone
    wrong: int = 0  #: records that say something else than their row
    cents: Decimal = Decimal()  #: by which the sums of money differ
    uncertain: int = 0  #: rows of which nobody can say, and which a person is shown
    troubles: int = 0  #: how often Xero misbehaved meanwhile

    def __add__(self, other: Verdict) -> Verdict:
        both = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        return Verdict(**both)

    @property
    def good(self) -> bool:
        return self == Verdict(uncertain=self.uncertain, troubles=self.troubles)


def judge(
    ledger: Ledger, rows: Mapping[str, Row], records: Sequence[Mapping[str, Any]], uncertain: Collection[str]
) -> Verdict:
    """Compare the live records of a ledger with its rows.

    Args:
        rows: by key.
        records: all of the envelope, live or not.
        uncertain: keys of rows that are shown to a person as uncertain: they may be booked or not.
    """
    live = [r for r in records if ledger.owns(r) and r[ledger.status] == ledger.live]
    spared = {row["number"] for key, row in rows.items() if key in uncertain}
    counts = Counter(record[ledger.number] for record in live)
    shown = {r[ledger.number]: ledger.shown(r) for r in live if r[ledger.number] not in spared}
    wanted = {row["number"]: ledger.wanted(row) for row in rows.values() if row["number"] not in spared}
    return Verdict(
        lost=len(wanted.keys() - shown.keys()),
        twice=counts.total() - len(counts),
        left=len(shown.keys() - wanted.keys()),
        wrong=sum(shown[number] != wanted[number] for number in shown.keys() & wanted.keys()),
        cents=abs(_sum(shown) - _sum(wanted)),
    )


def _sum(values: Mapping[str, tuple[Any, ...]]) -> Decimal:
    return sum((value[-1] for value in values.values() if isinstance(value[-1], Decimal)), Decimal())
