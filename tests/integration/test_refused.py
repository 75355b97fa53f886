"""Rows that Xero refuses: not sent again and again, tried later, parked, brought back."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bookward.destinations.xero.destination import XeroDestination
from bookward.errors import NameUnknown
from bookward.rowstate import WAITING_STATES
from tests.fakes import FakeClock
from tests.integration.feeds import Feed
from tests.integration.test_payments import booked, invoices, payment
from tests.integration.test_payments import feed as payments
from tests.integration.world import World


def states(world: World, sync: str = "feed") -> dict[str, tuple[str, int]]:
    """Return state and number of refusals by key."""
    with closing(world.app()) as app:
        return {row.key: (row.state.value, row.attempts) for row in app.sync_rows(sync)}


def contacts(world: World, *rows: dict[str, Any], **settings: Any) -> Feed:
    """Contacts with payment terms; Xero refuses a day that no month has, and nobody here knows before."""
    feed = Feed(world, "contacts", "ContactNumber", **settings)
    feed.mapped = {"PaymentTerms": {"Sales": {"Day": "day", "Type": {"value": "OFFOLLOWINGMONTH"}}}}
    return feed.rows(*rows)


def contact(key: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "ContactNumber": f"N-{key}", "Name": f"Name {key}", "day": 20} | more


BAD = {"day": 99}


def counts(world: World, feed: Feed) -> dict[str, int]:
    return {
        name: n for name, n in feed.run().run.counts.items() if name.startswith("rows_") or name == "calls"
    }


def test_what_is_refused_for_good_is_not_sent_again_until_the_row_changes(world: World) -> None:
    feed = contacts(world, contact("1", **BAD), contact("2"))
    assert feed.run().run.counts["rows_rejected"] == 1
    assert states(world) == {"1": ("parked", 1), "2": ("accepted", 0)}
    world.api_calls()
    assert counts(world, feed) == {"rows_read": 2, "rows_parked": 1, "calls": 0}
    assert world.api_calls() == []
    contacts(world, contact("1"), contact("2"))
    assert feed.run().run.counts["rows_accepted"] == 1
    assert states(world) == {"1": ("accepted", 0), "2": ("accepted", 0)}


def test_a_plan_says_why_a_parked_row_is_left_out(world: World) -> None:
    feed = contacts(world, contact("1", **BAD))
    feed.run()
    plan = world.plan("feed")
    assert plan.header.operations == {"park": 1}
    (operation,) = [o for part in plan.operations() for o in part]
    assert operation.rejection is not None
    assert operation.rejection.code == "remote_rejected"
    assert operation.rejection.message == "Day must be between 1 and 31 for the type OFFOLLOWINGMONTH."
    again = "It is sent again when the row or its mapping changed, or when `bookward retry` asks for it."
    assert operation.notes == (f"Refused once. {again}",)


def test_a_changed_mapping_sends_a_parked_row_again(world: World) -> None:
    feed = contacts(world, contact("1", **BAD))
    feed.run()
    world.edit("syncs/feed.yaml", '"Day": "day"', '"Day": {"value": 7}')
    assert world.run("feed").run.counts["rows_accepted"] == 1


def test_a_row_that_is_what_it_was_again_waits_no_longer(world: World) -> None:
    feed = contacts(world, contact("1"))
    feed.run()
    contacts(world, contact("1", **BAD))
    feed.run()
    assert states(world) == {"1": ("parked", 1)}
    contacts(world, contact("1"))
    assert counts(world, feed) == {"rows_read": 1, "calls": 0}
    assert states(world) == {"1": ("accepted", 0)}


def test_a_parked_row_that_leaves_the_model_is_forgotten(world: World) -> None:
    feed = contacts(world, contact("1", **BAD), contact("2"), on_removal="archive")
    feed.run()
    contacts(world, contact("2"), on_removal="archive")
    feed.run()
    assert states(world) == {"1": ("removed", 0), "2": ("accepted", 0)}
    assert world.plan("feed").header.operations == {}


@pytest.fixture
def returned(world: World) -> Feed:
    """Have a row that left its model, came back, and is refused for good."""
    feed = contacts(world, contact("1"), contact("2"))
    feed.run()
    contacts(world, contact("2"))
    feed.run()
    assert states(world) == {"1": ("removed", 0), "2": ("accepted", 0)}
    contacts(world, contact("1", **BAD), contact("2"))
    assert feed.run().run.counts["rows_rejected"] == 1
    return feed


def test_a_row_that_comes_back_and_is_refused_waits(world: World, returned: Feed) -> None:
    assert states(world) == {"1": ("parked", 1), "2": ("accepted", 0)}
    with closing(world.app()) as app:
        assert [row.key for row in app.sync_rows("feed", states=WAITING_STATES)] == ["1"]
        assert [row.key for row in app.sync_rows("feed", states=["removed"])] == []
        assert app.row_counts("feed") == {"parked": 1, "accepted": 1}
        assert app.listings.waiting_rows() == {"feed": {"parked": 1}}
        assert [tuple(one) for one in app._store.tallies.waiting()] == [("feed", "remote_rejected", 1, 1)]
        assert "rows wait: 1 parked" in str(app.doctor().connections)
        assert app.retry("feed", ["1"]) == ["1"]
        assert app.row_counts("feed") == {"rejected": 1, "accepted": 1}
    assert returned.run().run.counts["rows_rejected"] == 1
    assert states(world) == {"1": ("parked", 1), "2": ("accepted", 0)}


def test_a_row_that_came_back_and_was_refused_takes_up_its_record(world: World, returned: Feed) -> None:
    contacts(world, contact("1", ContactNumber="N-other", Name="Put right"), contact("2"))
    assert returned.kinds() == {"update": 1}
    assert returned.rejected() == {}
    assert {record["Name"] for record in world.xero.records("Contacts")} == {"Put right", "Name 2"}
    assert states(world) == {"1": ("accepted", 0), "2": ("accepted", 0)}


def test_a_row_that_came_back_and_leaves_again_waits_no_longer(world: World, returned: Feed) -> None:
    contacts(world, contact("2"))
    assert counts(world, returned) == {"rows_read": 1, "calls": 0}
    assert states(world) == {"1": ("removed", 0), "2": ("accepted", 0)}
    contacts(world, contact("1", ContactNumber="N-other", Name="Put right"), contact("2"))
    assert returned.kinds() == {"update": 1}


def test_retry_sends_what_was_put_right_in_xero_only(world: World) -> None:
    (paid,) = invoices(world, 10)
    world.xero.edit("Invoices", paid["InvoiceID"], status="DRAFT")
    feed = payments(world, park_after=1).rows(payment("1"), payment("2", number=7))
    feed.run()
    assert states(world) == {"1": ("parked", 1), "2": ("parked", 1)}
    world.xero.edit("Invoices", paid["InvoiceID"], status="AUTHORISED")
    assert feed.run().run.counts["rows_parked"] == 2
    with closing(world.app()) as app:
        assert app.retry("feed", ["1"]) == ["1"]
        with pytest.raises(NameUnknown, match="has not refused row '1'"):
            app.retry("feed", ["1"])
        with pytest.raises(NameUnknown):
            app.retry("nothing")
    assert states(world) == {"1": ("rejected", 0), "2": ("parked", 1)}
    assert feed.run().run.counts["rows_accepted"] == 1
    assert list(booked(world)) == ["PAY-1"]
    with closing(world.app()) as app:
        assert app.retry("feed") == ["2"]


def test_what_may_pass_is_tried_again_ever_later_and_then_parked(world: World) -> None:
    assert isinstance(world.clock, FakeClock)
    invoices(world, 10, status="DRAFT")
    feed = payments(world, park_after=4).rows(payment("1"))
    feed.run()
    assert states(world) == {"1": ("rejected", 1)}
    for attempt, wait in ((2, timedelta()), (3, timedelta(minutes=5)), (4, timedelta(minutes=20))):
        if wait:
            world.clock.jump(seconds=wait.total_seconds() - 1)
            assert feed.run().run.counts["rows_deferred"] == 1
            world.clock.jump(seconds=1)
        assert feed.run().run.counts["rows_rejected"] == 1
        assert states(world) == {"1": ("parked" if attempt == 4 else "rejected", attempt)}
    world.clock.jump(days=400)
    assert feed.run().run.counts["rows_parked"] == 1


@pytest.mark.parametrize(("known", "zone"), [(True, "Pacific/Auckland"), (False, "UTC")])
def test_a_plan_says_when_a_row_is_sent_again_in_the_zone_of_the_books(
    world: World, monkeypatch: pytest.MonkeyPatch, known: bool, zone: str
) -> None:
    invoices(world, 10, status="DRAFT")
    feed = payments(world).rows(payment("1"))
    feed.run()
    feed.run()
    if not known:
        monkeypatch.setattr(XeroDestination, "zone_of", lambda *_: None)
    plan = world.plan("feed")
    with closing(world.app()) as app:
        (row,) = app.sync_rows("feed")
    assert row.next_try is not None
    at = row.next_try.astimezone(ZoneInfo(zone))
    (operation,) = [o for part in plan.operations() for o in part]
    again = f"It is sent again after {at:%Y-%m-%d %H:%M} {zone}, or when `bookward retry` asks for it."
    assert operation.notes == (f"Refused 2 times. {again}",)


def test_a_payment_is_booked_once_its_invoice_is_approved(world: World) -> None:
    (paid,) = invoices(world, 10, status="DRAFT")
    feed = payments(world).rows(payment("1"))
    assert feed.run().run.counts["rows_rejected"] == 1
    world.xero.edit("Invoices", paid["InvoiceID"], status="AUTHORISED")
    assert feed.run().run.counts["rows_accepted"] == 1
    assert states(world) == {"1": ("accepted", 0)}


def test_a_refusal_counts_anew_when_the_row_changed(world: World) -> None:
    invoices(world, 10, status="DRAFT")
    feed = payments(world).rows(payment("1"))
    feed.run()
    feed.run()
    assert states(world) == {"1": ("rejected", 2)}
    payments(world).rows(payment("1", amount="9.00"))
    feed.run()
    assert states(world) == {"1": ("rejected", 1)}


def test_a_refused_removal_waits_too(world: World) -> None:
    settings = {"on_removal": "delete", "mode": "upsert"}
    used, other = ({"id": n, "Code": f"70{n}", "Name": f"Sales {n}", "Type": "REVENUE"} for n in "12")
    feed = Feed(world, "accounts", "Code", **settings).rows(used, other)
    feed.run()
    line = {"Description": "Work", "Quantity": 1, "UnitAmount": 5, "AccountCode": "701"}
    sale = {"Type": "ACCREC", "Contact": {"Name": "Ann"}, "LineItems": [line], "Status": "AUTHORISED"}
    world.xero.add("Invoices", [sale | {"Date": "2026-10-01", "DueDate": "2026-10-09"}])
    feed.rows(other)
    assert feed.run().run.counts["rows_rejected"] == 1
    assert states(world) == {"1": ("parked", 1), "2": ("accepted", 0)}
    world.api_calls()
    assert feed.run().run.counts["rows_parked"] == 1
    assert world.api_calls() == []
    feed.rows(used, other)
    assert feed.kinds() == {}
