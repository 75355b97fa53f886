"""Reconciling: all rows held against all records in the books; what should not be there is found."""

from __future__ import annotations

from contextlib import closing, nullcontext
from decimal import Decimal
from typing import Any

import pytest

from bookward.demo.xero.faults import Fault, FaultKind
from bookward.engine.findings import Found, Reconciled
from bookward.engine.planfile import Plan
from bookward.errors import RemovalUnset
from tests.crash.machines import shared_state
from tests.integration.feeds import Feed
from tests.integration.kinds import KINDS, PAYMENTS, Kind
from tests.integration.test_payments import booked, invoices, payment
from tests.integration.test_payments import feed as payments
from tests.integration.test_uncertain import in_doubt, paid_by_hand
from tests.integration.world import World

ALL = KINDS | {"payments": PAYMENTS}
TWICE = ("payments", "bills", "supplier credit notes")
"""Kinds of which Xero takes two records that are told by the same."""


def reconcile(world: World, sync: str = "feed", **options: Any) -> Plan:
    return world.plan(sync, reconcile=True, **options)


def report(plan: Plan) -> Reconciled:
    assert plan.header.reconciled is not None
    return plan.header.reconciled


def found(plan: Plan) -> list[tuple[str, str | None]]:
    return [(finding.kind.value, finding.row) for finding in plan.findings()]


def synced(world: World, kind: Kind, *numbers: int, **settings: Any) -> Feed:
    kind.prepare(world)
    feed = kind.feed(world, mode=kind.modes[0], **settings).rows(*kind.rows(*numbers))
    assert feed.rejected() == {}
    return feed


@pytest.mark.parametrize("name", ALL)
def test_all_rows_are_in_the_books_and_no_record_too_many(world: World, name: str) -> None:
    kind = ALL[name]
    before = {record[kind.id_field] for record in world.xero.records(kind.plural)}
    synced(world, kind, 1, 2, 3)
    world.api_calls()
    plan = reconcile(world)
    result = report(plan)
    assert (result.rows, result.in_books, plan.header.operations) == (3, 3, {"adopt": 3})
    assert result.rows_sums == result.records_sums
    assert bool(result.rows_sums) is (name not in ("contacts", "accounts", "items"))
    # What was there before is of no sync; a payment needs an invoice, a document a contact: other objects.
    strange = [f for f in plan.findings() if f.remote_id not in before]
    assert strange == []
    assert result.agrees is (not before)
    assert {method for method, _, _ in world.api_calls()} <= {"GET"}


@pytest.mark.parametrize("name", ALL)
def test_what_somebody_made_by_hand_is_unknown_and_what_is_dead_is_nothing(world: World, name: str) -> None:
    kind = ALL[name]
    synced(world, kind, 1)
    known = {f.remote_id for f in reconcile(world).findings()}
    constants = {"Type": "ACCPAY"} if name == "bills" else {}
    made = world.xero.add(kind.plural, [kind.element(n, **constants) for n in (8, 9)])
    gone = made[1][kind.id_field]
    status = "ARCHIVED" if kind.object in ("contacts", "accounts") else "DELETED"
    if kind.object != "items":
        world.xero.edit(kind.plural, gone, status=status)
    new = [finding for finding in reconcile(world).findings() if finding.remote_id not in known]
    wanted = {made[0][kind.id_field]} | ({gone} if kind.object == "items" else set())
    assert {finding.remote_id for finding in new} == wanted
    assert {(finding.kind.value, finding.row) for finding in new} == {("unknown", None)}


@pytest.mark.parametrize("name", TWICE)
def test_what_is_booked_twice_is_found_and_removed_when_asked_for(world: World, name: str) -> None:
    kind = ALL[name]
    feed = synced(world, kind, 1, 2, on_removal=kind.removals[-1])
    (double,) = world.xero.add(
        kind.plural, [kind.element(1, **({"Type": "ACCPAY"} if name == "bills" else {}))]
    )
    plan = reconcile(world)
    assert found(plan) == [("twice", "1")]
    assert report(plan).removing == ()
    assert plan.header.operations == {"adopt": 2}
    plan = reconcile(world, remove=["twice"])
    assert plan.header.operations == {"adopt": 2, kind.removals[-1]: 1}
    assert feed.run(plan=plan.header.id, confirmed=True).run.counts["rows_accepted"] == 1
    ended = {r[kind.id_field]: r["Status"] for r in world.xero.records(kind.plural)}
    assert ended[double[kind.id_field]] in ("DELETED", "VOIDED")
    assert found(reconcile(world)) == []
    assert report(reconcile(world)).agrees
    assert feed.run().run.counts["calls"] == 0


@pytest.mark.parametrize("by", ["run", "reset"])
def test_what_rows_left_behind_is_found_and_removed_in_the_way_of_the_sync(world: World, by: str) -> None:
    invoices(world, 100)
    feed = payments(world).rows(payment("1"), payment("2"))
    feed.run()
    feed.rows(payment("1"))
    if by == "reset":
        world.run("feed", plan=world.plan("feed", assume=True).header.id, confirmed=True)
    else:
        feed.run()
    plan = reconcile(world)
    assert found(plan) == [("left-behind", "2")]
    assert report(plan).found == {"left-behind": Found(records=1, sums={"NZD": Decimal("10.00")})}
    with pytest.raises(RemovalUnset):
        reconcile(world, remove=["left-behind"])
    feed.settings["on_removal"] = "delete"
    feed.rows(payment("1"))
    plan = reconcile(world, remove=["left-behind", "unknown"])
    assert report(plan).removing == ("left-behind",)
    assert plan.header.operations == {"adopt": 1, "delete": 1}
    feed.run(plan=plan.header.id, confirmed=True)
    assert booked(world)["PAY-2"][0] == "DELETED"
    assert report(reconcile(world)).agrees


@pytest.mark.parametrize("returns", [False, True], ids=["stays", "returns"])
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_what_a_row_leaves_behind_that_takes_another_record_goes_beside_it(
    world: World, store: str, returns: bool
) -> None:
    old, new = (made["ContactID"] for made in world.xero.add("Contacts", [{"Name": "Old"}, {"Name": "New"}]))
    with shared_state(world) if store == "postgresql" else nullcontext():
        feed = Feed(world, "contacts", "ContactID")
        feed.rows({"id": "1", "ContactID": old, "Name": "Old"}).run()
        if returns:
            world.warehouse.execute("DELETE FROM feed")
            feed.run()
        feed.settings["on_removal"] = "archive"
        feed.rows({"id": "1", "ContactID": new, "Name": "Newer"})
        plan = reconcile(world, remove=["left-behind"])
        assert found(plan)[0] == ("left-behind", "1")
        assert plan.header.operations == {"update": 1, "archive": 1}
        assert feed.run(plan=plan.header.id, approved=True).run.counts["rows_accepted"] == 2
        with closing(world.app()) as app:
            states = {row.key: (row.state, row.remote_id) for row in app.sync_rows("feed")}
        assert states == {"1": ("accepted", new), f"record {old}": ("removed", old)}
        assert list(world.contacts()) == ["Newer"]
        assert feed.run().run.counts["calls"] == 0
        assert report(reconcile(world)).agrees


def test_a_row_that_leaves_the_model_now_is_left_behind_by_this_very_plan(world: World) -> None:
    invoices(world, 100)
    payments(world).rows(payment("1"), payment("2")).run()
    payments(world).rows(payment("2"))
    plan = reconcile(world)
    assert found(plan) == [("left-behind", "1")]
    assert plan.header.operations == {"adopt": 1, "keep": 1}


def test_the_records_of_other_syncs_and_of_other_sorts_are_no_finding(world: World) -> None:
    bills, sales = KINDS["bills"], KINDS["invoices"]
    sales.prepare(world)
    sales.feed(world).rows(*sales.rows(1, 2))
    other = world.root / "syncs" / "other.yaml"
    (world.root / "syncs" / "feed.yaml").rename(other)
    world.run("other")
    sales.feed(world).rows(sales.row_of(3)).run()
    world.xero.add("Invoices", [bills.element(9, Type="ACCPAY")])
    assert found(reconcile(world)) == []
    other.unlink()
    assert found(reconcile(world)) == [("unknown", None), ("unknown", None)]


def test_the_candidates_of_uncertain_rows_are_no_finding(world: World) -> None:
    in_doubt(world)
    plan = reconcile(world)
    assert (found(plan), plan.header.operations) == ([], {"uncertain": 1})
    assert (report(plan).uncertain, report(plan).agrees) == (2, False)


def test_the_candidates_of_an_uncertain_row_that_left_the_model_are_no_agreement(world: World) -> None:
    feed, own, _ = in_doubt(world)
    feed.rows(payment("2")).run()
    result = report(reconcile(world))
    assert (result.rows, result.in_books, result.found) == (1, 1, {})
    assert (result.uncertain, result.agrees) == (2, False)
    world.xero.edit("Payments", own, status="DELETED")
    assert report(reconcile(world)).uncertain == 1


def test_rows_without_a_key_of_their_own_keep_every_record_in_its_place(world: World) -> None:
    invoices(world, 100)
    feed = payments(world, on_removal="delete").rows(payment("1"), payment("2"))
    feed.run()
    feed.rows(payment("1"), payment("2"), payment("2"))
    plan = reconcile(world, remove=["left-behind"])
    assert found(plan) == []
    assert "delete" not in plan.header.operations
    assert (report(plan).rows, report(plan).in_books, report(plan).agrees) == (3, 1, False)


def test_what_differs_shows_in_the_sums_until_it_is_put_right(world: World) -> None:
    kind = KINDS["invoices"]
    feed = synced(world, kind, 1, 2)
    feed.rows(kind.row_of(1, **{"LineItems.UnitAmount": Decimal(11)}), kind.row_of(2))
    plan = reconcile(world)
    result = report(plan)
    assert (result.rows, result.in_books, result.found, result.agrees) == (2, 1, {}, False)
    assert (result.rows_sums, result.records_sums) == ({"NZD": Decimal(43)}, {"NZD": Decimal(42)})
    world.run("feed", plan=plan.header.id)
    assert report(reconcile(world)).agrees


def test_guards_hold_for_what_reconciling_removes(world: World) -> None:
    invoices(world, 100)
    feed = payments(world, on_removal="delete", guards={"max_removals": 0}).rows(payment("1"))
    feed.run()
    paid_by_hand(world)
    plan = reconcile(world, remove=["twice"])
    assert len(plan.header.tripped) == 1
    assert feed.run(plan=plan.header.id, confirmed=True).run.error_code == "guard_tripped"
    assert len(booked(world)) == 1


def test_an_empty_model_leaves_all_behind(world: World) -> None:
    invoices(world, 100)
    feed = payments(world).rows(payment("1"))
    feed.run()
    world.warehouse.execute("DELETE FROM feed")
    feed.run()
    assert found(reconcile(world)) == [("left-behind", "1")]
    world.edit("syncs/feed.yaml", '"mode": "insert"', '"mode": "insert", "on_removal": "delete"')
    plan = reconcile(world, remove=["left-behind"])
    assert plan.header.operations == {"delete": 1}
    feed.run(plan=plan.header.id, confirmed=True)
    assert booked(world)["PAY-1"][0] == "DELETED"


def test_the_report_is_kept_with_the_plan_and_the_records_are_read_once(world: World) -> None:
    synced(world, KINDS["contacts"], 1, 2)
    world.api_calls()
    plan = reconcile(world)
    assert [method for method, path, _ in world.api_calls() if path.endswith("/Contacts")] == ["GET"]
    with closing(world.app()) as app:
        again = app.open_plan(plan.header.id, "customers")
    assert again.header.reconciled == plan.header.reconciled
    assert list(again.findings()) == list(plan.findings())


def test_contacts_that_share_what_the_sync_matches_by_are_there_twice(world: World) -> None:
    world.customers((1, "Ann", "ann@example.com"), (2, "Bob", "bob@example.com"))
    world.edit("syncs/customers.yaml", "ContactNumber: id", "EmailAddress: email")
    world.run()
    world.xero.add_contacts([{"Name": "Ann again", "EmailAddress": "ANN@example.com"}, {"Name": "Cyd"}])
    plan = reconcile(world, "customers")
    assert found(plan) == [("twice", "1"), ("unknown", None)]


def test_payments_from_other_accounts_are_of_another_sort(world: World) -> None:
    invoices(world, 100)
    world.xero.add(
        "Accounts", [{"Name": "Till", "Code": "091", "Type": "CURRENT", "EnablePaymentsToAccount": True}]
    )
    feed = payments(world)
    feed.mapped = {"Account": {"Code": {"value": "090"}}}
    row = payment("1")
    del row["Account.Code"]
    feed.rows(row).run()
    element = {"Invoice": {"InvoiceNumber": "INV-1"}, "Date": "2026-10-11", "Amount": Decimal(1)}
    elements = [element | {"Reference": code, "Account": {"Code": code}} for code in ("090", "091")]
    assert not any(made.get("ValidationErrors") for made in world.xero.add("Payments", elements))
    assert [finding.called.split(" (")[0] for finding in reconcile(world).findings()] == ["payment '090'"]


def test_a_row_settled_as_booked_that_has_left_the_model_is_left_behind(world: World) -> None:
    feed, own, other = in_doubt(world)
    feed.rows(payment("2")).run()
    with closing(world.app()) as app:
        app.settle("feed", "1", own)
    plan = reconcile(world)
    assert {(f.kind.value, f.remote_id, f.row) for f in plan.findings()} == {
        ("left-behind", own, "1"),
        ("unknown", other, None),
    }


def test_all_pages_are_read_once(world: World) -> None:
    world.many(5)
    world.run()
    world.xero.add_contacts([{"Name": f"By hand {n}"} for n in range(2_100)])
    world.api_calls()
    plan = reconcile(world, "customers")
    assert report(plan).found == {"unknown": Found(records=2_100, sums={})}
    assert [path for _, path, _ in world.api_calls()].count("/api.xro/2.0/Contacts") == 3
    assert report(plan).calls == 3


def test_what_xero_booked_twice_under_one_key_is_found(world: World) -> None:
    invoices(world, 100)
    forgetful = Fault(kind=FaultKind.CUT, method="PUT", path="*/Payments", when="after", remember="nothing")
    world.xero.faults.add(forgetful)
    assert payments(world).rows(payment("1")).run().run.counts["rows_accepted"] == 1
    assert len(world.xero.records("Payments")) == 2
    assert found(reconcile(world)) == [("twice", "1")]


def test_a_row_whose_record_somebody_deleted_is_missing_in_the_sums(world: World) -> None:
    invoices(world, 100)
    payments(world).rows(payment("1"), payment("2", amount="5")).run()
    world.xero.edit("Payments", world.xero.records("Payments")[0]["PaymentID"], status="DELETED")
    plan = reconcile(world)
    result = report(plan)
    assert (result.rows, result.in_books, result.found, result.agrees) == (2, 1, {}, False)
    assert result.rows_sums == {"NZD": Decimal(15)}
    assert sum(result.records_sums.values()) in (Decimal(5), Decimal(10))
    assert plan.header.operations == {"adopt": 1, "reject": 1}


@pytest.mark.parametrize("state_lost", [False, True])
def test_a_difference_that_the_sync_ignores_is_no_agreement(world: World, state_lost: bool) -> None:
    invoices(world, 100)
    payments(world).rows(payment("1"), payment("2")).run()
    payments(world, on_change="ignore").rows(payment("1", Date="2026-10-12"), payment("2"))
    sync = "feed"
    if state_lost:
        (world.root / "syncs" / "feed.yaml").rename(world.root / "syncs" / "again.yaml")
        sync = "again"
    result = report(reconcile(world, sync, as_new=state_lost))
    assert (result.rows, result.in_books, result.agrees) == (2, 1, False)
