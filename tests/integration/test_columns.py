"""Columns that come and go: one that no field uses is noted once, one that is used stops its sync."""

from __future__ import annotations

import pytest

from bookward.errors import ColumnMissing
from bookward.store.runs import RunState
from tests.integration.world import World


def notes(world: World) -> tuple[str, ...]:
    """Run, and return what the run notes."""
    report = world.run()
    assert report.run.state is RunState.DONE
    assert report.plan is not None
    return report.plan.header.notes


@pytest.fixture
def synced(world: World) -> World:
    world.customers((1, "Ann", "ann@example.com", "021 1"))
    assert notes(world) == ()
    return world


def test_a_new_column_that_no_field_uses_is_noted_until_a_run_has_ended(synced: World) -> None:
    synced.warehouse.execute("ALTER TABLE customers ADD COLUMN vat_number text")
    said = ("The model has a new column 'vat_number', which no field uses.",)
    assert synced.plan().header.notes == said
    assert synced.plan().header.notes == said
    assert notes(synced) == said
    assert notes(synced) == ()


def test_a_column_that_nothing_used_and_that_is_gone_is_noted_once(synced: World) -> None:
    synced.warehouse.execute("ALTER TABLE customers DROP COLUMN credit")
    assert notes(synced) == ("Column 'credit' is gone from the model; nothing used it.",)
    assert notes(synced) == ()


def test_a_renamed_column_is_a_new_one_and_one_that_is_gone(synced: World) -> None:
    synced.warehouse.execute("ALTER TABLE customers RENAME COLUMN credit TO credit_limit")
    assert notes(synced) == (
        "The model has a new column 'credit_limit', which no field uses.",
        "Column 'credit' is gone from the model; nothing used it.",
    )


def test_a_new_column_that_a_field_uses_is_no_news(synced: World) -> None:
    synced.warehouse.execute("ALTER TABLE customers ADD COLUMN vat_number text")
    synced.edit(
        "syncs/customers.yaml", "  EmailAddress: email\n", "  EmailAddress: email\n  TaxNumber: vat_number\n"
    )
    assert notes(synced) == ()


def test_a_run_that_could_not_read_does_not_take_note(synced: World) -> None:
    synced.warehouse.execute("ALTER TABLE customers ADD COLUMN vat_number text")
    synced.write("models/customers.sql", "SELECT *, 1 / 0 AS credit2 FROM customers WHERE 1 / (id - 1) > 0\n")
    assert synced.run().run.error_code == "source_failed"
    synced.write("models/customers.sql", "SELECT * FROM customers\n")
    assert notes(synced) == ("The model has a new column 'vat_number', which no field uses.",)


def test_a_used_column_that_vanished_stops_its_sync_and_names_the_nearest(synced: World) -> None:
    synced.warehouse.execute("ALTER TABLE customers RENAME COLUMN email TO e_mail")
    synced.api_calls()
    with pytest.raises(ColumnMissing) as caught:
        synced.run()
    assert caught.value.message == "Model 'customers' has no column 'email'. Did you mean 'e_mail'?"
    assert synced.api_calls() == []


def test_a_used_column_of_another_sort_parks_its_sync(synced: World) -> None:
    synced.warehouse.execute("UPDATE customers SET since = '2026-01-01'")
    synced.write("models/customers.sql", "SELECT id, name, email, since AS phone FROM customers\n")
    run = synced.run().run
    assert (run.state, run.error_code) == (RunState.PARKED, "guard_tripped")
    assert "Column 'phone' held text and holds dates now." in str(run.error_message)
