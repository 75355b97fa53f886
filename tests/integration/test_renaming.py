"""A sync keeps its history under another name, whether `rename` or a person gave it that name."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import pytest

from bookward.app import CheckReport
from bookward.errors import FilesInTheWay, NameUnknown, ProjectInvalid, SyncBusy, SyncRenamed
from bookward.store.runs import RunState
from tests.integration.test_run_all import bookward
from tests.integration.world import DESTINATION, MODEL, SQL, SYNC, World, moving


def rename(world: World, old: str, new: str) -> None:
    with closing(world.app()) as app:
        app.rename(old, new)


def move_by_hand(world: World, old: str, new: str, folder: str = "syncs") -> None:
    (world.root / folder / f"{old}.yaml").rename(world.root / folder / f"{new}.yaml")


def check(world: World) -> CheckReport:
    with closing(world.app()) as app:
        return app.check()


def history(world: World, sync: str) -> list[str]:
    with closing(world.app()) as app:
        return [run.id for run in app.history(sync)]


def nothing_is_sent(world: World, sync: str) -> None:
    world.api_calls()
    run = world.run(sync).run
    assert (run.state, run.counts["calls"]) == (RunState.DONE, 0)
    assert world.plan(sync).header.operations == {}
    assert world.api_calls() == []


def test_everything_known_about_a_sync_goes_over_to_its_new_name(world: World) -> None:
    world.customers((1, "Ann"), (2, "Bob"))
    world.run()
    world.xero.add_contacts([{"Name": "Taken"}])
    world.customers((3, "Taken", "not an address"))
    run = world.run().run
    moving(world.clock).jump(seconds=1)
    plan = world.plan().header.id
    rename(world, "customers", "clients")
    assert sorted(file.name for file in (world.root / "syncs").iterdir()) == ["clients.yaml"]
    with closing(world.app()) as app:
        assert dict(app.row_counts("clients")) == {"accepted": 2, "rejected": 1}
        assert app.has_sync("customers") is False
        assert app.find_run("last").sync == "clients"
        assert [row.key for row in app.rows(run.id)] == ["3"]
        assert app.open_plan("last", "clients").header.id == plan
    assert run.id in history(world, "clients")
    assert list((world.root / ".bookward/snapshots/customers").glob("*")) == []
    assert world.run("clients", plan=plan).run.counts["rows_rejected"] == 1
    world.warehouse.execute("DELETE FROM customers WHERE id = 3")
    nothing_is_sent(world, "clients")


def test_a_plan_of_the_old_name_is_executed_under_the_new_one(world: World) -> None:
    world.customers((1, "Ann"))
    world.run()
    world.customers((2, "Bob"))
    plan = world.plan().header.id
    rename(world, "customers", "clients")
    assert world.run("clients", plan=plan).run.counts["rows_accepted"] == 1
    nothing_is_sent(world, "clients")


def test_a_record_is_archived_under_the_new_name_when_its_row_leaves(world: World) -> None:
    world.customers((1, "Ann"), (2, "Bob"))
    world.run()
    rename(world, "customers", "clients")
    world.warehouse.execute("DELETE FROM customers WHERE id = 2")
    assert world.run("clients").run.counts["rows_accepted"] == 1
    assert list(world.contacts("ARCHIVED")) == ["2"]


def test_a_sync_that_never_ran_is_renamed_too(world: World) -> None:
    world.plan()
    rename(world, "customers", "clients")
    assert world.plan("clients").header.operations == {}


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("customers", "others", FilesInTheWay, "There is a sync 'others' already."),
        ("customer", "clients", NameUnknown, "There is no sync 'customer'."),
        ("customers", "My Clients", ProjectInvalid, "The file name 'My Clients' is not a slug."),
    ],
)
def test_a_name_that_cannot_be(world: World, old: str, new: str, error: Any, message: str) -> None:
    world.write("syncs/others.yaml", SYNC)
    world.run()
    with pytest.raises(error) as caught:
        rename(world, old, new)
    assert caught.value.message == message
    assert len(history(world, "customers")) == 1


def test_the_name_of_a_sync_that_is_gone_is_taken_as_long_as_it_has_a_history(world: World) -> None:
    world.write("syncs/others.yaml", SYNC)
    world.run("others")
    (world.root / "syncs/others.yaml").unlink()
    with pytest.raises(FilesInTheWay):
        rename(world, "customers", "others")


def test_a_sync_is_not_renamed_while_it_runs(world: World) -> None:
    with closing(world.app()) as app, app._store.locks.running("customers"), pytest.raises(SyncBusy):
        rename(world, "customers", "clients")
    assert (world.root / "syncs/customers.yaml").is_file()


def test_a_sync_renamed_by_hand_says_so_before_it_does_anything(world: World) -> None:
    world.customers((1, "Ann"))
    world.run()
    move_by_hand(world, "customers", "clients")
    world.api_calls()
    for go in (world.run, world.plan):
        with pytest.raises(SyncRenamed) as caught:
            go("clients")
    assert caught.value.message == (
        "Sync 'customers' is not in the project any more, and 'clients' looks like it: the same model, "
        "destination, object and match."
    )
    remedy = (
        "`bookward rename customers clients` keeps its history. If it is another sync, say so once: "
        "`bookward run clients --as-new`."
    )
    assert caught.value.remedy == remedy
    (problem,) = check(world).problems
    assert (problem.path, problem.message, problem.remedy) == (
        "syncs/clients.yaml",
        caught.value.message,
        remedy,
    )
    assert world.api_calls() == []
    rename(world, "customers", "clients")
    assert check(world).problems == ()
    assert len(history(world, "clients")) == 1
    nothing_is_sent(world, "clients")


def test_the_records_of_a_sync_renamed_by_hand_are_still_its_own(world: World) -> None:
    world.many(2)
    world.warehouse.execute("DROP TABLE IF EXISTS suppliers; CREATE TABLE suppliers AS TABLE customers")
    world.write("models/suppliers.yaml", "source: warehouse\nprimary_key: id\n")
    world.write("models/suppliers.sql", "SELECT * FROM suppliers\n")
    world.write("syncs/suppliers.yaml", SYNC.replace("model: customers", "model: suppliers"))
    world.run()
    world.run("suppliers")
    move_by_hand(world, "customers", "clients")
    world.warehouse.execute("DELETE FROM suppliers WHERE id = 2")
    assert world.run("suppliers").run.counts["rows_held"] == 1
    rename(world, "customers", "clients")
    assert world.run("suppliers").run.counts["rows_held"] == 1
    assert sorted(world.contacts()) == ["1", "2"]
    world.warehouse.execute("DELETE FROM customers WHERE id = 2")
    world.run("clients")
    world.run("suppliers")
    assert sorted(world.contacts()) == ["1"]


def test_a_sync_that_is_a_new_one_says_so_once(world: World) -> None:
    world.customers((1, "Ann"))
    world.run()
    move_by_hand(world, "customers", "clients")
    assert world.plan("clients", as_new=True).header.operations == {"adopt": 1}
    assert world.run("clients", as_new=True).run.counts["rows_adopted"] == 1
    nothing_is_sent(world, "clients")
    assert len(history(world, "customers")) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("match: {ContactNumber: id}", "match: {Name: name}"),
        ("model: customers", "model: people"),
        ("destination: xero", "destination: books"),
    ],
)
def test_a_sync_that_is_not_alike_is_a_new_one(world: World, old: str, new: str) -> None:
    world.write("models/people.yaml", MODEL)
    world.write("models/people.sql", SQL)
    world.write("destinations/books.yaml", DESTINATION)
    world.run()
    move_by_hand(world, "customers", "clients")
    world.edit("syncs/clients.yaml", old, new)
    assert check(world).problems == ()


def test_a_sync_that_is_still_there_is_nobodys_former_name(world: World) -> None:
    world.run()
    world.write("syncs/others.yaml", SYNC)
    assert world.run("others").run.state is RunState.DONE


def test_a_renamed_model_sends_nothing_anew(world: World) -> None:
    world.customers((1, "Ann"))
    world.run()
    move_by_hand(world, "customers", "people", "models")
    (world.root / "models/customers.sql").rename(world.root / "models/people.sql")
    world.edit("syncs/customers.yaml", "model: customers", "model: people")
    nothing_is_sent(world, "customers")


def test_a_renamed_destination_of_the_same_books_sends_nothing_anew(world: World) -> None:
    world.customers((1, "Ann"))
    world.run()
    world.write("destinations/books.yaml", DESTINATION)
    world.edit("syncs/customers.yaml", "destination: xero", "destination: books")
    world.connect(destination="books")
    nothing_is_sent(world, "customers")


def test_a_renamed_source_sends_nothing_anew(world: World) -> None:
    world.customers((1, "Ann"))
    world.run()
    move_by_hand(world, "warehouse", "postgres", "sources")
    world.edit("models/customers.yaml", "source: warehouse", "source: postgres")
    nothing_is_sent(world, "customers")


def test_a_person_renames_and_says_what_is_new_on_the_command_line(world: World) -> None:
    world.customers((1, "Ann"))
    world.run()
    assert bookward(world, "rename", "customers", "clients").exit_code == 0
    move_by_hand(world, "clients", "people")
    refused = bookward(world, "run", "people", "--json")
    assert (refused.exit_code, json.loads(refused.stdout)["error"]["code"]) == (1, "sync_renamed")
    assert bookward(world, "plan", "people").exit_code == 1
    assert bookward(world, "plan", "people", "--as-new").exit_code == 0
    assert bookward(world, "run", "people", "--as-new").exit_code == 0
    assert bookward(world, "run", "people").exit_code == 0


def test_syncs_that_run_after_one_follow_it_under_its_new_name(world: World) -> None:
    text = SYNC + "# in this order\nschedule: {after: [contacts, customers]}  # both\n"
    world.write("syncs/invoices.yaml", text)
    world.write("syncs/contacts.yaml", SYNC)
    world.write("syncs/items.yaml", SYNC + "schedule:\n  after: customers\n")
    rename(world, "customers", "clients")
    assert check(world).problems == ()
    new = (world.root / "syncs/invoices.yaml").read_text(encoding="utf-8")
    assert new == text.replace("customers]", "clients]")
    assert (world.root / "syncs/items.yaml").read_text(encoding="utf-8").endswith("after: clients\n")
