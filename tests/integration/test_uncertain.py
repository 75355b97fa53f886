"""Rows of which nobody but a person can say whether they were booked: shown, counted, never sent again."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from bookward.demo.xero.faults import Fault, FaultKind
from bookward.run import RunReport
from bookward.store.rowstates import SyncRow
from bookward.store.runs import RunState
from tests.integration.feeds import Feed
from tests.integration.kinds import KINDS
from tests.integration.test_payments import booked, invoices, payment
from tests.integration.test_payments import feed as payments
from tests.integration.world import World, moving


def cut_off(world: World, feed: Feed, plural: str = "Payments", *, reads: int = 1) -> None:
    """Run a sync whose records are booked while every answer is lost, and nothing can be read back.

    Args:
        reads: so many times the plan reads them.
    """
    path = f"*/{plural}"
    world.xero.faults.add(
        Fault(kind=FaultKind.CUT, method="PUT", path=path, when="after", times=None),
        Fault(kind=FaultKind.CUT, method="GET", path=path, times=None, skip=reads),
    )
    assert feed.run().run.state is RunState.PAUSED
    world.xero.faults.clear()
    moving(world.clock).jump(minutes=10)  # the key is dead


def paid_by_hand(world: World, reference: str = "PAY-1", amount: str = "10.00") -> str:
    """Put a payment into the books by hand and return its id."""
    element = {
        "Reference": reference,
        "Invoice": {"InvoiceNumber": "INV-1"},
        "Account": {"Code": "090"},
        "Date": "2026-10-11",
        "Amount": Decimal(amount),
    }
    (made,) = world.xero.add("Payments", [element])
    assert not made.get("ValidationErrors"), made
    return str(made["PaymentID"])


def ids_of(world: World, plural: str = "Payments") -> dict[str, str]:
    """Return the amount or status of each live record by its id."""
    return {r["PaymentID"]: str(r["Amount"]) for r in world.xero.records(plural) if r["Status"] != "DELETED"}


def state(world: World, key: str = "1") -> SyncRow:
    with closing(world.app()) as app:
        (row,) = [row for row in app.sync_rows("feed") if row.key == key]
    return row


def in_doubt(world: World, amount: str = "10.00") -> tuple[Feed, str, str]:
    """Make row 1 uncertain; return its sync, the id of its record, and that of the one made by hand."""
    invoices(world, 100)
    feed = payments(world).rows(payment("1"))
    cut_off(world, feed)
    (own,) = ids_of(world)
    other = paid_by_hand(world, amount=amount)
    report = feed.run()
    assert report.recovered[0].counts["rows_uncertain"] == 1
    return feed, own, other


@pytest.mark.parametrize("amount", ["10.00", "7.50"])
def test_a_payment_that_may_be_one_of_two_is_uncertain_and_both_are_named(world: World, amount: str) -> None:
    _, own, other = in_doubt(world, amount)
    row = state(world)
    assert (row.state, row.remote_id, row.code) == ("uncertain", None, "booking_uncertain")
    assert f"the payment 'PAY-1' ({own}) of 2026-10-10 over 10.00" in str(row.message)
    assert f"the payment 'PAY-1' ({other}) of 2026-10-11 over {amount}" in str(row.message)
    assert "bookward settle" in str(row.remedy)
    with closing(world.app()) as app:
        assert [row.key for row in app.sync_rows("feed", states=["uncertain"])] == ["1"]


@pytest.mark.parametrize("options", [{}, {"full": True}])
def test_an_uncertain_row_is_never_sent_again_by_itself(world: World, options: dict[str, Any]) -> None:
    feed, *_ = in_doubt(world)
    before = ids_of(world)
    feed.rows(payment("1", amount="11.00"), payment("2"))
    plan = world.plan("feed", **options)
    assert plan.header.operations == {"uncertain": 1, "insert": 1}
    report = feed.run(**options)
    assert (report.run.counts["rows_uncertain"], report.run.counts["rows_accepted"]) == (1, 1)
    with closing(world.app()) as app:
        assert app.retry("feed") == []
    assert feed.run().run.counts["rows_uncertain"] == 1
    assert ids_of(world).items() > before.items()
    assert len(ids_of(world)) == 3
    assert state(world).state == "uncertain"


def test_an_uncertain_row_that_left_the_model_stays_uncertain(world: World) -> None:
    feed, *_ = in_doubt(world)
    feed.settings["on_removal"] = "delete"
    feed.rows(payment("2")).run()
    assert state(world).state == "uncertain"
    assert len(ids_of(world)) == 3


def test_a_reset_does_not_take_an_uncertain_row_for_synced(world: World) -> None:
    in_doubt(world)
    plan = world.plan("feed", assume=True)
    assert plan.header.operations == {"uncertain": 1}
    world.run("feed", plan=plan.header.id)
    assert state(world).state == "uncertain"


def test_one_record_that_says_something_else_is_rejected_not_uncertain(world: World) -> None:
    """What the sync matches by leads to that record, so the row is not sent again anyway."""
    invoices(world, 100)
    feed = payments(world).rows(payment("1"))
    cut_off(world, feed)
    (own,) = ids_of(world)
    world.xero.edit("Payments", own, status="DELETED")
    paid_by_hand(world, amount="7.50")
    assert feed.run().run.counts["rows_rejected"] == 1
    assert state(world).code == "change_refused"


def bills(world: World, match: str) -> Feed:
    KINDS["bills"].prepare(world)
    feed = KINDS["bills"].feed(world, match)
    feed.ids = {"no row": "no id"} if match == "InvoiceID" else {}
    return feed


def test_a_bill_booked_twice_under_one_number_is_uncertain(world: World) -> None:
    feed = bills(world, "InvoiceNumber").rows(*KINDS["bills"].rows(1))
    cut_off(world, feed, "Invoices")
    world.xero.add("Invoices", [KINDS["bills"].element(1, Type="ACCPAY")])
    assert feed.run().recovered[0].counts["rows_uncertain"] == 1
    message = str(state(world).message)
    assert "the bill 'I-1' from 'Ann'" in message
    assert "over 24.15 NZD" in message


def test_a_bill_that_the_match_does_not_find_is_uncertain_when_one_says_something_else(world: World) -> None:
    feed = bills(world, "InvoiceID").rows(*KINDS["bills"].rows(1))
    cut_off(world, feed, "Invoices", reads=0)
    (bill,) = KINDS["bills"].made(world)
    world.xero.edit("Invoices", bill["InvoiceID"], DueDate="2026-12-24")
    assert feed.run().recovered[0].counts["rows_uncertain"] == 1
    assert "it may be this row's, or it may not" in str(state(world).message)
    assert len(KINDS["bills"].made(world)) == 1


def test_two_rows_that_one_record_may_be_of_are_uncertain(world: World) -> None:
    feed = bills(world, "InvoiceID")
    feed.rows(*KINDS["bills"].rows(1), KINDS["bills"].row_of(1) | {"id": "2"})
    cut_off(world, feed, "Invoices", reads=0)
    first, _ = KINDS["bills"].made(world)
    world.xero.edit("Invoices", first["InvoiceID"], status="DELETED")
    assert feed.run().recovered[0].counts["rows_uncertain"] == 2
    assert [state(world, key).remote_id for key in "12"] == [None, None]


def test_what_the_answer_or_the_key_settles_is_not_uncertain(world: World) -> None:
    invoices(world, 100)
    feed = payments(world).rows(payment("1"))
    fault = Fault(kind=FaultKind.CUT, method="PUT", path="*/Payments", when="after")
    world.xero.faults.add(fault)
    report: RunReport = feed.run()
    assert report.run.counts["rows_accepted"] == 1
    assert booked(world) == {"PAY-1": ("AUTHORISED", Decimal("10.00"))}
