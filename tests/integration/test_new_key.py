"""A model gets another primary key: every row finds its record anew, and nothing is made twice."""

from __future__ import annotations

import json
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from bookward.errors import KeyChanged, PlanStale, RunUnsettled
from bookward.records import Operation
from bookward.store.runs import RunState
from bookward.store.tables import decisions
from tests.integration.test_payments import booked, invoices, payment
from tests.integration.test_payments import feed as payments
from tests.integration.test_run_all import bookward
from tests.integration.world import World

TABLE = (
    "DROP TABLE customers; CREATE TABLE customers (id text, number text, name text, email text, phone text)"
)


def people(world: World, *rows: tuple[str, str, str]) -> None:
    """Let the table hold just these (id, number, name)."""
    world.warehouse.execute(TABLE)
    for row in rows:
        world.warehouse.execute("INSERT INTO customers (id, number, name) VALUES (%s, %s, %s)", row)


def key(world: World, column: str) -> None:
    world.write("models/customers.yaml", f"source: warehouse\nprimary_key: {column}\n")


def states(world: World, sync: str = "customers") -> dict[str, str]:
    """Return the states of the rows by key."""
    with closing(world.app()) as app:
        return {row.key: row.state.value for row in app.sync_rows(sync)}


def rows(world: World, **options: Any) -> dict[str, str]:
    """Plan, and return the kinds of operation by key."""
    found: list[Operation] = [o for part in world.plan(**options).operations() for o in part]
    return {operation.key: operation.kind.value for operation in found}


@pytest.fixture
def synced(world: World) -> World:
    """Two customers by their id; as numbers, the ids are each other's."""
    world.edit("syncs/customers.yaml", "{ContactNumber: id}", "{Name: name}")
    people(world, ("1", "2", "Ann"), ("2", "1", "Bob"))
    world.run()
    key(world, "number")
    world.api_calls()
    return world


def test_nobody_goes_on_under_another_key_unasked(synced: World) -> None:
    for go in (synced.run, synced.plan):
        with pytest.raises(KeyChanged) as caught:
            go()
    assert caught.value.message == (
        "The rows of sync 'customers' are known by id; the primary_key is number now."
    )
    assert "`bookward run customers --new-key`" in caught.value.remedy
    assert synced.api_calls() == []


def test_every_row_finds_its_record_though_the_keys_are_those_of_others(synced: World) -> None:
    plan = synced.plan(new_key=True)
    assert (plan.header.operations, plan.header.left_behind) == ({"adopt": 2}, 0)
    assert plan.header.former_key == ("id",)
    run = synced.run(plan=plan.header.id).run
    assert (run.state, run.counts["rows_adopted"]) == (RunState.DONE, 2)
    assert states(synced) == {"1": "adopted", "2": "adopted"}
    synced.api_calls()
    assert synced.run().run.counts["calls"] == 0
    synced.warehouse.execute("UPDATE customers SET email = 'ann@example.com' WHERE name = 'Ann'")
    assert synced.run().run.counts["rows_accepted"] == 1
    emails = {c["Name"]: c.get("EmailAddress") or None for c in synced.xero.contacts()}
    assert emails == {"Ann": "ann@example.com", "Bob": None}


def test_what_else_changed_is_sent_and_what_nobody_takes_is_kept(synced: World) -> None:
    people(synced, ("1", "2", "Ann"), ("3", "3", "Cyd"))
    synced.warehouse.execute("UPDATE customers SET email = 'ann@example.com' WHERE name = 'Ann'")
    plan = synced.plan(new_key=True)
    assert (plan.header.operations, plan.header.left_behind) == ({"update": 1, "insert": 1}, 1)
    assert synced.run(plan=plan.header.id).run.counts["rows_accepted"] == 2
    assert {c["Name"] for c in synced.contacts().values()} == {"Ann", "Bob", "Cyd"}
    assert states(synced) == {"2": "accepted", "3": "accepted", "id = 2": "removed"}
    synced.api_calls()
    assert synced.run().run.counts["calls"] == 0
    assert synced.contacts("ARCHIVED") == {}


def test_rows_of_the_new_key_are_archived_when_they_leave(synced: World) -> None:
    synced.run(plan=synced.plan(new_key=True).header.id)
    synced.warehouse.execute("DELETE FROM customers WHERE name = 'Bob'")
    synced.run()
    assert [c["Name"] for c in synced.contacts("ARCHIVED").values()] == ["Bob"]


def test_a_row_that_comes_back_under_the_new_key_takes_its_record_again(synced: World) -> None:
    people(synced, ("1", "2", "Ann"))
    synced.run(plan=synced.plan(new_key=True).header.id)
    people(synced, ("1", "2", "Ann"), ("2", "1", "Bob"))
    assert rows(synced) == {"1": "adopt"}
    synced.run()
    assert len(synced.xero.contacts()) == 2
    assert states(synced)["1"] == "adopted"


def test_a_new_key_under_which_rows_are_not_told_apart_rejects_them_by_name(synced: World) -> None:
    people(synced, ("1", "7", "Ann"), ("2", "7", "Bob"), ("3", "", "Cyd"))
    synced.warehouse.execute("UPDATE customers SET number = NULL WHERE id = '3'")
    run = synced.run(plan=synced.plan(new_key=True).header.id)
    assert {row.key: row.code for row in synced.rows(run, "rejected")} == {
        "7": "key_duplicate",
        "row 3": "key_null",
    }
    assert len(synced.contacts()) == 2
    people(synced, ("1", "7", "Ann"), ("2", "8", "Bob"))
    assert synced.run().run.counts["rows_adopted"] == 2


def test_several_rows_that_mean_one_record_are_rejected(synced: World) -> None:
    people(synced, ("1", "7", "Ann"), ("1", "8", "Ann"))
    plan = synced.plan(new_key=True)
    assert (plan.header.operations, plan.header.left_behind) == ({"reject": 2}, 2)
    assert synced.run(plan=plan.header.id).run.counts["rows_rejected"] == 2
    assert synced.contacts("ARCHIVED") == {}


def test_a_plan_under_the_new_key_is_stale_once_the_key_is_put_back(synced: World) -> None:
    plan = synced.plan(new_key=True).header.id
    key(synced, "id")
    stale = synced.run(plan=plan).run
    assert (stale.state, stale.error_code) == (RunState.FAILED, PlanStale.code)
    assert synced.run().run.counts["changes_same"] == 2


def test_the_key_can_go_there_and_back(synced: World) -> None:
    for column in ("number", "id", "number"):
        key(synced, column)
        plan = synced.plan(new_key=True)
        assert plan.header.operations == {"adopt": 2}
        synced.run(plan=plan.header.id)
    assert states(synced) == {"1": "adopted", "2": "adopted"}


def test_where_the_key_is_the_same_going_on_under_a_new_one_changes_nothing(synced: World) -> None:
    key(synced, "id")
    header = synced.plan(new_key=True).header
    assert (header.operations, header.former_key) == ({}, ())


def test_payments_that_are_only_inserted_adopt_theirs(world: World) -> None:
    invoices(world, 10, 20)
    feed = payments(world).rows(payment("1") | {"number": "B"}, payment("2", 2, "5.00") | {"number": "A"})
    feed.run()
    world.write("models/feed.yaml", "source: warehouse\nprimary_key: number\n")
    plan = world.plan("feed", new_key=True)
    assert plan.header.operations == {"adopt": 2}
    assert world.run("feed", plan=plan.header.id).run.counts["rows_adopted"] == 2
    assert len(booked(world)) == 2
    assert booked(world)["PAY-2"] == ("AUTHORISED", Decimal("5.00"))
    assert world.run("feed").run.counts["calls"] == 0


def test_what_the_sync_has_made_can_still_be_replaced_under_the_new_key(world: World) -> None:
    invoices(world, 10, 20)
    feed = payments(world, on_change="replace")
    feed.rows(payment("1") | {"number": "B"})
    feed.run()
    world.write("models/feed.yaml", "source: warehouse\nprimary_key: number\n")
    world.run("feed", plan=world.plan("feed", new_key=True).header.id)
    world.warehouse.execute("UPDATE feed SET amount = 7")
    assert world.plan("feed").header.operations == {"replace": 1}


def test_uncertain_rows_are_settled_under_the_former_key_first(synced: World) -> None:
    with closing(synced.app()) as app, app._store._database.writing() as connection:
        connection.exec_driver_sql("UPDATE rows SET state = 'uncertain' WHERE key = '1'")
    with pytest.raises(RunUnsettled, match=r"uncertain rows \(1\)") as caught:
        synced.plan(new_key=True)
    assert "`bookward settle customers`" in caught.value.remedy


def test_what_was_said_of_a_row_of_the_former_key_is_not_said_of_another(synced: World) -> None:
    bob = next(contact["ContactID"] for contact in synced.xero.contacts() if contact["Name"] == "Bob")
    with closing(synced.app()) as app:
        said = {"sync": "customers", "key": "1", "run": "r", "candidates": [bob], "message": ""}
        with app._store._database.writing() as connection:
            connection.execute(decisions.insert().values(at=synced.clock.now(), **said))
    plan = synced.plan(new_key=True)
    assert plan.header.operations == {"adopt": 2}
    synced.run(plan=plan.header.id)
    with closing(synced.app()) as app:
        assert [decision.key for decision in app._store.doubts("customers").decided()] == ["id = 1"]
    synced.run(full=True)
    assert states(synced) == {"1": "adopted", "2": "adopted"}


def test_a_script_says_it_on_the_command_line(synced: World) -> None:
    refused = bookward(synced, "run", "customers", "--json")
    assert (refused.exit_code, json.loads(refused.stdout)["error"]["code"]) == (1, "key_changed")
    assert bookward(synced, "run", "customers", "--new-key", "--json").exit_code == 2
    done = bookward(synced, "run", "customers", "--new-key", "--yes", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["syncs"][0]["run"]["counts"]["rows_adopted"] == 2
    assert bookward(synced, "run", "customers").exit_code == 0


def test_rows_that_were_taken_for_synced_go_over_too(world: World) -> None:
    world.edit("syncs/customers.yaml", "{ContactNumber: id}", "{Name: name}")
    world.xero.add_contacts([{"Name": "Ann"}])
    people(world, ("1", "2", "Ann"), ("2", "1", "Bob"))
    world.run(plan=world.plan(assume=True).header.id, confirmed=True)
    key(world, "number")
    with pytest.raises(KeyChanged):
        world.plan()
    plan = world.plan(new_key=True)
    assert plan.header.operations == {"adopt": 1, "insert": 1}
    world.run(plan=plan.header.id)
    assert states(world) == {"1": "accepted", "2": "adopted"}
