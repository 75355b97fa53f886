"""Guards: a plan beyond them is parked, and goes into the books only when a person has approved it."""

from __future__ import annotations

import re
from contextlib import closing
from decimal import Decimal
from typing import Any

from bookward.store.runs import Run, RunState
from tests.integration.feeds import Feed
from tests.integration.test_payments import booked, invoices, payment
from tests.integration.test_payments import feed as payments
from tests.integration.world import World


def guarded(world: World, **guards: Any) -> Feed:
    return Feed(world, "contacts", "ContactNumber", on_removal="archive", guards=guards)


def contact(number: int, **more: Any) -> dict[str, Any]:
    return {"id": str(number), "ContactNumber": f"N-{number}", "Name": f"Name {number}"} | more


def parked(run: Run) -> str:
    """Return the id of the plan that a run has left for approval."""
    assert (run.state, run.error_code) == (RunState.PARKED, "guard_tripped")
    found = re.search("--approve ([0-9a-f-]+)", str(run.error_remedy))
    assert found
    return found[1]


def test_a_plan_beyond_a_guard_is_parked_and_executed_once_approved(world: World) -> None:
    feed = guarded(world, max_changes=2).rows(*map(contact, range(3)))
    world.api_calls()
    run = feed.run().run
    assert "It changes 3 records, and max_changes is 2." in str(run.error_message)
    assert world.xero.contacts() == []
    plan = parked(run)
    assert feed.run(plan=plan).run.state is RunState.PARKED
    approved = feed.run(plan=plan, approved=True).run
    assert (approved.state, approved.counts["rows_accepted"]) == (RunState.DONE, 3)
    assert feed.run().run.state is RunState.DONE


def test_approval_is_of_the_plan_and_not_of_what_came_after(world: World) -> None:
    feed = guarded(world, max_changes=2).rows(*map(contact, range(3)))
    plan = parked(feed.run().run)
    feed.rows(*map(contact, range(5)))
    assert feed.run(plan=plan, approved=True).run.counts["rows_accepted"] == 3
    assert len(world.xero.contacts()) == 3
    stale = feed.run(plan=plan, approved=True).run
    assert (stale.state, stale.error_code) == (RunState.FAILED, "plan_stale")


def test_removals_beyond_a_share_are_parked(world: World) -> None:
    feed = guarded(world, max_removals="20%").rows(*map(contact, range(10)))
    assert feed.run().run.state is RunState.DONE
    feed.rows(*map(contact, range(8)))
    assert feed.run().run.state is RunState.DONE
    feed.rows(*map(contact, range(6)))
    run = feed.run().run
    assert run.state is RunState.PARKED
    assert "It removes 2 records of 8 rows synced so far, and max_removals is 20%." in str(run.error_message)
    assert len([c for c in world.xero.contacts() if c["ContactStatus"] == "ACTIVE"]) == 8


def test_money_beyond_the_limit_is_parked(world: World) -> None:
    invoices(world, 100, 100)
    feed = payments(world, guards={"max_amount": 50}).rows(payment("1", amount="30.00"))
    assert feed.run().run.state is RunState.DONE
    feed.rows(payment("1", amount="30.00"), payment("2", 2, "25.50"), payment("3", 2, "24.51"))
    run = feed.run().run
    assert run.state is RunState.PARKED
    assert "It moves 50.01 NZD, and max_amount is 50.00." in str(run.error_message)
    assert list(booked(world)) == ["PAY-1"]
    with closing(world.app()) as app:
        assert app.open_plan(parked(run), "feed").header.money["NZD"].net == Decimal("50.01")


def test_documents_are_added_up_by_currency_with_their_discounts(world: World) -> None:
    world.xero.add("Contacts", [{"Name": "Ann", "EmailAddress": "ann@example.com"}])
    feed = Feed(
        world,
        "invoices",
        "InvoiceNumber",
        look_up={"Contact": {"by": "EmailAddress", "column": "email"}},
    )
    line = {"Description": {"value": "Work"}, "Quantity": "quantity", "UnitAmount": "price"}
    feed.mapped = {"LineItems": [line | {"DiscountRate": {"value": 10}}]}
    feed.constants = {"Type": "ACCREC"}
    row = {"email": "ann@example.com", "quantity": 2, "price": Decimal("9.99")}
    feed.rows(*(row | {"id": n, "InvoiceNumber": n} for n in "12"))
    assert world.plan("feed").header.money["NZD"].net == Decimal("35.96")


def test_a_column_of_another_sort_is_parked_until_somebody_looked(world: World) -> None:
    feed = guarded(world).rows(contact(1, AccountNumber="7"))
    feed.run()
    feed.rows(contact(1, AccountNumber=7))
    assert feed.run().run.state is RunState.DONE  # nothing has to be sent
    feed.rows(contact(1, AccountNumber=9))
    run = feed.run().run
    assert "Column 'accountnumber' held text and holds numbers now." in str(run.error_message)
    assert feed.run(plan=parked(run), approved=True).run.state is RunState.DONE
    assert feed.run().run.state is RunState.DONE
    feed.rows(contact(1, AccountNumber=8))
    assert feed.run().run.counts["rows_accepted"] == 1
