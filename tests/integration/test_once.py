"""Rows arrive once, as planned, and only what moved is sent again."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from bookward.demo.xero.options import Company
from bookward.errors import ProjectInvalid
from bookward.records import OperationKind
from bookward.store.runs import RunState
from tests.integration.world import World, moving


def kinds(world: World) -> dict[str, int]:
    return dict(world.plan().header.operations)


def test_rows_arrive_and_a_second_run_makes_no_call_at_all(world: World) -> None:
    world.many(120)
    first = world.run()
    assert first.run.state is RunState.DONE
    assert first.run.counts["rows_accepted"] == 120
    assert sorted(world.contacts(), key=int) == [str(n) for n in range(1, 121)]
    writes = [call for call in world.api_calls() if call[0] != "GET"]
    assert len(writes) == 3
    second = world.run()
    assert second.run.state is RunState.DONE
    assert second.run.counts["calls"] == 0
    assert world.api_calls() == []


def test_only_what_moved_is_sent_again(world: World) -> None:
    world.many(60)
    world.run()
    world.api_calls()
    world.warehouse.execute("UPDATE customers SET email = 'new@example.com' WHERE id = 7")
    world.warehouse.execute("DELETE FROM customers WHERE id = 8")
    world.customers((61, "Newcomer"))
    report = world.run()
    assert report.plan is not None
    assert report.plan.header.operations == {"update": 1, "insert": 1, "archive": 1}
    assert world.contacts()["7"]["EmailAddress"] == "new@example.com"
    assert world.contacts()["61"]["Name"] == "Newcomer"
    assert list(world.contacts("ARCHIVED")) == ["8"]
    assert len([call for call in world.api_calls() if call[0] != "GET"]) == 2


def test_planning_twice_gives_the_same_operations_byte_for_byte(world: World) -> None:
    world.many(200)
    world.customers((None, "No key"), (5, "Same key as Customer 5"), (300, "n" * 300))
    plans = [world.plan(), world.plan()]
    assert plans[0].header.id != plans[1].header.id
    first, second = [(plan.folder / "operations.parquet").read_bytes() for plan in plans]
    assert first == second
    assert (plans[0].folder / "changes.parquet").read_bytes() == (
        plans[1].folder / "changes.parquet"
    ).read_bytes()


def test_a_plan_writes_nothing_at_the_destination(world: World) -> None:
    world.many(3)
    world.plan()
    assert world.contacts() == {}
    assert {method for method, _, _ in world.api_calls()} <= {"GET"}


def test_run_executes_exactly_the_plan_that_was_shown(world: World) -> None:
    world.many(3)
    plan = world.plan()
    world.customers((4, "Too late"))
    report = world.run(plan=plan.header.id)
    assert report.run.state is RunState.DONE
    assert sorted(world.contacts()) == ["1", "2", "3"]


def test_a_plan_is_refused_once_the_sync_has_run(world: World) -> None:
    world.many(3)
    plan = world.plan()
    world.run()
    world.api_calls()
    report = world.run(plan=plan.header.id)
    assert report.run.error_code == "plan_stale"
    assert world.api_calls() == []


def test_a_plan_sends_nothing_over_what_somebody_changed_meanwhile(world: World) -> None:
    world.many(4)
    world.run()
    world.warehouse.execute("UPDATE customers SET email = 'new' || id || '@example.com' WHERE id < 3")
    world.warehouse.execute("DELETE FROM customers WHERE id = 3")
    world.customers((5, "Newcomer"), (6, "Another"))
    plan = world.plan()
    ids = {number: str(contact["ContactID"]) for number, contact in world.contacts().items()}
    world.xero.edit_contact(ids["2"], EmailAddress="by.hand@example.com")
    world.xero.edit_contact(ids["3"], status="ARCHIVED")
    world.xero.add_contacts([{"Name": "newcomer"}])
    world.api_calls()
    report = world.run(plan=plan.header.id)
    assert {(row.key, row.code) for row in world.rows(report, "rejected")} == {
        ("2", "record_moved"),
        ("3", "record_moved"),
        ("5", "record_moved"),
    }
    assert [method for method, _, _ in world.api_calls()].count("GET") == 1
    assert world.contacts()["1"]["EmailAddress"] == "new1@example.com"
    assert world.contacts()["2"]["EmailAddress"] == "by.hand@example.com"
    assert "6" in world.contacts()
    again = world.plan()
    assert again.header.operations == {"update": 1, "adopt": 1, "reject": 1}


def test_a_plan_is_refused_when_its_time_is_over(world: World) -> None:
    world.many(3)
    plan = world.plan()
    moving(world.clock).jump(hours=25)
    assert world.run(plan=plan.header.id).run.error_code == "plan_stale"
    assert world.contacts() == {}


def test_a_plan_is_refused_when_the_mapping_has_changed(world: World) -> None:
    world.many(3)
    plan = world.plan()
    world.edit("syncs/customers.yaml", "EmailAddress: email", "FirstName: email")
    assert world.run(plan=plan.header.id).run.error_code == "plan_stale"


def test_a_record_that_was_there_and_says_the_same_is_adopted_without_a_write(world: World) -> None:
    phone = {"PhoneType": "MOBILE", "PhoneNumber": "021 1"}
    world.xero.add_contacts(
        [
            {
                "Name": "Customer 1",
                "ContactNumber": "1",
                "EmailAddress": "c1@example.com",
                "Phones": [phone],
            },
            {"Name": "Customer 2", "ContactNumber": "2", "EmailAddress": "old@example.com"},
        ]
    )
    world.many(2)
    plan = world.plan()
    assert plan.header.operations == {"adopt": 1, "update": 1}
    (update,) = [o for part in plan.operations({OperationKind.UPDATE}) for o in part]
    assert update.before is not None
    assert update.before["EmailAddress"] == "old@example.com"
    report = world.run()
    assert report.run.counts["rows_adopted"] == 1
    assert world.contacts()["2"]["EmailAddress"] == "c2@example.com"
    assert len(world.xero.contacts()) == 2
    world.api_calls()
    assert world.run().run.counts["calls"] == 0


def test_an_edited_mapping_sends_only_rows_whose_payload_really_differs(world: World) -> None:
    world.customers((1, "Ann", "ann@example.com"), (2, "Bob"))
    world.run()
    world.api_calls()
    world.edit("syncs/customers.yaml", "EmailAddress: email", "EmailAddress: {template: '{{ email }}'}")
    report = world.run()
    assert report.plan is not None
    assert report.plan.header.changes["remapped"] == 2
    assert report.plan.header.operations == {"unchanged": 2}
    assert world.api_calls() == []
    world.edit("syncs/customers.yaml", "'{{ email }}'", "'{{ email | upcase }}'")
    again = world.run()
    assert again.plan is not None
    assert again.plan.header.operations == {"unchanged": 1, "update": 1}
    assert world.contacts()["1"]["EmailAddress"] == "ANN@EXAMPLE.COM"
    assert world.run().run.counts["calls"] == 0


def test_a_rejected_row_waits_and_the_others_go_on(world: World) -> None:
    world.many(5)
    world.customers((6, "x" * 300))
    report = world.run()
    (row,) = world.rows(report, "rejected")
    assert (row.key, row.field, row.code) == ("6", "Name", "field_invalid")
    assert len(world.contacts()) == 5
    world.warehouse.execute("UPDATE customers SET name = 'Short' WHERE id = 6")
    assert world.run().run.counts.get("rows_rejected", 0) == 0
    assert world.contacts()["6"]["Name"] == "Short"


def test_null_and_duplicate_keys_are_named_and_none_is_taken(world: World) -> None:
    world.many(2)
    world.customers((None, "Nobody"), (2, "Second second"), (3, "Good"))
    report = world.run()
    rejected = {(row.key, row.code) for row in world.rows(report, "rejected")}
    assert rejected == {("row 3", "key_null"), ("2", "key_duplicate")}
    assert sorted(world.contacts()) == ["1", "3"]


def test_an_accepted_row_whose_key_becomes_duplicate_is_not_removed(world: World) -> None:
    world.many(2)
    world.run()
    world.customers((2, "Another 2"))
    report = world.run()
    assert report.plan is not None
    assert report.plan.header.operations == {"reject": 1}
    assert sorted(world.contacts()) == ["1", "2"]


def test_several_key_columns_make_one_key(world: World) -> None:
    world.write("models/customers.yaml", "source: warehouse\nprimary_key: [id, name]\n")
    world.write("models/customers.sql", "SELECT *, id || '-' || name AS number FROM customers")
    world.edit("syncs/customers.yaml", "{ContactNumber: id}", "{ContactNumber: number}")
    world.customers((1, "Ann"), (1, "Bob"))
    report = world.run()
    assert [row.key for row in world.rows(report)] == ['["1","Ann"]', '["1","Bob"]']
    assert world.run().run.counts["calls"] == 0


def test_contacts_can_be_matched_by_name_and_by_id(world: World) -> None:
    (held,) = world.xero.add_contacts([{"Name": "Ann"}])
    world.edit("syncs/customers.yaml", "match: {ContactNumber: id}", "match: {Name: name}")
    world.edit("syncs/customers.yaml", "  Name: name\n", "")
    world.customers((1, "ANN", "ann@example.com"))
    assert kinds(world) == {"update": 1}
    world.run()
    assert world.xero.contacts()[0]["ContactID"] == held["ContactID"]
    assert world.xero.contacts()[0]["EmailAddress"] == "ann@example.com"


def test_a_removed_row_comes_back_to_its_own_record(world: World) -> None:
    world.edit("syncs/customers.yaml", "on_removal: archive", "on_removal: keep")
    world.many(2)
    world.run()
    before = world.contacts()["2"]["ContactID"]
    world.warehouse.execute("DELETE FROM customers WHERE id = 2")
    assert world.run().run.counts["rows_kept"] == 1
    world.many(1, start=2)
    world.run()
    assert world.contacts()["2"]["ContactID"] == before
    assert len(world.xero.contacts()) == 2


def test_a_sync_with_problems_does_not_begin(world: World) -> None:
    world.edit("syncs/customers.yaml", "EmailAddress: email", "EmailAdress: email")
    with pytest.raises(ProjectInvalid, match=r"syncs/customers.yaml:8: .*EmailAdress"):
        world.run()
    assert world.api_calls() == []


def test_personal_data_is_forgotten_when_its_time_is_over(world: World) -> None:
    world.customers((1, "Ann", "ann@example.com"))
    first = world.run()
    assert first.plan is not None
    moving(world.clock).jump(days=31)
    world.connect()
    world.run()
    with closing(world.app()) as app:
        old = [call for _, call in app.calls(first.run.id)]
    assert old
    assert all(call.request_body == call.response_body == b"" for call in old)
    assert not first.plan.folder.exists()
    kept = b"".join(file.read_bytes() for file in (world.root / ".bookward" / "plans").rglob("*.parquet"))
    assert b"ann@example.com" not in kept


def test_a_destination_that_leads_to_other_books_is_refused(world: World) -> None:
    other = Company(id="b0c1d2e3-0002-4000-8000-000000000002", name="Other Ltd")
    world.many(2)
    world.run()
    world.xero.options = replace(world.xero.options, companies=(*world.xero.options.companies, other))
    world.connect(other.id)
    run = world.run().run
    assert (run.state, run.error_code) == (RunState.FAILED, "organisation_changed")
    first = world.xero.options.companies[0]
    assert run.error_message == (
        f"Sync 'customers' has written to organisation {first.name!r} ({first.id}); "
        f"destination 'xero' now leads to 'Other Ltd' ({other.id})."
    )
    assert world.xero.contacts(other.id) == []


def test_every_plan_and_run_says_whose_books_as_they_were_called_then(world: World) -> None:
    world.many(2)
    company = world.xero.options.companies[0]
    report = world.run()
    renamed = replace(company, name="New Name Ltd")
    world.xero.options = replace(world.xero.options, companies=(renamed,))
    world.connect()
    world.many(1, start=3)
    header = world.plan().header
    assert (header.organisation, header.organisation_name) == (company.id, "New Name Ltd")
    last = world.run(plan=header.id).run
    assert (last.organisation, last.organisation_name) == (company.id, "New Name Ltd")
    with closing(world.app()) as app:
        first = app.find_run(report.run.id)
    assert (first.organisation, first.organisation_name) == (company.id, company.name)


def test_rows_whose_key_changes_keep_their_records_whatever_their_number(world: World) -> None:
    world.write(
        "models/customers.sql", "SELECT 'old-' || id AS id, name, email, phone, id AS number FROM customers"
    )
    world.edit("syncs/customers.yaml", "{ContactNumber: id}", "{ContactNumber: number}")
    world.many(1500)
    world.run()
    before = {number: contact["ContactID"] for number, contact in world.contacts().items()}
    world.edit("models/customers.sql", "'old-' ||", "'new-' ||")
    report = world.run()
    assert report.run.counts.get("rows_rejected", 0) == 0
    assert {number: contact["ContactID"] for number, contact in world.contacts().items()} == before
    assert world.contacts("ARCHIVED") == {}
    world.api_calls()
    assert world.run().run.counts["calls"] == 0


def test_two_rows_that_name_one_record_by_its_id_are_both_rejected(world: World) -> None:
    (held,) = world.xero.add_contacts([{"Name": "Ann"}])
    id_ = held["ContactID"]
    world.write(
        "models/customers.sql",
        f"SELECT id, name, email, phone, CASE WHEN id IN (1, 1400) THEN '{id_}' END AS xero FROM customers",
    )
    world.edit("syncs/customers.yaml", "{ContactNumber: id}", "{ContactID: xero}")
    world.many(1400)
    report = world.run()
    assert [(row.key, row.code) for row in world.rows(report, "rejected")] == [
        ("1", "match_taken"),
        ("1400", "match_taken"),
    ]
