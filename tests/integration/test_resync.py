"""Resyncs: every row looked at again, or taken for synced; nothing is ever made twice."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from typing import Any

from bookward.store.runs import RunState
from tests.integration.test_payments import booked, invoices, payment
from tests.integration.test_payments import feed as payments
from tests.integration.world import World


def named(world: World) -> dict[str, Any]:
    """Return the active contacts by name."""
    return {contact["Name"]: contact for contact in world.contacts().values()}


def states(world: World, sync: str = "customers") -> dict[str, int]:
    with closing(world.app()) as app:
        return dict(app.row_counts(sync))


def test_a_full_run_of_what_is_as_it_should_be_adopts_everything_and_writes_nothing(world: World) -> None:
    world.many(30)
    world.run()
    world.api_calls()
    run = world.run(full=True).run
    assert (run.state, run.counts["rows_adopted"], run.counts["changes_resynced"]) == (RunState.DONE, 30, 30)
    assert {method for method, _, _ in world.api_calls()} == {"GET"}
    assert states(world) == {"adopted": 30}
    assert world.run().run.counts["calls"] == 0


def test_a_full_run_puts_right_what_somebody_changed_in_the_books(world: World) -> None:
    world.customers((1, "Ann", "ann@example.com"), (2, "Bob"))
    world.run()
    world.xero.edit_contact(named(world)["Ann"]["ContactID"], EmailAddress="typo@example.com")
    assert world.run().run.counts["calls"] == 0
    plan = world.plan(full=True)
    assert plan.header.operations == {"update": 1, "adopt": 1}
    (changed,) = [o for part in plan.operations() for o in part if o.kind == "update"]
    assert changed.before == {"EmailAddress": "typo@example.com"}
    assert world.run(full=True).run.counts["rows_accepted"] == 1
    assert named(world)["Ann"]["EmailAddress"] == "ann@example.com"


def test_a_full_run_sees_rows_that_are_new_changed_removed_and_parked(world: World) -> None:
    world.customers((1, "Ann"), (2, "Bob"), (3, "Cyd"))
    world.run()
    world.warehouse.execute("DELETE FROM customers WHERE id = 3")
    world.warehouse.execute("UPDATE customers SET name = 'Rob' WHERE id = 2")
    world.customers((4, "Dan"))
    assert world.plan(full=True).header.operations == {"insert": 1, "update": 1, "archive": 1, "adopt": 1}
    assert world.run(full=True).run.state is RunState.DONE
    assert sorted(named(world)) == ["Ann", "Dan", "Rob"]
    assert world.plan().header.operations == {}


def test_a_full_run_of_payments_books_none_twice(world: World) -> None:
    invoices(world, 10, 20)
    feed = payments(world).rows(payment("1", 1), payment("2", 2, "5.00"))
    feed.run()
    run = feed.run(full=True).run
    assert (run.state, run.counts["rows_adopted"]) == (RunState.DONE, 2)
    assert booked(world) == {
        "PAY-1": ("AUTHORISED", Decimal("10.00")),
        "PAY-2": ("AUTHORISED", Decimal("5.00")),
    }


def test_a_full_run_does_not_take_a_record_deleted_by_hand_for_synced(world: World) -> None:
    invoices(world, 10)
    feed = payments(world).rows(payment("1"))
    feed.run()
    world.xero.edit("Payments", world.xero.records("Payments")[0]["PaymentID"], status="DELETED")
    assert feed.kinds() == {}
    assert feed.run(full=True).run.counts["rows_rejected"] == 1


def test_reset_takes_rows_for_synced_and_sends_nothing(world: World) -> None:
    world.customers((1, "Ann"), (2, "Bob"))
    world.run()
    world.warehouse.execute("UPDATE customers SET name = 'Anna' WHERE id = 1")
    world.warehouse.execute("DELETE FROM customers WHERE id = 2")
    world.customers((3, "Cyd"))
    world.api_calls()
    plan = world.plan(assume=True)
    assert plan.header.operations == {"assume": 2, "keep": 1}
    run = world.run(plan=plan.header.id, confirmed=True).run
    assert (run.state, run.counts["rows_assumed"], run.counts["calls"]) == (RunState.DONE, 2, 0)
    assert world.api_calls() == []
    assert states(world) == {"assumed": 2, "removed": 1}
    assert world.plan().header.operations == {}
    assert sorted(named(world)) == ["Ann", "Bob"]


def test_an_assumed_row_that_changes_finds_its_record_or_makes_it(world: World) -> None:
    world.xero.add_contacts([{"Name": "Ann", "ContactNumber": "1"}])
    world.customers((1, "Ann"), (2, "Bob"))
    world.run(plan=world.plan(assume=True).header.id, confirmed=True)
    world.warehouse.execute("UPDATE customers SET email = name || '@example.com'")
    assert world.run().run.counts["rows_accepted"] == 2
    assert {n: c["EmailAddress"] for n, c in named(world).items()} == {
        "Ann": "Ann@example.com",
        "Bob": "Bob@example.com",
    }
    assert states(world) == {"accepted": 2}


def test_an_assumed_row_stays_assumed_while_it_says_the_same_whatever_the_mapping(world: World) -> None:
    invoices(world, 30)
    entered = {"Date": "2026-10-10", "Amount": Decimal(10), "Reference": "BY HAND"}
    paid = {"Invoice": {"InvoiceNumber": "INV-1"}, "Account": {"Code": "090"}}
    world.xero.add("Payments", [entered | paid])
    feed = payments(world).rows(payment("1"))
    feed.run(plan=world.plan("feed", assume=True).header.id, approved=True)
    feed.rows(payment("1", rate=Decimal(1)))
    world.warehouse.execute("UPDATE feed SET rate = NULL")
    world.edit("syncs/feed.yaml", '"fields": {', '"fields": {"CurrencyRate": "rate", ')
    world.api_calls()
    report = feed.run()
    assert (report.run.counts["changes_remapped"], report.run.counts["rows_unchanged"]) == (1, 1)
    assert {method for method, _, _ in world.api_calls()} == {"GET"}
    assert states(world, "feed") == {"assumed": 1}
    assert list(booked(world)) == ["BY HAND"]
    assert feed.kinds() == {}
    feed.rows(payment("1", 1, "11.00"))
    assert feed.kinds() == {"insert": 1}
