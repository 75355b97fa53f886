"""Payments: made once, found again by their reference, deleted when their row is gone."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from bookward.demo.xero.faults import Fault, FaultKind
from tests.integration.feeds import Feed
from tests.integration.world import World


def invoices(world: World, *amounts: int, status: str = "AUTHORISED") -> list[dict[str, Any]]:
    """Put sales invoices INV-1, INV-2 ... over these amounts, without tax, into the books."""
    elements = [
        {
            "Type": "ACCREC",
            "Status": status,
            "Contact": {"Name": "Ann"},
            "InvoiceNumber": f"INV-{number}",
            "Date": "2026-10-01",
            "DueDate": "2026-10-20",
            "LineAmountTypes": "NoTax",
            "LineItems": [{"Description": "Work", "Quantity": 1, "UnitAmount": amount, "AccountCode": "200"}],
        }
        for number, amount in enumerate(amounts, 1)
    ]
    made = world.xero.add("Invoices", elements)
    assert all(invoice["InvoiceID"].strip("0-") for invoice in made), made
    world.api_calls()
    return made


def payment(key: str, number: int = 1, amount: str = "10.00", **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "Reference": f"PAY-{key}",
        "Invoice.InvoiceNumber": f"INV-{number}",
        "Account.Code": "090",
        "Date": "2026-10-10",
        "Amount": Decimal(amount),
    } | more


def feed(world: World, **settings: str) -> Feed:
    return Feed(world, "payments", "Reference", mode="insert", **settings)


def booked(world: World) -> dict[str, tuple[str, Decimal]]:
    """Return status and amount by reference."""
    return {p["Reference"]: (p["Status"], p["Amount"]) for p in world.xero.records("Payments")}


def due(world: World) -> dict[str, tuple[str, Decimal]]:
    return {i["InvoiceNumber"]: (i["Status"], i["AmountDue"]) for i in world.xero.records("Invoices")}


def test_payments_are_made_once(world: World) -> None:
    invoices(world, 100, 20)
    payments = feed(world).rows(payment("1"), payment("2", amount="12.50"), payment("3", 2, "20"))
    assert payments.run().run.counts["rows_accepted"] == 3
    assert due(world) == {"INV-1": ("AUTHORISED", Decimal("77.50")), "INV-2": ("PAID", Decimal(0))}
    world.api_calls()
    assert payments.run().run.counts["calls"] == 0
    assert len(booked(world)) == 3


@pytest.mark.parametrize(
    ("by", "value"),
    [
        ("Invoice.InvoiceNumber", "INV-1"),
        ("Invoice.InvoiceID", "{invoice}"),
        ("CreditNote.CreditNoteNumber", "CN-1"),
        ("CreditNote.CreditNoteID", "{note}"),
    ],
)
@pytest.mark.parametrize("account", ["Account.Code", "Account.AccountID"])
def test_what_is_paid_and_from_where_is_named_by_id_or_by_number(
    world: World, by: str, value: str, account: str
) -> None:
    (invoice,) = invoices(world, 100)
    line = {"Description": "Back", "Quantity": 1, "UnitAmount": 50, "AccountCode": "200"}
    (note,) = world.xero.add(
        "CreditNotes",
        [
            {
                "Type": "ACCRECCREDIT",
                "Status": "AUTHORISED",
                "Contact": {"Name": "Ann"},
                "CreditNoteNumber": "CN-1",
                "Date": "2026-10-01",
                "LineAmountTypes": "NoTax",
                "LineItems": [line],
            }
        ],
    )
    (bank,) = [a for a in world.xero.records("Accounts") if a.get("Code") == "090"]
    row = payment("1")
    del row["Invoice.InvoiceNumber"], row["Account.Code"]
    row[by] = value.format(invoice=invoice["InvoiceID"], note=note["CreditNoteID"])
    row[account] = "090" if account == "Account.Code" else bank["AccountID"]
    payments = feed(world).rows(row)
    assert payments.rejected() == {}
    assert booked(world) == {"PAY-1": ("AUTHORISED", Decimal("10.00"))}
    assert payments.run().run.counts["calls"] == 0


def test_a_lost_state_does_not_book_a_payment_twice(world: World) -> None:
    invoices(world, 100)
    rows = [payment("1"), payment("2")]
    feed(world).rows(*rows).run()
    (world.root / "syncs" / "feed.yaml").rename(world.root / "syncs" / "again.yaml")
    report = world.run("again", as_new=True)
    assert report.run.counts["rows_adopted"] == 2
    assert len(booked(world)) == 2


def test_a_changed_row_is_rejected_or_ignored(world: World) -> None:
    invoices(world, 100)
    feed(world).rows(payment("1")).run()
    world.api_calls()
    assert feed(world).rows(payment("1", amount="11")).rejected() == {"1": ("change_refused", None)}
    assert feed(world, on_change="ignore").rows(payment("1", amount="11")).rejected() == {}
    assert world.api_calls() == []
    assert booked(world) == {"PAY-1": ("AUTHORISED", Decimal("10.00"))}


@pytest.mark.parametrize("removal", ["keep", "delete"])
def test_the_payment_of_a_removed_row(world: World, removal: str) -> None:
    invoices(world, 100)
    feed(world, on_removal=removal).rows(payment("1"), payment("2")).run()
    removing = feed(world, on_removal=removal).rows(payment("1"))
    assert removing.rejected() == {}
    state = "DELETED" if removal == "delete" else "AUTHORISED"
    assert booked(world)["PAY-2"] == (state, Decimal("10.00"))
    assert due(world)["INV-1"][1] == Decimal(90 if removal == "delete" else 80)
    assert removing.run().run.counts["calls"] == 0
    back = feed(world, on_removal=removal).rows(payment("1"), payment("2"))
    assert back.rejected() == {}
    assert due(world)["INV-1"][1] == Decimal(80)


def test_what_xero_refuses_is_said_in_its_words_and_the_rest_goes_on(world: World) -> None:
    invoices(world, 100)
    world.xero.add("Accounts", [{"Name": "No payments", "Code": "NOPAY", "Type": "REVENUE"}])
    draft = {"Type": "ACCREC", "Contact": {"Name": "Ann"}, "InvoiceNumber": "DRAFT-1"}
    world.xero.add("Invoices", [draft | {"LineItems": [{"Description": "x"}]}])
    report = (
        feed(world)
        .rows(
            payment("1", amount="100.01"),
            payment("2", **{"Invoice.InvoiceNumber": "DRAFT-1"}),
            payment("3", **{"Invoice.InvoiceNumber": "NOPE"}),
            payment("4", **{"Account.Code": "NOPE"}),
            payment("5", **{"Account.Code": "NOPAY"}),
            payment("6", amount="0"),
            payment("7", **{"Invoice.InvoiceNumber": None}),
            payment("8"),
        )
        .run()
    )
    said = {row.key: (row.code, row.message) for row in world.rows(report, "rejected")}
    assert {key: code for key, (code, _) in said.items()} == {
        "1": "remote_rejected",
        "2": "remote_rejected",
        "3": "remote_rejected",
        "4": "look_up_failed",
        "5": "field_invalid",
        "6": "field_invalid",
        "7": "field_required",
    }
    assert said["1"][1] == "Payment amount exceeds the amount outstanding on this document"
    assert str(said["2"][1]).startswith("Payments can only be made against Authorised documents")
    assert list(booked(world)) == ["PAY-8"]


def test_two_rows_of_one_reference_are_both_rejected(world: World) -> None:
    invoices(world, 100)
    rows = [payment("1"), payment("2", Reference="PAY-1"), payment("3", Reference=None)]
    assert feed(world).rows(*rows).rejected() == {
        "1": ("match_taken", "Reference"),
        "2": ("match_taken", "Reference"),
        "3": ("field_required", "Reference"),
    }
    assert booked(world) == {}


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"mode": "upsert"}, "mode"),
        ({"mode": "update"}, "mode"),
        ({"mode": "insert", "on_removal": "archive"}, "on_removal"),
    ],
)
def test_what_xero_forbids_of_payments_is_refused_by_check(
    world: World, settings: dict[str, str], where: str
) -> None:
    Feed(world, "payments", "Reference", **settings).rows(payment("1"))
    with closing(world.app()) as app:
        (problem,) = app.check().problems
    assert problem.message.startswith(where)


@pytest.mark.parametrize("paid", ["note", "invoice in another case"])
def test_a_payment_whose_answer_is_lost_is_known_again(world: World, paid: str) -> None:
    invoices(world, 100)
    line = {"Description": "Back", "Quantity": 1, "UnitAmount": 50, "AccountCode": "200"}
    note = {"Type": "ACCRECCREDIT", "Status": "AUTHORISED", "Contact": {"Name": "Ann"}, "Date": "2026-10-01"}
    world.xero.add("CreditNotes", [note | {"CreditNoteNumber": "CN-1", "LineItems": [line]}])
    row = payment("1", **{"Invoice.InvoiceNumber": None if paid == "note" else "inv-1"})
    row |= {"CreditNote.CreditNoteNumber": "cn-1"} if paid == "note" else {}
    fault = Fault(kind=FaultKind.STATUS, status=500, method="PUT", when="after", path="*/Payments")
    world.xero.faults.add(fault)
    payments = feed(world).rows(row)
    assert payments.rejected() == {}
    assert len(world.xero.records("Payments")) == 1
    (world.root / "syncs" / "feed.yaml").rename(world.root / "syncs" / "again.yaml")
    assert world.run("again", as_new=True).run.counts["rows_adopted"] == 1
