"""`on_change: replace`: the record that the sync has inserted goes, and another takes its place."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.local_xero.exchanges import Exchange
from tests.integration.feeds import Feed
from tests.integration.kinds import KINDS
from tests.integration.test_closed_periods import lock
from tests.integration.test_invoices import NUMBER, contacts, invoice, row
from tests.integration.test_invoices import feed as document_feed
from tests.integration.test_payments import due, invoices, payment
from tests.integration.world import World


def payments(world: World, **settings: str) -> Feed:
    return Feed(world, "payments", "Reference", mode="insert", on_change="replace", **settings)


def standing(world: World) -> list[tuple[str, str, Decimal]]:
    """Return reference, status and amount of all payments, in the order in which they were made."""
    return [(p["Reference"], p["Status"], p["Amount"]) for p in world.xero.records("Payments")]


def live(world: World) -> dict[str, Decimal]:
    """Return the amounts of the payments that count, by reference; each is there once."""
    found = [(ref, amount) for ref, status, amount in standing(world) if status == "AUTHORISED"]
    assert len(dict(found)) == len(found)
    return dict(found)


def sent(exchanges: list[Exchange]) -> list[str]:
    return [e.method for e in exchanges if e.method != "GET"]


def test_a_changed_payment_is_deleted_and_another_one_made(world: World, exchanges: list[Exchange]) -> None:
    invoices(world, 100)
    feed = payments(world).rows(payment("1"), payment("2", amount="20"), payment("3"))
    feed.run()
    # 85 is more than is due before the old ones are gone.
    feed.rows(payment("1", amount="85"), payment("2", amount="1"), payment("3"), payment("4", amount="2"))
    assert feed.kinds() == {"replace": 2, "insert": 1}
    plan = world.plan("feed")
    (first, *_) = [o for part in plan.operations() for o in part]
    assert (first.before, first.payload["Amount"]) == ({"Amount": Decimal("10.00")}, Decimal(85))
    assert plan.header.forecast["calls"] == 3
    moved = plan.header.money["NZD"]
    assert (moved.before, moved.after, moved.up, moved.down) == (30, 88, 77, 19)
    exchanges.clear()
    report = feed.run()
    assert report.run.counts["rows_accepted"] == 3
    assert sent(exchanges) == ["POST", "POST", "PUT"]
    assert live(world) == {"PAY-1": 85, "PAY-2": 1, "PAY-3": 10, "PAY-4": 2}
    assert due(world)["INV-1"] == ("AUTHORISED", Decimal(2))
    again = feed.run().run.counts
    assert (again["calls"], again.get("rows_accepted")) == (0, None)


def test_what_was_replaced_is_replaced_again_and_removed(world: World) -> None:
    invoices(world, 100)
    feed = payments(world, on_removal="delete")
    for amount in ("10", "20", "30"):
        assert feed.rows(payment("1", amount=amount)).rejected() == {}
        assert live(world) == {"PAY-1": Decimal(amount)}
    assert feed.rows(payment("1", amount="30", Reference="ANOTHER")).rejected() == {}
    assert live(world) == {"ANOTHER": 30}
    assert feed.rows(payment("2")).rejected() == {}
    assert live(world) == {"PAY-2": 10}
    assert feed.run().run.counts["calls"] == 0


def test_what_was_in_xero_before_is_not_replaced(world: World) -> None:
    invoices(world, 100)
    made = {"Invoice": {"InvoiceNumber": "INV-1"}, "Account": {"Code": "090"}, "Date": "2026-10-10"}
    world.xero.add("Payments", [made | {"Amount": 10, "Reference": f"PAY-{n}"} for n in (1, 2)])
    feed = payments(world).rows(payment("1"), payment("2", amount="11"))
    assert feed.rejected() == {"2": ("change_refused", None)}
    feed.rows(payment("1", amount="12"), payment("2"))
    for _ in range(2):  # also after the row was rejected once
        assert feed.rejected() == {"1": ("change_refused", None)}
    assert live(world) == {"PAY-1": 10, "PAY-2": 10}


def test_a_change_back_and_a_change_that_says_nothing_else_replace_nothing(world: World) -> None:
    invoices(world, 100)
    feed = payments(world).rows(payment("1", note="a"))
    feed.run()
    feed.rows(payment("1", amount="10.000", note="b"))
    assert feed.run().run.counts["calls"] == 0
    assert standing(world) == [("PAY-1", "AUTHORISED", Decimal(10))]


def test_a_payment_that_xero_does_not_delete_stays(world: World) -> None:
    invoices(world, 100)
    feed = payments(world).rows(payment("1", IsReconciled=True), payment("2"))
    feed.run()
    feed.rows(payment("1", amount="11", IsReconciled=True), payment("2", amount="11"))
    report = feed.run()
    (row,) = world.rows(report, "rejected")
    assert (row.key, row.code, row.message) == (
        "1",
        "remote_rejected",
        "This payment has been reconciled and cannot be deleted",
    )
    assert live(world) == {"PAY-1": 10, "PAY-2": 11}
    feed.rows(payment("1", IsReconciled=True), payment("2", amount="11"))
    assert feed.run().run.counts["calls"] == 0


def test_a_new_payment_that_is_refused_leaves_no_trace_of_the_old_one(world: World) -> None:
    invoices(world, 100)
    feed = payments(world).rows(payment("1"), payment("2"))
    feed.run()
    report = feed.rows(payment("1", amount="95"), payment("2")).run()
    (row,) = world.rows(report, "rejected")
    assert (row.key, row.code, row.remote_id) == ("1", "record_removed", None)
    assert row.message == (
        "The old payment is gone, and Xero refused the new one: "
        "Payment amount exceeds the amount outstanding on this document"
    )
    assert live(world) == {"PAY-2": 10}
    # The very row that was accepted once is new now.
    assert feed.rows(payment("1"), payment("2")).kinds() == {"insert": 1}
    assert feed.rejected() == {}
    assert live(world) == {"PAY-1": 10, "PAY-2": 10}
    assert feed.run().run.counts["calls"] == 0


def test_a_refused_row_that_leaves_the_model_is_forgotten(world: World) -> None:
    invoices(world, 100)
    feed = payments(world, on_removal="delete").rows(payment("1"), payment("2"))
    feed.run()
    feed.rows(payment("1", amount="95"), payment("2")).run()
    assert feed.rows(payment("2")).run().run.counts["calls"] == 0
    assert live(world) == {"PAY-2": 10}
    assert feed.rows(payment("1"), payment("2")).rejected() == {}
    assert live(world) == {"PAY-1": 10, "PAY-2": 10}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": "0"}, ("field_invalid", "Amount")),
        ({"Account.Code": "NOPE"}, ("look_up_failed", "Account.Code")),
        ({"Reference": "PAY-2"}, ("match_taken", "Reference")),
        ({"Date": "2026-01-10"}, ("period_locked", "Date")),
    ],
)
def test_what_is_known_to_be_refused_is_rejected_before_anything_is_touched(
    world: World, change: dict[str, Any], reason: tuple[str, str]
) -> None:
    lock(world, period=date(2026, 6, 30))
    world.connect()
    invoices(world, 100)
    feed = payments(world).rows(payment("1"), payment("2"))
    feed.run()
    feed.rows(payment("1", **change), payment("2"))
    assert feed.rejected() == {"1": reason}
    assert live(world) == {"PAY-1": 10, "PAY-2": 10}


def test_a_record_that_somebody_removed_is_inserted_again_when_its_row_changes(world: World) -> None:
    invoices(world, 100)
    feed = payments(world).rows(payment("1"))
    feed.run()
    (made,) = world.xero.records("Payments")
    world.xero.edit("Payments", made["PaymentID"], status="DELETED")
    assert feed.rows(payment("1", amount="12")).kinds() == {"insert": 1}
    assert feed.rejected() == {}
    assert live(world) == {"PAY-1": 12}
    assert feed.run().run.counts["calls"] == 0


def problems(world: World) -> list[tuple[str, str]]:
    with closing(world.app()) as app:
        return [(problem.field, problem.message) for problem in app.check().problems]


def documents(world: World, object_: str = "invoices", match: str = "", **settings: Any) -> Feed:
    return document_feed(world, object_, match, mode="insert", on_change="replace", **settings)


def ended(world: World, kind: str = "Invoices") -> list[tuple[str, Decimal]]:
    """Return status and total of all documents."""
    return sorted((str(d["Status"]), d["SubTotal"]) for d in world.xero.records(kind))


@pytest.mark.parametrize(
    ("object_", "type_", "kind"),
    [
        ("invoices", "ACCREC", "Invoices"),
        ("invoices", "ACCPAY", "Invoices"),
        ("credit-notes", "ACCRECCREDIT", "CreditNotes"),
        ("credit-notes", "ACCPAYCREDIT", "CreditNotes"),
    ],
)
@pytest.mark.parametrize(("status", "end"), [("AUTHORISED", "VOIDED"), ("DRAFT", "DELETED")])
def test_a_changed_document_is_voided_or_deleted_and_another_one_made(
    world: World, object_: str, type_: str, kind: str, status: str, end: str, exchanges: list[Exchange]
) -> None:
    contacts(world)
    given: dict[str, Any] = {"Type": type_, "Status": status, "quantity": Decimal(1), "freight": Decimal(0)}
    feed = documents(world, object_).rows(
        *(row(key, object_, **given | {"price": Decimal(100)}) for key in "123")
    )
    feed.run()
    sales = type_.startswith("ACCREC")
    more = {NUMBER[object_]: "INV-1B"} if sales else {}
    second = [
        row("1", object_, **given | {"price": Decimal(150)} | more),
        row("2", object_, **given | {"price": Decimal(160)}),
        row("3", object_, **given | {"price": Decimal(100)}),
    ]
    exchanges.clear()
    rejected = {"2": ("record_locked", NUMBER[object_])} if sales else {}
    assert feed.rows(*second).rejected() == rejected
    assert sent(exchanges) == ["POST", "PUT"]
    standing = [(end, 100), (status, 150), (status, 100)]
    standing += [(status, 100)] if sales else [(end, 100), (status, 160)]
    assert ended(world, kind) == sorted(standing)
    exchanges.clear()
    feed.run()
    assert sent(exchanges) == []
    assert (exchanges == []) is not sales  # a rejected row is looked at again


def test_numbers_that_xero_gives_need_no_thought(world: World) -> None:
    contacts(world)
    feed = documents(world, match="Reference")

    def unnumbered(price: int) -> dict[str, Any]:
        money = {"quantity": Decimal(1), "price": Decimal(price), "freight": Decimal(0)}
        made = invoice("1", Status="AUTHORISED", Reference="ORDER-1", **money)
        del made["InvoiceNumber"]
        return made

    feed.rows(unnumbered(100)).run()
    for price in (110, 120):
        assert feed.rows(unnumbered(price)).rejected() == {}
    assert ended(world) == [("AUTHORISED", 120), ("VOIDED", 100), ("VOIDED", 110)]
    assert feed.run().run.counts["calls"] == 0


def test_a_number_that_another_dead_invoice_holds_is_refused_first(world: World) -> None:
    contacts(world)
    feed = documents(world).rows(invoice("1", Status="AUTHORISED"))
    feed.run()
    assert feed.rows(invoice("1", Status="AUTHORISED", InvoiceNumber="B")).rejected() == {}
    before = ended(world)
    feed.rows(invoice("1", Status="AUTHORISED"))
    assert feed.rejected() == {"1": ("record_archived", "InvoiceNumber")}
    assert ended(world) == before


def test_a_paid_invoice_stays_and_so_does_one_that_names_a_contact_that_is_not_there(world: World) -> None:
    contacts(world)
    feed = documents(world).rows(invoice("1", Status="AUTHORISED"), invoice("2", Status="AUTHORISED"))
    feed.run()
    paid = {"Invoice": {"InvoiceNumber": "INV-1"}, "Account": {"Code": "090"}, "Amount": 1}
    world.xero.add("Payments", [paid])
    before = ended(world)
    feed.rows(
        invoice("1", Status="AUTHORISED", InvoiceNumber="NEW-1", price=Decimal(1)),
        invoice("2", Status="AUTHORISED", InvoiceNumber="NEW-2", customer="nobody@example.com"),
    )
    assert feed.rejected() == {"1": ("record_locked", None), "2": ("look_up_failed", "Contact")}
    assert ended(world) == before


@pytest.mark.parametrize("object_", ["accounts", "contacts", "items"])
def test_what_cannot_be_replaced_is_refused_by_check(world: World, object_: str) -> None:
    kind = KINDS[object_]
    kind.feed(world, mode="insert", on_change="replace").rows(kind.row_of(1))
    said = f"{object_} are not replaced: Xero has no removal that leaves room for another one."
    assert problems(world) == [("on_change", said)]


@pytest.mark.parametrize(
    ("mode", "match", "field"),
    [("upsert", "InvoiceNumber", "on_change"), ("insert", "InvoiceID", "match.InvoiceID")],
)
def test_replacing_needs_inserts_and_a_match_that_outlives_the_record(
    world: World, mode: str, match: str, field: str
) -> None:
    contacts(world)
    feed = documents(world, match=match) if mode == "insert" else documents(world)
    feed.settings["mode"] = mode
    feed.rows(invoice("1"))
    assert [where for where, _ in problems(world)] == [field]


def test_what_changed_since_the_plan_is_not_replaced(world: World) -> None:
    invoices(world, 100)
    feed = payments(world).rows(payment("1"), payment("2"))
    feed.run()
    feed.rows(payment("1", amount="11"), payment("2", amount="12"))
    plan = world.plan("feed").header.id
    (one,) = [p for p in world.xero.records("Payments") if p["Reference"] == "PAY-1"]
    world.xero.edit("Payments", one["PaymentID"], status="DELETED")
    report = feed.run(plan=plan)
    assert [(r.key, r.code) for r in world.rows(report, "rejected")] == [("1", "record_moved")]
    assert live(world) == {"PAY-2": 12}


def test_a_record_that_another_sync_has_too_is_not_replaced(world: World) -> None:
    invoices(world, 100)
    feed = payments(world).rows(payment("1"))
    feed.run()
    spec = (world.root / "syncs" / "feed.yaml").read_text()
    world.write("syncs/other.yaml", spec)
    assert world.run("other").run.counts["rows_adopted"] == 1
    assert feed.rows(payment("1", amount="11")).rejected() == {"1": ("change_refused", None)}
    assert live(world) == {"PAY-1": 10}
