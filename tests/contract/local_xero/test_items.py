"""Items, tracked and not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx
import pytest
from xero_python.accounting import Item, Items, Purchase

from bookward.demo.xero import DEMO_COMPANY, LocalXero
from bookward.demo.xero import item_write as rules
from tests.contract.local_xero.driver import ZERO, complaints, errors, signed_in
from tests.contract.local_xero.sdk import Driver, refusal

TENANT = DEMO_COMPANY.id
PATH = "/api.xro/2.0/Items"
TRACKED = {
    "InventoryAssetAccountCode": "630",
    "PurchaseDetails": {"UnitPrice": 10, "COGSAccountCode": "310", "TaxType": "INPUT2"},
    "SalesDetails": {"UnitPrice": 20, "AccountCode": "200", "TaxType": "OUTPUT2"},
}


def write(api: httpx.Client, method: str, *elements: dict[str, Any], **query: str) -> list[dict[str, Any]]:
    params = {"summarizeErrors": "false", **query}
    answer = api.request(method, PATH, params=params, json={"Items": elements})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["Items"])


def test_item_is_made_changed_and_deleted(sdk: Driver) -> None:
    accounting = sdk.accounting
    item = Item(
        code="GUITAR",
        name="Guitar",
        description="Fender",
        sales_details=Purchase(unit_price=Decimal(5000), account_code="200", tax_type="OUTPUT2"),
    )
    (made,) = accounting.create_items(TENANT, Items(items=[item]), summarize_errors=False).items
    assert (made.status_attribute_string, made.is_sold, made.is_purchased) == ("OK", True, True)
    assert (made.is_tracked_as_inventory, made.sales_details.unit_price) == (False, 5000)
    change = Items(items=[Item(code="guitar", name="Electric guitar"), Item(code="AMP")])
    changed, new = accounting.update_or_create_items(TENANT, change).items
    assert (changed.item_id, changed.code, changed.name) == (made.item_id, "guitar", "Electric guitar")
    assert (changed.description, changed.sales_details.account_code) == ("Fender", "200")
    one = accounting.update_item(TENANT, new.item_id, Items(items=[Item(code="AMP2")])).items[0]
    assert (one.item_id, one.code) == (new.item_id, "AMP2")
    assert accounting.get_item(TENANT, new.item_id).items[0].code == "AMP2"
    assert accounting.delete_item(TENANT, new.item_id) is None
    assert [left.code for left in accounting.get_items(TENANT).items] == ["guitar"]
    with refusal() as messages:
        accounting.create_items(TENANT, Items(items=[Item(code="GUITAR")]), summarize_errors=True)
    assert messages == ["Price List Item with Code 'GUITAR' already exists"]


def test_tracked_item_has_an_inventory_account_and_a_quantity(api: httpx.Client) -> None:
    (item,) = write(api, "PUT", {"Code": "A", **TRACKED})
    assert item["IsTrackedAsInventory"] is True
    assert (item["QuantityOnHand"], item["TotalCostPool"]) == (0, 0)
    (item,) = write(api, "POST", {"Code": "A", "QuantityOnHand": 10, "Name": "N"})
    assert (item["QuantityOnHand"], item["Name"], item["InventoryAssetAccountCode"]) == (0, "N", "630")


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({"Name": "x"}, [rules.NO_CODE]),
        ({"Code": "x" * 31}, ["The Code must not be longer than 30 characters."]),
        ({"Code": "A", "Name": "x" * 51}, ["The Name must not be longer than 50 characters."]),
        ({"Code": "A", "InventoryAssetAccountCode": "630"}, [rules.HALF_TRACKED]),
        ({"Code": "A", "PurchaseDetails": {"COGSAccountCode": "310"}}, [rules.HALF_TRACKED]),
        ({"Code": "A", **TRACKED, "InventoryAssetAccountCode": "710"}, [rules.NOT_INVENTORY]),
        ({"Code": "A", **TRACKED, "IsSold": False}, [rules.TRACKED_BOTH]),
        (
            {"Code": "A", **TRACKED, "PurchaseDetails": {"COGSAccountCode": "310", "AccountCode": "300"}},
            [rules.TRACKED_ACCOUNT],
        ),
        ({"Code": "A", "SalesDetails": {"AccountCode": "999"}}, ["Account code '999' is not a valid code."]),
        ({"Code": "A", "SalesDetails": {"TaxType": "VAT"}}, ["The TaxType code 'VAT' is not valid."]),
        (
            {"Code": "A", "SalesDetails": {"AccountCode": "200", "TaxType": "INPUT2"}},
            ["The TaxType code 'INPUT2' cannot be used with account code '200'."],
        ),
    ],
)
def test_refused_items(api: httpx.Client, fields: dict[str, Any], messages: list[str]) -> None:
    good, bad = write(api, "PUT", {"Code": "GOOD"}, fields)
    assert (good["StatusAttributeString"], bad["StatusAttributeString"]) == ("OK", "ERROR")
    assert (bad["ItemID"], errors(bad)) == (ZERO, messages)


def test_new_code_must_be_free(api: httpx.Client) -> None:
    first, _second = write(api, "PUT", {"Code": "A"}, {"Code": "B"})
    answer = api.post(f"{PATH}/{first['ItemID']}", json={"Items": [{"Code": "b"}]})
    assert complaints(answer) == ["Price List Item with Code 'b' already exists"]
    unknown = api.post(PATH, json={"Items": [{"ItemID": TENANT, "Code": "A"}]})
    assert unknown.status_code == 404


def test_codes_may_differ_in_case_only(xero: LocalXero, api: httpx.Client) -> None:
    xero.options = replace(xero.options, item_codes_fold_case=False)
    small, large = write(api, "PUT", {"Code": "a"}, {"Code": "A"})
    assert (small["StatusAttributeString"], large["StatusAttributeString"]) == ("OK", "OK")
    for item in (small, large):
        found = api.get(f"{PATH}/{item['Code']}").json()["Items"][0]
        assert found["ItemID"] == item["ItemID"]


@pytest.mark.parametrize(("query", "price"), [({}, "10.13"), ({"unitdp": "4"}, "10.1255")])
def test_unit_prices_have_two_places_or_four(api: httpx.Client, query: dict[str, str], price: str) -> None:
    details = {"SalesDetails": {"UnitPrice": 10.12549}}
    (item,) = write(api, "PUT", {"Code": "A", **details}, **query)
    assert str(item["SalesDetails"]["UnitPrice"]) == price
    assert str(api.get(PATH).json()["Items"][0]["SalesDetails"]["UnitPrice"]) == "10.13"
    assert str(api.get(f"{PATH}/a", params=query).json()["Items"][0]["SalesDetails"]["UnitPrice"]) == price


def test_item_not_sold_or_purchased_loses_the_details(api: httpx.Client) -> None:
    details = {"Description": "S", "PurchaseDescription": "P", "SalesDetails": {"UnitPrice": 1}}
    (item,) = write(api, "PUT", {"Code": "A", **details, "IsSold": False})
    assert ("Description" in item, item["SalesDetails"], item["PurchaseDescription"]) == (False, {}, "P")
    (item,) = write(api, "POST", {"Code": "A", "IsPurchased": False})
    assert ("PurchaseDescription" in item, item["IsPurchased"], item["IsSold"]) == (False, False, False)


def test_request_has_at_most_five_hundred_items(xero: LocalXero, api: httpx.Client) -> None:
    answer = api.put(PATH, json={"Items": [{"Code": str(number)} for number in range(501)]})
    assert answer.status_code == 400
    assert xero.records("Items") == []
    assert len(write(api, "PUT", *({"Code": str(number)} for number in range(500)))) == 500


def test_items_are_filtered_ordered_and_never_paged(xero: LocalXero, api: httpx.Client) -> None:
    priced = [{"Code": code, "SalesDetails": {"UnitPrice": price}} for code, price in (("B", 2), ("A", 9.5))]
    write(api, "PUT", *priced)

    def codes(**query: Any) -> list[str]:
        answer = api.get(PATH, params=query)
        assert "pagination" not in answer.json()
        return [item["Code"] for item in answer.json()["Items"]]

    assert codes(page=1, pageSize=1) == ["B", "A"]
    assert codes(order="Code ASC") == ["A", "B"]
    assert codes(where="SalesDetails.UnitPrice > 5.25") == ["A"]
    assert codes(where='Code=="b" AND IsSold==true') == ["B"]
    xero.clock.jump(minutes=1)
    write(api, "POST", {"Code": "B", "Name": "N"})
    since = {"If-Modified-Since": "2026-11-02T12:01:00"}
    assert [one["Code"] for one in api.get(PATH, headers=since).json()["Items"]] == ["B"]


def test_either_of_two_scopes_is_enough(xero: LocalXero) -> None:
    with signed_in(xero, TENANT, scope="accounting.invoices.read") as reader:
        assert reader.get(PATH).status_code == 200
        assert reader.put(PATH, json={"Items": [{"Code": "A"}]}).status_code == 401


def test_saying_ok_can_be_left_out(xero: LocalXero, api: httpx.Client) -> None:
    xero.options = replace(xero.options, says_ok=False)
    assert "StatusAttributeString" not in write(api, "PUT", {"Code": "A"})[0]
