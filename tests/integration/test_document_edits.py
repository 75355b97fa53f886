"""What of a document may still be changed, by its status and by what was paid on it; the rest is refused."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bookward.bookings import Moved
from bookward.demo.xero.credit_notes import CREDIT_NOTE_KIND
from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.invoices import INVOICE_KIND
from bookward.demo.xero.settling import APPLIED, add_to
from tests.integration.feeds import Feed
from tests.integration.test_invoice_trouble import add_option
from tests.integration.test_invoices import booked, contacts, feed, invoice
from tests.integration.world import World

LINE = {
    "Description": "what",
    "Quantity": "quantity",
    "UnitAmount": "price",
    "AccountCode": "account",
    "TaxType": "tax",
    "Tracking": [{"Name": {"value": "Region"}, "Option": "region"}],
}
CHANGES: dict[str, Any] = {
    "Reference": "new",
    "DueDate": "2026-11-30",
    "BrandingThemeID": "b0c1d2e3-0001-4000-8000-00000000000b",
    "Url": "https://example.com/new",
    "SentToContact": True,
    "InvoiceNumber": "OTHER",
    "what": "New",
    "region": "South",
    "account": "",
    "customer": "Bob",
    "PlannedPaymentDate": "2026-11-30",
    "Date": "2026-10-02",
    "LineAmountTypes": "NoTax",
    "quantity": Decimal(7),
    "price": Decimal(7),
    "tax": "NONE",
}
FIXED = {"Date": "Date", "LineAmountTypes": "LineAmountTypes"} | dict.fromkeys(
    ("quantity", "price", "tax"), "LineItems"
)
PLANNED = {"PlannedPaymentDate": "PlannedPaymentDate"}
CONTACT = {"customer": "Contact"}


def documents(world: World, **more: Any) -> Feed:
    made = feed(world, look_up={"Contact": {"by": "Name", "column": "customer"}}, **more)
    made.mapped = {"LineItems": [LINE]}
    return made


def row(key: str, type_: str, **more: Any) -> dict[str, Any]:
    account, tax = {"ACCREC": ("200", "OUTPUT2"), "ACCPAY": ("400", "INPUT2")}[type_]
    made = invoice(key, Type=type_, customer="Ann", region="North", account=account, tax=tax)
    return made | {"price": Decimal(100), "quantity": Decimal(1)} | more


def pay(world: World, amount: Decimal | None) -> None:
    """Pay an amount on every invoice in the books, all that is due without one."""
    for held in world.xero.records("Invoices"):
        paid = {"Invoice": {"InvoiceID": held["InvoiceID"]}, "Account": {"Code": "090"}}
        (made,) = world.xero.add(
            "Payments", [paid | {"Date": "2026-10-05", "Amount": amount or held["AmountDue"]}]
        )
        assert not made.get("ValidationErrors"), made


def credit(world: World, type_: str) -> None:
    """Allocate a credit note to every invoice in the books."""
    line = {"Description": "Back", "Quantity": 1, "UnitAmount": 5, "AccountCode": "200"}
    note = {"Type": f"{type_}CREDIT", "Status": "AUTHORISED", "Contact": {"Name": "Ann"}, "LineItems": [line]}
    for held in world.xero.records("Invoices"):
        (made,) = world.xero.add("CreditNotes", [note | {"Date": "2026-10-05"}])
        part = {"AllocationID": held["InvoiceID"], "Amount": Decimal(5), "Date": "2026-10-05"}
        part |= {name: held[name] for name in ("InvoiceID", "InvoiceNumber")}
        part |= {"CreditNoteID": made["CreditNoteID"], "CreditNoteNumber": ""}
        with world.xero.books() as books:
            add_to(books, CREDIT_NOTE_KIND, made["CreditNoteID"], APPLIED, part)
            add_to(books, INVOICE_KIND, held["InvoiceID"], APPLIED, part)


def track(world: World) -> None:
    (region,) = world.xero.add("TrackingCategories", [{"Name": "Region"}])
    for name in ("North", "South"):
        add_option(world, region["TrackingCategoryID"], name)


@pytest.mark.parametrize("type_", ["ACCREC", "ACCPAY"])
@pytest.mark.parametrize("state", ["DRAFT", "SUBMITTED", "AUTHORISED", "part-paid", "paid", "part-credited"])
def test_what_may_be_changed(world: World, state: str, type_: str) -> None:
    contacts(world)
    track(world)
    status = state if state.isupper() else "AUTHORISED"
    rows = {name: row(name, type_, Status=status) for name in CHANGES}
    feed_ = documents(world).rows(*rows.values())
    assert feed_.rejected() == {}
    before = {
        i["InvoiceNumber"]: [line["LineItemID"] for line in i["LineItems"]] for i in booked(world).values()
    }
    if state.endswith("paid"):
        pay(world, Decimal(5) if state == "part-paid" else None)
    if state == "part-credited":
        credit(world, type_)
    account = "260" if type_ == "ACCREC" else "404"
    changes = CHANGES | {"account": account}
    feed_.rows(*[made | {name: changes[name]} for name, made in rows.items()])
    locked = {} if state in {"DRAFT", "SUBMITTED", "AUTHORISED"} else FIXED
    if locked:
        locked = locked | (PLANNED if type_ == "ACCREC" else {})
        locked = locked | (CONTACT if state == "part-credited" else {})
    report = feed_.run()
    rejected = {item.key: item for item in world.rows(report, "rejected")}
    assert {key: item.code for key, item in rejected.items()} == dict.fromkeys(locked, "record_locked")
    for key, name in locked.items():
        assert f"has payments or credits: {name} cannot be changed." in str(rejected[key].message)
    after = booked(world)
    assert [line["Description"] for line in after["INV-what"]["LineItems"]] == ["New"]
    assert after["INV-region"]["LineItems"][0]["Tracking"][0]["Option"] == "South"
    assert after["INV-account"]["LineItems"][0]["AccountCode"] == account
    assert "2026-11-30" in after["INV-DueDate"]["DueDateString"]
    assert "OTHER" in after
    assert after["INV-customer"]["Contact"]["Name"] == ("Ann" if "customer" in locked else "Bob")
    kept = {n: [line["LineItemID"] for line in i["LineItems"]] for n, i in after.items()}
    assert kept == {name if name != "INV-InvoiceNumber" else "OTHER": ids for name, ids in before.items()}
    if state != "DRAFT":
        return
    world.api_calls()
    assert feed_.run().run.counts["calls"] == 0


def test_a_line_that_is_sent_without_its_amount_is_not_told_as_nothing_booked(world: World) -> None:
    contacts(world)
    track(world)
    rows = [row(str(n), "ACCREC", Status="AUTHORISED") for n in range(2)]
    feed_ = documents(world).rows(*rows)
    feed_.run()
    pay(world, None)
    feed_.rows(rows[0] | {"what": "New", "account": "260"}, rows[1])
    assert feed_.run().run.counts["rows_accepted"] == 1
    assert [line["AccountCode"] for line in booked(world)["INV-0"]["LineItems"]] == ["260"]
    with closing(world.app()) as app:
        assert app.report("last").booked == []


def test_the_plan_says_what_of_a_paid_document_is_sent(world: World) -> None:
    contacts(world)
    track(world)
    rows = [row(str(n), "ACCREC", Status="AUTHORISED") for n in range(3)]
    feed_ = documents(world).rows(*rows)
    feed_.run()
    pay(world, None)
    feed_.rows(
        rows[0] | {"DueDate": "2026-11-30", "Reference": "R"},
        rows[1] | {"DueDate": "2026-11-30"},
        rows[2] | {"what": "New"},
    )
    plan = world.plan("feed")
    assert plan.header.money == {"NZD": Moved(before=Decimal(300), after=Decimal(300))}
    operations = [operation for batch in plan.operations() for operation in batch]
    assert [operation.notes for operation in operations] == [
        ("It is paid: only DueDate, Reference are sent.",),
        ("It is paid: only DueDate is sent.",),
        ("It is paid: only LineItems is sent.",),
    ]
    (line,) = operations[2].payload["LineItems"]
    assert set(line) == {"LineItemID", "Description", "AccountCode", "Tracking"}
    assert feed_.rejected() == {}


@pytest.mark.parametrize("wanted", ["DRAFT", "SUBMITTED"])
@pytest.mark.parametrize("state", ["approved", "paid"])
def test_a_draft_that_was_approved_meanwhile_is_not_sent_as_one(
    world: World, wanted: str, state: str
) -> None:
    contacts(world)
    track(world)
    rows = [row(key, "ACCREC", status=wanted) for key in ("1", "2")]
    feed_ = documents(world)
    feed_.mapped["Status"] = "status"
    feed_.rows(*rows)
    feed_.run()
    for one in world.xero.records("Invoices"):
        world.xero.edit("Invoices", one["InvoiceID"], status="AUTHORISED")
    if state == "paid":
        pay(world, None)
    world.api_calls()
    feed_.rows(rows[0] | {"DueDate": "2026-11-30"}, rows[1])
    report = feed_.run()
    (rejected,) = world.rows(report, "rejected")
    assert (rejected.key, rejected.code, rejected.field) == ("1", "record_locked", "Status")
    assert str(rejected.message).endswith(f"is {state} by now, and cannot be {wanted} again.")
    assert rejected.remedy == (
        "Set `only_on_create: true` for Status, or leave it out: what is new is a draft."
    )
    assert {method for method, _, _ in world.api_calls()} == {"GET"}
    feed_.mapped["Status"] = {"column": "status", "only_on_create": True}
    assert feed_.rows(rows[0] | {"DueDate": "2026-11-30"}, rows[1]).rejected() == {}
    due = {i["InvoiceNumber"]: i["DueDateString"][:10] for i in booked(world).values()}
    assert due["INV-1"] == "2026-11-30"


def test_a_submitted_document_may_become_a_draft_again(world: World) -> None:
    contacts(world)
    track(world)
    feed_ = documents(world).rows(row("1", "ACCREC", Status="SUBMITTED"))
    feed_.run()
    assert feed_.rows(row("1", "ACCREC", Status="DRAFT")).rejected() == {}
    assert booked(world)["INV-1"]["Status"] == "DRAFT"


def test_a_draft_is_not_sent_to_its_contact_and_that_is_no_difference(world: World) -> None:
    contacts(world)
    track(world)
    rows = [
        row("1", "ACCREC", SentToContact=True),
        row("2", "ACCREC", Status="AUTHORISED", SentToContact=True),
    ]
    feed_ = documents(world).rows(*rows)
    assert feed_.rejected() == {}
    sent = {number: invoice["SentToContact"] for number, invoice in booked(world).items()}
    assert sent == {"INV-1": False, "INV-2": True}
    (world.root / "syncs" / "feed.yaml").rename(world.root / "syncs" / "again.yaml")
    report = world.run("again", as_new=True)
    assert report.run.counts["rows_adopted"] == 2
    (world.root / "syncs" / "again.yaml").unlink()
    feed_ = documents(world).rows(rows[0] | {"Status": "AUTHORISED"}, rows[1])
    assert feed_.rejected() == {}
    assert booked(world)["INV-1"]["SentToContact"] is True


@pytest.mark.parametrize("editable", [True, False])
def test_what_comes_to_nothing_is_paid_without_a_payment(world: World, editable: bool) -> None:
    world.xero.options = replace(world.xero.options, zero_paid_editable=editable)
    contacts(world)
    track(world)
    rows = [row(str(n), "ACCREC", Status="AUTHORISED", price=Decimal(0)) for n in (1, 2)]
    feed_ = documents(world, on_removal="void").rows(*rows)
    feed_.run()
    assert {i["Status"] for i in booked(world).values()} == {"PAID"}
    feed_.rows(rows[0] | {"price": Decimal(50)})
    report = feed_.run()
    said = {item.key: (item.code, item.message) for item in world.rows(report, "rejected")}
    held = booked(world)["INV-2"]["InvoiceID"]
    void = (
        "record_locked",
        f"The invoice 'INV-2' ({held}) comes to nothing: Xero shows it as paid, and voids it no more.",
    )
    if editable:
        assert said == {"2": void}
        assert booked(world)["INV-1"]["Status"] == "AUTHORISED"
        assert booked(world)["INV-1"]["SubTotal"] == Decimal(50)
    else:
        refused = ("remote_rejected", "Invoice not of valid status for modification")
        assert said == {"1": refused, "2": void}


def test_a_paid_line_whose_answer_is_lost_is_known_to_be_changed(world: World) -> None:
    contacts(world)
    track(world)
    feed_ = documents(world).rows(row("1", "ACCREC", Status="AUTHORISED"))
    feed_.run()
    pay(world, None)
    fault = Fault(kind=FaultKind.CUT, method="POST", when="after", path="*/Invoices", remember="nothing")
    world.xero.faults.add(fault)
    assert feed_.rows(row("1", "ACCREC", Status="AUTHORISED", what="New")).rejected() == {}
    assert booked(world)["INV-1"]["LineItems"][0]["Description"] == "New"
    world.api_calls()
    assert feed_.run().run.counts["calls"] == 0
