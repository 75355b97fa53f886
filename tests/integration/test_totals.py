"""The total of a row is held against what its lines come to in Xero, discounts and tax included or not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.feeds import Feed
from tests.integration.test_invoices import booked, contacts, feed, invoice
from tests.integration.world import World

LINE = {"Description": "what", "Quantity": "qty", "UnitAmount": "price", "AccountCode": {"value": "200"}}
DISCOUNTED = LINE | {"DiscountRate": "rate", "DiscountAmount": "off"}
PRODUCT = {"column": "net", "of": ["Quantity", "UnitAmount"]}


def totalled(world: World, total: dict[str, Any], fields: dict[str, Any]) -> Feed:
    made = feed(world)
    made.mapped = {"LineItems": {"each": "items", "fields": fields, "total": total}}
    return made


def row(key: str, items: str, net: str, **more: Any) -> dict[str, Any]:
    return invoice(key, items=items, net=Decimal(net)) | more


def test_discounts_are_taken_off_as_xero_does(world: World) -> None:
    contacts(world)
    rated = '[{"what": "x", "qty": 3, "price": 33.335, "rate": 10}, {"what": "y", "qty": 1, "price": 0.005}]'
    documents = totalled(world, PRODUCT, DISCOUNTED).rows(
        row("1", rated, "90.01"),
        row("2", rated, "100.02"),
        row("3", '[{"what": "x", "qty": 2, "price": 10.05, "off": 0.3333}]', "19.77"),
        row("4", '[{"what": "x", "qty": 2, "price": 10.05, "off": 0.33}]', "19.77"),
        row("5", '[{"what": "x", "qty": 2, "price": 10.05, "rate": 12.5, "off": null}]', "17.59"),
        row("6", '[{"what": "x", "qty": 1, "price": 10, "rate": 10, "off": 1}]', "8.00"),
        row("7", '[{"what": "x", "qty": 1, "price": 10, "rate": 0, "off": 0}]', "10.00"),
    )
    report = documents.run()
    assert {r.key: (r.code, r.field) for r in world.rows(report, "rejected")} == {
        "2": ("total_differs", "LineItems"),
        "3": ("field_invalid", "LineItems[1].DiscountAmount"),
        "6": ("field_invalid", "LineItems[1].DiscountAmount"),
    }
    said = {r.key: r.message for r in world.rows(report, "rejected")}
    assert said["2"] == "LineItems: the lines come to 90.01, and column 'net' says 100.0200."
    assert said["6"] == (
        "LineItems[1] has a DiscountRate of 10 and a DiscountAmount of 1; a line has one of them."
    )
    assert {number: document["SubTotal"] for number, document in booked(world).items()} == {
        "INV-1": Decimal("90.01"),
        "INV-4": Decimal("19.77"),
        "INV-5": Decimal("17.59"),
        "INV-7": Decimal("10.00"),
    }


@pytest.mark.parametrize(
    ("types", "sums"),
    [
        ("Exclusive", (Decimal("90.00"), Decimal("103.50"))),
        ("Inclusive", (Decimal("78.26"), Decimal("90.00"))),
        ("NoTax", (Decimal("90.00"), Decimal("90.00"))),
    ],
)
def test_a_total_is_the_sum_of_the_lines_whatever_tax_they_include(
    world: World, types: str, sums: tuple[Decimal, Decimal]
) -> None:
    contacts(world)
    items = '[{"what": "x", "qty": 1, "price": 100, "rate": 10}]'
    documents = totalled(world, PRODUCT, DISCOUNTED).rows(row("1", items, "90", LineAmountTypes=types))
    assert documents.rejected() == {}
    made = booked(world)["INV-1"]
    assert (made["SubTotal"], made["Total"]) == sums


def test_a_line_amount_has_its_discount_taken_off_already(world: World) -> None:
    contacts(world)
    items = '[{"what": "x", "qty": 2, "price": 50, "rate": 10, "amount": 90}]'
    fields = DISCOUNTED | {"LineAmount": "amount"}
    documents = totalled(world, {"column": "net", "of": "LineAmount"}, fields)
    documents.rows(row("1", items, "90"), row("2", items, "81"))
    assert documents.rejected() == {"2": ("total_differs", "LineItems")}
    assert booked(world)["INV-1"]["SubTotal"] == Decimal("90.00")
