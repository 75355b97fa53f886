"""Contacts that stand inside documents: found, created and changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from bookward.demo.xero import LocalXero
from bookward.demo.xero.contact_rules import ARCHIVED_CONTACT
from bookward.demo.xero.document_contacts import NO_CONTACT, UNKNOWN_CONTACT
from tests.contract.local_xero.documents import (
    API,
    BILL,
    CREDIT,
    SALE,
    changed,
    invoice,
    made,
    refused,
)

OTHER = "11111111-1111-4111-8111-111111111111"


def seeded(xero: LocalXero, **fields: Any) -> dict[str, Any]:
    person = {"FirstName": "P", "EmailAddress": "p@example.com"}
    (contact,) = xero.add_contacts(
        [{"Name": "Ada", "ContactNumber": "A1", "ContactPersons": [person]} | fields]
    )
    return contact


def test_unknown_name_makes_a_contact(xero: LocalXero, api: httpx.Client) -> None:
    found = made(api, "Invoices", SALE | {"Contact": {"Name": "New", "EmailAddress": "n@example.com"}})
    (contact,) = xero.contacts()
    assert (contact["Name"], contact["EmailAddress"]) == ("New", "n@example.com")
    assert found["Contact"] == contact
    assert (contact["IsCustomer"], contact["IsSupplier"]) == (True, False)


def test_known_contact_is_found_by_id_number_or_name_and_stays(xero: LocalXero, api: httpx.Client) -> None:
    contact = seeded(xero)
    for named in ({"ContactID": contact["ContactID"]}, {"ContactNumber": "a1"}, {"Name": "ada"}):
        found = made(api, "Invoices", SALE | {"Contact": named})
        assert found["Contact"]["ContactID"] == contact["ContactID"]
        assert len(found["Contact"]["ContactPersons"]) == 1
    (after,) = xero.contacts()
    assert after == contact | {"IsCustomer": True}


def test_more_than_a_name_changes_the_contact_and_loses_its_persons(
    xero: LocalXero, api: httpx.Client
) -> None:
    contact = seeded(xero)
    named = {"ContactID": contact["ContactID"], "EmailAddress": "new@example.com"}
    found = made(api, "Invoices", SALE | {"Contact": named})["Contact"]
    assert (found["EmailAddress"], found["ContactPersons"]) == ("new@example.com", [])


def test_errors_of_the_contact_are_the_documents(xero: LocalXero, api: httpx.Client) -> None:
    seeded(xero)
    assert refused(api, "PUT", "Invoices", SALE | {"Contact": {}}) == [NO_CONTACT]
    assert refused(api, "PUT", "Invoices", SALE | {"Contact": {"EmailAddress": "a@b.co"}}) == [NO_CONTACT]
    bad = SALE | {"Contact": {"Name": "New", "EmailAddress": "no"}}
    assert refused(api, "PUT", "Invoices", bad) == ["Email address must be valid"]
    assert len(xero.contacts()) == 1


def test_refused_document_makes_no_contact(xero: LocalXero, api: httpx.Client) -> None:
    element = SALE | {"LineItems": [{"Description": "x", "AccountCode": "999"}]}
    refused(api, "PUT", "Invoices", element)
    assert xero.contacts() == []


def test_archived_contact_is_refused(xero: LocalXero, api: httpx.Client) -> None:
    contact = seeded(xero)
    held = invoice(api)
    xero.edit_contact(contact["ContactID"], status="ARCHIVED")
    for named in ({"ContactID": contact["ContactID"]}, {"Name": "Ada"}):
        assert refused(api, "PUT", "Invoices", SALE | {"Contact": named}) == [ARCHIVED_CONTACT]
    assert changed(api, "Invoices", held["InvoiceID"], Reference="R")["Reference"] == "R"


def test_unknown_contact_id_is_a_switch(xero: LocalXero, api: httpx.Client) -> None:
    element = SALE | {"Contact": {"ContactID": OTHER}}
    assert refused(api, "PUT", "Invoices", element) == [UNKNOWN_CONTACT]
    xero.options = replace(xero.options, unknown_contact="not_found")
    assert api.put(f"{API}/Invoices", json={"Invoices": [SALE, element]}).status_code == 404
    assert (xero.records("Invoices"), xero.contacts()) == ([], [])


@pytest.mark.parametrize("element", [SALE, CREDIT], ids=["invoice", "credit note"])
def test_a_contact_with_only_a_phone_that_is_wrong_refuses_its_document(
    xero: LocalXero, api: httpx.Client, element: dict[str, Any]
) -> None:
    plural = "Invoices" if element is SALE else "CreditNotes"
    phone = {"PhoneType": "MOBILE", "PhoneNumber": "1" * 99}
    said = refused(api, "PUT", plural, element | {"Contact": {"Name": "New", "Phones": [phone]}})
    assert len(said) == 1
    assert "PhoneNumber" in said[0]
    assert (xero.records(plural), xero.contacts()) == ([], [])


def test_documents_show_the_contact_as_it_is_now(xero: LocalXero, api: httpx.Client) -> None:
    id_ = invoice(api)["Contact"]["ContactID"]
    xero.edit_contact(id_, Name="Ada Lovelace")
    assert xero.records("Invoices")[0]["Contact"]["Name"] == "Ada Lovelace"
    answer = api.get(f"{API}/Invoices", params={"where": 'Contact.Name=="ADA LOVELACE"'})
    assert len(answer.json()["Invoices"]) == 1


def test_contacts_are_customers_or_suppliers(xero: LocalXero, api: httpx.Client) -> None:
    made(api, "Invoices", BILL)
    made(api, "CreditNotes", CREDIT)
    xero.add_contacts([{"Name": "Nobody"}])
    roles = {one["Name"]: (one["IsCustomer"], one["IsSupplier"]) for one in xero.contacts()}
    assert roles == {"Bob": (False, True), "Ada": (True, False), "Nobody": (False, False)}
    answer = api.get(f"{API}/Contacts", params={"where": "IsSupplier==true"})
    assert [one["Name"] for one in answer.json()["Contacts"]] == ["Bob"]
