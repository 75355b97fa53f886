"""How elements find their invoices, which statuses follow which, and what may be changed when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from bookward.demo.xero import DEMO_COMPANY, LocalXero
from bookward.demo.xero.document_edits import NO_LINE_ID
from bookward.demo.xero.document_status import NOT_FOR_CREATION, NOT_FOR_MODIFICATION, SETTLED, not_applicable
from bookward.demo.xero.document_write import FIXED_TYPE
from bookward.demo.xero.invoice_write import BAD_URL, NO_DUE_DATE
from tests.contract.local_xero.conftest import NOON
from tests.contract.local_xero.documents import (
    API,
    APPROVED,
    BANK,
    BILL,
    SALE,
    TEA,
    changed,
    invoice,
    made,
    read,
    refused,
    write,
)
from tests.contract.local_xero.driver import ZERO, errors

NUMBER_TAKEN = "Invoice # must be unique."
OTHER = "11111111-1111-4111-8111-111111111111"


def pay(api: httpx.Client, id_: str, amount: float = 23) -> str:
    payment = made(api, "Payments", {"Invoice": {"InvoiceID": id_}, "Amount": amount} | BANK)
    return str(payment["PaymentID"])


def test_new_invoice_is_a_draft_of_today_with_a_number(api: httpx.Client) -> None:
    found = made(api, "Invoices", SALE)
    assert (
        found.items()
        >= {
            "Type": "ACCREC",
            "Status": "DRAFT",
            "InvoiceNumber": "INV-0001",
            "Reference": "",
            "DateString": "2026-11-03T00:00:00",
            "Date": "/Date(1793664000000+0000)/",
            "LineAmountTypes": "Exclusive",
            "CurrencyCode": "NZD",
            "CurrencyRate": 1.0,
            "SentToContact": False,
            "HasErrors": False,
            "AmountPaid": 0.0,
            "AmountCredited": 0.0,
            "UpdatedDateUTC": "/Date(1793620800000+0000)/",
            "UpdatedDateUTCString": "2026-11-02T12:00:00Z",
        }.items()
    )
    assert "DueDate" not in found
    assert found["InvoiceID"] != ZERO
    assert made(api, "Invoices", SALE)["InvoiceNumber"] == "INV-0002"


def test_given_numbers_are_passed_over(api: httpx.Client) -> None:
    invoice(api, InvoiceNumber="inv-0002")
    assert invoice(api)["InvoiceNumber"] == "INV-0003"
    assert made(api, "Invoices", BILL | {"InvoiceNumber": None})["InvoiceNumber"] == ""


def test_put_ignores_ids_and_read_only_fields(api: httpx.Client) -> None:
    found = invoice(
        api, InvoiceID=OTHER, Total=1, AmountPaid=5, Payments=[{}], DateString="x", HasErrors=True
    )
    assert found["InvoiceID"] != OTHER
    assert (found["Total"], found["AmountPaid"], found["HasErrors"]) == (23.0, 0.0, False)


def test_numbers_of_sales_are_unique_whatever_their_case(api: httpx.Client) -> None:
    invoice(api, InvoiceNumber="S-1")
    (element,) = write(api, "PUT", "Invoices", APPROVED | {"InvoiceNumber": "s-1"})
    assert errors(element) == [NUMBER_TAKEN]
    assert (element["InvoiceID"], element["HasErrors"]) == (ZERO, True)
    assert element["DueDate"] == "/Date(1796083200000+0000)/"
    other = invoice(api, InvoiceNumber="S-2")
    assert refused(api, "POST", f"Invoices/{other['InvoiceID']}", {"InvoiceNumber": "S-1"}) == [NUMBER_TAKEN]


def test_numbers_of_bills_are_not_unique(api: httpx.Client) -> None:
    first, second = made(api, "Invoices", BILL), made(api, "Invoices", BILL)
    third = write(api, "POST", "Invoices", BILL)[0]
    assert len({one["InvoiceID"] for one in (first, second, third)}) == 3
    assert invoice(api, InvoiceNumber="B-1")["InvoiceNumber"] == "B-1"


def test_reference_of_a_bill_is_ignored(api: httpx.Client) -> None:
    assert made(api, "Invoices", BILL | {"Reference": "R"})["Reference"] == ""
    assert invoice(api, Reference="R")["Reference"] == "R"


def test_post_finds_sales_by_id_then_number(api: httpx.Client) -> None:
    held = made(api, "Invoices", SALE | {"InvoiceNumber": "S-1"})
    for named in ({"InvoiceID": held["InvoiceID"].upper()}, {"InvoiceNumber": "s-1"}):
        (found,) = write(api, "POST", "Invoices", named | {"Reference": "R"})
        assert found["InvoiceID"] == held["InvoiceID"]
        assert found["Contact"]["Name"] == "Ada"
        assert found["LineItems"] == held["LineItems"]
    (new,) = write(api, "POST", "Invoices", SALE | {"InvoiceNumber": "S-2"})
    assert new["InvoiceID"] != held["InvoiceID"]
    assert changed(api, "Invoices", "S-2", Reference="by number")["Reference"] == "by number"


def test_unknown_id_loses_the_whole_request(xero: LocalXero, api: httpx.Client) -> None:
    answer = api.post(f"{API}/Invoices", json={"Invoices": [SALE, {"InvoiceID": OTHER}]})
    assert answer.status_code == 404
    assert xero.records("Invoices") == []


@pytest.mark.parametrize("status", ["PAID", "VOIDED", "DELETED"])
def test_statuses_that_no_new_invoice_has(api: httpx.Client, status: str) -> None:
    assert refused(api, "PUT", "Invoices", APPROVED | {"Status": status}) == [NOT_FOR_CREATION]
    assert refused(api, "PUT", "Invoices", {"Type": "ACCREC", "Status": status}) == [
        "One or more line items must be specified",
        "Invoice not of valid status for creation",
        "A Contact must be specified for this type of transaction",
    ]


@pytest.mark.parametrize("type_", [None, "ACCRECCREDIT", "APPREPAYMENT"])
def test_types_that_are_not_written(api: httpx.Client, type_: str | None) -> None:
    assert refused(api, "PUT", "Invoices", SALE | {"Type": type_}) == ["The Type must be ACCREC or ACCPAY."]


def test_type_stays(api: httpx.Client) -> None:
    held = made(api, "Invoices", SALE)
    assert refused(api, "POST", f"Invoices/{held['InvoiceID']}", {"Type": "ACCPAY"}) == [FIXED_TYPE]


def test_way_of_an_invoice_through_its_statuses(api: httpx.Client) -> None:
    id_ = made(api, "Invoices", SALE)["InvoiceID"]
    for status in ("SUBMITTED", "DRAFT", "AUTHORISED"):
        assert changed(api, "Invoices", id_, Status=status, DueDate="2026-12-01")["Status"] == status
    assert refused(api, "POST", f"Invoices/{id_}", {"Status": "DRAFT"}) == [NOT_FOR_MODIFICATION]
    gone = changed(api, "Invoices", id_, Status="VOIDED")
    assert (gone["Status"], gone["AmountDue"], gone["Total"]) == ("VOIDED", 0.0, 23.0)
    for status in ("AUTHORISED", "VOIDED", "DELETED"):
        assert refused(api, "POST", f"Invoices/{id_}", {"Status": status}) == [NOT_FOR_MODIFICATION]
    assert refused(api, "POST", f"Invoices/{id_}", {"Reference": "R"}) == [NOT_FOR_MODIFICATION]


def test_drafts_are_deleted_and_approved_ones_voided(api: httpx.Client) -> None:
    draft, approved = made(api, "Invoices", SALE), invoice(api)
    assert refused(api, "POST", "Invoices", {"InvoiceID": draft["InvoiceID"], "Status": "VOIDED"}) == [
        NOT_FOR_MODIFICATION
    ]
    assert changed(api, "Invoices", draft["InvoiceID"], Status="DELETED")["Status"] == "DELETED"
    (element,) = write(api, "POST", "Invoices", {"InvoiceID": approved["InvoiceID"], "Status": "DELETED"})
    assert errors(element) == ["Invoice not of valid status for modification"]
    assert (element["Status"], element["HasErrors"]) == ("DELETED", True)
    assert element["LineItems"] == approved["LineItems"]
    assert read(api, "Invoices", approved["InvoiceID"])["Status"] == "AUTHORISED"


def test_approval_looks_at_what_the_draft_has(api: httpx.Client) -> None:
    id_ = made(api, "Invoices", SALE | {"LineItems": [{"Description": "x", "UnitAmount": 1}]})["InvoiceID"]
    assert refused(api, "POST", f"Invoices/{id_}", {"Status": "AUTHORISED"}) == [
        "Account code or ID must be specified",
        "TaxType field is mandatory",
        NO_DUE_DATE,
    ]
    assert read(api, "Invoices", id_)["Status"] == "DRAFT"


def test_numbers_of_the_dead_stay_taken(xero: LocalXero, api: httpx.Client) -> None:
    held = invoice(api, InvoiceNumber="S-1")
    changed(api, "Invoices", held["InvoiceID"], Status="VOIDED")
    again = APPROVED | {"InvoiceNumber": "S-1"}
    assert refused(api, "PUT", "Invoices", again) == [NUMBER_TAKEN]
    assert refused(api, "POST", "Invoices", again) == [NOT_FOR_MODIFICATION]
    xero.options = replace(xero.options, dead_numbers="free")
    assert refused(api, "POST", "Invoices", again) == [NOT_FOR_MODIFICATION]
    new = made(api, "Invoices", again)
    assert new["InvoiceID"] != held["InvoiceID"]
    assert write(api, "POST", "Invoices", again | {"Reference": "R"})[0]["InvoiceID"] == new["InvoiceID"]


def test_what_was_not_sent_stays(api: httpx.Client) -> None:
    held = invoice(api, Reference="R", Url="https://example.com/1", BrandingThemeID=OTHER)
    found = changed(api, "Invoices", held["InvoiceID"], DueDate="2027-01-01", Reference="")
    assert found["DueDateString"] == "2027-01-01T00:00:00"
    assert (found["Reference"], found["Url"], found["BrandingThemeID"]) == (
        "",
        "https://example.com/1",
        OTHER,
    )
    same = ("InvoiceNumber", "Date", "LineItems", "Total", "Status")
    assert {name: found[name] for name in same} == {name: held[name] for name in same}


def test_approved_invoice_can_be_changed_until_it_is_paid(api: httpx.Client) -> None:
    held = invoice(api)
    found = changed(api, "Invoices", held["InvoiceID"], LineItems=[TEA | {"Quantity": 3}], Date="2026-10-01")
    assert (found["Status"], found["Total"], found["AmountDue"]) == ("AUTHORISED", 34.5, 34.5)


@pytest.mark.parametrize("amount", [5, 23])
def test_what_a_payment_leaves_open_to_change(api: httpx.Client, amount: float) -> None:
    held = invoice(api)
    id_, (line,) = held["InvoiceID"], held["LineItems"]
    pay(api, id_, amount)
    free = {"Reference": "R", "DueDate": "2027-01-01", "InvoiceNumber": "N", "Url": "https://example.com"}
    found = changed(api, "Invoices", id_, **free, BrandingThemeID=OTHER, Contact={"Name": "Eve"})
    assert (found["Reference"], found["InvoiceNumber"], found["Contact"]["Name"]) == ("R", "N", "Eve")
    edited = {"LineItemID": line["LineItemID"], "Description": "Cake", "AccountCode": "260"}
    (shown,) = changed(api, "Invoices", id_, LineItems=[edited])["LineItems"]
    assert (shown["Description"], shown["AccountCode"], shown["LineAmount"]) == ("Cake", "260", 20.0)
    for fields in (
        {"Date": "2026-10-01"},
        {"LineAmountTypes": "NoTax"},
        {"LineItems": [edited | {"Quantity": 3}]},
        {"LineItems": [edited | {"UnitAmount": 11}]},
    ):
        assert refused(api, "POST", f"Invoices/{id_}", fields) == [SETTLED]
    assert refused(api, "POST", f"Invoices/{id_}", {"LineItems": [TEA]}) == [NO_LINE_ID]
    status = "PAID" if amount == 23 else "AUTHORISED"
    assert refused(api, "POST", f"Invoices/{id_}", {"Status": "VOIDED"}) == [not_applicable("VOIDED")]
    assert read(api, "Invoices", id_)["Status"] == status


def test_paid_invoice_named_by_its_number_is_a_switch(xero: LocalXero, api: httpx.Client) -> None:
    held = invoice(api, InvoiceNumber="S-1")
    pay(api, held["InvoiceID"])
    element = {"InvoiceNumber": "S-1", "Reference": "R"}
    assert refused(api, "POST", "Invoices", element) == [
        "Invoice not of valid status for modification",
        "This document cannot be edited as it has a payment or credit note allocated to it.",
    ]
    xero.options = replace(xero.options, paid_by_number="edit")
    assert write(api, "POST", "Invoices", element)[0]["Reference"] == "R"


def test_due_date_of_a_part_paid_invoice_is_no_update(xero: LocalXero, api: httpx.Client) -> None:
    id_ = invoice(api)["InvoiceID"]
    pay(api, id_, 5)
    before = read(api, "Invoices", id_)["UpdatedDateUTC"]
    xero.clock.jump(minutes=1)
    found = changed(api, "Invoices", id_, DueDate="2027-01-01", SentToContact=True)
    assert (found["UpdatedDateUTC"], found["SentToContact"]) == (before, True)
    assert changed(api, "Invoices", id_, Reference="R")["UpdatedDateUTC"] != before


def test_sent_is_said_of_approved_invoices_only(api: httpx.Client) -> None:
    assert made(api, "Invoices", SALE | {"SentToContact": True})["SentToContact"] is False
    assert invoice(api, SentToContact=True)["SentToContact"] is True


@pytest.mark.parametrize("url", ["example.com", "https://xero.com/x", "ftp://x", "https://"])
def test_url_must_be_valid_and_lead_elsewhere(api: httpx.Client, url: str) -> None:
    assert refused(api, "PUT", "Invoices", APPROVED | {"Url": url}) == [BAD_URL]


def test_number_has_a_length(api: httpx.Client) -> None:
    element = APPROVED | {"InvoiceNumber": "x" * 256}
    message = "The InvoiceNumber must not be longer than 255 characters."
    assert refused(api, "PUT", "Invoices", element) == [message]


def test_nothing_changes_up_to_a_lock_date(xero: LocalXero, api: httpx.Client) -> None:
    old = invoice(api, Date="2026-06-30")
    locked = replace(DEMO_COMPANY, period_lock_date=date(2026, 6, 30), year_lock_date=date(2026, 3, 31))
    xero.options = replace(xero.options, companies=(locked,))
    period = "The document date cannot be before the period lock date, currently set at 30-Jun-2026"
    year = "The document date cannot be before the end of year lock date, currently set at 31-Mar-2026"
    for fields in ({"Reference": "R"}, {"Status": "VOIDED"}, {"Date": "2026-07-01"}):
        assert refused(api, "POST", f"Invoices/{old['InvoiceID']}", fields) == [period]
    assert refused(api, "PUT", "Invoices", APPROVED | {"Date": "2026-03-31"}) == [period, year]
    assert invoice(api, Date="2026-07-01")["Status"] == "AUTHORISED"


def test_document_that_comes_to_nothing_is_a_switch(xero: LocalXero, api: httpx.Client) -> None:
    free = {"LineItems": [TEA | {"UnitAmount": 0}], "Date": "2026-10-01"}
    found = invoice(api, **free)
    assert (found["Status"], found["FullyPaidOnDate"]) == ("PAID", "/Date(1790812800000+0000)/")
    xero.options = replace(xero.options, zero_total_is_paid=False)
    assert invoice(api, **free)["Status"] == "AUTHORISED"


def test_approvals_of_a_month_have_a_limit(xero: LocalXero, api: httpx.Client) -> None:
    xero.options = replace(xero.options, monthly_sales=1)
    first = invoice(api)
    changed(api, "Invoices", first["InvoiceID"], Status="VOIDED")
    message = "You have reached the limit of invoices you can approve"
    assert refused(api, "PUT", "Invoices", APPROVED) == [message]
    draft = made(api, "Invoices", APPROVED | {"Status": "DRAFT"})["InvoiceID"]
    assert refused(api, "POST", f"Invoices/{draft}", {"Status": "AUTHORISED"}) == [message]
    made(api, "Invoices", BILL)
    xero.options = replace(xero.options, monthly_sales=None, monthly_bills=1)
    assert refused(api, "PUT", "Invoices", BILL) == [message]
    approved = changed(api, "Invoices", draft, Status="AUTHORISED")["InvoiceID"]
    xero.options = replace(xero.options, monthly_sales=1)
    assert changed(api, "Invoices", approved, Reference="R")["Reference"] == "R"
    xero.clock.set(NOON.replace(month=12))
    assert len(xero.add("Invoices", [APPROVED])[0]["InvoiceNumber"]) == 8


def test_batch_keeps_its_order_and_each_element_its_errors(xero: LocalXero, api: httpx.Client) -> None:
    good, bad, again = write(
        api,
        "PUT",
        "Invoices",
        SALE | {"InvoiceNumber": "S-1"},
        {"Type": "ACCREC", "LineItems": [TEA]},
        SALE | {"InvoiceNumber": "S-1"},
    )
    assert [one["StatusAttributeString"] for one in (good, bad, again)] == ["OK", "ERROR", "ERROR"]
    assert errors(again) == [NUMBER_TAKEN]
    assert len(xero.records("Invoices")) == 1


def test_summarised_errors_name_the_bad_ones_only(xero: LocalXero, api: httpx.Client) -> None:
    elements: list[dict[str, Any]] = [SALE, {"Type": "ACCREC", "LineItems": [TEA]}]
    answer = api.put(f"{API}/Invoices", json={"Invoices": elements})
    assert (answer.status_code, len(answer.json()["Elements"])) == (400, 1)
    assert len(xero.records("Invoices")) == 1
    xero.options = replace(xero.options, summarised_saves="none")
    api.put(f"{API}/Invoices", json={"Invoices": elements})
    assert len(xero.records("Invoices")) == 1


@pytest.mark.parametrize(
    "element",
    [
        {"Type": "MAGIC"},
        {"DueDate": "soon"},
        {"LineItems": [{"Quantity": "two"}]},
        {"LineItems": [{"Quantity": 1e28}]},
        {"Nope": 1},
    ],
)
def test_malformed_element_loses_the_whole_request(api: httpx.Client, element: dict[str, Any]) -> None:
    answer = api.put(f"{API}/Invoices", json={"Invoices": [SALE, element]})
    assert (answer.status_code, answer.json()["ErrorNumber"]) == (400, 14)
