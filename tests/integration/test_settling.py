"""Uncertain rows are settled by what a person says: checked, kept, and followed by the next plan."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from decimal import Decimal

import pytest

from bookward.errors import NameUnknown, OrganisationChanged, RunUnsettled, SettlementRefused
from bookward.settling import UncertainRow
from bookward.store.doubts import Decision
from tests.integration.kinds import KINDS
from tests.integration.test_bad_sessions import OTHER
from tests.integration.test_payments import feed as payments
from tests.integration.test_payments import invoices, payment
from tests.integration.test_uncertain import bills, cut_off, ids_of, in_doubt, paid_by_hand, state
from tests.integration.world import World


def uncertain(world: World) -> list[UncertainRow]:
    with closing(world.app()) as app:
        return list(app.uncertain("feed"))


def settle(world: World, booked_as: str | None = None, key: str = "1") -> Decision:
    with closing(world.app()) as app:
        return app.settle("feed", key, booked_as)


def decisions(world: World) -> list[tuple[str, str | None]]:
    with closing(world.app()) as app:
        return [(decision.key, decision.booked_as) for decision in app.decisions("feed")]


def test_the_candidates_are_shown_as_they_are_now(world: World) -> None:
    _, own, other = in_doubt(world, "7.50")
    world.xero.edit("Payments", other, status="DELETED")
    (row,) = uncertain(world)
    assert row.doubt.key == "1"
    assert {r.remote_id: (r.live, r.day, r.total) for r in row.candidates} == {
        own: (True, "2026-10-10", Decimal("10.00")),
        other: (False, "2026-10-11", Decimal("7.50")),
    }


def test_without_uncertain_rows_no_call_is_made(world: World) -> None:
    payments(world).rows(payment("1", 2))
    world.api_calls()
    assert uncertain(world) == []
    assert world.api_calls() == []


def test_a_row_said_to_be_booked_is_adopted_and_nothing_is_sent(world: World) -> None:
    feed, own, other = in_doubt(world)
    decision = settle(world, own.upper())
    assert (decision.key, decision.booked_as, decision.at) == ("1", own, world.clock.now())
    assert set(decision.candidates) == {own, other}
    assert (state(world).state, state(world).remote_id) == ("adopted", own)
    assert feed.kinds() == {"adopt": 1}
    assert feed.run().run.counts["rows_adopted"] == 1
    assert feed.run().run.counts["calls"] == 0
    assert set(ids_of(world)) == {own, other}
    assert decisions(world) == [("1", own)]
    assert uncertain(world) == []


def test_the_plan_after_it_shows_what_differs(world: World) -> None:
    feed, _, other = in_doubt(world, "7.50")
    settle(world, other)
    (operation,) = next(world.plan("feed").operations())
    assert operation.rejection is not None
    assert (operation.kind, operation.rejection.code) == ("reject", "change_refused")
    assert feed.rows(payment("1", amount="7.50", Date="2026-10-11")).kinds() == {"adopt": 1}


def test_a_row_said_not_to_be_booked_is_sent_once_more_beside_the_others(world: World) -> None:
    feed, own, other = in_doubt(world)
    settle(world)
    assert (state(world).state, state(world).remote_id) == ("rejected", None)
    plan = world.plan("feed")
    assert plan.header.operations == {"insert": 1}
    assert feed.run(plan=plan.header.id).run.counts["rows_accepted"] == 1
    assert len(ids_of(world)) == 3
    assert state(world).remote_id not in (own, other)
    assert feed.run().run.counts["calls"] == 0
    assert feed.run(full=True).run.counts["rows_adopted"] == 1
    assert decisions(world) == [("1", None)]


def test_what_is_lost_again_after_that_is_read_back_without_the_others(world: World) -> None:
    feed, own, other = in_doubt(world)
    settle(world)
    cut_off(world, feed)
    assert feed.run().recovered[0].counts["rows_accepted"] == 1
    assert len(ids_of(world)) == 3
    assert state(world).remote_id not in (own, other)


@pytest.mark.parametrize("booked", [True, False])
def test_a_replaced_payment_that_is_uncertain_is_settled_either_way(world: World, booked: bool) -> None:
    invoices(world, 100)
    feed = payments(world, on_change="replace").rows(payment("1"))
    feed.run()
    cut_off(world, feed.rows(payment("1", amount="11.00")))
    paid_by_hand(world)
    assert feed.run().recovered[0].counts["rows_uncertain"] == 1
    (row,) = uncertain(world)
    assert row.doubt.rejection.message.startswith("The old payment is gone. Xero's answer was lost.")
    assert state(world).remote_id is None
    (new,) = [record.remote_id for record in row.candidates if record.total == Decimal("11.00")]
    # As the row was accepted before: it must not be taken for unchanged.
    assert feed.rows(payment("1")).kinds() == {"uncertain": 1}
    feed.rows(payment("1", amount="11.00"))
    settle(world, new if booked else None)
    assert feed.kinds() == ({"adopt": 1} if booked else {"insert": 1})
    feed.run()
    assert state(world).state == ("adopted" if booked else "accepted")
    assert feed.run().run.counts["calls"] == 0
    assert sorted(ids_of(world).values()) == ["10.00", "11.00"] if booked else ["10.00", "11.00", "11.00"]


@pytest.mark.parametrize("what", ["nothing", "dead", "taken", "elsewhere"])
def test_a_record_that_cannot_be_the_row_s_is_refused(world: World, what: str) -> None:
    feed, own, _ = in_doubt(world)
    feed.rows(payment("1"), payment("2")).run()
    second = str(state(world, "2").remote_id)
    if what == "dead":
        world.xero.edit("Payments", own, status="DELETED")
    if what == "elsewhere":
        third = paid_by_hand(world, "PAY-9")
        (world.root / "syncs" / "feed.yaml").rename(world.root / "syncs" / "again.yaml")
        feed.rows(payment("9", Date="2026-10-11"))
        (world.root / "syncs" / "feed.yaml").rename(world.root / "syncs" / "other.yaml")
        world.run("other", as_new=True)
        (world.root / "syncs" / "again.yaml").rename(world.root / "syncs" / "feed.yaml")
    ids = {"nothing": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "dead": own, "taken": second}
    said = {
        "nothing": "is not among the payments in the books",
        "dead": "is no longer in use",
        "taken": "is that of row '2'",
        "elsewhere": "is that of a row of another sync",
    }
    with pytest.raises(SettlementRefused, match=said[what]):
        settle(world, ids.get(what) or third)
    assert state(world).state == "uncertain"
    assert decisions(world) == []


def test_only_an_uncertain_row_is_settled_and_only_once(world: World) -> None:
    in_doubt(world)
    with pytest.raises(NameUnknown, match="Row '7' of sync 'feed' is not uncertain"):
        settle(world, key="7")
    settle(world)
    with pytest.raises(NameUnknown, match="Row '1' of sync 'feed' is not uncertain"):
        settle(world)


def test_nothing_is_settled_while_a_run_is_open(world: World) -> None:
    feed, *_ = in_doubt(world)
    feed.rows(payment("1"), payment("2"))
    cut_off(world, feed)
    with pytest.raises(RunUnsettled):
        settle(world)


def test_an_uncertain_row_stays_with_its_books(world: World) -> None:
    feed, *_ = in_doubt(world)
    companies = world.xero.options.companies
    world.xero.options = replace(world.xero.options, companies=(*companies, OTHER))
    world.connect(OTHER.id)
    assert feed.run().run.error_code == "organisation_changed"
    with pytest.raises(OrganisationChanged):
        settle(world)
    world.connect(companies[0].id)
    settle(world)


@pytest.mark.parametrize("booked", [True, False])
@pytest.mark.parametrize("match", ["InvoiceNumber", "InvoiceID"])
def test_an_uncertain_bill_is_settled_either_way(world: World, match: str, booked: bool) -> None:
    kind = KINDS["bills"]
    feed = bills(world, match).rows(*kind.rows(1))
    cut_off(world, feed, "Invoices", reads=match == "InvoiceNumber")
    (own,) = [bill["InvoiceID"] for bill in kind.made(world)]
    world.xero.add("Invoices", [kind.element(1, Type="ACCPAY", DueDate="2026-12-24")])
    assert feed.run().recovered[0].counts["rows_uncertain"] == 1
    settle(world, own if booked else None)
    assert feed.kinds() == ({"adopt": 1} if booked else {"insert": 1})
    feed.run()
    assert len(kind.made(world)) == (2 if booked else 3)
    assert (state(world).remote_id == own) is booked
    assert feed.run().run.counts["calls"] == 0
