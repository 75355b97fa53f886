"""Edits of a mapping: just those rows go again whose payload really changed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bookward.store.runs import RunState
from tests.integration.world import World

TEMPLATED = '  Name: {template: "{{ name }}"}\n'


def sent(world: World) -> Mapping[str, int]:
    """Plan and run, and return the operations that the run had, by kind; a second run has none."""
    operations = world.plan().header.operations
    assert world.run().run.state is RunState.DONE
    world.api_calls()
    assert world.run().run.counts["calls"] == 0
    assert world.plan().header.operations == {}
    assert world.api_calls() == []
    return operations


@pytest.fixture
def synced(world: World) -> World:
    """Three customers, one of them without an address, each with a credit of its own."""
    world.customers(
        (1, "Ann", "ann@example.com", "021 1"), (2, "Bob", None, "021 2"), (3, "Cyd", "cyd@example.com")
    )
    world.warehouse.execute("UPDATE customers SET credit = id")
    world.run()
    return world


def edit(world: World, old: str, new: str) -> None:
    world.edit("syncs/customers.yaml", old, new)


def test_a_field_more_sends_the_rows_that_have_a_value_for_it(synced: World) -> None:
    synced.warehouse.execute("ALTER TABLE customers ADD COLUMN first text")
    synced.warehouse.execute("UPDATE customers SET first = 'Robert' WHERE id = 2")
    edit(synced, "  Name: name\n", "  Name: name\n  FirstName: first\n")
    assert sent(synced) == {"unchanged": 2, "update": 1}
    assert synced.contacts()["2"]["FirstName"] == "Robert"


def test_a_field_less_sends_nothing(synced: World) -> None:
    edit(synced, "  EmailAddress: email\n", "")
    assert sent(synced) == {"unchanged": 3}
    assert synced.contacts()["1"]["EmailAddress"] == "ann@example.com"


def test_another_constant_sends_every_row_that_has_it(synced: World) -> None:
    edit(synced, "{value: MOBILE}", "{value: DEFAULT}")
    assert sent(synced) == {"unchanged": 1, "update": 2}


def test_a_constant_more_sends_every_row(synced: World) -> None:
    edit(synced, "  Name: name\n", "  Name: name\n  TaxNumber: {value: '7'}\n")
    assert sent(synced) == {"update": 3}


def test_a_constant_that_says_the_same_sends_nothing(synced: World) -> None:
    edit(synced, "{value: MOBILE}", '{value: "MOBILE"}')
    assert sent(synced) == {}


def test_a_template_that_gives_the_same_text_sends_nothing(synced: World) -> None:
    edit(synced, "  Name: name\n", TEMPLATED)
    assert sent(synced) == {"unchanged": 3}


def test_a_template_that_gives_another_text_sends_the_rows_for_which_it_does(synced: World) -> None:
    edit(synced, "  Name: name\n", "  Name: {template: \"{{ name | replace: 'Bob', 'Rob' }}\"}\n")
    assert sent(synced) == {"unchanged": 2, "update": 1}
    assert synced.contacts()["2"]["Name"] == "Rob"


def test_a_column_renamed_in_model_and_mapping_at_once_sends_nothing(synced: World) -> None:
    synced.write("models/customers.sql", "SELECT id, name AS full_name, email, phone FROM customers\n")
    edit(synced, "  Name: name\n", "  Name: full_name\n")
    assert sent(synced) == {"unchanged": 3}


def test_a_renamed_column_whose_values_changed_too_sends_those_rows(synced: World) -> None:
    synced.write("models/customers.sql", "SELECT id, upper(name) AS full_name, email, phone FROM customers\n")
    edit(synced, "  Name: name\n", "  Name: full_name\n")
    assert sent(synced) == {"update": 3}


def test_fields_in_another_order_send_nothing(synced: World) -> None:
    edit(synced, "  Name: name\n  EmailAddress: email\n", "  EmailAddress: email\n  Name: name\n")
    assert sent(synced) == {}


@pytest.mark.parametrize(
    "line", ["# a comment\n", "description: Who pays us\n", "guards: {max_changes: 9}\n"]
)
def test_what_is_no_part_of_the_mapping_sends_nothing(synced: World, line: str) -> None:
    edit(synced, "\nmodel: customers\n", f"\n{line}model: customers\n")
    assert sent(synced) == {}


def test_a_longer_way_to_say_the_same_sends_nothing(synced: World) -> None:
    edit(synced, "  Name: name\n", "  Name: {column: name}\n")
    assert sent(synced) == {"unchanged": 3}


def test_an_edit_that_is_taken_back_sends_nothing(synced: World) -> None:
    edit(synced, "  Name: name\n", TEMPLATED)
    assert synced.run().run.counts["rows_unchanged"] == 3
    edit(synced, TEMPLATED, "  Name: name\n")
    assert sent(synced) == {"unchanged": 3}


def test_rows_that_changed_along_with_the_mapping_are_sent_once(synced: World) -> None:
    edit(synced, "  Name: name\n", TEMPLATED)
    synced.warehouse.execute("UPDATE customers SET name = 'Roberta' WHERE id = 2")
    assert sent(synced) == {"unchanged": 2, "update": 1}


def test_a_query_written_differently_sends_nothing(synced: World) -> None:
    synced.write(
        "models/customers.sql", "SELECT c.phone, c.email, c.name, c.id FROM customers c ORDER BY c.name\n"
    )
    assert sent(synced) == {}


def test_a_plan_made_before_an_edit_is_stale_even_if_the_edit_sends_nothing(synced: World) -> None:
    plan = synced.plan().header.id
    edit(synced, "  Name: name\n", TEMPLATED)
    assert synced.run(plan=plan).run.error_code == "plan_stale"


def test_a_plan_stands_whatever_the_schedule_says(synced: World) -> None:
    synced.warehouse.execute("UPDATE customers SET name = 'Roberta' WHERE id = 2")
    plan = synced.plan().header.id
    edit(synced, "model: customers\n", "model: customers\nschedule: {every: 15m}\n")
    assert synced.run(plan=plan).run.counts["rows_accepted"] == 1
