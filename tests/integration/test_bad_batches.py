"""Large batches of every object: the bad rows in them are found, and none is larger than Xero takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bookward.demo.xero.options import Options
from tests.contract.local_xero.exchanges import Exchange
from tests.contract.local_xero.verdicts import MOST_BYTES
from tests.integration.feeds import Feed
from tests.integration.kinds import OBJECTS, Kind
from tests.integration.world import World

BATCH = 50  #: rows in a call, as the destination's file says
ROWS = {"accounts": 60, "payments": 150}  #: accounts take a call each; each payment shows its whole invoice
#: What Xero refuses about a row and Bookward cannot know, and a part of what Xero says.
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "contacts": ({"BankAccountDetails": "12-3456"}, "role does not permit"),
    "accounts": ({"TaxType": "INPUT2"}, "The TaxType code 'INPUT2'"),
    "items": (
        {"InventoryAssetAccountCode": "200", "PurchaseDetails.COGSAccountCode": "310"},
        "must be that of an account of the type INVENTORY",
    ),
    "invoices": ({"LineItems.UnitAmount": -1}, "must not be negative"),
    "credit-notes": ({"LineItems.UnitAmount": -1}, "must not be negative"),
    "payments": ({"Amount": 20_000}, "exceeds the amount outstanding"),
}


def column(field: str) -> str:
    return field.replace(".", "_").lower()


def many(world: World, kind: Kind, feed: Feed, count: int, **more: Any) -> None:
    """Make the table hold the rows 1 to ``count``."""
    feed.rows(kind.row_of(1, **more))
    numbered = {"id": "{n}"} | {name: text for name, text in kind.row.items() if "{n}" in str(text)}
    made = ", ".join(
        f"'{column(name)}', '{text.partition('{n}')[0]}' || n || '{text.partition('{n}')[2]}'"
        for name, text in numbered.items()
    )
    world.warehouse.execute(
        f"INSERT INTO feed SELECT (jsonb_populate_record(NULL::feed, to_jsonb(feed) || jsonb_build_object"
        f"({made}))).* FROM feed, generate_series(2, {count}) n"
    )


def changed(world: World, numbers: Mapping[int, Mapping[str, Any]]) -> None:
    for number, values in numbers.items():
        for name, value in values.items():
            world.warehouse.execute(
                f"UPDATE feed SET {column(name)} = %s WHERE id = %s", (value, str(number))
            )


@pytest.mark.parametrize("object_", REFUSED)
def test_three_bad_rows_of_many_are_rejected_and_all_others_accepted(
    world: World, exchanges: list[Exchange], object_: str
) -> None:
    kind, (values, said) = OBJECTS[object_], REFUSED[object_]
    count = ROWS.get(object_, 500)
    bad = (7, count // 2, count)
    world.xero.options = Options(bank_details_allowed=False)
    kind.prepare(world)
    feed = kind.feed(world, mode=kind.modes[0])
    only_bad = {name: value for name, value in values.items() if name not in kind.row}
    many(world, kind, feed, count, **only_bad)
    for name in only_bad:
        world.warehouse.execute(f"UPDATE feed SET {column(name)} = NULL")
    changed(world, dict.fromkeys(bad, values))
    exchanges.clear()
    report = feed.run()
    rejected = {row.key: row for row in world.rows(report, "rejected")}
    assert set(rejected) == {str(number) for number in bad}
    assert {row.code for row in rejected.values()} == {"remote_rejected"}
    assert all(said in str(row.message) and row.remedy for row in rejected.values())
    assert report.run.counts["rows_accepted"] == count - 3
    assert set(kind.booked(world)) == {str(n) for n in range(1, count + 1)} - set(rejected)
    writes = [exchange.method for exchange in exchanges if exchange.method != "GET"]
    assert writes == ["PUT"] * (count if object_ == "accounts" else count // BATCH)


@pytest.mark.parametrize(
    ("object_", "count", "long"),
    [
        ("items", 450, {"Description": 4000, "PurchaseDescription": 4000}),
        pytest.param("contacts", 6000, {"FirstName": 255, "LastName": 255}, marks=pytest.mark.nightly),
        pytest.param("invoices", 850, {"LineItems.Description": 4000}, marks=pytest.mark.nightly),
        pytest.param("credit-notes", 850, {"LineItems.Description": 4000}, marks=pytest.mark.nightly),
    ],
)
def test_a_batch_of_too_many_bytes_is_split(
    world: World, exchanges: list[Exchange], object_: str, count: int, long: dict[str, int]
) -> None:
    kind = OBJECTS[object_]
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 10000")
    kind.prepare(world)
    exchanges.clear()
    feed = kind.feed(world)
    many(world, kind, feed, count, **{name: "x" * length for name, length in long.items()})
    assert feed.run().run.counts["rows_accepted"] == count
    sizes = [len(exchange.body) for exchange in exchanges if exchange.method == "PUT"]
    assert len(sizes) == 2
    assert max(sizes) <= MOST_BYTES < 3_600_000 < sum(sizes)
    assert len(kind.made(world)) == count
