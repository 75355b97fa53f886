"""Records whose rows change their keys, leave, come back or are taken over, also when half of it fails."""

from __future__ import annotations

from contextlib import closing

import pytest

from bookward.errors import KeyChanged, NameUnknown
from bookward.store.runs import RunState
from tests.integration.test_records import number_column, two_syncs
from tests.integration.world import World


def people(world: World, *rows: tuple[str | None, str, str]) -> None:
    """Make the model these rows of (id, number, name), matched by number."""
    values = ", ".join(
        f"({'NULL' if key is None else repr(key)}, {number!r}, {name!r})" for key, number, name in rows
    )
    sql = f"SELECT * FROM (VALUES {values}) AS t (id, number, name)"
    world.write("models/customers.sql", sql.replace("(NULL,", "(NULL::text,"))
    sync = (world.root / "syncs" / "customers.yaml").read_text()
    if "number" not in sync:
        world.write(
            "syncs/customers.yaml",
            "model: customers\ndestination: xero\nobject: contacts\nmatch: {ContactNumber: number}\n"
            "fields: {Name: name}\non_removal: archive\n",
        )


def statuses(world: World) -> dict[str, str]:
    """Run, and return the outcome of every row."""
    return {row.key: row.status for row in world.rows(world.run())}


ANN, BOB, CID = ("a", "1", "Ann"), ("b", "2", "Bob"), ("c", "3", "Cid")


@pytest.mark.parametrize("bad", [None, "a"], ids=["null", "double"])
def test_a_record_taken_over_while_keys_were_bad_is_not_archived_afterwards(
    world: World, bad: str | None
) -> None:
    people(world, ANN, BOB, CID)
    world.run()
    people(world, ANN, ("new-b", "2", "Bob"), (bad, "3", "Cid"))
    assert statuses(world)["b"] == "held"
    people(world, ANN, ("new-b", "2", "Bob"), CID)
    world.run()
    assert sorted(world.contacts()) == ["1", "2", "3"]
    assert world.run().run.counts["calls"] == 0


def test_a_row_that_comes_back_after_its_record_went_to_another_is_a_new_row(world: World) -> None:
    people(world, ANN, BOB, CID)
    world.run()
    people(world, ANN, ("new-b", "2", "Bob"), (None, "3", "Cid"))
    world.run()
    people(world, ANN, BOB, ("new-b", "9", "Nine"), CID)
    world.run()
    world.run()
    assert {number: contact["Name"] for number, contact in world.contacts().items()} == {
        "1": "Ann",
        "2": "Bob",
        "3": "Cid",
        "9": "Nine",
    }
    assert world.run().run.counts["calls"] == 0


def test_a_removal_held_back_in_one_sync_protects_the_record_from_the_other(world: World) -> None:
    two_syncs(world)
    world.warehouse.execute("UPDATE customers SET id = NULL, phone = NULL WHERE id = 2")
    assert world.run().run.counts["rows_rejected"] == 2
    assert world.run("vips").run.counts["rows_held"] == 1
    assert world.contacts("ARCHIVED") == {}
    world.warehouse.execute("UPDATE customers SET id = 2 WHERE id IS NULL")
    world.run()
    assert world.contacts("ARCHIVED") == {}


def test_a_sync_does_not_go_on_under_another_primary_key(world: World) -> None:
    people(world, ("1", "2", "Ann"), ("2", "1", "Bob"))
    world.run()
    world.write("models/customers.yaml", "source: warehouse\nprimary_key: number\n")
    people(world, ("1", "2", "Ann"))
    with pytest.raises(KeyChanged, match="known by id"):
        world.run()
    assert len(world.contacts()) == 2


def test_a_value_goes_over_from_a_leaving_row_to_one_that_has_a_record_of_its_own(world: World) -> None:
    world.edit("syncs/customers.yaml", "match: {ContactNumber: id}", "match: {Name: name}")
    world.edit("syncs/customers.yaml", "  Name: name\n", "")
    world.edit("syncs/customers.yaml", "fields:\n", "fields:\n  Name: name\n")
    world.customers((1, "Acme"), (2, "Acme (old)"))
    world.run()
    world.warehouse.execute("DELETE FROM customers WHERE id = 1")
    world.warehouse.execute("UPDATE customers SET name = 'Acme' WHERE id = 2")
    for _ in range(3):
        world.run()
    assert [contact["Name"] for contact in world.contacts().values()] == ["Acme"]
    assert world.run().run.counts["calls"] == 0


def test_a_handover_that_fails_does_not_orphan_the_record(world: World) -> None:
    number_column(world)
    world.edit("syncs/customers.yaml", "{ContactNumber: id}", "{ContactNumber: number}")
    world.many(3)
    world.run()
    number_column(world, "'new-' || id")
    world.warehouse.execute("UPDATE customers SET email = 'x' || email")
    plan = world.plan()
    (second,) = [c for number, c in world.contacts().items() if number == "2"]
    world.xero.edit_contact(second["ContactID"], FirstName="By hand", EmailAddress="by.hand@example.com")
    report = world.run(plan=plan.header.id)
    assert [row.key for row in world.rows(report, "rejected")] == ["new-2"]
    world.warehouse.execute("DELETE FROM customers WHERE id = 2")
    world.run()
    assert list(world.contacts("ARCHIVED")) == ["2"]
    assert world.run().run.counts["calls"] == 0


def test_a_saved_plan_does_not_remove_what_another_sync_has_taken_over(world: World) -> None:
    two_syncs(world)
    world.warehouse.execute("UPDATE customers SET id = 7, name = 'Seven' WHERE id = 2")
    world.run()
    world.run("vips")
    world.warehouse.execute("UPDATE customers SET phone = NULL WHERE id = 7")
    world.warehouse.execute("DELETE FROM customers WHERE id = 7")
    world.run()
    plan = world.plan("vips")
    assert plan.header.operations == {"archive": 1}
    world.warehouse.execute(
        "INSERT INTO customers SELECT 7, 'Seven', 'c2@example.com', NULL, 0, '2026-01-01'"
    )
    assert world.run().run.state is RunState.DONE
    report = world.run("vips", plan=plan.header.id)
    assert [(row.key, row.code) for row in world.rows(report, "rejected")] == [("7", "record_moved")]
    assert "7" in world.contacts()


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("syncs/customers.yaml", "on_removal: archive", "on_removal: keep"),
        ("syncs/customers.yaml", "on_removal: archive", "on_removal: archive\nmode: update"),
        ("models/customers.sql", "FROM customers", "FROM customers WHERE id > 0"),
        ("models/customers.yaml", "primary_key: id", "primary_key: name"),
    ],
)
def test_a_saved_plan_is_stale_once_the_sync_or_its_model_is_edited(
    world: World, path: str, old: str, new: str
) -> None:
    world.many(2)
    plan = world.plan()
    world.edit(path, old, new)
    assert world.run(plan=plan.header.id).run.error_code == "plan_stale"
    assert world.contacts() == {}


def test_an_empty_plan_id_is_no_plan(world: World) -> None:
    world.many(2)
    with closing(world.app()) as app, pytest.raises(NameUnknown):
        app.run("customers", plan="")
    assert world.contacts() == {}


def test_a_match_field_that_is_mapped_from_something_else_is_refused(world: World) -> None:
    world.edit("syncs/customers.yaml", "fields:\n", "fields:\n  ContactNumber: phone\n")
    with closing(world.app()) as app:
        (problem,) = app.check().problems
    assert (problem.path, problem.line) == ("syncs/customers.yaml", 7)
    assert "matched by the column 'id'" in problem.message


def test_a_saved_plan_finds_a_record_that_appeared_under_a_match_that_is_not_unique(world: World) -> None:
    world.edit("syncs/customers.yaml", "{ContactNumber: id}", "{EmailAddress: email}")
    world.customers((1, "Ann", "ann@example.com"))
    plan = world.plan()
    world.xero.add_contacts([{"Name": "Annie", "EmailAddress": "Ann@example.com"}])
    report = world.run(plan=plan.header.id)
    assert [row.code for row in world.rows(report, "rejected")] == ["record_moved"]
    assert len(world.xero.contacts()) == 1
