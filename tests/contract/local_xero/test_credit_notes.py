"""Credit notes, and their allocation to invoices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from bookward.demo.xero import DEMO_COMPANY, LocalXero
from bookward.demo.xero import allocations as rules
from bookward.demo.xero.document_edits import NO_LINE_ID
from bookward.demo.xero.document_status import NOT_FOR_MODIFICATION, SETTLED, not_applicable
from bookward.demo.xero.payment_rules import NO_AMOUNT
from tests.contract.local_xero.documents import (
    API,
    APPROVED,
    BANK,
    BILL,
    CREDIT,
    TEA,
    changed,
    invoice,
    listed,
    made,
    read,
    refused,
    write,
)
from tests.contract.local_xero.driver import ZERO, complaints, errors

OTHER = "11111111-1111-4111-8111-111111111111"


def note(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    """Make an approved sales credit note over 11.50, or another one."""
    return made(api, "CreditNotes", CREDIT | fields)


def allocate(
    api: httpx.Client, note_id: str, invoice_id: str, amount: float, **fields: Any
) -> dict[str, Any]:
    element = {"Invoice": {"InvoiceID": invoice_id}, "Amount": amount, "Date": "2026-11-02"} | fields
    (answered,) = write(api, "PUT", f"CreditNotes/{note_id}/Allocations", element)
    return answered


def test_credit_note_is_made_with_a_number(api: httpx.Client) -> None:
    found = note(api, Reference="R")
    assert (
        found.items()
        >= {
            "Type": "ACCRECCREDIT",
            "CreditNoteNumber": "CN-0001",
            "Reference": "R",
            "Status": "AUTHORISED",
            "SubTotal": 10.0,
            "TotalTax": 1.5,
            "Total": 11.5,
            "RemainingCredit": 11.5,
            "AppliedAmount": 0.0,
            "Allocations": [],
            "Payments": [],
            "DateString": "2026-11-03T00:00:00",
            "UpdatedDateUTCString": "2026-11-02T12:00:00Z",
        }.items()
    )
    assert made(api, "CreditNotes", CREDIT | {"Type": "ACCPAYCREDIT"})["CreditNoteNumber"] == ""


def test_credit_note_is_found_changed_and_voided(api: httpx.Client) -> None:
    held = note(api, CreditNoteNumber="C-1", Status="DRAFT")
    (found,) = write(api, "POST", "CreditNotes", {"CreditNoteNumber": "c-1", "Reference": "R"})
    assert (found["CreditNoteID"], found["Reference"]) == (held["CreditNoteID"], "R")
    id_ = held["CreditNoteID"]
    assert changed(api, "CreditNotes", id_, Status="AUTHORISED")["Status"] == "AUTHORISED"
    assert refused(api, "POST", f"CreditNotes/{id_}", {"Status": "DELETED"}) == [NOT_FOR_MODIFICATION]
    assert changed(api, "CreditNotes", "C-1", Status="VOIDED")["RemainingCredit"] == 0.0
    assert read(api, "CreditNotes", "C-1")["Status"] == "VOIDED"


def test_numbers_of_sales_credit_notes_are_unique(api: httpx.Client) -> None:
    note(api, CreditNoteNumber="C-1")
    assert refused(api, "PUT", "CreditNotes", CREDIT | {"CreditNoteNumber": "C-1"}) == [
        "Credit Note # must be unique."
    ]
    assert invoice(api, InvoiceNumber="C-1")["InvoiceNumber"] == "C-1"


def test_unknown_id_is_the_elements_own_error(xero: LocalXero, api: httpx.Client) -> None:
    good, bad = write(api, "POST", "CreditNotes", CREDIT, {"CreditNoteID": OTHER})
    assert good["StatusAttributeString"] == "OK"
    assert errors(bad) == ["An existing Credit Note with the specified CreditNoteID could not be found"]
    assert (bad["CreditNoteID"], bad["HasErrors"]) == (ZERO, True)
    assert len(xero.records("CreditNotes")) == 1


def test_allocation_takes_off_both_sides(api: httpx.Client) -> None:
    sale, credit = invoice(api, InvoiceNumber="S-1"), note(api)
    made_ = allocate(api, credit["CreditNoteID"], sale["InvoiceID"], 5)
    assert (
        made_.items()
        >= {
            "Amount": 5.0,
            "Date": "/Date(1793577600000+0000)/",
            "Invoice": {"InvoiceID": sale["InvoiceID"], "InvoiceNumber": "S-1"},
            "StatusAttributeString": "OK",
        }.items()
    )
    credit = read(api, "CreditNotes", credit["CreditNoteID"])
    assert (credit["RemainingCredit"], credit["AppliedAmount"], credit["Status"]) == (6.5, 5.0, "AUTHORISED")
    assert [one["AllocationID"] for one in credit["Allocations"]] == [made_["AllocationID"]]
    sale = read(api, "Invoices", sale["InvoiceID"])
    assert (sale["AmountDue"], sale["AmountCredited"], sale["AmountPaid"]) == (18.0, 5.0, 0.0)
    (applied,) = sale["CreditNotes"]
    assert (applied["CreditNoteID"], applied["AppliedAmount"]) == (credit["CreditNoteID"], 5.0)


def test_allocation_of_all_pays_both(api: httpx.Client) -> None:
    sale, credit = invoice(api, LineItems=[TEA | {"Quantity": 1}]), note(api)
    allocate(api, credit["CreditNoteID"], sale["InvoiceID"], 11.5)
    for plural, key in (("Invoices", sale["InvoiceID"]), ("CreditNotes", credit["CreditNoteID"])):
        found = read(api, plural, key)
        assert (found["Status"], found["FullyPaidOnDate"]) == ("PAID", "/Date(1793577600000+0000)/")


def test_deleted_allocation_gives_both_back(api: httpx.Client) -> None:
    sale, credit = invoice(api), note(api)
    path = f"{API}/CreditNotes/{credit['CreditNoteID']}/Allocations"
    id_ = allocate(api, credit["CreditNoteID"], sale["InvoiceID"], 11.5)["AllocationID"]
    answer = api.delete(f"{path}/{id_.upper()}")
    assert answer.status_code == 200
    assert answer.json().items() >= {"AllocationID": id_, "Amount": 11.5, "IsDeleted": True}.items()
    found = read(api, "CreditNotes", credit["CreditNoteID"])
    assert (found["Status"], found["RemainingCredit"], found["Allocations"]) == ("AUTHORISED", 11.5, [])
    assert "FullyPaidOnDate" not in found
    assert read(api, "Invoices", sale["InvoiceID"])["AmountDue"] == 23.0
    assert api.delete(f"{path}/{id_}").status_code == 404
    assert api.delete(f"{API}/CreditNotes/{OTHER}/Allocations/{id_}").status_code == 404


@pytest.mark.parametrize(
    ("amount", "message"),
    [(12, rules.MORE_THAN_CREDIT), (0, NO_AMOUNT), (-1, NO_AMOUNT)],
)
def test_refused_amounts(api: httpx.Client, amount: float, message: str) -> None:
    answered = allocate(api, note(api)["CreditNoteID"], invoice(api)["InvoiceID"], amount)
    assert (errors(answered), answered["AllocationID"]) == ([message], ZERO)


def test_no_more_is_allocated_than_is_due(api: httpx.Client) -> None:
    small = invoice(api, LineItems=[TEA | {"Quantity": 0.5}])
    assert errors(allocate(api, note(api)["CreditNoteID"], small["InvoiceID"], 6)) == [rules.MORE_THAN_DUE]


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({"Status": "DRAFT"}, [rules.INVOICE_NOT_AUTHORISED]),
        ({"Contact": {"Name": "Eve"}}, [rules.OTHER_CONTACT]),
        ({"CurrencyCode": "EUR"}, [rules.OTHER_CURRENCY]),
        (BILL | {"Contact": {"Name": "Ada"}}, [rules.OTHER_SIDE]),
    ],
)
def test_refused_invoices(
    xero: LocalXero, api: httpx.Client, changes: dict[str, Any], messages: list[str]
) -> None:
    xero.add("Currencies", [{"Code": "EUR"}])
    other = made(api, "Invoices", APPROVED | changes)
    assert errors(allocate(api, note(api)["CreditNoteID"], other["InvoiceID"], 1)) == messages


def test_refused_credit_notes(api: httpx.Client) -> None:
    id_ = invoice(api)["InvoiceID"]
    draft = note(api, Status="DRAFT")["CreditNoteID"]
    assert errors(allocate(api, draft, id_, 1)) == [rules.NOTE_NOT_AUTHORISED]
    assert errors(allocate(api, draft, OTHER, 1)) == ["Invoice could not be found"]
    answer = api.put(f"{API}/CreditNotes/{OTHER}/Allocations", json={"Amount": 1})
    assert answer.status_code == 404


def test_allocations_see_those_before_them(api: httpx.Client) -> None:
    sale, id_ = invoice(api), note(api)["CreditNoteID"]
    element = {"Invoice": {"InvoiceNumber": sale["InvoiceNumber"]}, "Amount": 6, "Date": "2026-11-02"}
    first, second = write(api, "PUT", f"CreditNotes/{id_}/Allocations", element, element)
    assert first["StatusAttributeString"] == "OK"
    assert errors(second) == [rules.MORE_THAN_CREDIT]
    answer = api.put(f"{API}/CreditNotes/{id_}/Allocations", json={"Allocations": [element]})
    assert (answer.status_code, len(answer.json()["Elements"])) == (400, 1)


def test_allocation_is_neither_made_nor_deleted_up_to_a_lock_date(xero: LocalXero, api: httpx.Client) -> None:
    sale, credit = invoice(api), note(api)
    held = allocate(api, credit["CreditNoteID"], sale["InvoiceID"], 1, Date="2026-10-31")
    locked = replace(DEMO_COMPANY, period_lock_date=date(2026, 10, 31))
    xero.options = replace(xero.options, companies=(locked,))
    message = "The document date cannot be before the period lock date, currently set at 31-Oct-2026"
    answered = allocate(api, credit["CreditNoteID"], sale["InvoiceID"], 1, Date="2026-10-31")
    assert errors(answered) == [message]
    path = f"{API}/CreditNotes/{credit['CreditNoteID']}/Allocations/{held['AllocationID']}"
    assert complaints(api.delete(path)) == [message]
    assert read(api, "Invoices", sale["InvoiceID"])["AmountCredited"] == 1.0


def test_what_an_allocation_leaves_open_to_change(api: httpx.Client) -> None:
    sale, credit = invoice(api), note(api)
    allocate(api, credit["CreditNoteID"], sale["InvoiceID"], 1)
    for plural, id_ in (("Invoices", sale["InvoiceID"]), ("CreditNotes", credit["CreditNoteID"])):
        path = f"{plural}/{id_}"
        assert refused(api, "POST", path, {"Status": "VOIDED"}) == [not_applicable("VOIDED")]
        assert refused(api, "POST", path, {"Contact": {"Name": "Eve"}}) == [SETTLED]
        assert refused(api, "POST", path, {"LineItems": [TEA]}) == [NO_LINE_ID]
        assert changed(api, plural, id_, Reference="R")["Reference"] == "R"


def test_credit_notes_are_refunded(api: httpx.Client) -> None:
    credit = note(api, CreditNoteNumber="C-1")
    paid = made(api, "Payments", {"CreditNote": {"CreditNoteNumber": "C-1"}, "Amount": 11.5} | BANK)
    assert paid["PaymentType"] == "ARCREDITPAYMENT"
    assert (
        paid["Invoice"].items()
        >= {
            "Type": "ACCRECCREDIT",
            "InvoiceID": credit["CreditNoteID"],
            "InvoiceNumber": "C-1",
            "AmountDue": 0.0,
        }.items()
    )
    found = read(api, "CreditNotes", credit["CreditNoteID"])
    assert (found["Status"], found["RemainingCredit"]) == ("PAID", 0.0)
    assert [one["PaymentID"] for one in found["Payments"]] == [paid["PaymentID"]]
    bought = made(api, "CreditNotes", CREDIT | {"Type": "ACCPAYCREDIT"})
    element = {"CreditNote": {"CreditNoteID": bought["CreditNoteID"]}, "Amount": 1} | BANK
    assert made(api, "Payments", element)["PaymentType"] == "APCREDITPAYMENT"


def test_credit_notes_are_listed(api: httpx.Client) -> None:
    for number in ("C-1", "C-2", "C-3"):
        note(api, CreditNoteNumber=number, Status="DRAFT" if number == "C-2" else "AUTHORISED")
    assert listed(api, "CreditNotes", "CreditNoteNumber", where='Status=="DRAFT"') == ["C-2"]
    order = {"order": "CreditNoteNumber DESC", "page": 1, "pageSize": 2}
    assert listed(api, "CreditNotes", "CreditNoteNumber", **order) == ["C-3", "C-2"]
    assert listed(api, "CreditNotes", "CreditNoteNumber", where="RemainingCredit > 11.5") == []
    assert listed(api, "CreditNotes", "LineItems") == [[], [], []]
    assert [len(lines) for lines in listed(api, "CreditNotes", "LineItems", page=1)] == [1, 1, 1]
