"""Rows on which other reverse ETL tools are known to have failed; each test is named after the fault."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from bookward.demo.xero.bodies import invalid
from bookward.demo.xero.contact_write import ContactWriter
from bookward.demo.xero.options import Options
from bookward.store.runs import RunState
from tests.integration.feeds import Feed
from tests.integration.test_invoices import contacts, invoice
from tests.integration.test_invoices import feed as documents
from tests.integration.world import World


def nothing_is_left(world: World, sync: str = "customers") -> None:
    """A second run has no operation and makes no call."""
    run = world.run(sync).run
    assert (run.state, run.counts["calls"]) == (RunState.DONE, 0)
    assert {name: n for name, n in run.counts.items() if name.startswith("changes_")} == {
        "changes_same": run.counts["rows_read"]
    }


@pytest.mark.parametrize(
    "name",
    [
        "O'Brien",
        '"Quoted" & Sons',
        "Back\\slash",
        "Zoë Müller",
        "北京公司",
        "{{ name }}",
        "100 %",
        "a;b--c",
    ],
)
def test_an_apostrophe_is_escaped_twice_or_never(world: World, name: str) -> None:
    world.customers((1, name))
    world.run()
    assert world.contacts()["1"]["Name"] == name
    nothing_is_left(world)


@pytest.mark.parametrize("text", ["0.1", "1234567890.12", "-0.07", "9999999.9999", "1000.10"])
def test_a_decimal_becomes_a_float(world: World, text: str) -> None:
    contacts(world)
    feed = documents(world)
    feed.mapped["LineItems"] = [{"Description": "id", "Quantity": {"value": 1}, "UnitAmount": "amount"}]
    rows = [invoice("1") | {"amount": Decimal(text)}]
    run = feed.rows(*rows).run()
    with closing(world.app()) as app:
        (sent,) = [call for _, call in app.calls(run.run.id, text="UnitAmount") if call.method != "GET"]
    assert f'"UnitAmount":{Decimal(text)}'.encode() in sent.request_body
    nothing_is_left(world, "feed")


DIGITS = {
    "numeric(38,12)": "12345678901234567890123456.123456789012",
    "numeric": "-1234567890123456789012345678901234567890.000000000000000000000000000001",
    "numeric(20,12)": "0.000000000001",
}


@pytest.mark.parametrize(("type_", "text"), DIGITS.items())
def test_a_decimal_of_many_digits_is_rounded(world: World, type_: str, text: str) -> None:
    world.warehouse.execute(f"ALTER TABLE customers ALTER COLUMN credit TYPE {type_}")
    world.edit("syncs/customers.yaml", "  Name: name\n", "  Name: name\n  CompanyNumber: credit\n")
    world.edit("syncs/customers.yaml", "CompanyNumber: credit", 'FirstName: {template: "{{ credit }}"}')
    world.customers((1, "Ann"))
    world.warehouse.execute(f"UPDATE customers SET credit = {text}")
    world.run()
    assert world.contacts()["1"]["FirstName"] == text
    nothing_is_left(world)


def test_a_decimal_whose_scale_changed_is_sent_again(world: World) -> None:
    world.edit(
        "syncs/customers.yaml", "  Name: name\n", '  Name: name\n  FirstName: {template: "{{ credit }}"}\n'
    )
    world.customers((1, "Ann"))
    world.warehouse.execute("UPDATE customers SET credit = 1.5")
    world.run()
    for type_ in ("numeric(20,2)", "numeric(12,6)", "numeric", "numeric(20,12)"):
        world.warehouse.execute(f"ALTER TABLE customers ALTER COLUMN credit TYPE {type_}")
        nothing_is_left(world)


@pytest.mark.parametrize("count", [2_000, pytest.param(20_000, marks=pytest.mark.nightly)])
def test_rows_that_share_one_timestamp_are_lost(world: World, count: int) -> None:
    world.xero.options = Options(minute_limit=100_000, day_limit=100_000)
    world.edit("destinations/xero.yaml", "batch_size: 50\n", "batch_size: 1000\n")
    world.warehouse.execute("ALTER TABLE customers ADD COLUMN updated_at timestamptz")
    world.many(count)
    world.warehouse.execute("UPDATE customers SET updated_at = '2026-01-01 00:00:00+00'")
    run = world.run().run
    assert (run.state, run.counts["rows_accepted"]) == (RunState.DONE, count)
    assert len(world.xero.contacts()) == count
    nothing_is_left(world)


def test_a_table_without_order_is_sent_again_when_its_rows_moved(world: World) -> None:
    world.many(500)
    world.run()
    world.warehouse.execute("UPDATE customers SET name = name WHERE id % 3 = 0")
    nothing_is_left(world)
    world.warehouse.execute(
        "CREATE INDEX by_name ON customers (reverse(name)); CLUSTER customers USING by_name"
    )
    first = world.warehouse.execute("SELECT id FROM customers LIMIT 1")
    assert first != [(1,)]
    nothing_is_left(world)


def test_null_and_duplicate_keys_stop_the_sync_or_overwrite_each_other(world: World) -> None:
    world.customers((1, "Ann"), (None, "Nobody"), (2, "Bob"), (3, "Cyd"), (3, "Dan"), (None, "No one"))
    report = world.run()
    assert report.run.state is RunState.DONE
    assert {row.key: row.code for row in world.rows(report, "rejected")} == {
        "row 2": "key_null",
        "row 6": "key_null",
        "3": "key_duplicate",
    }
    assert sorted(contact["Name"] for contact in world.contacts().values()) == ["Ann", "Bob"]


def test_a_failed_row_is_never_tried_again_unless_its_source_changes(world: World) -> None:
    world.xero.options = Options(bank_details_allowed=False)
    feed = Feed(world, "contacts", "ContactNumber")
    feed.rows({"id": "1", "ContactNumber": "N-1", "Name": "Ann", "BankAccountDetails": "12-3456-0000001-00"})
    assert feed.run().run.counts["rows_rejected"] == 1
    world.xero.options = Options()
    with closing(world.app()) as app:
        assert app.retry("feed") == ["1"]
    assert feed.run().run.counts["rows_accepted"] == 1
    assert world.contacts()["N-1"]["BankAccountDetails"] == "12-3456-0000001-00"
    nothing_is_left(world, "feed")


def test_an_answer_of_200_is_taken_for_success_of_every_row_in_it(world: World) -> None:
    world.xero.options = Options(bank_details_allowed=False)
    feed = Feed(world, "contacts", "ContactNumber")
    rows: list[dict[str, Any]] = [
        {"id": f"{n:03}", "ContactNumber": f"N-{n}", "Name": f"Name {n}"} for n in range(1, 101)
    ]
    for row in rows[9::10]:
        row["BankAccountDetails"] = "12-3456-0000001-00"
    report = feed.rows(*rows).run()
    assert {name: n for name, n in report.run.counts.items() if name.startswith("rows_")} == {
        "rows_accepted": 90,
        "rows_rejected": 10,
        "rows_read": 100,
    }
    assert [row.key for row in world.rows(report, "rejected")] == [row["id"] for row in rows[9::10]]
    assert len(world.xero.contacts()) == 90


def test_one_bad_row_takes_its_whole_batch_with_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    write_all = ContactWriter.write_all

    def refusing(writer: ContactWriter, elements: Sequence[Any]) -> Any:
        if any(element.get("Name") == "Poison" for element in elements):
            raise invalid("The request cannot be understood.")
        return write_all(writer, elements)

    monkeypatch.setattr(ContactWriter, "write_all", refusing)
    world.many(1_000)
    world.warehouse.execute("UPDATE customers SET name = 'Poison' WHERE id = 517")
    report = world.run()
    assert (report.run.counts["rows_accepted"], report.run.counts["rows_rejected"]) == (999, 1)
    (rejected,) = world.rows(report, "rejected")
    assert (rejected.key, rejected.code) == ("517", "remote_rejected")
    assert "The request cannot be understood." in str(rejected.message)
    assert len(world.xero.contacts()) == 999
    writes = [call for call in world.api_calls() if call[0] == "PUT"]
    assert len(writes) == 20 + 12  # the batch of 50 is halved down to one row: two calls for each halving
