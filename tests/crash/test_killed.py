"""A process killed at any named place, then run again, leaves the ledger of a process never killed."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import closing
from dataclasses import replace

import pytest

from bookward.demo.xero.clock import SettableClock
from bookward.demo.xero.options import Company
from bookward.errors import RunUnsettled
from bookward.store.runs import RunState
from tests.crash.alternating import alternating
from tests.crash.forked import bookward, run_forked
from tests.integration.feeds import Feed
from tests.integration.test_contact_groups import feed as grouped
from tests.integration.test_contact_groups import members, unnamed
from tests.integration.test_invoices import contacts, invoice
from tests.integration.test_invoices import feed as documents
from tests.integration.test_payments import due, payment
from tests.integration.test_payments import invoices as sales
from tests.integration.world import World

ROWS = 130  # three batches
PLACES = (
    "before-plan-rename",
    "after-intent:2",
    "before-send:2",
    "after-send:1",
    "after-send:3",
    "after-settle:2",
    "before-fold",
    "before-snapshot-rename",
    "before-pointer",
)


def killed_at(world: World, place: str, sync: str = "customers") -> None:
    """Run the sync in a process of its own that ends, without any cleaning up, at ``place``."""
    words = ("-C", world.root, "run", sync)
    environ = os.environ | world.environ | {"BOOKWARD_FAILPOINT": place}
    code, said = run_forked(bookward, *words, environ=environ, seconds=60)
    assert code == -signal.SIGKILL, said


def books_are_the_model(world: World) -> None:
    wanted = {
        str(id_): (name, email)
        for id_, name, email in world.warehouse.execute("SELECT id, name, email FROM customers")
    }
    booked = {
        number: (contact["Name"], contact["EmailAddress"]) for number, contact in world.contacts().items()
    }
    assert booked == wanted
    assert len(world.xero.contacts()) == len(wanted)


@pytest.mark.parametrize(("place", "late"), list(alternating(PLACES)))
def test_a_killed_run_is_settled_by_the_next(
    world: World, clock: SettableClock, place: str, late: bool
) -> None:
    world.many(ROWS)
    killed_at(world, place)
    if late:
        clock.jump(minutes=10)
    report = world.run()
    assert report.run.state is RunState.DONE
    assert all(run.state is RunState.INTERRUPTED and run.folded for run in report.recovered)
    books_are_the_model(world)
    assert world.run().run.counts["calls"] == 0


@pytest.mark.parametrize(
    ("place", "late"),
    list(alternating(["after-intent:1", "after-send:1", "after-settle:1", "before-pointer"])),
)
def test_changes_of_a_killed_run_are_neither_lost_nor_undone(
    world: World, clock: SettableClock, place: str, late: bool
) -> None:
    world.many(ROWS)
    world.run()
    world.warehouse.execute("UPDATE customers SET email = 'new' || id || '@example.com' WHERE id <= 80")
    killed_at(world, place)
    if late:
        clock.jump(minutes=10)
    world.warehouse.execute("UPDATE customers SET email = 'newest@example.com' WHERE id = 3")
    assert world.run().run.state is RunState.DONE
    books_are_the_model(world)
    assert world.run().run.counts["calls"] == 0


def test_history_tells_of_the_killed_run(world: World) -> None:
    world.many(ROWS)
    killed_at(world, "after-settle:1")
    world.run()
    with closing(world.app()) as app:
        newest, killed = app.history()
    assert (newest.state, killed.state) == (RunState.DONE, RunState.INTERRUPTED)
    assert killed.counts["rows_accepted"] + newest.counts.get("rows_accepted", 0) == ROWS


def test_a_plan_does_not_settle_what_was_cut_off_since_that_may_write(world: World) -> None:
    world.many(ROWS)
    killed_at(world, "after-intent:1")
    with pytest.raises(RunUnsettled):
        world.plan()
    assert world.contacts() == {}
    world.run()
    assert world.plan().header.operations == {}


@pytest.mark.parametrize("place", ["after-settle:1", "after-send:1", "before-fold", "before-pointer"])
def test_a_killed_runs_records_do_not_pass_for_those_of_other_books(world: World, place: str) -> None:
    other = Company(id="b0c1d2e3-0002-4000-8000-000000000002", name="Other Ltd")
    world.many(ROWS)
    killed_at(world, place)
    mine = world.xero.options.companies[0].id
    world.xero.options = replace(world.xero.options, companies=(*world.xero.options.companies, other))
    world.connect(other.id)
    for _ in range(2):
        run = world.run().run
        assert (run.state, run.error_code) == (RunState.FAILED, "organisation_changed")
    assert world.xero.contacts(other.id) == []
    world.connect(mine)
    assert world.run().run.state is RunState.DONE
    books_are_the_model(world)


@pytest.mark.parametrize("place", ["after-intent:1", "before-fold"])
def test_a_killed_run_whose_plan_is_gone(world: World, place: str) -> None:
    world.many(ROWS)
    killed_at(world, place)
    plans = world.root / ".bookward" / "plans"
    plans.rename(plans.with_name("elsewhere"))
    run = world.run().run
    if place == "after-intent:1":
        assert (run.state, run.error_code) == (RunState.FAILED, "store_failed")
        assert str(plans) in str(run.error_remedy)
        shutil.rmtree(plans, ignore_errors=True)
        plans.with_name("elsewhere").rename(plans)
        run = world.run().run
    else:
        assert run.counts["rows_adopted"] == ROWS
    assert run.state is RunState.DONE
    books_are_the_model(world)
    assert world.run().run.counts["calls"] == 0


def test_a_plan_that_was_cut_off_leaves_nothing_behind(world: World) -> None:
    world.many(ROWS)
    killed_at(world, "before-plan-rename")
    world.run()
    kept = [path.name for path in (world.root / ".bookward" / "plans").iterdir()]
    assert len(kept) == 1
    assert list((world.root / ".bookward" / "work").rglob("*.parquet")) == []


@pytest.mark.parametrize(
    ("type_", "place", "late"),
    list(
        alternating(["ACCREC", "ACCPAY"], ["after-intent:2", "after-send:1", "after-send:3", "before-fold"])
    ),
)
def test_invoices_of_a_killed_run_are_booked_once_and_voided_once(
    world: World, clock: SettableClock, type_: str, place: str, late: bool
) -> None:
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 2")
    contacts(world)
    rows = [invoice(str(n), Type=type_, Status="AUTHORISED") for n in range(6)]

    def settled(voided: int) -> None:
        if late:
            clock.jump(minutes=10)
        assert "rows_rejected" not in invoices.run().run.counts
        states = [document["Status"] for document in world.xero.records("Invoices")]
        assert sorted(states) == ["AUTHORISED"] * (6 - voided) + ["VOIDED"] * voided
        assert invoices.run().run.counts["calls"] == 0

    invoices = documents(world, on_removal="void").rows(*rows)
    killed_at(world, place, "feed")
    settled(0)
    invoices.rows(*rows[5:])
    killed_at(world, place, "feed")
    settled(5)


SINGLY = ["after-intent:2", "after-send:1", "after-send:3", "after-settle:2", "before-fold"]


@pytest.mark.parametrize(
    ("object_", "place", "late"), list(alternating(["accounts", "items"], SINGLY, one_in=3))
)
def test_accounts_and_items_of_a_killed_run_are_booked_once_and_deleted_once(
    world: World, clock: SettableClock, object_: str, place: str, late: bool
) -> None:
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 1")
    more = {"Type": "REVENUE"} if object_ == "accounts" else {}
    rows = [{"id": str(n), "Name": f"N{n}", "Code": f"C{n}", **more} for n in range(5)]

    def settled(*left: int) -> None:
        if late:
            clock.jump(minutes=10)
        assert "rows_rejected" not in feed.run().run.counts
        codes = [str(record.get("Code")) for record in world.xero.records(object_.capitalize())]
        assert sorted(code for code in codes if code[0] == "C") == [f"C{n}" for n in left]
        assert feed.run().run.counts["calls"] == 0

    feed = Feed(world, object_, "Code", on_removal="delete").rows(*rows)
    killed_at(world, place, "feed")
    settled(0, 1, 2, 3, 4)
    feed.rows(*rows[4:])
    killed_at(world, place, "feed")
    settled(4)


@pytest.mark.parametrize(("place", "late"), list(alternating(SINGLY, one_in=3)))
def test_payments_of_a_killed_run_are_made_once_and_deleted_once(
    world: World, clock: SettableClock, place: str, late: bool
) -> None:
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 2")
    sales(world, 100)
    rows = [payment(str(number)) for number in range(6)]

    def settled(due_: int) -> None:
        if late:
            clock.jump(minutes=10)
        assert "rows_rejected" not in payments.run().run.counts
        assert due(world)["INV-1"][1] == due_
        assert payments.run().run.counts["calls"] == 0

    payments = Feed(world, "payments", "Reference", mode="insert", on_removal="delete").rows(*rows)
    killed_at(world, place, "feed")
    settled(40)
    payments.rows(*rows[4:])
    killed_at(world, place, "feed")
    settled(80)


def test_what_a_killed_run_had_not_sent_is_not_sent_once_it_is_no_longer_wanted(
    world: World, clock: SettableClock
) -> None:
    world.many(3)
    world.run()
    world.warehouse.execute("DELETE FROM customers WHERE id = 2")
    killed_at(world, "after-intent:1")
    clock.jump(hours=5)
    world.connect()
    world.many(1, start=2)
    assert "rows_rejected" not in world.run().run.counts
    books_are_the_model(world)
    assert world.run().run.counts["calls"] == 0


def test_payments_of_a_killed_run_whose_plan_is_gone_are_adopted(world: World) -> None:
    sales(world, 100)
    payments = Feed(world, "payments", "Reference", mode="insert").rows(payment("1"), payment("2"))
    killed_at(world, "before-fold", "feed")
    shutil.rmtree(world.root / ".bookward" / "plans")
    report = payments.run()
    assert (report.run.counts["rows_adopted"], report.run.counts.get("rows_rejected", 0)) == (2, 0)
    assert due(world)["INV-1"][1] == 80
    assert payments.run().run.counts["calls"] == 0


GROUPED = [
    *(f"{place}:{turn}" for place in ("after-intent", "after-send") for turn in (1, 3, 5)),
    *("after-settle:2", "after-settle:4", "before-fold"),
]


@pytest.mark.parametrize(("place", "late"), list(alternating(GROUPED, one_in=3)))
def test_contacts_of_a_killed_run_are_in_their_groups_and_no_group_is_made_twice(
    world: World, clock: SettableClock, place: str, late: bool
) -> None:
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 2")

    def settled(*wanted: list[str]) -> None:
        if late:
            clock.jump(minutes=10)
        report = rows.run()
        assert (report.run.state, report.run.counts.get("rows_rejected")) == (RunState.DONE, None)
        assert [members(world)[f"N{n}"] for n in range(len(wanted))] == list(wanted)
        names = [group["Name"] for group in world.xero.records("ContactGroups")]
        assert len(names) == len(set(names))
        assert len(world.xero.contacts()) == len(wanted)
        assert rows.run().run.counts["calls"] == 0

    rows = grouped(world, missing="create", match="ContactID")
    rows.rows(*(unnamed(str(n), group) for n, group in enumerate(["A", "B", '["A", "B"]', ""])))
    killed_at(world, place, "feed")
    settled(["A"], ["B"], ["A", "B"], [])
    rows.rows(*(unnamed(str(n), group) for n, group in enumerate(["B", "", "C", "A"])))
    killed_at(world, place, "feed")
    settled(["B"], [], ["C"], ["A"])


AMONG = [
    "after-intent:2",
    "after-send:1",
    "after-send:3",
    "after-settle:2",
    "after-intent:4",
    "after-send:4",
    "after-settle:5",
    "before-fold",
]


@pytest.mark.parametrize(("place", "late"), list(alternating(AMONG, one_in=3)))
def test_a_run_killed_among_the_contacts_that_it_makes_first(
    world: World, clock: SettableClock, place: str, late: bool
) -> None:
    made_by = {"by": "EmailAddress", "column": "customer", "missing": "create", "fields": {"Name": "named"}}
    rows = [
        invoice(str(n), Type="ACCPAY" if n % 2 else "ACCREC", customer=f"c{n}@example.com", named=f"New {n}")
        for n in range(ROWS)
    ]
    documents(world, look_up={"Contact": made_by}).rows(*rows)
    killed_at(world, place, "feed")
    if late:
        clock.jump(minutes=10)
    report = world.run("feed")
    assert report.run.state is RunState.DONE
    assert world.rows(report, "rejected") == []
    assert sorted(c["Name"] for c in world.xero.contacts()) == sorted(f"New {n}" for n in range(ROWS))
    booked = sorted(
        (i["InvoiceNumber"], i["Type"], i["Contact"]["Name"]) for i in world.xero.records("Invoices")
    )
    assert booked == sorted((row["InvoiceNumber"], row["Type"], row["named"]) for row in rows)
    assert world.run("feed").run.counts["calls"] == 0
