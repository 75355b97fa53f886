"""Accounts and items beyond modes: what rows name, what is tracked, how many go in a call."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bookward.demo.xero.catalogue import WRITERS
from bookward.demo.xero.records import Records
from bookward.errors import ObjectChanged
from tests.integration.feeds import Feed
from tests.integration.world import World

TRACKED = {
    "InventoryAssetAccountCode": "630",
    "PurchaseDetails.COGSAccountCode": "310",
    "PurchaseDetails.UnitPrice": Decimal("4.5"),
    "SalesDetails.UnitPrice": Decimal("9.25"),
    "SalesDetails.AccountCode": "200",
}


def item(key: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "Code": f"ITEM-{key}", "Name": f"Item {key}"} | more


def items(world: World) -> dict[str, Any]:
    return {record["Code"]: record for record in world.xero.records("Items")}


def writes(world: World) -> list[tuple[str, str]]:
    return [(method, path.rpartition("/")[2]) for method, path, _ in world.api_calls() if method != "GET"]


def test_items_are_tracked_or_not_as_each_row_says(world: World) -> None:
    feed = Feed(world, "items", "Code").rows(
        item("1", IsTrackedAsInventory=True) | TRACKED,
        item("2", IsTrackedAsInventory=False),
        item("3", IsTrackedAsInventory=True),
        item("4", IsTrackedAsInventory=False) | TRACKED,
        item("5", IsTrackedAsInventory=True) | TRACKED | {"PurchaseDetails.AccountCode": "200"},
    )
    assert feed.rejected() == {
        "3": ("field_required", "InventoryAssetAccountCode"),
        "4": ("field_invalid", "InventoryAssetAccountCode"),
        "5": ("field_invalid", "PurchaseDetails.AccountCode"),
    }
    assert {code: record["IsTrackedAsInventory"] for code, record in items(world).items()} == {
        "ITEM-1": True,
        "ITEM-2": False,
    }
    assert items(world)["ITEM-1"]["SalesDetails"]["UnitPrice"] == Decimal("9.25")
    feed.rows(item("1", IsTrackedAsInventory=True) | TRACKED | {"SalesDetails.UnitPrice": Decimal("9.5")})
    assert feed.rejected() == {}
    assert items(world)["ITEM-1"]["SalesDetails"]["UnitPrice"] == Decimal("9.5")


def test_what_a_row_names_is_looked_up_before_a_call_is_spent_on_it(world: World) -> None:
    (gone,) = world.xero.add("Accounts", [{"Name": "Old", "Code": "OLD", "Type": "REVENUE"}])
    world.xero.edit("Accounts", gone["AccountID"], status="ARCHIVED")
    world.api_calls()
    feed = Feed(world, "items", "Code").rows(
        item("1", **{"SalesDetails.AccountCode": "200"}),
        item("2", **{"SalesDetails.AccountCode": "NOPE"}),
        item("3", **{"SalesDetails.AccountCode": "OLD"}),
        item("4", **{"SalesDetails.AccountCode": "200", "SalesDetails.TaxType": "OUTPUT99"}),
        item("5", **{"SalesDetails.AccountCode": "200", "SalesDetails.TaxType": "OUTPUT2"}),
    )
    assert feed.rejected() == {
        "2": ("look_up_failed", "SalesDetails.AccountCode"),
        "3": ("look_up_failed", "SalesDetails.AccountCode"),
        "4": ("look_up_failed", "SalesDetails.TaxType"),
    }
    calls = [(method, path.rpartition("/")[2]) for method, path, _ in world.api_calls()]
    assert sorted(calls) == [("GET", "Accounts"), ("GET", "Items"), ("GET", "TaxRates"), ("PUT", "Items")]
    assert set(items(world)) == {"ITEM-1", "ITEM-5"}


def test_a_contacts_accounts_and_tax_types_are_looked_up_too(world: World) -> None:
    row = {"id": "1", "Name": "Ann", "SalesDefaultAccountCode": "NOPE"}
    feed = Feed(world, "contacts", "Name").rows(
        row, row | {"id": "2", "Name": "Bob", "SalesDefaultAccountCode": "200"}
    )
    assert feed.rejected() == {"1": ("look_up_failed", "SalesDefaultAccountCode")}


def test_an_item_that_another_row_or_somebody_has_is_not_overwritten(world: World) -> None:
    world.xero.add("Items", [{"Code": "ITEM-9", "Name": "Theirs"}])
    feed = Feed(world, "items", "Code").rows(item("1"), item("2", Code="ITEM-1"), item("3"))
    assert feed.rejected() == {"1": ("match_taken", "Code"), "2": ("match_taken", "Code")}
    feed.rows(item("3", Code="ITEM-9"))
    assert feed.rejected() == {"3": ("match_taken", "Code")}
    assert items(world)["ITEM-9"]["Name"] == "Theirs"


def test_items_go_at_most_500_a_call(world: World) -> None:
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 2000")
    feed = Feed(world, "items", "Code").rows(item("0"))
    world.warehouse.execute(
        "INSERT INTO feed SELECT n::text, 'ITEM-' || n, 'Item ' || n FROM generate_series(1, 1100) n"
    )
    assert feed.run().run.counts["rows_accepted"] == 1101
    assert writes(world) == [("PUT", "Items")] * 3


def test_accounts_go_one_a_call(world: World) -> None:
    Feed(world, "accounts", "Code").rows(
        *[{"id": str(n), "Name": f"A{n}", "Code": f"A{n}", "Type": "REVENUE"} for n in range(3)]
    ).run()
    assert writes(world) == [("PUT", "Accounts")] * 3


def test_more_refused_accounts_than_make_a_request_hopeless_are_rejected_one_by_one(world: World) -> None:
    world.edit("destinations/xero.yaml", "type: xero", "type: xero\npatience_seconds: 600")
    rows = [{"id": str(n), "Name": f"A{n}", "Code": f"A{n}", "Type": "REVENUE"} for n in range(25)]
    feed = Feed(world, "accounts", "Code").rows(*rows)

    def taken_meanwhile(progress: Any) -> None:
        if progress.phase == "sending" and not progress.sent and not progress.rejected:
            theirs = [{"Name": f"A{n}", "Code": f"X{n}", "Type": "REVENUE"} for n in range(25)]
            if not [a for a in world.xero.records("Accounts") if a.get("Code") == "X1"]:
                world.xero.add("Accounts", theirs)

    report = feed.run(on_progress=taken_meanwhile)
    rejected = world.rows(report, "rejected")
    assert len(rejected) == 25
    assert {row.message for row in rejected} == {"Please enter a unique Name."}


def test_what_xero_will_not_remove_is_said_and_tried_again(world: World) -> None:
    feed = Feed(world, "accounts", "AccountID", on_removal="delete_or_archive")
    (debtors,) = [a for a in world.xero.records("Accounts") if a.get("SystemAccount") == "DEBTORS"]
    feed.ids = {"1": debtors["AccountID"]}
    feed.rows({"id": "1", "Name": debtors["Name"], "Type": debtors["Type"]}).run()
    feed.rows({"id": "2", "Name": "Fine", "Code": "FINE", "Type": "REVENUE"})
    assert feed.rejected() == {"1": ("record_locked", None)}
    assert feed.rejected() == {"1": ("record_locked", None)}


@pytest.mark.parametrize("object_", ["accounts", "items"])
def test_a_record_that_somebody_deleted_is_missed_on_change_and_not_on_removal(
    world: World, object_: str
) -> None:
    kind = object_.capitalize()
    more = {"Type": "REVENUE"} if object_ == "accounts" else {}
    rows = [{"id": str(n), "Name": f"N{n}", "Code": f"C{n}", **more} for n in (1, 2)]
    feed = Feed(world, object_, "Code", on_removal="delete").rows(*rows)
    feed.run()
    with world.xero.books() as books:
        records = Records(books, WRITERS[kind].kind)
        for code in ("c1", "c2"):
            record = records.by_key("code", code)
            assert record is not None
            records.delete(record)
    feed.rows(rows[0] | {"Name": "New"})
    assert feed.rejected() == {"1": ("record_missing", None)}


def test_a_sync_does_not_go_over_to_another_object(world: World) -> None:
    Feed(world, "items", "Code").rows(item("1")).run()
    accounts = Feed(world, "accounts", "Code").rows({"id": "1", "Name": "A", "Code": "A", "Type": "REVENUE"})
    for attempt in (accounts.run, accounts.kinds):
        with pytest.raises(ObjectChanged, match="has written items"):
            attempt()
    Feed(world, "items", "Code").rows(item("1"))
    assert accounts.run().run.counts["calls"] == 0
