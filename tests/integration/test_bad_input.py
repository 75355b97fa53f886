"""Bad rows, files and servers: one clear error or rejected row, good rows go on, history tells the truth."""

from __future__ import annotations

import pytest

from bookward.errors import NameUnknown, ProjectInvalid
from bookward.run import RunReport
from bookward.store.runs import Run, RunState
from tests.integration.world import SOURCE, SYNC, World

CONTACTS = "*/Contacts"


def rejected(world: World, report: RunReport) -> dict[str, tuple[str | None, str | None]]:
    return {row.key: (row.code, row.field) for row in world.rows(report, "rejected")}


def last(world: World) -> Run:
    app = world.app()
    try:
        return app.history(limit=1)[0]
    finally:
        app.close()


# Rows


def test_odd_names_arrive_as_they_are(world: World) -> None:
    names = {1: "O'Brien & Sons", 2: "Crème 🎉 brûlée", 3: "שלום עולם", 4: 'Quote " back\\slash', 5: "名前"}
    for id_, name in names.items():
        world.customers((id_, name))
    assert rejected(world, world.run()) == {}
    assert {int(number): contact["Name"] for number, contact in world.contacts().items()} == names
    assert world.run().run.counts["calls"] == 0


def test_a_name_that_is_too_long_and_one_with_a_control_character_are_rejected(world: World) -> None:
    world.customers((1, "n" * 300), (2, "bell\x07"), (3, "Good"))
    found = rejected(world, world.run())
    assert found == {"1": ("field_invalid", "Name"), "2": ("field_invalid", "Name")}
    assert list(world.contacts()) == ["3"]


def test_a_nul_character_from_a_source_that_allows_it_is_rejected(world: World) -> None:
    world.write("sources/sample.yaml", "type: sample\npath: sample.duckdb\n")
    world.write(
        "models/customers.yaml",
        """
source: sample
primary_key: id
""",
    )
    sql = "SELECT 1 AS id, 'nul' || chr(0) || 'x' AS name, NULL AS email, NULL AS phone"
    world.write("models/customers.sql", sql + " UNION ALL SELECT 2, 'Good', NULL, NULL")
    assert rejected(world, world.run()) == {"1": ("field_invalid", "Name")}
    assert list(world.contacts()) == ["2"]


def test_an_exact_decimal_and_an_early_date_pass_through_a_template(world: World) -> None:
    world.warehouse.execute(
        "INSERT INTO customers VALUES (1, 'Old', NULL, NULL, 1234567.123456789012, '1066-10-14')"
    )
    world.edit(
        "syncs/customers.yaml", "EmailAddress: email", "LastName: {template: '{{ credit }} {{ since }}'}"
    )
    world.run()
    assert world.contacts()["1"]["LastName"] == "1234567.123456789012 1066-10-14"


def test_names_that_differ_only_in_case_are_both_rejected(world: World) -> None:
    world.customers((1, "Acme Ltd"), (2, "ACME ltd"), (3, "Good"))
    report = world.run()
    assert rejected(world, report) == {"1": ("match_taken", "Name"), "2": ("match_taken", "Name")}
    (first, second) = world.rows(report, "rejected")
    assert "'2'" in str(first.message)
    assert "'1'" in str(second.message)
    assert list(world.contacts()) == ["3"]


def test_a_name_that_another_contact_has_is_rejected_before_a_call_is_spent(world: World) -> None:
    held = world.xero.add_contacts([{"Name": "Taken", "ContactNumber": "x"}, {"Name": "Gone"}])
    world.xero.edit_contact(str(held[1]["ContactID"]), status="ARCHIVED")
    world.edit("syncs/customers.yaml", "match: {ContactNumber: id}", "match: {Name: name}")
    world.edit("syncs/customers.yaml", "  Name: name\n", "  ContactNumber: id\n")
    world.customers((1, "Gone"))
    assert rejected(world, world.run())["1"][0] == "record_archived"
    assert {method for method, _, _ in world.api_calls()} == {"GET"}


def test_an_archived_number_is_rejected_before_a_call_is_spent(world: World) -> None:
    (held,) = world.xero.add_contacts([{"Name": "Gone", "ContactNumber": "1"}])
    world.xero.edit_contact(str(held["ContactID"]), status="ARCHIVED")
    world.customers((1, "Back again"), (2, "Good"))
    assert rejected(world, world.run()) == {"1": ("record_archived", None)}
    assert list(world.contacts()) == ["2"]


def test_an_empty_model_is_fine_at_first_and_suspicious_later(world: World) -> None:
    assert world.run().run.state is RunState.DONE
    world.many(3)
    world.run()
    world.warehouse.execute("DELETE FROM customers")
    report = world.run()
    assert (report.run.state, report.run.error_code) == (RunState.FAILED, "model_empty")
    assert len(world.contacts()) == 3
    assert world.run(allow_empty=True).run.state is RunState.DONE
    assert len(world.contacts("ARCHIVED")) == 3


@pytest.mark.parametrize("diff", ["local", "warehouse"])
@pytest.mark.usefixtures("no_schema")
def test_a_model_beyond_its_bounds_stops_the_run_and_removes_nothing(world: World, diff: str) -> None:
    world.edit("syncs/customers.yaml", "on_removal: archive", f"on_removal: archive\ndiff: {diff}")
    world.many(3)
    world.run()
    world.write("sources/warehouse.yaml", f"{SOURCE}max_rows: 4\n")
    world.many(5, 4)
    report = world.run()
    assert (report.run.state, report.run.error_code) == (RunState.FAILED, "read_too_large")
    assert "'customers' gives more than 4 rows" in (report.run.error_message or "")
    assert len(world.contacts()) == 3


# Columns


def test_a_missing_column_stops_the_run_and_names_the_nearest(world: World) -> None:
    world.many(1)
    world.edit("syncs/customers.yaml", "EmailAddress: email", "EmailAddress: e_mail")
    with pytest.raises(Exception, match=r"'e_mail'.*'email'"):
        world.run()
    assert last(world).error_code == "column_missing"


def test_a_column_that_changed_its_type_but_not_its_values_sends_nothing(world: World) -> None:
    world.warehouse.execute("ALTER TABLE customers ADD code integer")
    world.edit("syncs/customers.yaml", "EmailAddress: email", "AccountNumber: code")
    world.warehouse.execute("INSERT INTO customers (id, name, code) VALUES (1, 'Ann', 42)")
    world.run()
    world.warehouse.execute("ALTER TABLE customers ALTER code TYPE text, ALTER id TYPE integer")
    world.api_calls()
    assert world.run().run.counts["calls"] == 0


# Files


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model:\tcustomers\n\tdestination: xero\n", "tab"),
        (SYNC + "model: other\n", "'model'"),
        ("<<<<<<< HEAD\nmodel: customers\n=======\nmodel: x\n>>>>>>> branch\n", "conflict"),
        ("model: customers\nmatch: {ContactNumber: id\n", ""),
    ],
    ids=["tab", "duplicate key", "conflict marker", "half-written"],
)
def test_a_broken_file_is_named_with_its_line(world: World, text: str, said: str) -> None:
    world.write("syncs/customers.yaml", text)
    report = world.app().check()
    problem, *_ = [problem for problem in report.problems if problem.path == "syncs/customers.yaml"]
    assert said in problem.message.casefold()
    assert problem.line >= 1
    assert problem.remedy
    with pytest.raises(ProjectInvalid, match=r"syncs/customers.yaml:\d"):
        world.run()


def test_a_model_that_is_an_update_never_reaches_the_source(world: World) -> None:
    world.many(1)
    world.write("models/customers.sql", "\nUPDATE customers SET name = 'hacked'")
    with pytest.raises(ProjectInvalid, match=r"models/customers.sql:2: .*UPDATE"):
        world.run()
    assert world.warehouse.execute("SELECT name FROM customers") == [("Customer 1",)]


def test_an_unknown_sync_names_the_nearest(world: World) -> None:
    with pytest.raises(NameUnknown, match="'custommers'") as caught:
        world.run("custommers")
    assert caught.value.remedy == "Did you mean 'customers'?"


# Sources


def test_a_dead_database_is_one_clear_error(world: World) -> None:
    world.environ["WAREHOUSE_URL"] = "postgresql://nobody:hunter2@127.0.0.1:9/void"
    run = world.run().run
    assert (run.state, run.error_code) == (RunState.FAILED, "source_unreachable")
    assert "hunter2" not in str(run.error_message)
    assert world.api_calls() == []


def test_a_database_that_dies_mid_read_is_never_a_short_result(world: World) -> None:
    world.many(20)
    world.run()
    # The backend ends itself half-way: the client has had rows by then.
    world.write(
        "models/customers.sql",
        """
        SELECT id, 'Customer ' || id AS name, NULL AS email, NULL AS phone,
               CASE WHEN id = 150000 THEN pg_terminate_backend(pg_backend_pid()) END AS dead
        FROM generate_series(1, 200000) AS id
        """,
    )
    world.edit("syncs/customers.yaml", "EmailAddress: email", "FirstName: dead")
    world.api_calls()
    run = world.run().run
    assert (run.state, run.error_code) == (RunState.FAILED, "source_failed")
    assert world.api_calls() == []
    assert len(world.contacts()) == 20
