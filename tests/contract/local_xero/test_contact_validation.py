"""What is wrong with a contact on its own, and with bodies as a whole."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookward.demo.xero import LocalXero, Options
from bookward.demo.xero.contact_rules import BAD_EMAIL, merged
from tests.contract.local_xero.driver import CONTACTS, errors, post, put


@pytest.mark.parametrize(
    ("field", "limit"),
    [
        ("Name", 255),
        ("FirstName", 255),
        ("LastName", 255),
        ("ContactNumber", 50),
        ("AccountNumber", 50),
        ("CompanyNumber", 50),
        ("TaxNumber", 50),
    ],
)
def test_texts_have_their_lengths(api: httpx.Client, field: str, limit: int) -> None:
    fits, too_long = put(api, {"Name": "A", field: "x" * limit}, {"Name": "B", field: "y" * (limit + 1)})
    assert fits["StatusAttributeString"] == "OK"
    assert errors(too_long) == [f"The {field} must not be longer than {limit} characters."]


@pytest.mark.parametrize(
    "email", ["a", "a@b", "a b@c.co", "jörg@example.com", "a@exämple.com", "a@@b.co", "a@b..co", "@b.co"]
)
def test_bad_email_is_refused(api: httpx.Client, email: str) -> None:
    own, persons = put(
        api, {"Name": "A", "EmailAddress": email}, {"Name": "B", "ContactPersons": [{"EmailAddress": email}]}
    )
    assert errors(own) == [BAD_EMAIL]
    assert errors(persons["ContactPersons"][0]) == [BAD_EMAIL]


@pytest.mark.parametrize("email", ["a@b.co", "o'brien@b.example.com", "first.last+tag@x-y.io"])
def test_good_email_is_taken(api: httpx.Client, email: str) -> None:
    assert put(api, {"Name": "A", "EmailAddress": email})[0]["EmailAddress"] == email


def test_name_is_trimmed_and_its_blanks_collapsed(api: httpx.Client) -> None:
    (made,) = put(api, {"Name": "  O'Brien \t & \n Söhne  "})
    assert made["Name"] == "O'Brien & Söhne"


@pytest.mark.parametrize("name", ["a<b", "a>b"])
def test_angle_brackets_in_a_name_are_refused(api: httpx.Client, name: str) -> None:
    (element,) = put(api, {"Name": name})
    assert element["StatusAttributeString"] == "ERROR"
    assert "<" in errors(element)[0]


@pytest.mark.parametrize("name", ["O'Brien", "😀 Ltd", "شركة", "北京", 'Quote " and \\'])
def test_names_of_the_world_are_kept(api: httpx.Client, name: str) -> None:
    assert put(api, {"Name": name})[0]["Name"] == name


def test_control_characters_are_refused(api: httpx.Client) -> None:
    (element,) = put(api, {"Name": "a\x00b"})
    assert errors(element) == ["The Name contains characters that are not allowed."]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"Phones": [{"PhoneType": "FAX", "PhoneNumber": "1" * 51}]}, "PhoneNumber"),
        ({"Phones": [{"PhoneType": "FAX", "PhoneAreaCode": "1" * 11}]}, "PhoneAreaCode"),
        ({"Phones": [{"PhoneType": "FAX", "PhoneCountryCode": "1" * 21}]}, "PhoneCountryCode"),
        ({"Phones": [{"PhoneNumber": "1"}]}, "PhoneType"),
        ({"Addresses": [{"AddressType": "STREET", "AddressLine2": "x" * 501}]}, "AddressLine2"),
        ({"Addresses": [{"AddressType": "STREET", "City": "x" * 256}]}, "City"),
        ({"Addresses": [{"AddressType": "STREET", "PostalCode": "x" * 51}]}, "PostalCode"),
        ({"Addresses": [{"AddressType": "STREET", "Country": "N3"}]}, "Country"),
        ({"Addresses": [{"City": "X"}]}, "AddressType"),
        ({"ContactPersons": [{"FirstName": "x" * 256}]}, "FirstName"),
    ],
)
def test_parts_carry_their_own_errors(api: httpx.Client, part: dict[str, Any], message: str) -> None:
    (element,) = put(api, {"Name": "A"} | part)
    assert element["HasValidationErrors"] is True
    assert errors(element) == []
    (field,) = part
    assert message in errors(element[field][0])[0]


@pytest.mark.parametrize(
    ("term", "sound"),
    [
        ({"Day": 31, "Type": "OFCURRENTMONTH"}, True),
        ({"Day": 0, "Type": "OFCURRENTMONTH"}, False),
        ({"Day": 32, "Type": "OFFOLLOWINGMONTH"}, False),
        ({"Day": 45, "Type": "DAYSAFTERBILLDATE"}, True),
        ({"Day": 0, "Type": "DAYSAFTERBILLMONTH"}, True),
        ({"Day": -1, "Type": "DAYSAFTERBILLMONTH"}, False),
        ({"Day": 15}, False),
        ({"Type": "OFCURRENTMONTH"}, False),
    ],
)
def test_payment_terms_are_checked(api: httpx.Client, term: dict[str, Any], sound: bool) -> None:
    (element,) = put(api, {"Name": "A", "PaymentTerms": {"Sales": term}})
    assert element["StatusAttributeString"] == ("OK" if sound else "ERROR")
    if not sound:
        assert len(errors(element["PaymentTerms"]["Sales"])) == 1


def test_there_are_at_most_five_contact_persons(api: httpx.Client) -> None:
    persons = [{"FirstName": str(number)} for number in range(6)]
    five, six = put(
        api, {"Name": "A", "ContactPersons": persons[:5]}, {"Name": "B", "ContactPersons": persons}
    )
    assert (five["StatusAttributeString"], six["StatusAttributeString"]) == ("OK", "ERROR")


def test_batch_payment_details_have_their_lengths(api: httpx.Client) -> None:
    (element,) = put(api, {"Name": "A", "BatchPayments": {"Code": "x" * 13}})
    assert element["StatusAttributeString"] == "ERROR"
    assert errors(element) == ["The Code must not be longer than 12 characters."]


def test_bank_details_may_need_a_role(xero: LocalXero, api: httpx.Client) -> None:
    assert put(api, {"Name": "A", "BankAccountDetails": "1"})[0]["StatusAttributeString"] == "OK"
    xero.options = Options(bank_details_allowed=False)
    assert put(api, {"Name": "B", "BankAccountDetails": "1"})[0]["StatusAttributeString"] == "ERROR"


def test_failed_update_changes_nothing(xero: LocalXero, api: httpx.Client) -> None:
    (made,) = put(api, {"Name": "A", "FirstName": "F"})
    before = xero.contacts()
    xero.clock.jump(minutes=1)
    post(api, {"ContactID": made["ContactID"], "FirstName": "G", "EmailAddress": "no"})
    assert xero.contacts() == before


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b'{"Contacts": [{"Name": "A"}]',
        b'{"Contacts": ["A"]}',
        b'{"Contacts": [{"Name": {"x": 1}}]}',
        b'{"Contacts": [{"Name": "A", "ContactStatus": "SLEEPING"}]}',
        b'{"Contacts": [{"Name": "A", "Phones": [{"PhoneType": "PIGEON"}]}]}',
        b'{"Contacts": [{"Name": "A", "Addresses": [{"AddressType": "DELIVERY"}]}]}',
        b'{"Contacts": [{"Name": "A", "PaymentTerms": {"Bills": {"Day": 1, "Type": "SOON"}}}]}',
        b'{"Contacts": [{"Name": "A", "PaymentTerms": {"Bills": {"Day": 1.5, "Type": "OFCURRENTMONTH"}}}]}',
        b'{"Contacts": [{"Name": "A", "DefaultCurrency": "ZZZ"}]}',
        b'{"Contacts": [{"Name": "A", "TaxNumberType": "X"}]}',
        b'{"Contacts": [{"ContactID": "12"}]}',
        b'{"Contacts": [{"Name": "A", "Nmae": "B"}]}',
        b'{"Contacts": [{"Name": "A", "Phones": 3}]}',
        b'{"Contacts": [{"Name": "A", "ContactPersons": [{"IncludeInEmails": "yes"}]}]}',
        b"\xff\xfe",
        b'{"Contacts": [{"Name": "\\ud800"}]}',
        b"[" * 5000,
    ],
)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_body_that_cannot_be_understood_loses_the_whole_request(
    xero: LocalXero, api: httpx.Client, method: str, body: bytes
) -> None:
    answer = api.request(method, CONTACTS, params={"summarizeErrors": "false"}, content=body)
    assert answer.status_code == 400
    assert (answer.json()["ErrorNumber"], answer.json()["Type"]) == (14, "PostDataInvalidException")
    assert xero.contacts() == []


@pytest.mark.parametrize(
    "body", [b"", b"  ", b"{}", b"[]", b"null", b"3", b'{"Contacts": []}', b'{"Other": [1]}']
)
def test_body_without_contacts_is_no_data(api: httpx.Client, body: bytes) -> None:
    answer = api.put(CONTACTS, content=body)
    assert answer.status_code == 400
    assert (answer.json()["ErrorNumber"], answer.json()["Type"]) == (17, "NoDataProcessedException")
    assert answer.json()["Message"].startswith("No data has been processed for this endpoint.")


@pytest.mark.parametrize(
    "body",
    [
        {"Contacts": [{"Name": "A"}]},
        {"contacts": [{"name": "A"}]},
        {"Contacts": {"Name": "A"}},
        {"Name": "A"},
    ],
)
def test_envelope_may_be_lower_case_single_or_missing(api: httpx.Client, body: dict[str, Any]) -> None:
    assert api.put(CONTACTS, json=body).json()["Contacts"][0]["Name"] == "A"


def test_numbers_and_truths_are_taken_as_texts(api: httpx.Client) -> None:
    (made,) = put(api, {"Name": 12.50, "ContactNumber": 7, "FirstName": True})
    assert (made["Name"], made["ContactNumber"], made["FirstName"]) == ("12.5", "7", "true")


def test_unknown_fields_may_be_ignored(xero: LocalXero, api: httpx.Client) -> None:
    xero.options = Options(unknown_fields="ignore")
    assert put(api, {"Name": "A", "Nmae": "B"})[0]["Name"] == "A"


def test_body_has_a_limit(xero: LocalXero, api: httpx.Client) -> None:
    body = b'{"Contacts": [{"Name": "A"}]}' + b" " * (10 * 1024 * 1024)
    assert api.put(CONTACTS, content=body).status_code == 413
    xero.options = Options(too_large_status=400, body_limit=100)
    assert api.put(CONTACTS, content=b"x" * 101).status_code == 400
    assert xero.contacts() == []


texts = st.one_of(st.none(), st.text(max_size=5))
elements = st.fixed_dictionaries(
    {},
    optional={
        "FirstName": texts,
        "EmailAddress": texts,
        "Phones": st.lists(
            st.fixed_dictionaries(
                {"PhoneType": st.sampled_from(["FAX", "MOBILE"])}, optional={"PhoneNumber": texts}
            ),
            max_size=2,
        ),
        "ContactPersons": st.lists(st.fixed_dictionaries({"FirstName": st.text(max_size=3)}), max_size=2),
    },
)


@given(held=elements, sent=elements)
def test_writing_the_same_twice_is_writing_it_once(held: dict[str, Any], sent: dict[str, Any]) -> None:
    before = merged({"Name": "A"}, held, Options())
    once = merged(before, sent, Options())
    assert merged(once, sent, Options()) == once


@given(held=elements)
def test_writing_nothing_changes_nothing(held: dict[str, Any]) -> None:
    before = merged({"Name": "A"}, held, Options())
    assert merged(before, {}, Options()) == before
