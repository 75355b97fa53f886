from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from bookward.bookings import Moved
from bookward.engine.guarding import drifted, tripped
from bookward.engine.sorts import sorts_of
from bookward.spec.guards import Guards


def sentences(operations: dict[str, int], synced: int = 100, money: Any = None, **guards: Any) -> list[str]:
    return list(tripped(Guards(**guards), operations, synced, money or {}))


def test_without_guards_nothing_is_tripped() -> None:
    assert sentences({"insert": 10**6, "delete": 10**6}, money={"": Moved(up=Decimal(10**9))}) == []


def test_changes_are_all_that_is_sent() -> None:
    operations = {"insert": 3, "update": 2, "archive": 1, "adopt": 50, "reject": 9}
    assert sentences(operations, max_changes=6) == []
    assert sentences(operations, max_changes=5) == ["It changes 6 records, and max_changes is 5."]


@pytest.mark.parametrize(("limit", "is_tripped"), [(3, False), (2, True), ("3%", False), ("2.9%", True)])
def test_removals_are_counted_or_a_share_of_what_was_synced(limit: Any, is_tripped: bool) -> None:
    operations = {"archive": 1, "void": 1, "delete": 1, "insert": 99, "keep": 7}
    found = sentences(operations, max_removals=limit)
    said = f"It removes 3 records of 100 rows synced so far, and max_removals is {limit}."
    assert found == ([said] if is_tripped else [])


def test_money_is_held_against_the_limit_by_currency_whichever_way_it_moves() -> None:
    money = {
        "": Moved(up=Decimal("999.99")),
        "EUR": Moved(up=Decimal("1000.01")),
        "USD": Moved(up=Decimal(1500), down=Decimal(1500)),
    }
    assert sentences({}, money=money, max_amount="1000") == [
        "It moves 1,000.01 EUR, and max_amount is 1,000.00.",
        "It moves 3,000.00 USD (1,500.00 up, 1,500.00 down), and max_amount is 1,000.00.",
    ]


@pytest.mark.parametrize(
    "wrong", [{"max_changes": -1}, {"max_removals": "five"}, {"max_removals": "101%"}, {"max_amount": "x"}]
)
def test_what_is_no_guard(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Guards(**wrong)


def test_a_column_that_holds_another_sort_of_value_has_drifted() -> None:
    before = pa.schema({"a": pa.int32(), "b": pa.decimal128(10, 2), "c": pa.date32(), "gone": pa.string()})
    now = pa.schema({"a": pa.decimal128(12, 3), "b": pa.string(), "c": pa.timestamp("us"), "new": pa.bool_()})
    assert list(drifted(sorts_of(before), sorts_of(now))) == [
        "Column 'b' held numbers and holds text now.",
        "Column 'c' held dates and holds moments now.",
    ]
    assert list(drifted(sorts_of(before), sorts_of(pa.schema({"b": pa.null()})))) == []
