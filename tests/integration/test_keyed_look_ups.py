"""Few records among many are asked for by their keys; a list is read page by page where that is cheaper."""

from __future__ import annotations

from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest

from bookward.demo.xero.faults import Fault, FaultKind
from bookward.run import RunReport
from tests.integration.test_invoices import booked, feed, invoice
from tests.integration.world import World, moving

MANY = 2_100  # contacts: three pages


def fill(world: World) -> None:
    world.xero.add(
        "Contacts",
        [{"Name": f'"C" \\ {n} & Ço, Ltd', "EmailAddress": f"c{n}@example.com"} for n in range(MANY)],
    )
    moving(world.clock).jump(hours=1)


def reads(world: World, report: RunReport) -> list[tuple[str, dict[str, list[str]]]]:
    """Return path and query of the lists that a run has read."""
    with closing(world.app()) as app:
        calls = [call for _, call in app.calls(report.run.id)]
    addresses = [urlsplit(call.url) for call in calls if call.method == "GET"]
    return [(a.path.rpartition("/")[2], parse_qs(a.query)) for a in addresses]


def done(world: World, report: RunReport) -> RunReport:
    assert world.rows(report, "rejected") == []
    return report


def test_few_invoices_by_email_cost_one_query_each_for_contacts_and_numbers(world: World) -> None:
    fill(world)
    documents = feed(world).rows(*[invoice(str(n), customer=f"C{n}@Example.com") for n in range(20)])
    contacts, numbers, accounts = reads(world, done(world, documents.run()))
    assert contacts[0] == "Contacts"
    assert contacts[1]["where"][0].count(" OR ") == 19
    assert contacts[1]["includeArchived"] == ["true"]
    assert (numbers[0], numbers[1]["InvoiceNumbers"][0].count(",")) == ("Invoices", 19)
    assert accounts[0] == "Accounts"
    assert len(booked(world)) == 20
    assert documents.run().run.counts["calls"] == 0


def test_many_invoices_by_email_read_the_pages(world: World) -> None:
    fill(world)
    documents = feed(world).rows(*[invoice(str(n), customer=f"c{n}@example.com") for n in range(200)])
    read = reads(world, done(world, documents.run()))
    pages = sorted(query["page"][0] for path, query in read if path == "Contacts")
    assert pages == ["1", "2", "3"]
    documents.rows(invoice("0", customer="c0@example.com"), invoice("x", customer="c9@example.com"))
    read = reads(world, done(world, documents.run()))
    contacts = [query for path, query in read if path == "Contacts"]
    assert [sorted(query) for query in contacts] == [["includeArchived", "page", "pageSize"]]  # what changed


@pytest.mark.parametrize("by", ["Name", "EmailAddress"])
def test_an_address_that_two_contacts_share_is_ambiguous_when_asked_for_too(world: World, by: str) -> None:
    fill(world)
    world.xero.add("Contacts", [{"Name": "Twin", "EmailAddress": "C7@example.com"}])
    value = {"Name": '"C" \\ 7 & Ço, Ltd', "EmailAddress": "c7@example.com"}[by]
    look_up = {"look_up": {"Contact": {"by": by, "column": "customer"}}}
    documents = feed(world, **look_up).rows(invoice("1", customer=value))
    report = documents.run()
    rejected = [(row.code, row.field) for row in world.rows(report, "rejected")]
    assert rejected == ([] if by == "Name" else [("match_ambiguous", "Contact")])
    assert ["where" in query for path, query in reads(world, report) if path == "Contacts"] == [True]


def test_bills_of_one_number_are_found_when_asked_for_too(world: World) -> None:
    fill(world)
    bills = [invoice(str(n), Type="ACCPAY", InvoiceNumber="7", customer=f"c{n}@example.com") for n in (1, 2)]
    documents = feed(world).rows(*bills)
    assert documents.rejected() == {}
    (world.root / "syncs" / "feed.yaml").rename(world.root / "syncs" / "again.yaml")
    world.api_calls()
    assert world.run("again", as_new=True).run.counts["rows_adopted"] == 2
    assert ("7", "ACCPAY") in {(i["InvoiceNumber"], i["Type"]) for i in world.xero.records("Invoices")}
    assert len(world.xero.records("Invoices")) == 2


def test_a_bill_whose_number_has_letters_and_accents_apart_is_found_when_asked_for(world: World) -> None:
    fill(world)
    documents = feed(world)
    documents.rows(invoice("1", Type="ACCPAY", InvoiceNumber="Cafe\u0301 7", customer="c1@example.com"))
    assert documents.rejected() == {}
    (world.root / "syncs" / "feed.yaml").rename(world.root / "syncs" / "again.yaml")
    assert world.run("again", as_new=True).run.counts["rows_adopted"] == 1
    assert len(world.xero.records("Invoices")) == 1


def test_a_bill_with_an_accent_whose_answer_is_lost_is_booked_once(world: World) -> None:
    fill(world)
    documents = feed(world)
    documents.rows(invoice("1", Type="ACCPAY", InvoiceNumber="Cafe\u0301 7", customer="c1@example.com"))
    world.xero.faults.add(Fault(kind=FaultKind.STATUS, status=500, method="PUT", when="after"))
    assert documents.rejected() == {}
    assert len(world.xero.records("Invoices")) == 1
