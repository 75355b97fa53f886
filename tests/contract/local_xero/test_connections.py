"""Connections and the organisation itself."""

from __future__ import annotations

import re

import httpx

from bookward.demo.xero import DEMO_COMPANY, Company, LocalXero, Options
from tests.contract.local_xero.driver import CONTACTS, ORGANISATION, client_of, put, sign_in

OTHER = Company(
    id="b0c1d2e3-0002-4000-8000-000000000002", name="Second Books Ltd", country="GB", currency="GBP"
)


def test_connections_have_the_documented_shape(api: httpx.Client) -> None:
    (connection,) = api.get("/connections").json()
    assert set(connection) == {
        "id",
        "authEventId",
        "tenantId",
        "tenantType",
        "tenantName",
        "createdDateUtc",
        "updatedDateUtc",
    }
    assert connection["tenantType"] == "ORGANISATION"
    assert connection["tenantName"] == DEMO_COMPANY.name
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}", connection["createdDateUtc"])


def test_several_organisations_have_books_of_their_own(xero: LocalXero) -> None:
    xero.options = Options(companies=(DEMO_COMPANY, OTHER))
    token = sign_in(xero, DEMO_COMPANY.id, OTHER.id)["access_token"]
    with client_of(xero, token, DEMO_COMPANY.id) as first, client_of(xero, token, OTHER.id) as second:
        assert len(first.get("/connections").json()) == 2
        put(first, {"Name": "Only here"})
        assert second.get(CONTACTS).json()["Contacts"] == []
        assert second.get(ORGANISATION).json()["Organisations"][0]["BaseCurrency"] == "GBP"
        assert [contact["Name"] for contact in xero.contacts(DEMO_COMPANY.id)] == ["Only here"]
        assert xero.contacts(OTHER.id) == []


def test_connections_of_one_consent_can_be_asked_for(xero: LocalXero) -> None:
    xero.options = Options(companies=(DEMO_COMPANY, OTHER))
    sign_in(xero, DEMO_COMPANY.id)
    token = sign_in(xero, OTHER.id)["access_token"]
    with client_of(xero, token, OTHER.id) as api:
        everything = api.get("/connections").json()
        event = next(one["authEventId"] for one in everything if one["tenantId"] == OTHER.id)
        (latest,) = api.get("/connections", params={"authEventId": event}).json()
        assert (len(everything), latest["tenantId"]) == (2, OTHER.id)


def test_consent_again_keeps_the_connection_and_dates_it(xero: LocalXero, api: httpx.Client) -> None:
    (before,) = api.get("/connections").json()
    xero.clock.jump(minutes=1)
    sign_in(xero)
    (after,) = api.get("/connections").json()
    assert after["id"] == before["id"]
    assert after["createdDateUtc"] == before["createdDateUtc"] < after["updatedDateUtc"]


def test_disconnecting_needs_the_connections_own_id(api: httpx.Client) -> None:
    (connection,) = api.get("/connections").json()
    assert api.delete(f"/connections/{connection['tenantId']}").status_code == 404
    assert api.delete(f"/connections/{connection['id']}").status_code == 204
    assert api.get("/connections").json() == []
    assert api.get(CONTACTS).status_code == 403


def test_connections_need_a_token(browser: httpx.Client) -> None:
    assert browser.get("/connections").status_code == 401


def test_organisation_answers_in_an_envelope(api: httpx.Client) -> None:
    value = api.get(ORGANISATION).json()
    assert list(value) == ["Id", "Status", "ProviderName", "DateTimeUTC", "Organisations"]
    (organisation,) = value["Organisations"]
    assert organisation["OrganisationID"] == DEMO_COMPANY.id
    assert organisation["IsDemoCompany"] is True
    assert re.fullmatch(r"/Date\(\d+\+0000\)/", organisation["CreatedDateUTC"])


def test_organisation_actions_are_listed(api: httpx.Client) -> None:
    actions = api.get(f"{ORGANISATION}/Actions").json()["Actions"]
    assert {"Name": "CreateApprovedInvoice", "Status": "ALLOWED"} in actions


def test_other_methods_are_not_implemented(api: httpx.Client) -> None:
    assert api.put(ORGANISATION).status_code == 501
    assert api.delete(CONTACTS).status_code == 501
    assert api.patch(CONTACTS).status_code == 501
