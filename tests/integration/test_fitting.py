"""What rows name: there, in use, and going together, or held back before a call is spent on them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.feeds import Feed
from tests.integration.test_invoices import booked, contacts, row
from tests.integration.test_invoices import feed as invoice_feed
from tests.integration.test_payments import feed as payment_feed
from tests.integration.test_payments import invoices, payment
from tests.integration.world import World

LINE = {"Description": "what", "Quantity": "quantity", "UnitAmount": "price", "AccountCode": "account"}
TRACKING = [{"Name": "category", "Option": "choice"}]


def feed(world: World, **line: Any) -> Feed:
    contacts(world)
    world.api_calls()
    made = invoice_feed(world)
    made.mapped = {"LineItems": [LINE | line]}
    return made


def reads(world: World) -> list[str]:
    """Return what was read since the last time, in alphabetical order, but for contacts and invoices."""
    paths = [path.rpartition("/")[2] for method, path, _ in world.api_calls() if method == "GET"]
    return sorted(set(paths) - {"Contacts", "Invoices"}) + [path for path in paths if paths.count(path) > 1]


def said(world: World, rows: Feed) -> list[tuple[str, str | None, str, str]]:
    """Run, and return code, field, message and remedy of every rejected row."""
    return [
        (str(held.code), held.field, str(held.message), str(held.remedy))
        for held in world.rows(rows.run(), "rejected")
    ]


def test_a_tax_rate_goes_with_some_classes_of_accounts_only(world: World) -> None:
    rows = feed(world, TaxType="tax").rows(
        row("1", "invoices", tax="OUTPUT2"),
        row("2", "invoices", tax="INPUT2"),
        row("3", "invoices", tax="INPUT2", account="400"),
        row("4", "invoices", tax="OUTPUT2", account="400"),
        row("5", "invoices", tax="INPUT2", LineAmountTypes="NoTax"),
    )
    field = "LineItems[1].TaxType"
    remedy = "Correct the tax type or the account; Xero does not allow both."
    assert said(world, rows) == [
        ("field_invalid", field, "The TaxType code 'INPUT2' cannot be used with account code '200'.", remedy),
        (
            "field_invalid",
            field,
            "The TaxType code 'OUTPUT2' cannot be used with account code '400'.",
            remedy,
        ),
    ]
    assert set(booked(world)) == {"INV-1", "INV-3", "INV-5"}
    assert reads(world) == ["Accounts", "TaxRates"]


def test_a_tax_rate_goes_with_an_account_named_by_its_id_just_so(world: World) -> None:
    (sales,) = [a for a in world.xero.records("Accounts") if a.get("Code") == "200"]
    rows = invoice_feed(world)
    contacts(world)
    by_id = {name: column for name, column in LINE.items() if name != "AccountCode"} | {
        "AccountID": "account"
    }
    rows.mapped = {"LineItems": [by_id | {"TaxType": "tax"}]}
    rows.rows(
        row("1", "invoices", tax="OUTPUT2", account=sales["AccountID"]),
        row("2", "invoices", tax="INPUT2", account=sales["AccountID"].upper()),
        row("3", "invoices", tax="OUTPUT2", account="00000000-0000-4000-8000-000000000000"),
    )
    assert rows.rejected() == {
        "2": ("field_invalid", "LineItems[1].TaxType"),
        "3": ("look_up_failed", "LineItems[1].AccountID"),
    }


def test_a_tax_rate_that_was_deleted_is_no_longer_used(world: World) -> None:
    (old,) = world.xero.add(
        "TaxRates",
        [
            {
                "Name": "Old",
                "ReportTaxType": "OUTPUT",
                "TaxComponents": [{"Name": "GST", "Rate": 10, "IsCompound": False}],
            }
        ],
    )
    world.xero.edit("TaxRates", old["TaxType"], status="DELETED")
    rows = feed(world, TaxType="tax").rows(row("1", "invoices", tax=old["TaxType"]))
    assert [line[2] for line in said(world, rows)] == [
        f"The tax rate with TaxType {old['TaxType']!r} is deleted, no longer in use in Xero."
    ]


def test_an_item_is_taxed_as_its_account_can_be(world: World) -> None:
    rows = Feed(world, "items", "Code").rows(
        {"id": "1", "Code": "A", "SalesDetails.AccountCode": "200", "SalesDetails.TaxType": "INPUT2"},
        {"id": "2", "Code": "B", "SalesDetails.AccountCode": "200", "SalesDetails.TaxType": "OUTPUT2"},
        {"id": "3", "Code": "C", "SalesDetails.TaxType": "INPUT2"},
    )
    assert rows.rejected() == {"1": ("field_invalid", "SalesDetails.TaxType")}
    assert [item["Code"] for item in world.xero.records("Items")] == ["B", "C"]


def test_tracking_names_categories_and_options_that_are_in_use(world: World) -> None:
    options = [{"Name": "North"}, {"Name": "South", "Status": "ARCHIVED"}]
    world.xero.add("TrackingCategories", [{"Name": "Region"}, {"Name": "Old"}])
    categories = {c["Name"]: c["TrackingCategoryID"] for c in world.xero.records("TrackingCategories")}
    made = [
        {"TrackingOptionID": f"00000000-0000-4000-8000-00000000000{n}"} | {"Status": "ACTIVE"} | option
        for n, option in enumerate(options)
    ]
    world.xero.edit("TrackingCategories", categories["Region"], Options=made)
    world.xero.edit("TrackingCategories", categories["Old"], status="ARCHIVED", Options=made[:1])
    rows = feed(world, Tracking=TRACKING).rows(
        row("1", "invoices", category="region", choice="NORTH"),
        row("2", "invoices", category="Regions", choice="North"),
        row("3", "invoices", category="Region", choice="West"),
        row("4", "invoices", category="Region", choice="South"),
        row("5", "invoices", category="Old", choice="North"),
        row("6", "invoices"),
    )
    at = "LineItems[1].Tracking[1]"
    remedy = (
        "Correct the value in the source, create what it names in the destination, or choose another look-up "
        "in the sync."
    )
    assert said(world, rows) == [
        (
            "look_up_failed",
            f"{at}.Name",
            "There is no tracking category with Name 'Regions' in Xero.",
            f"In Xero there are: Region. {remedy}",
        ),
        (
            "look_up_failed",
            f"{at}.Option",
            "There is no option 'West' of the tracking category 'Region' in Xero.",
            f"In Xero there are: North. {remedy}",
        ),
        (
            "look_up_failed",
            f"{at}.Option",
            "The option 'South' of the tracking category 'Region' is no longer in use.",
            f"In Xero there are: North. {remedy}",
        ),
        (
            "look_up_failed",
            f"{at}.Name",
            "The tracking category with Name 'Old' is archived, no longer in use in Xero.",
            remedy,
        ),
    ]
    assert reads(world) == ["Accounts", "TrackingCategories"]
    (tracked,) = booked(world)["INV-1"]["LineItems"][0]["Tracking"]
    assert (tracked["Name"], tracked["Option"]) == ("Region", "North")
    assert booked(world)["INV-6"]["LineItems"][0]["Tracking"] == []


def test_currencies_are_asked_for_only_when_one_is_foreign(world: World) -> None:
    rows = feed(world).rows(row("1", "invoices", CurrencyCode="NZD"))
    assert rows.rejected() == {}
    assert reads(world) == ["Accounts"]
    rows.rows(row("2", "invoices", CurrencyCode="EUR"), row("3", "invoices", CurrencyCode="NZD"))
    assert said(world, rows) == [
        (
            "look_up_failed",
            "CurrencyCode",
            "There is no currency with Code 'EUR' in Xero.",
            (
                "In Xero there are: NZD. Add the currency in Xero's settings, or filter these rows out in "
                "the model. Do not leave the currency out: Xero would book the amount in the "
                "organisation's own."
            ),
        )
    ]
    assert reads(world) == ["Accounts", "Currencies"]
    world.xero.add("Currencies", [{"Code": "EUR"}])
    assert rows.rejected() == {}
    assert set(booked(world)) == {"INV-1", "INV-2", "INV-3"}


def test_a_bank_account_is_held_in_a_currency_of_the_organisation(world: World) -> None:
    given = {"Type": "BANK", "BankAccountNumber": "12-3456-7890123-00"}
    rows = Feed(world, "accounts", "Name", mode="insert").rows(
        {"id": "1", "Name": "Dollars", "CurrencyCode": "NZD"} | given,
        {"id": "2", "Name": "Euros", "CurrencyCode": "EUR"}
        | given
        | {"BankAccountNumber": "12-3456-7890123-01"},
    )
    assert rows.rejected() == {"2": ("look_up_failed", "CurrencyCode")}


@pytest.mark.parametrize("by", ["Code", "AccountID"])
def test_payments_are_made_from_accounts_that_take_them(world: World, by: str) -> None:
    invoices(world, 100)
    accounts = {a["Code"]: a for a in world.xero.records("Accounts") if a.get("Code")}
    world.xero.edit("Accounts", accounts["800"]["AccountID"], EnablePaymentsToAccount=True)
    named = {code: code if by == "Code" else account["AccountID"] for code, account in accounts.items()}
    rows = payment_feed(world)
    paid = [payment(str(n)) for n in (1, 2, 3)]
    for one, code in zip(paid, ("090", "800", "200"), strict=True):
        del one["Account.Code"]
        one[f"Account.{by}"] = named[code]
    assert said(world, rows.rows(*paid)) == [
        (
            "field_invalid",
            f"Account.{by}",
            "The account 'Sales' (200) takes no payments.",
            "Name a bank account, or let the account take payments in Xero's chart of accounts.",
        )
    ]
    assert {p["Reference"]: p["Amount"] for p in world.xero.records("Payments")} == {
        "PAY-1": Decimal(10),
        "PAY-2": Decimal(10),
    }
