"""Invoices, bills and credit notes: matched, with their contacts looked up and their lines kept."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.feeds import Feed
from tests.integration.world import World

LINES = [
    {"Description": "what", "Quantity": "quantity", "UnitAmount": "price", "AccountCode": "account"},
    {
        "Description": {"value": "Freight"},
        "Quantity": {"value": 1},
        "UnitAmount": "freight",
        "AccountCode": "account",
    },
]
NUMBER = {"invoices": "InvoiceNumber", "credit-notes": "CreditNoteNumber"}
KIND = {"invoices": "Invoices", "credit-notes": "CreditNotes"}
EMAIL = {"by": "EmailAddress", "column": "customer"}
SALES = {"invoices": "ACCREC", "credit-notes": "ACCRECCREDIT"}


def contacts(world: World) -> dict[str, str]:
    """Put some contacts into the books; return their ids by their name."""
    made = world.xero.add(
        "Contacts",
        [
            {"Name": "Ann", "ContactNumber": "C1", "EmailAddress": "ann@example.com"},
            {"Name": "Bob", "ContactNumber": "C2", "EmailAddress": "shared@example.com"},
            {"Name": "Cat", "ContactNumber": "C3", "EmailAddress": "Shared@example.com"},
            {"Name": "Gone", "ContactNumber": "C4", "EmailAddress": "gone@example.com"},
        ],
    )
    ids = {str(contact["Name"]): str(contact["ContactID"]) for contact in made}
    world.xero.edit_contact(ids["Gone"], status="ARCHIVED")
    return ids


def invoice(key: str, object_: str = "invoices", **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        NUMBER[object_]: f"INV-{key}",
        "Type": SALES[object_],
        "Date": "2026-10-01",
        "DueDate": "2026-10-20",
        "LineAmountTypes": "Exclusive",
        "customer": "ann@example.com",
        "what": "Work",
        "quantity": Decimal("1.5"),
        "price": Decimal("100.1234"),
        "freight": Decimal("7.50"),
        "account": "200",
    } | more


def feed(world: World, object_: str = "invoices", match: str = "", **settings: Any) -> Feed:
    look_up = {"look_up": {"Contact": EMAIL}}
    made = Feed(world, object_, match or NUMBER[object_], **look_up | settings)
    made.mapped = {"LineItems": LINES}
    return made


def booked(world: World, object_: str = "invoices") -> dict[str, dict[str, Any]]:
    """Return the documents in the books by their number."""
    return {document[NUMBER[object_]]: document for document in world.xero.records(KIND[object_])}


def row(key: str, object_: str, **more: Any) -> dict[str, Any]:
    made = invoice(key, object_, **more)
    if object_ == "credit-notes":
        del made["DueDate"]
    return made


OBJECTS = ["invoices", "credit-notes"]


@pytest.mark.parametrize("object_", OBJECTS)
def test_documents_are_created_as_drafts_and_changed_without_losing_their_lines(
    world: World, object_: str
) -> None:
    contacts(world)
    documents = feed(world, object_).rows(row("1", object_), row("2", object_, Status="AUTHORISED"))
    assert documents.rejected() == {}
    before = booked(world, object_)
    assert {number: document["Status"] for number, document in before.items()} == {
        "INV-1": "DRAFT",
        "INV-2": "AUTHORISED",
    }
    assert before["INV-1"]["SubTotal"] == Decimal("157.69")
    world.api_calls()
    assert documents.run().run.counts["calls"] == 0
    documents.rows(row("1", object_, price=Decimal(200)), row("2", object_, Status="AUTHORISED"))
    assert documents.kinds() == {"update": 1}
    assert documents.rejected() == {}
    after = booked(world, object_)
    assert after["INV-1"]["SubTotal"] == Decimal("307.50")
    ids = [[line["LineItemID"] for line in books["INV-1"]["LineItems"]] for books in (before, after)]
    assert ids[0] == ids[1]
    assert documents.run().run.counts["calls"] == 0


@pytest.mark.parametrize("removal", ["keep", "void"])
@pytest.mark.parametrize("object_", OBJECTS)
def test_the_documents_of_removed_rows(world: World, object_: str, removal: str) -> None:
    contacts(world)
    documents = feed(world, object_, on_removal=removal)
    rows = [row("1", object_), row("2", object_, Status="AUTHORISED"), row("3", object_)]
    documents.rows(*rows).run()
    documents.rows(rows[2])
    assert documents.rejected() == {}
    assert {number: document["Status"] for number, document in booked(world, object_).items()} == {
        "INV-1": "DELETED" if removal == "void" else "DRAFT",
        "INV-2": "VOIDED" if removal == "void" else "AUTHORISED",
        "INV-3": "DRAFT",
    }
    assert documents.run().run.counts["calls"] == 0


@pytest.mark.parametrize(
    ("by", "value"),
    [("ContactID", "{Ann}"), ("ContactNumber", "C1"), ("EmailAddress", "ANN@example.com"), ("Name", "ann")],
)
@pytest.mark.parametrize("object_", OBJECTS)
def test_the_contact_is_looked_up_by_what_the_sync_says(
    world: World, object_: str, by: str, value: str
) -> None:
    ids = contacts(world)
    documents = feed(world, object_, look_up={"Contact": {"by": by, "column": "customer"}})
    documents.rows(row("1", object_, customer=value.format(**ids)))
    assert documents.rejected() == {}
    assert booked(world, object_)["INV-1"]["Contact"]["ContactID"] == ids["Ann"]
    assert documents.run().run.counts["calls"] == 0


def test_contacts_that_are_missing_ambiguous_or_archived_reject_the_row(world: World) -> None:
    contacts(world)
    documents = feed(world).rows(
        invoice("1", customer="nobody@example.com"),
        invoice("2", customer="shared@example.com"),
        invoice("3", customer="gone@example.com"),
        invoice("4", customer=None),
        invoice("5"),
    )
    report = documents.run()
    said = {item.key: (item.code, item.field, item.message) for item in world.rows(report, "rejected")}
    assert {key: (code, field) for key, (code, field, _) in said.items()} == {
        "1": ("look_up_failed", "Contact"),
        "2": ("match_ambiguous", "Contact"),
        "3": ("look_up_failed", "Contact"),
        "4": ("field_required", "Contact"),
    }
    assert "'Bob'" in str(said["2"][2])
    assert "'Cat'" in str(said["2"][2])
    assert list(booked(world)) == ["INV-5"]


def test_a_contact_that_is_missing_is_created_where_the_sync_says_so(world: World) -> None:
    contacts(world)
    documents = feed(world, look_up={"Contact": {"by": "Name", "column": "customer", "missing": "create"}})
    documents.rows(
        *[invoice(str(n), customer="Newcomer Ltd") for n in range(3)], invoice("9", customer="Ann")
    )
    assert documents.rejected() == {}
    assert [c["Name"] for c in world.xero.contacts()].count("Newcomer Ltd") == 1
    assert {i["Contact"]["Name"] for i in booked(world).values()} == {"Newcomer Ltd", "Ann"}
    documents.rows(*[invoice(str(n), customer="Newcomer Ltd", what="More") for n in range(3)])
    assert documents.rejected() == {}
    assert booked(world)["INV-1"]["LineItems"][0]["Description"] == "More"


def test_bills_of_one_number_are_told_apart_by_their_contact(world: World) -> None:
    contacts(world)
    documents = feed(world, look_up={"Contact": {"by": "Name", "column": "customer"}}).rows(
        invoice("1", Type="ACCPAY", InvoiceNumber="7", customer="Ann", account="400"),
        invoice("2", Type="ACCPAY", InvoiceNumber="7", customer="Bob", account="400"),
        invoice("3", InvoiceNumber="7", customer="Bob"),
    )
    assert documents.rejected() == {}
    (world.root / "syncs" / "feed.yaml").rename(world.root / "syncs" / "again.yaml")
    assert world.run("again", as_new=True).run.counts["rows_adopted"] == 3
    assert len(world.xero.records("Invoices")) == 3


def test_what_is_paid_is_changed_only_as_far_as_xero_lets_it(world: World) -> None:
    contacts(world)
    documents = feed(world, on_removal="void")
    rows = [invoice(str(n), Status="AUTHORISED") for n in (1, 2, 3)]
    documents.rows(*rows).run()
    due = booked(world)["INV-1"]["AmountDue"]
    for number in ("INV-1", "INV-2", "INV-3"):
        paid = {"Invoice": {"InvoiceNumber": number}, "Account": {"Code": "090"}, "Amount": due}
        world.xero.add("Payments", [paid | {"Date": "2026-10-05"}])
    assert {i["Status"] for i in booked(world).values()} == {"PAID"}
    documents.rows(
        rows[0] | {"DueDate": "2026-11-30"}, rows[1] | {"price": Decimal(9), "DueDate": "2026-11-30"}
    )
    report = documents.run()
    rejected = {item.key: (item.code, item.message) for item in world.rows(report, "rejected")}
    assert {key: code for key, (code, _) in rejected.items()} == {"2": "record_locked", "3": "record_locked"}
    assert "LineItems cannot be changed" in str(rejected["2"][1])
    assert "2026-10-20" in booked(world)["INV-2"]["DueDateString"]
    (first,) = [item for item in world.rows(report) if item.key == "1"]
    assert first.status == "accepted"
    assert "2026-11-30" in booked(world)["INV-1"]["DueDateString"]
    assert booked(world)["INV-1"]["LineItems"][0]["Description"] == "Work"


def test_bad_documents_are_rejected_each_for_its_reason(world: World) -> None:
    contacts(world)
    voided = feed(world).rows(invoice("V", Status="AUTHORISED"))
    voided.run()
    (held,) = world.xero.records("Invoices")
    world.xero.edit("Invoices", held["InvoiceID"], status="VOIDED")
    (world.root / "syncs" / "feed.yaml").unlink()
    feed(world).rows(
        invoice("a", InvoiceNumber="INV-9"),
        invoice("b", InvoiceNumber="INV-9"),
        invoice("c", account="NOPE"),
        invoice("d", Type="ACCRECCREDIT"),
        invoice("e", Status="AUTHORISED", DueDate=None),
        invoice("f", Status="AUTHORISED", account=None),
        invoice("g", Status="PAID"),
        invoice("h", CurrencyCode="EUR"),
        invoice("i", price=Decimal(99999999999)),
        invoice("j", InvoiceNumber=None),
        invoice("k", InvoiceNumber="INV-V"),
        invoice("1"),
    )
    world.write("syncs/again.yaml", (world.root / "syncs" / "feed.yaml").read_text())
    report = world.run("again", as_new=True)
    assert {item.key: (item.code, item.field) for item in world.rows(report, "rejected")} == {
        "a": ("match_taken", "InvoiceNumber"),
        "b": ("match_taken", "InvoiceNumber"),
        "c": ("look_up_failed", "LineItems[1].AccountCode"),
        "d": ("field_invalid", "Type"),
        "e": ("field_required", "DueDate"),
        "f": ("field_required", "LineItems[1].AccountCode"),
        "g": ("field_invalid", "Status"),
        "h": ("look_up_failed", "CurrencyCode"),
        "i": ("remote_rejected", None),
        "j": ("field_required", "InvoiceNumber"),
        "k": ("record_archived", None),
    }
    (voided,) = world.rows(report, "rejected")[-1:]
    assert str(voided.remedy).startswith("What is voided or deleted stays so in Xero")
    assert booked(world)["INV-1"]["Status"] == "DRAFT"


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"on_removal": "archive"}, "on_removal"),
        ({"on_removal": "delete"}, "on_removal"),
        ({"match": "Type"}, "invoices cannot be matched"),
        (
            {"look_up": {"Contact": EMAIL | {"missing": "create"}}},
            "A contact that is missing cannot be created without a Name",
        ),
        (
            {"look_up": {"Contact": {"by": "ContactID", "column": "customer", "missing": "create"}}},
            "A contact that is missing cannot be created by 'ContactID'",
        ),
        (
            {
                "look_up": {
                    "Contact": EMAIL | {"missing": "create", "fields": {"Name": "what", "Nmae": "what"}}
                }
            },
            "There is no field Contact.Nmae",
        ),
        (
            {
                "look_up": {
                    "Contact": EMAIL
                    | {"missing": "create", "fields": {"Name": "what", "EmailAddress": "what"}}
                }
            },
            "'EmailAddress' is what the contact is looked up by",
        ),
        ({"look_up": {"Contact": EMAIL | {"fields": {"Name": "what"}}}}, "No contact is created"),
        (
            {"look_up": {"Contact": EMAIL | {"missing": "create", "fields": {"Name": {"column": 7}}}}},
            "'column' must be text, but is the number 7.",
        ),
    ],
)
def test_what_xero_forbids_is_refused_by_check(world: World, settings: dict[str, Any], where: str) -> None:
    feed(world, **settings).rows(invoice("1"))
    with closing(world.app()) as app:
        (problem,) = app.check().problems
    assert problem.message.startswith(where)


def test_documents_of_a_closed_period_are_rejected_with_the_date(world: World) -> None:
    contacts(world)
    (company,) = world.xero.options.companies
    closed = replace(company, period_lock_date=date(2026, 9, 30))
    world.xero.options = replace(world.xero.options, companies=(closed,))
    documents = feed(world).rows(invoice("1", Date="2026-09-30"), invoice("2"))
    report = documents.run()
    (rejected,) = world.rows(report, "rejected")
    assert (rejected.key, rejected.code) == ("1", "remote_rejected")
    assert "30-Sep-2026" in str(rejected.message)
    assert "lock date" in str(rejected.remedy)
    assert list(booked(world)) == ["INV-2"]
