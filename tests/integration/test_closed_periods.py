"""Lock dates: what is dated in a closed period is held back, and no row for a lock that is lifted."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest

from bookward.store.runs import RunRow
from tests.integration.feeds import Feed
from tests.integration.test_invoices import booked, contacts, feed, row
from tests.integration.test_payments import booked as paid
from tests.integration.test_payments import feed as payment_feed
from tests.integration.test_payments import invoices, payment
from tests.integration.world import World, moving

ORGANISATION = ("GET", "/api.xro/2.0/Organisation", 200)


def lock(world: World, period: date | None = None, year: date | None = None) -> None:
    """Close the books up to a day."""
    (company, *others) = world.xero.options.companies
    locked = replace(company, period_lock_date=period, year_lock_date=year)
    world.xero.options = replace(world.xero.options, companies=(locked, *others))


def asked(world: World) -> int:
    """Return how often Xero was asked for the organisation since the last time."""
    return world.api_calls().count(ORGANISATION)


def rejected(world: World, rows: Feed) -> list[RunRow]:
    return world.rows(rows.run(), "rejected")


def test_signing_in_reads_the_organisation_once_and_the_first_run_needs_no_more(world: World) -> None:
    invoices(world, 100)
    world.connect()
    assert asked(world) == 1
    rows = payment_feed(world).rows(payment("1"))
    rows.run()
    assert asked(world) == 0
    moving(world.clock).jump(days=1)
    rows.run()
    assert world.api_calls() == []
    rows.rows(payment("1"), payment("2")).run()
    assert asked(world) == 1


@pytest.mark.parametrize("object_", ["invoices", "credit-notes"])
def test_what_is_dated_up_to_the_lock_date_is_rejected_before_a_call_is_spent(
    world: World, object_: str
) -> None:
    contacts(world)
    lock(world, period=date(2026, 9, 30))
    world.connect()
    rows = feed(world, object_).rows(
        row("1", object_, Date="2026-09-30"), row("2", object_, Date="2026-10-01")
    )
    (held,) = rejected(world, rows)
    noun = object_.removesuffix("s").replace("-", " ")
    assert (held.key, held.code, held.field) == ("1", "period_locked", "Date")
    assert held.message == (
        f"The {noun} is dated 2026-09-30, and the books are closed up to 2026-09-30, their period lock date."
    )
    assert held.remedy == "Move the lock date in the destination, or filter the row out in the model."
    assert list(booked(world, object_)) == ["INV-2"]


def test_the_later_lock_date_counts(world: World) -> None:
    contacts(world)
    lock(world, period=date(2026, 8, 31), year=date(2026, 9, 30))
    world.connect()
    (held,) = rejected(world, feed(world).rows(row("1", "invoices", Date="2026-09-15")))
    assert held.message == (
        "The invoice is dated 2026-09-15, and the books are closed up to 2026-09-30, "
        "their end of year lock date."
    )


def test_records_in_a_closed_period_are_neither_changed_nor_voided_nor_moved_out_of_it(world: World) -> None:
    contacts(world)
    rows = feed(world, on_removal="void")
    made = [row(str(n), "invoices", Date="2026-09-15") for n in (1, 2, 3)] + [row("4", "invoices")]
    assert rows.rows(*made).rejected() == {}
    lock(world, period=date(2026, 9, 30))
    world.connect()
    world.api_calls()
    rows.rows(
        row("1", "invoices", Date="2026-09-15", what="More"),
        row("2", "invoices", Date="2026-10-15"),
        row("4", "invoices", Date="2026-09-29"),
    )
    assert rows.rejected() == dict.fromkeys(("1", "2", "3", "4"), ("period_locked", "Date"))
    assert [call for call in world.api_calls() if call[0] != "GET"] == []
    assert {document["Status"] for document in booked(world).values()} == {"DRAFT"}


def test_equal_records_in_a_closed_period_are_adopted(world: World) -> None:
    contacts(world)
    rows = feed(world).rows(row("1", "invoices", Date="2026-09-15"))
    rows.run()
    lock(world, period=date(2026, 9, 30))
    world.connect()
    (world.root / "syncs" / "feed.yaml").rename(world.root / "syncs" / "again.yaml")
    assert world.run("again", as_new=True).run.counts["rows_adopted"] == 1


def test_payments_in_a_closed_period_are_neither_made_nor_deleted(world: World) -> None:
    invoices(world, 100)
    rows = payment_feed(world, on_removal="delete").rows(payment("1", Date="2026-10-05"))
    assert rows.rejected() == {}
    lock(world, period=date(2026, 10, 9))
    world.connect()
    rows.rows(payment("2", Date="2026-10-09"), payment("3"))
    assert rows.rejected() == dict.fromkeys(("1", "2"), ("period_locked", "Date"))
    assert {key: status for key, (status, _) in paid(world).items()} == {
        "PAY-1": "AUTHORISED",
        "PAY-3": "AUTHORISED",
    }


def test_a_lock_that_was_lifted_rejects_no_row(world: World) -> None:
    contacts(world)
    lock(world, period=date(2026, 9, 30))
    world.connect()
    rows = feed(world).rows(row("1", "invoices", Date="2026-09-15"))
    world.api_calls()
    assert rows.rejected() == {"1": ("period_locked", "Date")}
    assert asked(world) == 1
    lock(world)
    assert rows.rejected() == {}
    assert asked(world) == 1
    assert list(booked(world)) == ["INV-1"]


def test_a_lock_that_xero_has_and_nobody_knew_of_is_learnt_from_its_refusal(world: World) -> None:
    contacts(world)
    lock(world, period=date(2026, 9, 30))
    rows = feed(world).rows(row("1", "invoices", Date="2026-09-15"))
    assert rows.rejected() == {"1": ("remote_rejected", None)}
    assert [call for call in world.api_calls() if call[0] != "GET"] != []
    assert rows.rejected() == {"1": ("period_locked", "Date")}
    calls = world.api_calls()
    assert calls.count(ORGANISATION) == 1
    assert [call for call in calls if call[0] != "GET"] == []


def test_testing_the_connection_renews_what_is_known(world: World) -> None:
    contacts(world)
    moving(world.clock).jump(days=2)
    with closing(world.app()) as app:
        assert app.check(connect=True).ok
    world.api_calls()
    assert feed(world).rows(row("1", "invoices")).rejected() == {}
    assert asked(world) == 0
