"""Between a crash and its settling somebody edits the books, or the sync: nothing is lost or booked twice."""

from __future__ import annotations

from typing import Any

import pytest

from bookward.demo.xero.clock import SettableClock
from bookward.errors import ObjectChanged
from bookward.store.runs import RunState
from tests.crash.test_killed import killed_at
from tests.integration.test_invoices import contacts, feed, invoice, row
from tests.integration.world import World


def referred(key: str) -> dict[str, Any]:
    """Return a row whose document gets its number from Xero and is found by its reference."""
    made = invoice(key, Reference=f"R{key}", given=f"OURS-{key}")
    del made["InvoiceNumber"]
    return made


@pytest.mark.parametrize("type_", ["ACCREC", "ACCPAY"])
def test_a_document_that_was_given_another_number_is_not_booked_again(world: World, type_: str) -> None:
    contacts(world)
    documents = feed(world).rows(invoice("1", Type=type_, Status="AUTHORISED"))
    killed_at(world, "after-send:1", "feed")
    (booked,) = world.xero.records("Invoices")
    world.xero.edit("Invoices", str(booked["InvoiceID"]), InvoiceNumber="BY-HAND")
    report = documents.run()
    assert report.run.state is RunState.DONE
    still = [
        (document["InvoiceID"], document["InvoiceNumber"]) for document in world.xero.records("Invoices")
    ]
    assert still == [(booked["InvoiceID"], "BY-HAND")]
    assert [run.counts["rows_accepted"] for run in report.recovered] == [1]
    assert documents.run().run.counts["calls"] == 0


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"match": {"Reference": "reference"}', '"match": {"InvoiceNumber": "given"}'),
        ('"Reference": "reference"', '"Reference": "given"'),
        ('"mode": "insert"', '"mode": "upsert"'),
        ('"on_change": "reject"', '"on_change": "replace"'),
    ],
    ids=["match", "mapping", "mode", "on_change"],
)
def test_what_a_killed_run_had_booked_is_found_as_that_run_was_configured(
    world: World, clock: SettableClock, old: str, new: str, late: bool
) -> None:
    contacts(world)
    documents = feed(world, match="Reference", mode="insert", on_change="reject")
    documents.rows(referred("1"), referred("2"))
    killed_at(world, "after-send:1", "feed")
    booked = {str(document["InvoiceID"]) for document in world.xero.records("Invoices")}
    assert len(booked) == 2
    world.edit("syncs/feed.yaml", old, new)
    if late:
        clock.jump(minutes=10)
    report = documents.run()
    assert report.run.state is RunState.DONE
    assert [run.counts["rows_accepted"] for run in report.recovered] == [2]
    assert {str(document["InvoiceID"]) for document in world.xero.records("Invoices")} == booked


@pytest.mark.parametrize("late", [False, True])
def test_what_a_killed_run_had_booked_is_not_forgotten_for_another_object(
    world: World, clock: SettableClock, late: bool
) -> None:
    contacts(world)
    feed(world).rows(invoice("1"), invoice("2"))
    killed_at(world, "after-send:1", "feed")
    notes = feed(world, "credit-notes").rows(row("1", "credit-notes"), row("2", "credit-notes"))
    if late:
        clock.jump(minutes=10)
    for _ in range(2):
        with pytest.raises(ObjectChanged):
            notes.run()
    assert world.xero.records("CreditNotes") == []
    documents = feed(world).rows(invoice("1"), invoice("2"))
    assert documents.run().run.counts["calls"] == 0
    assert len(world.xero.records("Invoices")) == 2


def test_a_killed_run_that_had_booked_nothing_does_not_stand_in_another_objects_way(
    world: World, clock: SettableClock
) -> None:
    contacts(world)
    feed(world).rows(invoice("1"))
    killed_at(world, "after-intent:1", "feed")
    notes = feed(world, "credit-notes").rows(row("1", "credit-notes"))
    clock.jump(minutes=10)
    assert notes.run().run.state is RunState.DONE
    assert (len(world.xero.records("Invoices")), len(world.xero.records("CreditNotes"))) == (0, 1)


def test_where_the_mapping_was_edited_a_record_that_says_something_else_is_uncertain(
    world: World, clock: SettableClock
) -> None:
    contacts(world)
    documents = feed(world, match="Reference", mode="insert").rows(referred("1"))
    killed_at(world, "after-send:1", "feed")
    (booked,) = world.xero.records("Invoices")
    world.xero.edit("Invoices", str(booked["InvoiceID"]), DueDate="2026-12-24")
    world.edit(
        "syncs/feed.yaml", '"match": {"Reference": "reference"}', '"match": {"InvoiceNumber": "given"}'
    )
    clock.jump(minutes=10)
    report = documents.run()
    assert report.run.counts["rows_uncertain"] == 1
    assert len(world.xero.records("Invoices")) == 1
