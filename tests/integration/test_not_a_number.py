"""NaN and infinity in columns of numbers reject their rows, by name; the others go on."""

from __future__ import annotations

from contextlib import closing

import pytest

from bookward.store.runs import RunState
from tests.integration.world import World

TEMPLATE = '{template: "{{ credit }}"}'
TYPES = ["numeric(20,12)", "numeric(38,2)", "numeric", "double precision"]


@pytest.fixture
def credited(world: World) -> World:
    world.edit("syncs/customers.yaml", "  Name: name\n", f"  Name: name\n  FirstName: {TEMPLATE}\n")
    world.customers((1, "Ann"), (2, "Bob"), (3, "Cyd"))
    return world


def put(world: World, type_: str, id_: int, value: str) -> None:
    world.warehouse.execute(f"ALTER TABLE customers ALTER COLUMN credit TYPE {type_}")
    world.warehouse.execute(f"UPDATE customers SET credit = CASE id WHEN {id_} THEN '{value}' ELSE 7.5 END")


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize(("source", "code"), [("credit", "field_invalid"), (TEMPLATE, "template_failed")])
def test_a_mapped_nan_rejects_its_row_only(credited: World, type_: str, source: str, code: str) -> None:
    credited.edit("syncs/customers.yaml", TEMPLATE, source)
    put(credited, type_, 2, "NaN")
    report = credited.run()
    assert (report.run.state, report.run.counts["rows_accepted"]) == (RunState.DONE, 2)
    (rejected,) = credited.rows(report, "rejected")
    assert (rejected.key, rejected.field, rejected.code) == ("2", "FirstName", code)
    assert credited.contacts()["1"]["FirstName"] == "7.5"


@pytest.mark.parametrize(("type_", "value"), [("numeric", "Infinity"), ("double precision", "-Infinity")])
def test_a_mapped_infinity_rejects_its_row_only(credited: World, type_: str, value: str) -> None:
    put(credited, type_, 2, value)
    report = credited.run()
    assert [row.key for row in credited.rows(report, "rejected")] == ["2"]
    assert report.run.counts["rows_accepted"] == 2


def test_what_is_put_right_is_sent_and_nothing_else(credited: World) -> None:
    put(credited, "numeric(20,12)", 2, "NaN")
    credited.run()
    credited.warehouse.execute("UPDATE customers SET credit = 1 WHERE id = 2")
    assert credited.plan().header.operations == {"insert": 1}
    assert credited.run().run.state is RunState.DONE
    assert credited.plan().header.operations == {}


def test_the_warehouse_may_be_asked_twice_for_one_plan(no_schema: None, credited: World) -> None:
    credited.edit("syncs/customers.yaml", "on_removal: archive", "on_removal: archive\ndiff: warehouse")
    credited.warehouse.execute("UPDATE customers SET credit = 7.5")
    credited.run()
    for value, now in (
        ("NaN", {"same": 2, "changed": 1}),
        ("NaN", {"same": 2, "changed": 1}),
        (7.5, {"same": 3}),
    ):
        credited.warehouse.execute("UPDATE customers SET credit = %s WHERE id = 2", (value,))
        report = credited.run()
        assert report.run.state is RunState.DONE, report.run.error_message
        assert report.plan is not None
        assert report.plan.header.changes == now
    assert len(credited.xero.contacts()) == 3


def test_a_nan_that_comes_later_changes_nothing_about_the_other_rows(credited: World) -> None:
    credited.warehouse.execute("UPDATE customers SET credit = 7.5")
    credited.run()
    credited.warehouse.execute("UPDATE customers SET credit = 'NaN' WHERE id = 2")
    run = credited.run().run
    assert (run.state, run.counts["rows_rejected"], run.counts["changes_same"]) == (RunState.DONE, 1, 2)
    credited.warehouse.execute("UPDATE customers SET credit = 8 WHERE id = 3")
    run = credited.run().run
    assert (run.state, run.counts["rows_accepted"]) == (RunState.DONE, 1)
    assert credited.contacts("ARCHIVED") == {}


def test_a_nan_that_no_field_uses_is_nobodys_business(world: World) -> None:
    world.customers((1, "Ann"), (2, "Bob"))
    put(world, "numeric(20,12)", 2, "NaN")
    run = world.run().run
    assert (run.state, run.counts["rows_accepted"]) == (RunState.DONE, 2)


def test_a_nan_as_a_key_rejects_its_row_and_names_it(world: World) -> None:
    world.warehouse.execute("ALTER TABLE customers ALTER COLUMN id TYPE numeric(12,2)")
    world.customers((1, "Ann"), (2, "Bob"), ("NaN", "Cyd"))
    report = world.run()
    assert (report.run.state, report.run.counts["rows_accepted"]) == (RunState.DONE, 2)
    assert [(row.key, row.code) for row in world.rows(report, "rejected")] == [("NaN", "field_invalid")]


def test_a_preview_shows_it(credited: World) -> None:
    put(credited, "numeric(20,12)", 2, "NaN")
    with closing(credited.app()) as app:
        rows = app.preview("customers").rows
    assert [str(row["credit"]) for row in rows] == ["7.5", "NaN", "7.5"]
