"""Between a crash and its settling somebody makes a booked record unrecognisable: only the key knows it."""

from __future__ import annotations

import pytest

from bookward.store.runs import RunState
from tests.crash.test_killed import killed_at
from tests.integration.test_invoices import contacts, feed, invoice
from tests.integration.world import World


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
