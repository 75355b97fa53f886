"""JSON in the state keeps numbers exact, whichever database holds it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from bookward.store.store import Store


def test_numbers_and_moments_in_json_are_what_they_were(store: Store) -> None:
    moment = datetime(2026, 11, 2, 9, tzinfo=UTC)
    wishes = {
        "amount": Decimal("0.30"),
        "large": Decimal("12345678901234567890.123"),
        "count": 3,
        "at": moment,
    }
    kept = store.tickets.get(store.tickets.ask("a", wishes=wishes).id).wishes
    assert kept["amount"] == Decimal("0.30")
    assert str(kept["amount"]) == "0.30"
    assert (kept["large"], kept["count"]) == (wishes["large"], 3)
    assert kept["at"].startswith("2026-11-02T09:00:00")
