"""What lines come to, what they look up, and what about them is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx
import pytest

from bookward.demo.xero import LocalXero
from bookward.demo.xero import document_lines as rules
from bookward.demo.xero.line_tracking import TOO_MUCH, bad_tracking
from tests.contract.local_xero.documents import (
    API,
    APPROVED,
    BILL,
    CREDIT,
    SALE,
    TEA,
    changed,
    invoice,
    made,
    read,
    refused,
    write,
)


def with_lines(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return APPROVED | {"LineItems": list(lines)} | fields


def line(**fields: Any) -> dict[str, Any]:
    return with_lines(TEA | fields)


def test_totals_are_sums_of_lines_and_of_their_rounded_taxes(api: httpx.Client) -> None:
    prices = (25.06, 25.61, 25.63)
    lines = [{"Description": "x", "UnitAmount": price, "AccountCode": "200"} for price in prices]
    answer = api.put(f"{API}/Invoices", json=with_lines(*lines))
    (found,) = json.loads(answer.text, parse_float=Decimal)["Invoices"]
    assert [str(found[name]) for name in ("SubTotal", "TotalTax", "Total", "AmountDue")] == [
        "76.30",
        "11.44",
        "87.74",
        "87.74",
    ]
    assert [str(one["TaxAmount"]) for one in found["LineItems"]] == ["3.76", "3.84", "3.84"]
    assert {one["TaxType"] for one in found["LineItems"]} == {"OUTPUT2"}


@pytest.mark.parametrize(
    ("types", "sums"),
    [("Exclusive", (20.0, 3.0, 23.0)), ("Inclusive", (17.39, 2.61, 20.0)), ("NoTax", (20.0, 0.0, 20.0))],
)
def test_line_amount_types(api: httpx.Client, types: str, sums: tuple[float, ...]) -> None:
    found = invoice(api, LineAmountTypes=types)
    assert (found["SubTotal"], found["TotalTax"], found["Total"]) == sums
    assert found["LineItems"][0]["TaxType"] == ("NONE" if types == "NoTax" else "OUTPUT2")


def test_line_amount_types_can_change_without_lines(api: httpx.Client) -> None:
    made_ = invoice(api, Status="DRAFT")
    found = changed(api, "Invoices", made_["InvoiceID"], LineAmountTypes="Inclusive")
    assert (found["SubTotal"], found["TotalTax"], found["Total"]) == (17.39, 2.61, 20.0)
    assert found["LineItems"][0]["LineItemID"] == made_["LineItems"][0]["LineItemID"]


def test_tax_amount_can_be_overridden(api: httpx.Client) -> None:
    found = made(api, "Invoices", line(TaxAmount=2.99))
    assert (found["TotalTax"], found["Total"]) == (2.99, 22.99)


def test_unit_amounts_have_two_places_unless_four_are_wanted(api: httpx.Client) -> None:
    two = made(api, "Invoices", line(Quantity=3, UnitAmount=0.3333))
    assert (two["LineItems"][0]["UnitAmount"], two["SubTotal"]) == (0.33, 0.99)
    four = made(api, "Invoices", line(Quantity=3, UnitAmount=0.3335), unitdp=4)
    assert (four["LineItems"][0]["UnitAmount"], four["SubTotal"]) == (0.3335, 1.0)
    id_ = four["InvoiceID"]
    assert read(api, "Invoices", id_)["LineItems"][0]["UnitAmount"] == 0.33
    assert read(api, "Invoices", id_, unitdp=4)["LineItems"][0]["UnitAmount"] == 0.3335


def test_unit_amount_with_more_places_is_a_switch(xero: LocalXero, api: httpx.Client) -> None:
    element = line(Quantity=1, UnitAmount=0.00012)
    for unitdp in (2, 4):
        assert refused(api, "PUT", "Invoices", element, unitdp=unitdp) == rules.LONG_UNIT_AMOUNT
    assert rules.LONG_UNIT_AMOUNT == ["Account must be valid.", "Tax rate must be valid."]
    xero.options = replace(xero.options, long_unit_amounts="round")
    assert made(api, "Invoices", element, unitdp=4)["LineItems"][0]["UnitAmount"] == 0.0001


def test_discounts(api: httpx.Client) -> None:
    found = made(api, "Invoices", line(DiscountRate=10))
    assert (found["SubTotal"], found["TotalDiscount"], found["IsDiscounted"]) == (18.0, 2.0, True)
    found = made(api, "Invoices", line(DiscountAmount=0.5))
    assert (found["SubTotal"], found["TotalDiscount"]) == (19.5, 0.5)
    assert "TotalDiscount" not in invoice(api)
    assert refused(api, "PUT", "Invoices", line(DiscountRate=101)) == [rules.BAD_RATE]
    bill = BILL | {"LineItems": [BILL["LineItems"][0] | {"DiscountRate": 10}]}  # type: ignore[index]
    assert refused(api, "PUT", "Invoices", bill) == [rules.NO_DISCOUNTS]
    note = CREDIT | {"LineItems": [TEA | {"DiscountAmount": 1}]}
    assert refused(api, "PUT", "CreditNotes", note) == [rules.NO_DISCOUNTS]


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({"LineAmount": 21}, ["The line total 21.00 does not match the expected line total 20.00"]),
        ({"AccountCode": None}, ["Account code or ID must be specified", "TaxType field is mandatory"]),
        ({"AccountCode": None, "TaxType": "NONE"}, ["Account code or ID must be specified"]),
        ({"AccountCode": "999"}, ["Account code '999' is not a valid code for this document."]),
        ({"AccountCode": "090"}, [rules.bad_account("090")]),
        ({"AccountCode": "610"}, [rules.bad_account("610")]),
        ({"TaxType": "INPUT2"}, ["The TaxType code 'INPUT2' cannot be used with account code '200'."]),
        ({"TaxType": "VAT"}, ["The TaxType code 'VAT' is not valid."]),
        ({"ItemCode": "NOPE"}, [rules.bad_item("NOPE")]),
        ({"Tracking": [{"Name": "Region", "Option": "North"}]}, [bad_tracking("Region", "North")]),
        ({"Description": "x" * 4001}, ["The Description must not be longer than 4000 characters."]),
    ],
)
def test_refused_lines(
    xero: LocalXero, api: httpx.Client, fields: dict[str, Any], messages: list[str]
) -> None:
    assert refused(api, "PUT", "Invoices", line(**fields)) == messages
    assert xero.records("Invoices") == []


def test_account_that_was_archived_is_refused(xero: LocalXero, api: httpx.Client) -> None:
    (account,) = xero.add("Accounts", [{"Code": "201", "Name": "Shop", "Type": "REVENUE"}])
    made(api, "Invoices", line(AccountCode="201"))
    xero.edit("Accounts", account["AccountID"], status="ARCHIVED")
    (message,) = refused(api, "PUT", "Invoices", line(AccountCode="201"))
    assert message == (
        "Account code '201' has been archived, or has been deleted. "
        "Each line item must reference a valid account."
    )


def test_line_of_a_draft_may_be_a_mere_description(api: httpx.Client) -> None:
    note = {"Description": "Thank you"}
    found = made(api, "Invoices", SALE | {"LineItems": [note]})
    (shown,) = found["LineItems"]
    assert (shown["Description"], shown["LineAmount"], found["Total"]) == ("Thank you", 0.0, 0.0)
    assert shown.keys().isdisjoint({"Quantity", "UnitAmount", "AccountCode", "TaxType"})
    assert refused(api, "PUT", "Invoices", SALE | {"LineItems": [{}]}) == [rules.NO_DESCRIPTION]
    assert made(api, "Invoices", with_lines(TEA, note))["Total"] == 23.0


def test_line_may_name_its_account_by_id(xero: LocalXero, api: httpx.Client) -> None:
    with xero.books() as books:
        account = rules.find_account(books, code="260")
    assert account is not None
    found = made(api, "Invoices", line(AccountCode=None, AccountID=account.id))
    assert found["LineItems"][0]["AccountCode"] == "260"


def test_item_gives_what_a_line_does_not_say(xero: LocalXero, api: httpx.Client) -> None:
    (item,) = xero.add(
        "Items",
        [
            {
                "Code": "TEA",
                "Description": "A pot of tea",
                "PurchaseDescription": "Tea leaves",
                "SalesDetails": {"UnitPrice": 12.5, "AccountCode": "260", "TaxType": "ZERORATED"},
                "PurchaseDetails": {"UnitPrice": 3, "AccountCode": "300"},
            }
        ],
    )
    (sold,) = made(api, "Invoices", with_lines({"ItemCode": "tea", "Quantity": 2}))["LineItems"]
    assert (
        sold.items()
        >= {
            "Description": "A pot of tea",
            "UnitAmount": 12.5,
            "AccountCode": "260",
            "TaxType": "ZERORATED",
            "LineAmount": 25.0,
        }.items()
    )
    (bought,) = made(api, "Invoices", BILL | {"LineItems": [{"ItemCode": "TEA", "UnitAmount": 4}]})[
        "LineItems"
    ]
    assert (bought["Description"], bought["LineAmount"], bought["AccountCode"]) == ("Tea leaves", 4.0, "300")
    assert bought["TaxType"] == "INPUT2"
    assert item["ItemID"]


def test_lines_are_tracked(xero: LocalXero, api: httpx.Client) -> None:
    ids = {}
    for name in ("Region", "Team"):
        (category,) = xero.add("TrackingCategories", [{"Name": name}])
        answer = api.put(
            f"{API}/TrackingCategories/{category['TrackingCategoryID']}/Options", json={"Name": "A"}
        )
        ids[name] = (category["TrackingCategoryID"], answer.json()["Options"][0]["TrackingOptionID"])
    by_id = {"TrackingCategoryID": ids["Team"][0], "TrackingOptionID": ids["Team"][1]}
    tracking = [{"Name": "region", "Option": "a"}, by_id]
    (shown,) = made(api, "Invoices", line(Tracking=tracking))["LineItems"]
    assert shown["Tracking"] == [
        {"Name": "Region", "Option": "A"} | dict(zip(by_id, ids["Region"], strict=True)),
        {"Name": "Team", "Option": "A"} | by_id,
    ]
    assert refused(api, "PUT", "Invoices", line(Tracking=[*tracking, by_id])) == [TOO_MUCH]
    assert refused(api, "PUT", "Invoices", line(Tracking=[{"Name": "Region", "Option": "B"}])) == [
        bad_tracking("Region", "B")
    ]


def test_used_things_cannot_be_deleted(xero: LocalXero, api: httpx.Client) -> None:
    (account,) = xero.add("Accounts", [{"Code": "201", "Name": "Shop", "Type": "REVENUE"}])
    made(api, "Invoices", line(AccountCode="201"))
    assert api.delete(f"{API}/Accounts/{account['AccountID']}").status_code == 400


def test_lines_are_replaced_as_a_whole_and_known_by_their_ids(api: httpx.Client) -> None:
    first = made(api, "Invoices", with_lines(TEA, TEA | {"Description": "Coffee"}, Status="DRAFT"))
    tea, coffee = (one["LineItemID"] for one in first["LineItems"])
    id_ = first["InvoiceID"]
    cake = {"Description": "Cake", "UnitAmount": 5, "AccountCode": "200"}
    found = changed(api, "Invoices", id_, LineItems=[{"LineItemID": coffee, "UnitAmount": 4}, cake])
    kept, new = found["LineItems"]
    assert (kept["LineItemID"], kept["Description"], kept["Quantity"]) == (coffee, "Coffee", 2.0)
    assert (kept["LineAmount"], kept["TaxAmount"], new["Description"]) == (8.0, 1.2, "Cake")
    assert new["LineItemID"] not in {tea, coffee}
    again = changed(api, "Invoices", id_, LineItems=[cake])
    assert again["LineItems"][0]["LineItemID"] != new["LineItemID"]
    assert changed(api, "Invoices", id_, Reference="R")["LineItems"] == again["LineItems"]
    assert refused(api, "POST", f"Invoices/{id_}", {"LineItems": []}) == [
        "One or more line items must be specified"
    ]


def test_amounts_that_were_not_sent_stay_as_they_are(api: httpx.Client) -> None:
    odd = {"Description": "Third", "Quantity": 3, "LineAmount": 10, "AccountCode": "200"}
    fine = {
        "Description": "Gram",
        "Quantity": 1000,
        "UnitAmount": 0.0612,
        "AccountCode": "200",
        "TaxAmount": 9,
    }
    held = made(api, "Invoices", with_lines(odd, fine, Status="DRAFT"), unitdp=4)
    first, second = held["LineItems"]
    assert (first["UnitAmount"], first["LineAmount"], second["LineAmount"]) == (3.3333, 10.0, 61.2)
    id_ = held["InvoiceID"]
    changed(api, "Invoices", id_, Status="AUTHORISED")
    assert read(api, "Invoices", id_, unitdp=4)["LineItems"] == held["LineItems"]
    named = [{"LineItemID": line["LineItemID"], "AccountCode": "260"} for line in (first, second)]
    changed(api, "Invoices", id_, LineItems=named)
    after = read(api, "Invoices", id_, unitdp=4)
    assert [line["AccountCode"] for line in after["LineItems"]] == ["260", "260"]
    assert {name: after[name] for name in ("Total", "TotalTax")} == {
        name: held[name] for name in ("Total", "TotalTax")
    }


def test_ids_of_lines_are_xeros_own(api: httpx.Client) -> None:
    id_ = "11111111-1111-4111-8111-111111111111"
    (shown,) = made(api, "Invoices", line(LineItemID=id_))["LineItems"]
    assert shown["LineItemID"] != id_


def test_approved_document_is_not_negative(api: httpx.Client) -> None:
    refund = line(UnitAmount=-10)
    assert refused(api, "PUT", "Invoices", refund) == [
        "The total of an approved document must not be negative."
    ]
    assert made(api, "Invoices", refund | {"Status": "DRAFT"})["Total"] == -23.0


def test_foreign_currency(xero: LocalXero, api: httpx.Client) -> None:
    euro = APPROVED | {"CurrencyCode": "EUR", "CurrencyRate": 0.5412345678}
    assert refused(api, "PUT", "Invoices", euro) == ["Organisation is not subscribed to currency EUR"]
    xero.add("Currencies", [{"Code": "EUR"}])
    assert made(api, "Invoices", euro)["CurrencyRate"] == 0.541235
    assert refused(api, "PUT", "Invoices", euro | {"CurrencyRate": -1}) == [
        "The CurrencyRate must be more than 0."
    ]
    assert invoice(api, CurrencyRate=3)["CurrencyRate"] == 1.0


def test_all_complaints_are_listed_once(api: httpx.Client) -> None:
    (element,) = write(
        api,
        "PUT",
        "Invoices",
        {"Type": "ACCREC", "Status": "AUTHORISED", "LineItems": [{"UnitAmount": 1}, {"UnitAmount": 2}]},
    )
    assert [error["Message"] for error in element["ValidationErrors"]] == [
        "Account code or ID must be specified",
        "TaxType field is mandatory",
        "A Contact must be specified for this type of transaction",
        "The DueDate of an approved invoice must be specified.",
    ]
