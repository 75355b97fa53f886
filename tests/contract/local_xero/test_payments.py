"""Payments: what they do to documents, what refuses them, and how they are taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from bookward.demo.xero import DEMO_COMPANY, LocalXero
from bookward.demo.xero import payment_rules as rules
from tests.contract.local_xero.documents import (
    API,
    BANK,
    BILL,
    CREDIT,
    changed,
    invoice,
    listed,
    made,
    read,
    refused,
    write,
)
from tests.contract.local_xero.driver import ZERO, errors

OTHER = "11111111-1111-4111-8111-111111111111"


def payment(sale: dict[str, Any], amount: float = 23, **fields: Any) -> dict[str, Any]:
    return {"Invoice": {"InvoiceID": sale["InvoiceID"]}, "Amount": amount} | BANK | fields


def test_payment_in_part_and_in_full(api: httpx.Client) -> None:
    sale = invoice(api, InvoiceNumber="S-1")
    first = made(api, "Payments", payment(sale, 5.5, Date="2026-10-05", Reference="row-1"))
    assert (
        first.items()
        >= {
            "Status": "AUTHORISED",
            "PaymentType": "ACCRECPAYMENT",
            "Amount": 5.5,
            "BankAmount": 5.5,
            "CurrencyRate": 1.0,
            "Reference": "row-1",
            "Date": "/Date(1791158400000+0000)/",
            "IsReconciled": False,
            "HasAccount": True,
            "HasValidationErrors": False,
            "UpdatedDateUTCString": "2026-11-02T12:00:00Z",
        }.items()
    )
    assert (first["Account"]["Code"], first["Account"]["Name"]) == ("090", "Business Bank Account")
    assert (first["Invoice"]["InvoiceNumber"], first["Invoice"]["AmountDue"]) == ("S-1", 17.5)
    second = made(api, "Payments", payment(sale, 17.5))
    assert (second["Date"], "Reference" in second) == ("/Date(1793664000000+0000)/", False)
    found = read(api, "Invoices", "S-1")
    assert (found["Status"], found["AmountDue"], found["AmountPaid"]) == ("PAID", 0.0, 23.0)
    assert found["FullyPaidOnDate"] == second["Date"]
    assert [(one["PaymentID"], one["Amount"]) for one in found["Payments"]] == [
        (first["PaymentID"], 5.5),
        (second["PaymentID"], 17.5),
    ]


def test_payment_counts_as_an_update_of_the_invoice(xero: LocalXero, api: httpx.Client) -> None:
    sale = invoice(api)
    xero.clock.jump(minutes=1)
    made(api, "Payments", payment(sale, 1))
    assert read(api, "Invoices", sale["InvoiceID"])["UpdatedDateUTCString"] == "2026-11-02T12:01:00Z"


@pytest.mark.parametrize(
    "named",
    [{"Invoice": {"InvoiceNumber": "s-1"}}, {"InvoiceNumber": "S-1"}],
)
@pytest.mark.parametrize("account", [BANK, {"Code": "090"}])
def test_documents_and_accounts_are_named_by_numbers_and_codes(
    api: httpx.Client, named: dict[str, Any], account: dict[str, Any]
) -> None:
    invoice(api, InvoiceNumber="S-1")
    assert made(api, "Payments", named | account | {"Amount": 1})["Invoice"]["AmountPaid"] == 1.0


def test_bill_is_named_by_its_number_where_it_has_it_alone(api: httpx.Client) -> None:
    element = {"Invoice": {"InvoiceNumber": "B-1"}, "Amount": 1} | BANK
    bill = made(api, "Invoices", BILL)
    assert made(api, "Payments", element)["PaymentType"] == "ACCPAYPAYMENT"
    made(api, "Invoices", BILL)
    assert refused(api, "PUT", "Payments", element) == ["Invoice could not be found"]
    assert made(api, "Payments", payment(bill, 1))["Invoice"]["AmountPaid"] == 2.0


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({"Amount": 23.01}, ["Payment amount exceeds the amount outstanding on this document"]),
        ({"Amount": 0}, [rules.NO_AMOUNT]),
        ({"Amount": None}, [rules.NO_AMOUNT]),
        ({"Amount": 1.005}, [rules.TOO_FINE]),
        ({"Account": {"Code": "999"}}, ["Account could not be found"]),
        ({"Account": None}, ["Account could not be found"]),
        ({"Account": {"Code": "200"}}, ["Account type is invalid for making a payment to/from"]),
        ({"Invoice": {"InvoiceID": OTHER}}, ["Invoice could not be found"]),
        ({"Invoice": {"InvoiceNumber": "NO"}}, ["Invoice could not be found"]),
        ({"Invoice": None}, [rules.NO_DOCUMENT]),
        ({"Invoice": None, "CreditNoteNumber": "NO"}, [rules.NO_CREDIT_NOTE]),
        ({"Invoice": None, "Prepayment": {"PrepaymentID": OTHER}}, [rules.NO_ADVANCE]),
    ],
)
def test_refused_payments(
    xero: LocalXero, api: httpx.Client, changes: dict[str, Any], messages: list[str]
) -> None:
    sale = invoice(api)
    (element,) = write(api, "PUT", "Payments", payment(sale, Date="2026-10-05") | changes)
    assert errors(element) == messages
    assert (element["PaymentID"], element["HasValidationErrors"]) == (ZERO, True)
    assert element["Date"] == "/Date(1791158400000+0000)/"
    assert xero.records("Payments") == []
    assert read(api, "Invoices", sale["InvoiceID"])["AmountDue"] == 23.0


def test_only_authorised_documents_are_paid(api: httpx.Client) -> None:
    draft, paid, gone = invoice(api, Status="DRAFT"), invoice(api), invoice(api)
    made(api, "Payments", payment(paid))
    changed(api, "Invoices", gone["InvoiceID"], Status="VOIDED")
    assert refused(api, "PUT", "Payments", payment(draft)) == [
        "Payments can only be made against Authorised documents"
    ]
    for closed in (paid, gone):
        assert refused(api, "PUT", "Payments", payment(closed)) == [
            "Payments can only be made against Authorised documents",
            "Payment amount exceeds the amount outstanding on this document",
        ]


def test_accounts_can_be_opened_to_payments(xero: LocalXero, api: httpx.Client) -> None:
    (till,) = xero.add(
        "Accounts", [{"Code": "881x", "Name": "Till", "Type": "EQUITY", "EnablePaymentsToAccount": True}]
    )
    sale = invoice(api)
    assert made(api, "Payments", payment(sale, 1, Account={"AccountID": till["AccountID"]}))["Amount"] == 1.0
    xero.edit("Accounts", till["AccountID"], status="ARCHIVED")
    assert refused(api, "PUT", "Payments", payment(sale, 1, Account={"Code": "881x"})) == [rules.NO_ACCOUNT]


def test_currencies_of_accounts(xero: LocalXero, api: httpx.Client) -> None:
    xero.add("Currencies", [{"Code": "EUR"}, {"Code": "USD"}])
    for code in ("EUR", "USD"):
        bank = {"Code": code, "Name": code, "Type": "BANK", "BankAccountNumber": code, "CurrencyCode": code}
        assert "ValidationErrors" not in xero.add("Accounts", [bank])[0]
    sale = invoice(api, CurrencyCode="EUR", CurrencyRate=0.5)
    assert refused(api, "PUT", "Payments", payment(sale, 1, Account={"Code": "USD"})) == [rules.BAD_CURRENCY]
    assert made(api, "Payments", payment(sale, 1, Account={"Code": "EUR"}))["BankAmount"] == 1.0
    assert made(api, "Payments", payment(sale, 1))["BankAmount"] == 2.0
    paid = made(api, "Payments", payment(sale, 1, CurrencyRate=0.25, BankAmount=3.99))
    assert (paid["BankAmount"], paid["CurrencyRate"]) == (3.99, 0.25)


def test_deleted_payment_is_owed_again(api: httpx.Client) -> None:
    sale = invoice(api)
    first, second = made(api, "Payments", payment(sale, 3)), made(api, "Payments", payment(sale, 20))
    gone = changed(api, "Payments", second["PaymentID"], Status="DELETED")
    assert (gone["Status"], gone["Amount"]) == ("DELETED", 20.0)
    assert (gone["Invoice"]["Status"], gone["Invoice"]["AmountDue"]) == ("AUTHORISED", 20.0)
    found = read(api, "Invoices", sale["InvoiceID"])
    assert "FullyPaidOnDate" not in found
    assert [one["PaymentID"] for one in found["Payments"]] == [first["PaymentID"]]
    assert refused(api, "POST", f"Payments/{second['PaymentID']}", {"Status": "DELETED"}) == [
        rules.DELETED_PAYMENT
    ]
    changed(api, "Payments", first["PaymentID"], Status="DELETED")
    assert changed(api, "Invoices", sale["InvoiceID"], Status="VOIDED")["Status"] == "VOIDED"


@pytest.mark.parametrize(
    "fields", [{"Amount": 1}, {"Status": "AUTHORISED"}, {"Status": "DELETED", "Amount": 1}]
)
def test_payments_do_not_change(api: httpx.Client, fields: dict[str, Any]) -> None:
    held = made(api, "Payments", payment(invoice(api)))
    path = f"Payments/{held['PaymentID']}"
    assert refused(api, "POST", path, fields) == [rules.ONLY_DELETED]
    assert read(api, "Payments", held["PaymentID"])["Status"] == "AUTHORISED"


def test_reconciled_payment_is_not_deleted(api: httpx.Client) -> None:
    held = made(api, "Payments", payment(invoice(api), IsReconciled=True))
    assert held["IsReconciled"] is True
    assert refused(api, "POST", f"Payments/{held['PaymentID']}", {"Status": "DELETED"}) == [rules.RECONCILED]


def test_nothing_is_paid_up_to_a_lock_date(xero: LocalXero, api: httpx.Client) -> None:
    sale = invoice(api)
    held = made(api, "Payments", payment(sale, 1, Date="2026-10-31"))
    locked = replace(DEMO_COMPANY, period_lock_date=date(2026, 10, 31))
    xero.options = replace(xero.options, companies=(locked,))
    message = "The document date cannot be before the period lock date, currently set at 31-Oct-2026"
    assert refused(api, "PUT", "Payments", payment(sale, 1, Date="2026-10-31")) == [message]
    assert refused(api, "POST", f"Payments/{held['PaymentID']}", {"Status": "DELETED"}) == [message]


def test_payments_of_one_invoice_in_one_batch_are_made_in_order(xero: LocalXero, api: httpx.Client) -> None:
    sale = invoice(api)
    elements = [payment(sale, amount) for amount in (10, 14, 13)]
    first, second, third = write(api, "PUT", "Payments", *elements)
    assert [one["StatusAttributeString"] for one in (first, second, third)] == ["OK", "ERROR", "OK"]
    assert errors(second) == [rules.TOO_MUCH]
    assert read(api, "Invoices", sale["InvoiceID"])["Status"] == "PAID"
    assert len(xero.records("Payments")) == 2


def test_post_makes_payments_too(api: httpx.Client) -> None:
    sale = invoice(api)
    made_ = write(api, "POST", "Payments", payment(sale, 1), payment(sale, 2))
    assert [one["Amount"] for one in made_] == [1.0, 2.0]
    answer = api.post(f"{API}/Payments", json=payment(sale, 3))
    assert answer.json()["Payments"][0]["Invoice"]["AmountPaid"] == 6.0
    assert api.post(f"{API}/Payments/{OTHER}", json={"Status": "DELETED"}).status_code == 404


def test_payments_are_listed(xero: LocalXero, api: httpx.Client) -> None:
    sale, credit = invoice(api, InvoiceNumber="S-1"), made(api, "CreditNotes", CREDIT)
    made(api, "Payments", payment(sale, 3, Reference="a", Date="2026-10-05"))
    made(api, "Payments", payment(sale, 2, Reference="b", Date="2026-10-06"))
    xero.clock.jump(minutes=1)
    made(api, "Payments", {"CreditNote": {"CreditNoteID": credit["CreditNoteID"]}, "Amount": 1} | BANK)

    def amounts(**query: Any) -> list[float]:
        return sorted(listed(api, "Payments", "Amount", **query))

    assert amounts() == [1.0, 2.0, 3.0]
    assert amounts(where='Reference=="B"') == [2.0]
    assert amounts(where="Date >= DateTime(2026,10,06) AND Date < DateTime(2026,11,01)") == [2.0]
    assert amounts(where=f'Invoice.InvoiceID==Guid("{sale["InvoiceID"]}")') == [2.0, 3.0]
    assert amounts(where='Invoice.InvoiceNumber=="S-1" AND Amount>2') == [3.0]
    assert amounts(where='PaymentType=="ARCREDITPAYMENT"') == [1.0]
    assert amounts(where='Account.Code=="091"') == []
    assert amounts(where='Invoice.Contact.Name=="ada"') == [1.0, 2.0, 3.0]
    assert listed(api, "Payments", "Amount", order="Amount DESC", page=2, pageSize=1) == [2.0]
    since = {"If-Modified-Since": "2026-11-02T12:01:00"}
    assert len(api.get(f"{API}/Payments", headers=since).json()["Payments"]) == 1
    (first, *_) = listed(api, "Payments", "Invoice", page=1, where='Invoice.InvoiceNumber=="S-1"')
    assert first["LineItems"] == []
    assert first["Contact"].items() >= {"Name": "Ada", "Phones": []}.items()
    assert "AmountDue" not in first
