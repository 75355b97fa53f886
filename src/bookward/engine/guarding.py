"""Which guards a plan trips. Pure: from its counts and sums to sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from bookward.bookings import Moved
from bookward.engine.sorts import NOTHING
from bookward.records import REMOVING, SENDING
from bookward.spec.guards import Guards


def tripped(
    guards: Guards, operations: Mapping[str, int], synced: int, money: Mapping[str, Moved]
) -> Iterator[str]:
    """Yield a sentence for each guard that a plan trips.

    Args:
        guards: what is allowed.
        operations: of the plan, by kind.
        synced: rows that were synced so far.
        money: that the plan moves, by currency; "" is one that is not known.
    """
    changes = sum(operations.get(kind, 0) for kind in SENDING)
    if guards.max_changes is not None and changes > guards.max_changes:
        yield f"It changes {changes:,} records, and max_changes is {guards.max_changes:,}."
    removals = sum(operations.get(kind, 0) for kind in REMOVING)
    if guards.max_removals is not None and removals > _most_removals(guards.max_removals, synced):
        yield (
            f"It removes {removals:,} records of {synced:,} rows synced so far, "
            f"and max_removals is {guards.max_removals}."
        )
    for currency, moved in sorted(money.items()):
        if guards.max_amount is not None and moved.gross > guards.max_amount:
            yield f"It moves {_said(moved, currency)}, and max_amount is {guards.max_amount:,.2f}."


def _said(moved: Moved, currency: str) -> str:
    ways = f" ({moved.up:,.2f} up, {moved.down:,.2f} down)" if moved.up and moved.down else ""
    return f"{moved.gross:,.2f} {currency}".strip() + ways


def _most_removals(limit: int | str, synced: int) -> Decimal:
    if isinstance(limit, int):
        return Decimal(limit)
    return Decimal(limit.removesuffix("%")) * synced / 100


def drifted(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each column that holds another sort of value than it did (``sorts_of``)."""
    for name, is_ in now.items():
        was = before.get(name, NOTHING)
        if was != is_ and NOTHING not in (was, is_):
            yield f"Column {name!r} held {was} and holds {is_} now."
