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
    report = world.run()
    assert {(row.key, row.code) for row in world.rows(report, "rejected")} == {
        ("new-2", "field_invalid"),
        ("2", "removal_held_back"),
    }
    assert len(world.contacts()) == 3
    world.warehouse.execute("UPDATE customers SET email = 'good@example.com' WHERE id = 2")
    assert "rows_rejected" not in world.run().run.counts
    assert world.contacts()["2"]["EmailAddress"] == "good@example.com"
    assert world.contacts("ARCHIVED") == {}
    assert world.run().run.counts["calls"] == 0


def test_a_removal_waits_for_the_row_that_may_be_its_heir(world: World) -> None:
    number_column(world)
    world.edit("syncs/customers.yaml", "{ContactNumber: id}", "{ContactNumber: number}")
    world.many(3)
    world.run()
    world.warehouse.execute("UPDATE customers SET email = 'not-an-address' WHERE id = 2")
    number_column(world, "'new-' || id")
    world.run()
    world.warehouse.execute("UPDATE customers SET id = 4, email = 'good@example.com' WHERE id = 2")
    world.run()
    assert list(world.contacts("ARCHIVED")) == ["2"]


def test_a_record_stays_when_two_rows_want_it_under_new_keys(world: World) -> None:
    number_column(world)
    world.edit("syncs/customers.yaml", "{ContactNumber: id}", "{ContactNumber: number}")
    world.many(3)
    world.run()
    number_column(world, "'new-' || id")
    sql = (world.root / "models/customers.sql").read_text()
    world.write("models/customers.sql", sql + " UNION ALL SELECT 'x', 2, 'Another 2', NULL, NULL")
    assert world.run().run.counts["rows_rejected"] == 3
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


def two_syncs(world: World) -> None:
    """Give the customers with a phone a second sync, and run both."""
    world.write("models/vips.yaml", "source: warehouse\nprimary_key: id\n")
    world.write("models/vips.sql", "SELECT * FROM customers WHERE phone IS NOT NULL")
    sync = (world.root / "syncs" / "customers.yaml").read_text()
    world.write("syncs/vips.yaml", sync.replace("model: customers", "model: vips"))
    world.many(3)
    world.run()
    world.run("vips")


def test_a_record_that_another_sync_still_has_is_not_archived(world: World) -> None:
    two_syncs(world)
    world.warehouse.execute("UPDATE customers SET phone = NULL WHERE id = 2")
    assert world.run("vips").run.counts["rows_held"] == 1
    assert world.contacts("ARCHIVED") == {}
    world.warehouse.execute("DELETE FROM customers WHERE id = 2")
    world.run()
    assert list(world.contacts("ARCHIVED")) == ["2"]


def test_a_record_that_two_syncs_let_go_at_once_is_archived(world: World) -> None:
    two_syncs(world)
    world.warehouse.execute("DELETE FROM customers WHERE id = 2")
    assert world.run().run.counts["rows_held"] == 1
    assert world.run("vips").run.counts["rows_accepted"] == 1
    assert list(world.contacts("ARCHIVED")) == ["2"]
    assert world.run().run.counts["rows_adopted"] == 1
    assert world.run().run.counts["calls"] == world.run("vips").run.counts["calls"] == 0


@pytest.mark.parametrize("broken", [False, True])
def test_a_sync_whose_file_is_gone_holds_no_record_and_one_whose_file_is_broken_does(
    world: World, broken: bool
) -> None:
    two_syncs(world)
    if broken:
        world.write("syncs/vips.yaml", "model: [half\n")
    else:
        (world.root / "syncs" / "vips.yaml").unlink()
    world.warehouse.execute("DELETE FROM customers WHERE id = 2")
    world.run()
    assert list(world.contacts("ARCHIVED")) == ([] if broken else ["2"])


def test_a_held_row_that_comes_back_is_as_if_it_had_never_left(world: World) -> None:
    two_syncs(world)
    world.warehouse.execute("UPDATE customers SET phone = NULL WHERE id = 2")
    assert world.run("vips").run.counts["rows_held"] == 1
    world.run()
    world.warehouse.execute("UPDATE customers SET phone = '021 2' WHERE id = 2")
    world.run("vips")
    world.run()
    world.warehouse.execute("DELETE FROM customers WHERE id = 2")
    world.run()
    assert world.contacts("ARCHIVED") == {}
    world.run("vips")
    assert list(world.contacts("ARCHIVED")) == ["2"]


def test_a_returning_row_leaves_its_former_record_to_the_row_that_means_it_now(world: World) -> None:
    world.edit("syncs/customers.yaml", "on_removal: archive", "on_removal: keep")
    number_column(world, "id")
    world.edit("syncs/customers.yaml", "{ContactNumber: id}", "{ContactNumber: number}")
    world.many(1)
    world.run()
    former = world.contacts()["1"]["ContactID"]
    world.warehouse.execute("DELETE FROM customers")
    world.run(allow_empty=True)
    world.many(1200)
    # Row 1 comes back under another number, and row 1200, in another part of the plan, has its old one.
    world.write(
        "models/customers.sql",
        "SELECT id, CASE id WHEN 1 THEN 5001 WHEN 1200 THEN 1 ELSE id END AS number,"
        " name || ' new' AS name, email, phone FROM customers",
    )
    report = world.run()
    assert report.run.counts["rows_accepted"] == 1200
    assert world.contacts()["1"]["ContactID"] == former
    assert world.contacts()["1"]["Name"] == "Customer 1200 new"
    assert world.contacts()["5001"]["Name"] == "Customer 1 new"
    assert world.run().run.counts["calls"] == 0


def test_a_returning_row_that_nobody_replaced_takes_its_former_record(world: World) -> None:
    world.edit("syncs/customers.yaml", "on_removal: archive", "on_removal: keep")
    number_column(world, "id")
    world.edit("syncs/customers.yaml", "{ContactNumber: id}", "{ContactNumber: number}")
    world.many(2)
    world.run()
    former = world.contacts()["2"]["ContactID"]
    world.warehouse.execute("DELETE FROM customers WHERE id = 2")
    world.run()
    world.many(1, start=2)
    number_column(world, "id")
    world.write("models/customers.sql", "SELECT id, id + 100 AS number, name, email, phone FROM customers")
    world.run()
    assert world.contacts()["102"]["ContactID"] == former
    assert len(world.xero.contacts()) == 2


def test_nothing_is_taken_for_removed_while_rows_share_a_key(world: World) -> None:
    world.many(3)
    world.run()
    world.warehouse.execute("UPDATE customers SET id = 3 WHERE id = 2")
    report = world.run()
    assert {(row.key, row.code) for row in world.rows(report, "rejected")} == {
        ("2", "removal_held_back"),
        ("3", "key_duplicate"),
    }
    assert world.contacts("ARCHIVED") == {}
