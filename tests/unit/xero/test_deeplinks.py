from __future__ import annotations

import pytest
from pydantic import SecretStr

from bookward.destinations.base import RecordPlace
from bookward.destinations.xero.deeplinks import deep_link
from bookward.destinations.xero.destination import XeroDestination
from bookward.destinations.xero.spec import XeroSpec
from bookward.records import RemoteRecord
from tests.unit.xero.fakes import MemoryIndex

LOGIN = "https://go.xero.com/organisationlogin/default.aspx?shortcode=%21aB1&redirecturl="


@pytest.mark.parametrize(
    ("object_", "type_", "path"),
    [
        ("contacts", None, "/Contacts/View/r1"),
        ("invoices", "ACCREC", "/AccountsReceivable/View.aspx?InvoiceID=r1"),
        ("invoices", "ACCPAY", "/AccountsPayable/Edit.aspx?InvoiceID=r1"),
        ("credit-notes", "ACCRECCREDIT", "/AccountsReceivable/ViewCreditNote.aspx?creditNoteID=r1"),
        ("credit-notes", "ACCPAYCREDIT", "/AccountsPayable/ViewCreditNote.aspx?creditNoteID=r1"),
        ("payments", None, "/Bank/ViewTransaction.aspx?bankTransactionID=r1"),
    ],
)
def test_a_record_has_a_page_in_its_organisation(object_: str, type_: str | None, path: str) -> None:
    assert deep_link(object_, "r1", {"Type": type_}, "!aB1") == f"{LOGIN}{path}"
    assert deep_link(object_, "r1", {"Type": type_}, "") == f"https://go.xero.com{path}"


def test_what_xero_has_no_address_for_has_none() -> None:
    assert deep_link("items", "r1", {}, "!aB1") is None


def test_the_organisation_is_the_one_that_was_read_and_a_local_xero_has_pages_of_its_own() -> None:
    index, place = MemoryIndex(), RecordPlace("o1", "contacts", "r1")
    spec = {"type": "xero", "client_id": "a", "client_secret": "b"}
    assert (
        XeroDestination.page_of(XeroSpec(**spec), place, {}, index) == "https://go.xero.com/Contacts/View/r1"
    )
    body = {"ShortCode": "!aB1"}
    index.put("o1", "organisation", [RemoteRecord(remote_id="o1", body=body, archived=False, keys={})])
    assert XeroDestination.page_of(XeroSpec(**spec), place, {}, index) == f"{LOGIN}/Contacts/View/r1"
    local = XeroSpec(**spec, base_url="http://127.0.0.1:9")
    where = "http://127.0.0.1:9/books/o1/Contacts/r1"
    assert XeroDestination.page_of(local, place, {}, index) == where


def test_the_books_have_a_page_too() -> None:
    index, spec = MemoryIndex(), XeroSpec(type="xero", client_id="a", client_secret=SecretStr("b"))
    assert XeroDestination.books_of(spec, "o1", index) == "https://go.xero.com/"
    body = {"ShortCode": "!aB1"}
    index.put("o1", "organisation", [RemoteRecord(remote_id="o1", body=body, archived=False, keys={})])
    assert XeroDestination.books_of(spec, "o1", index) == LOGIN.removesuffix("&redirecturl=")
    local = spec.model_copy(update={"base_url": "http://127.0.0.1:9"})
    assert XeroDestination.books_of(local, "o1", index) == "http://127.0.0.1:9/"
