"""The local Xero's books in a browser: all kinds, the newest first, and each record with all its fields."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from bookward.demo.xero.server import LocalXero

LINE = {"Description": "<b>Advice</b>", "Quantity": 2, "UnitAmount": "1050.25", "AccountCode": "200"}


@pytest.fixture
def xero() -> Iterator[LocalXero]:
    with LocalXero.running(None) as running:
        yield running


def text_of(url: str, status: int = 200) -> str:
    answer = httpx.get(url)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


def test_one_gets_from_the_overview_to_a_record_by_its_links(xero: LocalXero) -> None:
    xero.add("Contacts", [{"Name": f"Customer {number}"} for number in range(205)])
    (overview,) = re.findall(
        r'href="(/books/[^"]+/Contacts)">Contacts</a></td><td class=n>205<', text_of(xero.url + "/")
    )
    first = text_of(xero.url + overview)
    assert "205 in all" in first
    assert first.count("<tr><td>") == 200
    (more,) = re.findall(r'href="([^"]+)">More<', first)
    second = text_of(xero.url + more)
    assert (second.count("<tr><td>"), "More" in second) == (5, False)
    record, name = re.findall(r'href="([^"]+)">(Customer \d+)</a>', first)[0]
    whole = text_of(xero.url + record)
    assert f"<h1>{name}</h1>" in whole
    assert "<td>ContactStatus</td><td>ACTIVE</td>" in whole


def test_an_invoice_shows_its_contact_its_money_and_its_lines(xero: LocalXero) -> None:
    (contact,) = xero.add("Contacts", [{"Name": "Ngā Toa & Sons"}])
    said = {"Type": "ACCREC", "InvoiceNumber": "I-1", "Date": "2026-11-01", "DueDate": "2026-12-01"}
    said |= {"Status": "AUTHORISED", "Contact": {"ContactID": contact["ContactID"]}, "LineItems": [LINE]}
    (invoice,) = xero.add("Invoices", [said])
    tenant = xero.options.companies[0].id
    listed = text_of(f"{xero.url}/books/{tenant}/Invoices")
    assert "<td>Ngā Toa &amp; Sons</td><td>2026-11-01</td>" in listed
    whole = text_of(f"{xero.url}/books/{tenant}/Invoices/{invoice['InvoiceID']}")
    assert "<caption>LineItems</caption>" in whole
    assert "1,050.25</td>" in whole
    assert "<td>&lt;b&gt;Advice&lt;/b&gt;</td>" in whole


def test_what_is_not_there_is_not_found_and_nothing_can_be_changed(xero: LocalXero) -> None:
    tenant = xero.options.companies[0].id
    for path in ("/books/nobody/Contacts", f"/books/{tenant}/Nothing", f"/books/{tenant}/Contacts/none"):
        text_of(xero.url + path, 404)
    assert httpx.post(xero.url + "/").status_code in {404, 405}
