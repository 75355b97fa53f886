"""Invoices, credit notes and payments as the tests here write them."""

from __future__ import annotations

from typing import Any

import httpx

from tests.contract.local_xero.driver import errors

API = "/api.xro/2.0"
TEA = {"Description": "Tea", "Quantity": 2, "UnitAmount": 10, "AccountCode": "200"}
SALE = {"Type": "ACCREC", "Contact": {"Name": "Ada"}, "LineItems": [TEA]}
APPROVED = SALE | {"Status": "AUTHORISED", "DueDate": "2026-12-01"}
BILL = {
    "Type": "ACCPAY",
    "Contact": {"Name": "Bob"},
    "InvoiceNumber": "B-1",
    "LineItems": [{"Description": "Paper", "Quantity": 1, "UnitAmount": 100, "AccountCode": "429"}],
    "Status": "AUTHORISED",
    "DueDate": "2026-12-01",
}
CREDIT = {
    "Type": "ACCRECCREDIT",
    "Contact": {"Name": "Ada"},
    "LineItems": [TEA | {"Quantity": 1}],
    "Status": "AUTHORISED",
}
BANK = {"Account": {"Code": "090"}}


def write(
    api: httpx.Client, method: str, plural: str, *elements: dict[str, Any], **query: Any
) -> list[dict[str, Any]]:
    """Write elements and return what became of each."""
    name = "Allocations" if plural.endswith("/Allocations") else plural.split("/", maxsplit=1)[0]
    answer = api.request(
        method, f"{API}/{plural}", params={"summarizeErrors": "false", **query}, json={name: elements}
    )
    assert answer.status_code == 200, answer.text
    return list(answer.json()[name])


def invoice(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    """Make an approved sales invoice over 23.00, or another one, and return it."""
    return made(api, "Invoices", APPROVED | fields)


def made(api: httpx.Client, plural: str, element: dict[str, Any], **query: Any) -> dict[str, Any]:
    """Make one record and return it."""
    (element,) = write(api, "PUT", plural, element, **query)
    assert element["StatusAttributeString"] == "OK", errors(element)
    return element


def changed(api: httpx.Client, plural: str, id_: str, **fields: Any) -> dict[str, Any]:
    """Change one record at its own address and return it."""
    (element,) = write(api, "POST", f"{plural}/{id_}", fields)
    assert element["StatusAttributeString"] == "OK", errors(element)
    return element


def refused(api: httpx.Client, method: str, plural: str, element: dict[str, Any], **query: Any) -> list[str]:
    """Write an element that is refused, and return the complaints."""
    (answered,) = write(api, method, plural, element, **query)
    assert answered["StatusAttributeString"] == "ERROR", answered
    return errors(answered)


def read(api: httpx.Client, plural: str, key: str, **query: Any) -> dict[str, Any]:
    """Return one record."""
    answer = api.get(f"{API}/{plural}/{key}", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()[plural][0])


def listed(api: httpx.Client, plural: str, field: str, **query: Any) -> list[Any]:
    """Return one field of each record of a list."""
    answer = api.get(f"{API}/{plural}", params=query)
    assert answer.status_code == 200, answer.text
    return [element.get(field) for element in answer.json()[plural]]
