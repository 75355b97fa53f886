"""Documents and their lines where something goes wrong, or is not what it seems."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest

from bookward.demo.xero.catalogue import WRITERS
from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.records import Records
from tests.integration.test_invoices import booked, contacts, feed, invoice
from tests.integration.world import World


def add_option(world: World, category: str, name: str) -> None:
    """Give a tracking category an option, as a person does."""
    with world.xero.books() as books:
        held = Records(books, WRITERS["TrackingCategories"].kind).by_id(category)
        assert held is not None
        option = {"TrackingOptionID": str(uuid4()), "Name": name, "Status": "ACTIVE"}
        doc = held.doc | {"Options": [*held.doc.get("Options", []), option]}
        Records(books, WRITERS["TrackingCategories"].kind).update(replace(held, doc=doc))


def lost(world: World) -> None:
    """Let Xero book the next documents or payments and answer with an error."""
    world.xero.faults.add(Fault(kind=FaultKind.STATUS, status=500, method="PUT", when="after", path="*"))


@pytest.mark.parametrize("type_", ["ACCREC", "ACCPAY"])
def test_a_document_of_a_new_contact_is_booked_once_whatever_becomes_of_the_answer(
    world: World, type_: str
) -> None:
    look_up = {"look_up": {"Contact": {"by": "Name", "column": "customer", "missing": "create"}}}
    documents = feed(world, **look_up).rows(invoice("1", Type=type_, customer="New Ltd"))
    lost(world)
    assert documents.rejected() == {}
    assert len(booked(world)) == 1
    assert [contact["Name"] for contact in world.xero.contacts()] == ["New Ltd"]


def test_a_bill_is_not_voided_while_the_row_that_means_it_is_rejected(world: World) -> None:
    contacts(world)
    documents = feed(world, on_removal="void").rows(invoice("1", Type="ACCPAY", InvoiceNumber="7"))
    documents.run()
    documents.rows(invoice("2", Type="ACCPAY", InvoiceNumber="7", account="NOPE"))
    assert documents.rejected() == {
        "2": ("look_up_failed", "LineItems[1].AccountCode"),
        "1": ("removal_held_back", None),
    }
    assert booked(world)["7"]["Status"] == "DRAFT"
    documents.rows(invoice("2", Type="ACCPAY", InvoiceNumber="7"))
    assert documents.rejected() == {}
    assert len(world.xero.records("Invoices")) == 1


def test_what_a_line_no_longer_has_is_gone_from_it_in_xero(world: World) -> None:
    contacts(world)
    documents = feed(world)
    line = {
        "Description": "what",
        "Quantity": {"value": 1},
        "UnitAmount": "price",
        "DiscountRate": "discount",
    }
    documents.mapped = {"LineItems": [line]}
    row = invoice("1", price=Decimal(100), discount=Decimal(10))
    documents.rows(row).run()
    assert booked(world)["INV-1"]["SubTotal"] == Decimal(90)
    documents.rows(row | {"discount": None}, invoice("2", discount=Decimal(5))).run()
    assert booked(world)["INV-1"]["SubTotal"] == Decimal(100)
    other = invoice("2", discount=Decimal(5))
    documents.rows(row | {"what": "Else", "price": Decimal(70), "discount": None}, other).run()
    assert booked(world)["INV-1"]["SubTotal"] == Decimal(70)
    assert documents.run().run.counts["calls"] == 0


def test_a_line_with_tracking_is_found_equal_to_what_xero_made_of_it(world: World) -> None:
    contacts(world)
    (region,) = world.xero.add("TrackingCategories", [{"Name": "Region"}])
    add_option(world, region["TrackingCategoryID"], "North")
    documents = feed(world)
    documents.mapped = {
        "LineItems": [
            {
                "Description": "what",
                "Quantity": {"value": 1},
                "UnitAmount": "price",
                "AccountCode": "account",
                "Tracking": [{"Name": {"value": "region"}, "Option": {"value": "north"}}],
            }
        ]
    }
    documents.rows(invoice("1"))
    lost(world)
    assert documents.rejected() == {}
    assert len(booked(world)) == 1


def test_amounts_that_xero_would_round_are_refused(world: World) -> None:
    contacts(world)
    documents = feed(world).rows(invoice("1"), invoice("2", price=Decimal(14)))
    world.edit("syncs/feed.yaml", '"UnitAmount": "price"', '"UnitAmount": "seventh"')
    world.write("models/feed.sql", "SELECT *, price / 7 AS seventh FROM feed")
    assert documents.rejected() == {"1": ("field_invalid", "LineItems[1].UnitAmount")}
    assert list(booked(world)) == ["INV-2"]


def test_suppliers_documents_are_not_matched_by_reference_and_do_not_have_one(world: World) -> None:
    contacts(world)
    row = invoice("1", Type="ACCPAY", Reference="R1")
    assert feed(world, match="Reference").rows(row).rejected() == {"1": ("field_invalid", "Reference")}
    (world.root / "syncs" / "feed.yaml").unlink()
    documents = feed(world).rows(row)
    world.write("syncs/bills.yaml", (world.root / "syncs" / "feed.yaml").read_text())
    report = world.run("bills")
    assert report.run.counts["rows_accepted"] == 1
    assert documents is not None
    assert len(booked(world)) == 1


def test_two_bills_of_one_number_and_contact_are_both_refused(world: World) -> None:
    contacts(world)
    bill = {"Type": "ACCPAY", "InvoiceNumber": "7"}
    documents = feed(world, look_up={"Contact": {"by": "Name", "column": "customer"}})
    documents.rows(invoice("1", **bill, customer="Ann"), invoice("2", **bill, customer="ann  "))
    assert {code for code, _ in documents.rejected().values()} == {"match_taken"}
    assert booked(world) == {}


def test_a_bill_that_was_voided_with_its_row_comes_back_with_it(world: World) -> None:
    contacts(world)
    documents = feed(world, on_removal="void")
    rows = [invoice(n, Type="ACCPAY", Status="AUTHORISED", account="400") for n in ("1", "2")]
    documents.rows(*rows).run()
    documents.rows(rows[0]).run()
    documents.rows(*rows)
    assert documents.rejected() == {}
    states = sorted(document["Status"] for document in world.xero.records("Invoices"))
    assert states == ["AUTHORISED", "AUTHORISED", "VOIDED"]
