"""Which record belongs to which row, whatever happens to keys, and in whose books."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from bookward.demo.xero.options import Company
from bookward.errors import NotConnected, ProjectInvalid
from bookward.store.runs import RunState
from tests.integration.world import World

OTHER = Company(id="b0c1d2e3-0002-4000-8000-000000000002", name="Other Ltd")


def number_column(world: World, key: str = "id::text") -> None:
    """Match by a number of its own, so that the key can change and the record stay the same."""
    world.write(
        "models/customers.sql", f"SELECT {key} AS id, id AS number, name, email, phone FROM customers"
    )


def test_a_record_stays_when_its_row_is_rejected_under_a_new_key(world: World) -> None:
    number_column(world)
    world.edit("syncs/customers.yaml", "{ContactNumber: id}", "{ContactNumber: number}")
    world.many(3)
    world.run()
    world.warehouse.execute("UPDATE customers SET email = 'not-an-address' WHERE id = 2")
    number_column(world, "'new-' || id")
    assert world.run().run.counts["rows_rejected"] == 1
    assert len(world.contacts()) == 3
    world.warehouse.execute("UPDATE customers SET email = 'good@example.com' WHERE id = 2")
    world.run()
    assert world.contacts()["2"]["EmailAddress"] == "good@example.com"


def test_a_record_stays_when_two_rows_want_it_under_new_keys(world: World) -> None:
    number_column(world)
    world.edit("syncs/customers.yaml", "{ContactNumber: id}", "{ContactNumber: number}")
    world.many(3)
    world.run()
    number_column(world, "'new-' || id")
    sql = (world.root / "models/customers.sql").read_text()
    world.write("models/customers.sql", sql + " UNION ALL SELECT 'x', 2, 'Another 2', NULL, NULL")
    assert world.run().run.counts["rows_rejected"] == 2
    assert len(world.contacts()) == 3


def test_a_key_that_comes_back_does_not_take_another_rows_record(world: World) -> None:
    world.edit("syncs/customers.yaml", "match: {ContactNumber: id}", "match: {Name: name}")
    world.edit("syncs/customers.yaml", "  Name: name\n", "")
    world.customers((1, "Acme"))
    world.run()
    world.warehouse.execute("UPDATE customers SET id = 2")
    world.run()
    world.customers((1, "Other"))
    world.run()
    assert sorted(contact["Name"] for contact in world.xero.contacts()) == ["Acme", "Other"]


def test_a_row_that_returns_finds_its_archived_record_and_says_so(world: World) -> None:
    world.many(2)
    world.run()
    world.warehouse.execute("DELETE FROM customers WHERE id = 2")
    world.run()
    world.many(1, start=2)
    (row,) = world.rows(world.run(), "rejected")
    assert (row.key, row.code) == ("2", "record_archived")


def test_what_was_sent_on_creation_only_is_sent_once_the_mapping_says_so(world: World) -> None:
    world.edit("syncs/customers.yaml", "email\n", "{column: email, only_on_create: true}\n")
    world.many(1)
    world.run()
    world.warehouse.execute("UPDATE customers SET email = 'v2@example.com'")
    world.run()
    assert world.contacts()["1"]["EmailAddress"] == "c1@example.com"
    world.edit("syncs/customers.yaml", "{column: email, only_on_create: true}", "email")
    world.run()
    assert world.contacts()["1"]["EmailAddress"] == "v2@example.com"


def test_an_empty_run_does_not_bind_a_sync_to_an_organisation(world: World) -> None:
    world.run()
    world.xero.options = replace(world.xero.options, companies=(*world.xero.options.companies, OTHER))
    world.connect(OTHER.id)
    world.many(1)
    assert world.run().run.state is RunState.DONE
    assert len(world.xero.contacts(OTHER.id)) == 1


def test_nothing_is_taken_for_removed_while_rows_have_no_key(world: World) -> None:
    world.many(3)
    world.run()
    world.warehouse.execute("UPDATE customers SET id = NULL WHERE id = 2")
    report = world.run()
    assert {(row.key, row.code) for row in world.rows(report, "rejected")} == {
        ("2", "removal_held_back"),
        ("row 3", "key_null"),
    }
    assert len(world.contacts()) == 3
    world.warehouse.execute("DELETE FROM customers WHERE id IS NULL")
    world.run()
    assert list(world.contacts("ARCHIVED")) == ["2"]


def test_a_file_that_names_another_organisation_is_not_overruled(world: World) -> None:
    with (world.root / "destinations" / "xero.yaml").open("a") as file:
        file.write("organisation: Somebody Else Ltd\n")
    world.many(1)
    with pytest.raises(NotConnected, match="'Somebody Else Ltd'"):
        world.run()
    with closing(world.app()) as app:
        assert not app.check(connect=True).ok
    assert world.contacts() == {}


def test_looking_back_outside_a_project_makes_nothing(world: World) -> None:
    (world.root / "project.yaml").unlink()
    before = sorted(world.root.rglob("*"))
    with closing(world.app()) as app:
        for look in (app.history, lambda: app.find_run("last"), lambda: app.write_schemas(world.root / "s")):
            with pytest.raises(ProjectInvalid, match="not a project folder"):
                look()
    assert sorted(world.root.rglob("*")) == before


def test_a_record_that_another_sync_still_has_is_not_archived(world: World) -> None:
    world.write("models/vips.yaml", "source: warehouse\nprimary_key: id\n")
    world.write("models/vips.sql", "SELECT * FROM customers WHERE phone IS NOT NULL")
    sync = (world.root / "syncs" / "customers.yaml").read_text()
    world.write("syncs/vips.yaml", sync.replace("model: customers", "model: vips"))
    world.many(3)
    world.run()
    world.run("vips")
    world.warehouse.execute("UPDATE customers SET phone = NULL WHERE id = 2")
    world.run("vips")
    assert world.contacts("ARCHIVED") == {}
    world.warehouse.execute("DELETE FROM customers WHERE id = 2")
    world.run()
    assert list(world.contacts("ARCHIVED")) == ["2"]
