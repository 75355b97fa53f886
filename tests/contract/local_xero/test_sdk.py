"""Signing in, contacts, limits and faults as the official SDK sees them."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from typing import Any

import pytest

from bookward.demo.xero import DEMO_COMPANY, Fault, FaultKind, LocalXero, Options
from tests.contract.local_xero.driver import ZERO
from tests.contract.local_xero.sdk import Driver

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from xero_python.accounting import Address, Contact, ContactPerson, Contacts, Phone
    from xero_python.accounting.models import Bill, PaymentTerm, PaymentTermType
    from xero_python.exceptions import AccountingBadRequestException, HTTPStatusException
    from xero_python.exceptions.http_status_exceptions import RateLimitException

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:xero_python")


def create(sdk: Driver, *contacts: Contact, **options: Any) -> Contacts:
    body = Contacts(contacts=list(contacts))
    return sdk.accounting.create_contacts(DEMO_COMPANY.id, body, **options)


def full_contact() -> Contact:
    return Contact(
        name="Rod Drury",
        contact_number="R1",
        email_address="rod@example.com",
        phones=[Phone(phone_type="MOBILE", phone_number="555-1212", phone_area_code="415")],
        addresses=[Address(address_type="POBOX", city="Wellington")],
        contact_persons=[ContactPerson(first_name="Ann", include_in_emails=True)],
        payment_terms=PaymentTerm(bills=Bill(day=15, type=PaymentTermType.OFCURRENTMONTH)),
    )


def test_tokens_are_refreshed_and_revoked(sdk: Driver) -> None:
    before = sdk.tokens["refresh_token"]
    assert sdk.client.refresh_oauth2_token()
    assert sdk.tokens["refresh_token"] != before
    assert sdk.identity.get_connections()[0].tenant_id == DEMO_COMPANY.id
    sdk.client.revoke_oauth2_token()
    sdk.client.last_response.close()  # the SDK leaves this one open
    assert sdk.tokens["access_token"] is None


def test_connections_are_read_and_ended(sdk: Driver) -> None:
    (connection,) = sdk.identity.get_connections()
    assert (connection.tenant_name, connection.tenant_type) == (DEMO_COMPANY.name, "ORGANISATION")
    sdk.identity.delete_connection(connection.id)
    assert sdk.identity.get_connections() == []


def test_organisation_is_read(sdk: Driver) -> None:
    (organisation,) = sdk.accounting.get_organisations(DEMO_COMPANY.id).organisations
    assert organisation.name == DEMO_COMPANY.name
    assert organisation.created_date_utc == datetime(2020, 1, 1, tzinfo=UTC)
    assert len(sdk.accounting.get_organisation_actions(DEMO_COMPANY.id).actions) > 5


def test_contact_survives_the_round_trip(sdk: Driver) -> None:
    (made,) = create(sdk, full_contact(), summarize_errors=False).contacts
    assert made.status_attribute_string == "OK"
    for read in (
        sdk.accounting.get_contact(DEMO_COMPANY.id, made.contact_id).contacts[0],
        sdk.accounting.get_contact_by_contact_number(DEMO_COMPANY.id, "R1").contacts[0],
    ):
        assert read.contact_id == made.contact_id
        assert (read.name, read.email_address) == ("Rod Drury", "rod@example.com")
        assert [phone.phone_number for phone in read.phones] == ["", "", "", "555-1212"]
        assert read.addresses[1].city == "Wellington"
        assert read.contact_persons[0].first_name == "Ann"
        assert read.payment_terms.bills.day == 15
        assert isinstance(read.updated_date_utc, datetime)


def test_errors_come_per_element_when_not_summarised(sdk: Driver) -> None:
    create(sdk, Contact(name="Known"))
    good, bad = create(sdk, Contact(name="Good"), Contact(name="Known"), summarize_errors=False).contacts
    assert (good.status_attribute_string, bad.status_attribute_string) == ("OK", "ERROR")
    assert bad.contact_id == ZERO
    assert bad.has_validation_errors is True
    assert "already assigned" in bad.validation_errors[0].message


def test_errors_raise_when_summarised(sdk: Driver) -> None:
    create(sdk, Contact(name="Known"))
    with pytest.raises(AccountingBadRequestException) as caught:
        create(sdk, Contact(name="Known"), summarize_errors=True)
    assert "already assigned" in caught.value.reason


def test_contacts_are_updated_in_bulk_and_one_by_one(sdk: Driver) -> None:
    (made,) = create(sdk, full_contact()).contacts
    body = Contacts(contacts=[Contact(contact_number="R1", name="Rod", first_name="R")])
    (bulk,) = sdk.accounting.update_or_create_contacts(DEMO_COMPANY.id, body, summarize_errors=False).contacts
    assert (bulk.contact_id, bulk.name, bulk.email_address) == (made.contact_id, "Rod", "rod@example.com")
    body = Contacts(contacts=[Contact(contact_status="ARCHIVED")])
    (one,) = sdk.accounting.update_contact(DEMO_COMPANY.id, made.contact_id, body).contacts
    assert one.contact_status == "ARCHIVED"
    assert sdk.accounting.get_contacts(DEMO_COMPANY.id).contacts == []


def test_lists_are_paged_filtered_and_searched(xero: LocalXero, sdk: Driver) -> None:
    create(sdk, *(Contact(name=f"N{number}", email_address=f"n{number}@x.co") for number in range(12)))
    api, tenant = sdk.accounting, DEMO_COMPANY.id
    page = api.get_contacts(tenant, page=2, page_size=5, order="Name ASC", summary_only=True)
    assert (page.pagination.page_count, page.pagination.item_count, len(page.contacts)) == (3, 12, 5)
    assert [one.name for one in api.get_contacts(tenant, where='EmailAddress=="N7@X.CO"').contacts] == ["N7"]
    assert [one.name for one in api.get_contacts(tenant, search_term="n11@").contacts] == ["N11"]
    ids = [one.contact_id for one in page.contacts[:2]]
    assert len(api.get_contacts(tenant, i_ds=ids, include_archived=True).contacts) == 2
    since = datetime(2026, 11, 2, 12, tzinfo=UTC)
    assert len(api.get_contacts(tenant, if_modified_since=since).contacts) == 12
    xero.clock.jump(minutes=1)
    assert api.get_contacts(tenant, if_modified_since=since.replace(minute=1)).contacts == []


def test_idempotency_key_is_understood(sdk: Driver) -> None:
    first, again = (create(sdk, Contact(name="A"), idempotency_key="key") for _ in range(2))
    assert first.contacts[0].contact_id == again.contacts[0].contact_id


def test_limits_and_faults_raise(xero: LocalXero, sdk: Driver) -> None:
    # The SDK's HTTP library would sleep through a Retry-After by itself; this limit has none.
    xero.options = Options(concurrent_limit=0)
    with pytest.raises(RateLimitException):
        sdk.accounting.get_organisations(DEMO_COMPANY.id)
    xero.options = Options()
    xero.faults.add(Fault(kind=FaultKind.STATUS, status=500, body="json"))
    with pytest.raises(HTTPStatusException):
        sdk.accounting.get_organisations(DEMO_COMPANY.id)
