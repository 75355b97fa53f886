"""Lists of invoices: filters, orders, pages, summaries, and one invoice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from bookward.demo.xero import DEMO_COMPANY, WEB_APP, LocalXero
from bookward.demo.xero.filters import parse
from bookward.demo.xero.invoices import INVOICE_KIND
from tests.contract.local_xero.documents import API, APPROVED, BANK, BILL, listed, made, read
from tests.contract.local_xero.driver import signed_in

INVOICES = f"{API}/Invoices"


@pytest.fixture
def books(xero: LocalXero) -> LocalXero:
    """Four invoices: S-1 of Ada, S-2 of Eve in draft, S-3 of Ada paid, the bill B-1 of Bob."""
    for element in (
        APPROVED | {"InvoiceNumber": "S-1", "Date": "2026-09-01", "Reference": "Order 17"},
        APPROVED
        | {"InvoiceNumber": "S-2", "Contact": {"Name": "Eve"}, "Status": "DRAFT", "Date": "2026-10-01"},
        APPROVED | {"InvoiceNumber": "S-3", "Date": "2026-11-01", "DueDate": "2026-11-15"},
        BILL | {"Date": "2026-10-15"},
    ):
        xero.add("Invoices", [element])
        xero.clock.jump(seconds=10)
    xero.add("Payments", [{"InvoiceNumber": "S-3", "Amount": 23} | BANK])
    return xero


def numbers(api: httpx.Client, **query: Any) -> list[str]:
    return listed(api, "Invoices", "InvoiceNumber", **query)


@pytest.mark.usefixtures("books")
def test_lists_begin_with_what_was_changed_first(api: httpx.Client) -> None:
    assert numbers(api) == ["S-1", "S-2", "B-1", "S-3"]
    assert numbers(api, order="InvoiceNumber DESC") == ["S-3", "S-2", "S-1", "B-1"]
    assert numbers(api, order="Total DESC, Date ASC") == ["B-1", "S-1", "S-2", "S-3"]
    assert numbers(api, order="Contact.Name ASC, InvoiceNumber ASC") == ["S-1", "S-3", "B-1", "S-2"]


@pytest.mark.usefixtures("books")
def test_lists_are_narrowed_by_parameters(api: httpx.Client) -> None:
    (one, two, *_) = listed(api, "Invoices", "InvoiceID")
    assert numbers(api, IDs=f"{one.upper()},{two}") == ["S-1", "S-2"]
    assert numbers(api, InvoiceNumbers="s-2,B-1,nothing") == ["S-2", "B-1"]
    assert numbers(api, Statuses="DRAFT,PAID") == ["S-2", "S-3"]
    contact = read(api, "Invoices", "S-2")["Contact"]["ContactID"]
    assert numbers(api, ContactIDs=contact) == ["S-2"]
    assert numbers(api, ContactIDs=contact, Statuses="PAID") == []
    assert numbers(api, searchTerm="order") == ["S-1"]
    assert numbers(api, searchTerm="s-") == ["S-1", "S-2", "S-3"]


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(
    ("where", "found"),
    [
        ('Status=="AUTHORISED"', ["S-1", "B-1"]),
        ('Type=="ACCPAY" OR Reference!=null', ["S-1", "B-1"]),
        ('Contact.Name=="ada"', ["S-1", "S-3"]),
        ("Date >= DateTime(2026,10,01) AND Date < DateTime(2026,11,01)", ["S-2", "B-1"]),
        ("DueDate < DateTime(2026,12,01)", ["S-3"]),
        ("AmountDue > 20 AND AmountDue <= 23", ["S-1", "S-2"]),
        ("AmountPaid == 23.0", ["S-3"]),
        ("FullyPaidOnDate != null", ["S-3"]),
        ('InvoiceNumber.StartsWith("S") AND Total==23', ["S-1", "S-2", "S-3"]),
    ],
)
def test_where(api: httpx.Client, where: str, found: list[str]) -> None:
    assert numbers(api, where=where) == found


@pytest.mark.parametrize(
    ("where", "optimised"),
    [
        ('Status=="DRAFT" AND Contact.Name=="x"', True),
        ("Date>=DateTime(2026,01,01) AND AmountDue>0", True),
        ("AmountPaid>0", False),
        ("Date!=DateTime(2026,01,01)", False),
        ('InvoiceID==Guid("11111111-1111-4111-8111-111111111111") OR InvoiceID==null', True),
        ('Status=="DRAFT" OR Status=="PAID"', False),
        ("Total==1", False),
    ],
)
def test_filters_that_are_optimised(where: str, optimised: bool) -> None:
    found = parse(where, INVOICE_KIND.fields, INVOICE_KIND.indexed, "Invoice")
    assert found.optimised is optimised


def test_unoptimised_filters_of_many_are_high_volume(books: LocalXero, api: httpx.Client) -> None:
    books.options = replace(books.options, high_volume=3)
    for query in ({"page": 1, "where": "Total==1"}, {"where": 'Status=="DRAFT"'}):
        answer = api.get(INVOICES, params=query)
        assert (answer.status_code, answer.json()["ErrorNumber"]) == (400, 51)
    assert numbers(api, page=1, where='Status=="DRAFT"') == ["S-2"]


@pytest.mark.usefixtures("books")
def test_lists_without_pages_have_no_lines(api: httpx.Client) -> None:
    answer = api.get(INVOICES).json()
    assert "pagination" not in answer
    assert {len(one["LineItems"]) for one in answer["Invoices"]} == {0}
    page = api.get(INVOICES, params={"page": 2, "pageSize": 3}).json()
    assert page["pagination"] == {"page": 2, "pageSize": 3, "pageCount": 2, "itemCount": 4}
    (last,) = page["Invoices"]
    assert (last["InvoiceNumber"], len(last["LineItems"]), len(last["Payments"])) == ("S-3", 1, 1)
    assert last["Contact"].keys() == {
        "ContactID",
        "Name",
        "Addresses",
        "Phones",
        "ContactGroups",
        "ContactPersons",
        "HasValidationErrors",
    }


@pytest.mark.usefixtures("books")
def test_summaries(api: httpx.Client) -> None:
    found = api.get(INVOICES, params={"summaryOnly": "true", "page": 1}).json()["Invoices"][0]
    assert found.items() >= {"InvoiceNumber": "S-1", "Status": "AUTHORISED", "AmountDue": 23.0}.items()
    assert found["Contact"]["Name"] == "Ada"
    assert found.keys().isdisjoint({"LineItems", "Payments", "CreditNotes", "Prepayments", "Overpayments"})


@pytest.mark.usefixtures("books")
def test_lists_since_a_moment(api: httpx.Client) -> None:
    headers = {"If-Modified-Since": "2026-11-02T12:00:20"}
    answer = api.get(INVOICES, headers=headers).json()
    assert [one["InvoiceNumber"] for one in answer["Invoices"]] == ["B-1", "S-3"]


def test_what_another_app_made_is_told_apart(xero: LocalXero, api: httpx.Client) -> None:
    xero.add("Invoices", [APPROVED | {"InvoiceNumber": "by hand"}])
    made(api, "Invoices", APPROVED | {"InvoiceNumber": "by app"})
    assert numbers(api, createdByMyApp="true") == ["by app"]
    assert len(numbers(api)) == 2
    other = replace(WEB_APP, name="Another")
    xero.options = replace(xero.options, apps=(other,))
    with signed_in(xero, DEMO_COMPANY.id) as another:
        assert numbers(another, createdByMyApp="true") == []


@pytest.mark.usefixtures("books")
def test_one_invoice_by_id_or_number(api: httpx.Client) -> None:
    found = read(api, "Invoices", "s-1")
    assert read(api, "Invoices", found["InvoiceID"].upper()) == found
    assert (len(found["LineItems"]), found["Contact"]["ContactStatus"]) == (1, "ACTIVE")
    answer = api.get(f"{INVOICES}/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.usefixtures("books")
def test_unknown_fields_are_not_filtered_or_ordered_by(api: httpx.Client) -> None:
    for query in ({"where": 'LineItems=="x"'}, {"order": "Nope"}):
        answer = api.get(INVOICES, params=query)
        assert (answer.status_code, answer.json()["Type"]) == (400, "QueryParseException")
