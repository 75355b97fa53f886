"""How elements find their contacts, what is merged, and what is refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bookward.demo.xero import LocalXero, Options
from bookward.demo.xero.contact_rules import (
    ACCOUNT_NUMBER_TAKEN,
    ARCHIVED_CONTACT,
    NO_IDENTITY,
    NO_NAME,
    NUMBER_TAKEN,
    name_taken,
)
from tests.contract.local_xero.driver import CONTACTS, ZERO, errors, names, post, put


def archived(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    (made,) = put(api, fields)
    (gone,) = post(api, {"ContactID": made["ContactID"], "ContactStatus": "ARCHIVED"})
    assert gone["ContactStatus"] == "ARCHIVED"
    return gone


def refused(element: dict[str, Any], message: str) -> bool:
    return (
        element["StatusAttributeString"] == "ERROR"
        and element["HasValidationErrors"] is True
        and errors(element) == [message]
    )


def test_put_answers_in_the_order_sent(api: httpx.Client) -> None:
    answered = put(api, *({"Name": f"N{number}"} for number in (3, 1, 2)))
    assert [contact["Name"] for contact in answered] == ["N3", "N1", "N2"]
    assert {contact["StatusAttributeString"] for contact in answered} == {"OK"}
    assert len({contact["ContactID"] for contact in answered} - {ZERO}) == 3


def test_put_ignores_a_contact_id_and_read_only_fields(api: httpx.Client) -> None:
    id_ = "11111111-1111-4111-8111-111111111111"
    (made,) = put(api, {"ContactID": id_, "Name": "A", "IsSupplier": True, "Website": "x", "Balances": {}})
    assert made["ContactID"] not in {id_, ZERO}
    assert made["IsSupplier"] is False
    assert "Website" not in made


def test_put_refuses_a_known_name_whatever_its_case(api: httpx.Client) -> None:
    put(api, {"Name": "Ada Straße"})
    (again,) = put(api, {"Name": "ADA STRASSE", "IsCustomer": True})
    assert refused(again, name_taken("ADA STRASSE"))
    assert again["ContactID"] == ZERO
    assert again["IsCustomer"] is True


def test_put_refuses_known_numbers(api: httpx.Client) -> None:
    put(api, {"Name": "A", "ContactNumber": "n1", "AccountNumber": "a1"})
    (number, account) = put(api, {"Name": "B", "ContactNumber": "N1"}, {"Name": "C", "AccountNumber": "A1"})
    assert refused(number, NUMBER_TAKEN)
    assert refused(account, ACCOUNT_NUMBER_TAKEN)


def test_all_complaints_about_an_element_are_listed(api: httpx.Client) -> None:
    put(api, {"Name": "A", "ContactNumber": "1"})
    (again,) = put(api, {"Name": "a", "ContactNumber": "1", "EmailAddress": "no"})
    assert errors(again) == [name_taken("a"), NUMBER_TAKEN, "Email address must be valid"]


def test_elements_see_those_before_them(api: httpx.Client) -> None:
    first, second = put(api, {"Name": "Same"}, {"Name": "same"})
    assert first["StatusAttributeString"] == "OK"
    assert refused(second, name_taken("same"))
    first, second = post(api, {"Name": "Other", "FirstName": "1"}, {"Name": "OTHER", "FirstName": "2"})
    assert first["ContactID"] == second["ContactID"]


def test_post_matches_by_id_then_number_then_name(api: httpx.Client) -> None:
    by_id, by_number, by_name = put(
        api,
        {"Name": "I", "ContactNumber": "1"},
        {"Name": "N", "ContactNumber": "2"},
        {"Name": "M"},
    )
    assert (
        post(api, {"ContactID": by_id["ContactID"].upper(), "Name": "I2"})[0]["ContactID"]
        == by_id["ContactID"]
    )
    assert post(api, {"ContactNumber": "2", "Name": "N2"})[0]["ContactID"] == by_number["ContactID"]
    assert post(api, {"Name": "m", "FirstName": "F"})[0]["ContactID"] == by_name["ContactID"]
    assert sorted(names(api.get(CONTACTS))) == ["I2", "N2", "m"]


def test_post_creates_what_it_does_not_find(api: httpx.Client) -> None:
    (made,) = post(api, {"Name": "New", "ContactNumber": "9"})
    assert made["ContactID"] != ZERO
    (zero,) = post(api, {"ContactID": ZERO, "Name": "Another"})
    assert zero["ContactID"] != ZERO


def test_name_of_another_contact_is_refused_on_update(api: httpx.Client) -> None:
    put(api, {"Name": "A"}, {"Name": "B", "ContactNumber": "2"})
    (element,) = post(api, {"ContactNumber": "2", "Name": "a"})
    assert refused(element, name_taken("a"))


def test_own_name_in_other_case_is_no_clash(api: httpx.Client) -> None:
    (made,) = put(api, {"Name": "acme"})
    assert post(api, {"ContactID": made["ContactID"], "Name": "ACME"})[0]["Name"] == "ACME"


def test_known_name_with_another_number_is_a_switch(xero: LocalXero, api: httpx.Client) -> None:
    (made,) = put(api, {"Name": "A", "ContactNumber": "1"})
    (updated,) = post(api, {"Name": "A", "ContactNumber": "2"})
    assert (updated["ContactID"], updated["ContactNumber"]) == (made["ContactID"], "2")
    xero.options = Options(name_with_other_number="refuse")
    assert refused(post(api, {"Name": "A", "ContactNumber": "3"})[0], name_taken("A"))
    (by_id,) = post(api, {"ContactID": made["ContactID"], "Name": "A", "ContactNumber": "3"})
    assert by_id["ContactNumber"] == "3"


def test_element_must_say_whom_it_means(api: httpx.Client) -> None:
    nobody, nameless = post(api, {"FirstName": "F"}, {"ContactNumber": "77"})
    assert refused(nobody, NO_IDENTITY)
    assert refused(nameless, NO_NAME)


def test_archived_contact_cannot_be_edited_or_restored(api: httpx.Client) -> None:
    gone = archived(api, Name="Gone", ContactNumber="g")
    for element in (
        {"ContactID": gone["ContactID"], "ContactStatus": "ACTIVE"},
        {"ContactID": gone["ContactID"], "ContactStatus": "ARCHIVED"},
        {"ContactNumber": "g", "Name": "Other"},
        {"Name": "gone"},
    ):
        assert refused(post(api, element)[0], ARCHIVED_CONTACT)


def test_archived_contact_blocks_its_name_and_number_for_new_ones(api: httpx.Client) -> None:
    archived(api, Name="Gone", ContactNumber="g")
    by_name, by_number = put(api, {"Name": "GONE"}, {"Name": "New", "ContactNumber": "G"})
    assert refused(by_name, ARCHIVED_CONTACT)
    assert refused(by_number, ARCHIVED_CONTACT)


def test_person_can_restore_an_archived_contact(xero: LocalXero, api: httpx.Client) -> None:
    gone = archived(api, Name="Gone")
    xero.edit_contact(gone["ContactID"], status="ACTIVE", FirstName="Back")
    assert post(api, {"Name": "Gone", "LastName": "Again"})[0]["FirstName"] == "Back"
    with pytest.raises(KeyError):
        xero.edit_contact(ZERO)


def test_archiving_is_batchable(api: httpx.Client) -> None:
    made = put(api, *({"Name": f"N{number}"} for number in range(3)))
    gone = post(api, *({"ContactID": one["ContactID"], "ContactStatus": "ARCHIVED"} for one in made))
    assert [one["ContactStatus"] for one in gone] == ["ARCHIVED"] * 3
    assert names(api.get(CONTACTS)) == []


def test_unknown_contact_id_refuses_the_whole_request_as_html(api: httpx.Client) -> None:
    unknown = {"ContactID": "11111111-1111-4111-8111-111111111111", "Name": "X"}
    answer = api.post(
        CONTACTS, params={"summarizeErrors": "false"}, json={"Contacts": [{"Name": "Good"}, unknown]}
    )
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert names(api.get(CONTACTS)) == []


def test_what_is_not_sent_stays(api: httpx.Client) -> None:
    (made,) = put(api, {"Name": "A", "FirstName": "F", "EmailAddress": "a@b.co", "TaxNumber": "1"})
    (updated,) = post(api, {"ContactID": made["ContactID"], "FirstName": "G"})
    assert (updated["FirstName"], updated["EmailAddress"], updated["TaxNumber"]) == ("G", "a@b.co", "1")


def test_empty_text_clears_and_null_does_not(xero: LocalXero, api: httpx.Client) -> None:
    (made,) = put(api, {"Name": "A", "FirstName": "F", "LastName": "L"})
    (updated,) = post(api, {"ContactID": made["ContactID"], "FirstName": "", "LastName": None, "Name": ""})
    assert "FirstName" not in updated
    assert (updated["LastName"], updated["Name"]) == ("L", "A")
    xero.options = Options(empty_clears=False, null_clears=True)
    (updated,) = post(api, {"ContactID": made["ContactID"], "LastName": None, "Name": None})
    assert "LastName" not in updated
    assert post(api, {"ContactID": made["ContactID"], "FirstName": "F"})[0]["FirstName"] == "F"
    assert post(api, {"ContactID": made["ContactID"], "FirstName": ""})[0]["FirstName"] == "F"


def test_phones_and_addresses_fill_their_slots(xero: LocalXero, api: httpx.Client) -> None:
    phone = {"PhoneType": "MOBILE", "PhoneNumber": "555", "PhoneAreaCode": "21"}
    address = {"AddressType": "POBOX", "City": "Wellington", "AddressLine1": "Box 1"}
    (made,) = put(api, {"Name": "A", "Phones": [phone], "Addresses": [address]})
    assert [one["PhoneType"] for one in made["Phones"]] == ["DDI", "DEFAULT", "FAX", "MOBILE"]
    assert [one["AddressType"] for one in made["Addresses"]] == ["STREET", "POBOX"]
    assert made["Phones"][3] == phone | {"PhoneCountryCode": ""}
    assert made["Addresses"][1] == address | {"Region": "", "PostalCode": "", "Country": ""}
    fax = {"PhoneType": "FAX", "PhoneNumber": "666"}
    id_ = made["ContactID"]
    (updated,) = post(api, {"ContactID": id_, "Phones": [fax, {"PhoneType": "MOBILE", "PhoneNumber": "5"}]})
    assert [one["PhoneNumber"] for one in updated["Phones"]] == ["", "", "666", "5"]
    assert updated["Phones"][3]["PhoneAreaCode"] == "21"
    assert updated["Addresses"] == made["Addresses"]
    xero.options = Options(slots_keep_fields=False)
    (updated,) = post(api, {"ContactID": id_, "Phones": [{"PhoneType": "MOBILE", "PhoneNumber": "6"}]})
    assert updated["Phones"][3]["PhoneAreaCode"] == ""
    assert updated["Phones"][2]["PhoneNumber"] == "666"


def test_office_phone_has_no_slot(api: httpx.Client) -> None:
    (made,) = put(api, {"Name": "A", "Phones": [{"PhoneType": "OFFICE", "PhoneNumber": "1"}]})
    assert [one["PhoneNumber"] for one in made["Phones"]] == [""] * 4


def test_contact_persons_are_replaced_as_a_set(api: httpx.Client) -> None:
    (made,) = put(api, {"Name": "A", "ContactPersons": [{"FirstName": "1"}, {"FirstName": "2"}]})
    (updated,) = post(api, {"ContactID": made["ContactID"], "ContactPersons": [{"LastName": "3"}]})
    assert updated["ContactPersons"] == [{"LastName": "3"}]
    assert post(api, {"Name": "A", "FirstName": "F"})[0]["ContactPersons"] == [{"LastName": "3"}]
    assert post(api, {"Name": "A", "ContactPersons": []})[0]["ContactPersons"] == []


def test_nested_groups_are_merged_field_by_field(api: httpx.Client) -> None:
    bills = {"Day": 15, "Type": "OFCURRENTMONTH"}
    (made,) = put(api, {"Name": "A", "PaymentTerms": {"Bills": bills}, "BatchPayments": {"Code": "C"}})
    (updated,) = post(
        api,
        {
            "ContactID": made["ContactID"],
            "PaymentTerms": {"Bills": {"Day": 16}, "Sales": {"Day": 30, "Type": "DAYSAFTERBILLDATE"}},
            "BatchPayments": {"Reference": "R"},
        },
    )
    assert updated["PaymentTerms"]["Bills"] == {"Day": 16, "Type": "OFCURRENTMONTH"}
    assert updated["PaymentTerms"]["Sales"] == {"Day": 30, "Type": "DAYSAFTERBILLDATE"}
    assert updated["BatchPayments"] == {"Code": "C", "Reference": "R"}


def test_every_writable_field_comes_back(api: httpx.Client) -> None:
    sent = {
        "Name": "All",
        "ContactNumber": "1",
        "AccountNumber": "2",
        "FirstName": "F",
        "LastName": "L",
        "CompanyNumber": "3",
        "EmailAddress": "f.l+x@sub.example.com",
        "BankAccountDetails": "01-0123",
        "TaxNumber": "4",
        "TaxNumberType": "EIN",
        "AccountsReceivableTaxType": "OUTPUT2",
        "AccountsPayableTaxType": "INPUT2",
        "DefaultCurrency": "EUR",
        "XeroNetworkKey": "K",
        "SalesDefaultAccountCode": "200",
        "PurchasesDefaultAccountCode": "300",
        "SalesDefaultLineAmountType": "INCLUSIVE",
        "PurchasesDefaultLineAmountType": "NONE",
        "SalesTrackingCategories": [{"TrackingCategoryName": "Region", "TrackingOptionName": "North"}],
        "ContactPersons": [{"FirstName": "P", "EmailAddress": "p@q.co", "IncludeInEmails": True}],
    }
    (made,) = put(api, sent)
    assert {name: made[name] for name in sent} == sent
    read = api.get(f"{CONTACTS}/{made['ContactID']}").json()["Contacts"][0]
    assert {name: read[name] for name in sent} == sent


def test_write_dates_the_contact(xero: LocalXero, api: httpx.Client) -> None:
    (made,) = put(api, {"Name": "A"})
    xero.clock.jump(seconds=1.5)
    (updated,) = post(api, {"Name": "A"})
    before, after = (int(one["UpdatedDateUTC"][6:19]) for one in (made, updated))
    assert after - before == 1500


def test_summarised_errors_list_only_the_failing_elements(xero: LocalXero, api: httpx.Client) -> None:
    put(api, {"Name": "Known"})
    body = {"Contacts": [{"Name": "Good"}, {"Name": "Known", "FirstName": "F"}]}
    for query in ({}, {"summarizeErrors": "true"}, {"summarizeErrors": "True"}):
        api.post(CONTACTS, json={"Contacts": []})
        answer = api.put(CONTACTS, params=query, json=body)
        value = answer.json()
        assert answer.status_code == 400
        assert (value["ErrorNumber"], value["Type"]) == (10, "ValidationException")
        assert value["Message"] == "A validation exception occurred"
        element = value["Elements"][-1]
        assert (element["ContactID"], element["FirstName"], element["HasValidationErrors"]) == (
            ZERO,
            "F",
            True,
        )
        assert errors(element) == [name_taken("Known")]
    assert sorted(names(api.get(CONTACTS))) == ["Good", "Known"]
    xero.options = Options(summarised_saves="none")
    body["Contacts"][0] = {"Name": "Better"}
    assert api.put(CONTACTS, json=body).status_code == 400
    assert sorted(names(api.get(CONTACTS))) == ["Good", "Known"]


def test_summarised_success_has_no_status(api: httpx.Client) -> None:
    answer = api.put(CONTACTS, json={"Contacts": [{"Name": "A"}]})
    assert answer.status_code == 200
    assert "StatusAttributeString" not in answer.json()["Contacts"][0]


def test_sdk_spelling_of_false_is_understood(api: httpx.Client) -> None:
    answer = api.put(CONTACTS, params={"SummarizeErrors": "False"}, json={"Contacts": [{"FirstName": "F"}]})
    assert answer.status_code == 200


def test_status_on_success_and_id_on_failure_are_switches(xero: LocalXero, api: httpx.Client) -> None:
    (made,) = put(api, {"Name": "A"})
    xero.options = Options(says_ok=False, zero_id_on_failed_update=False)
    good, bad = post(api, {"Name": "A"}, {"ContactID": made["ContactID"], "EmailAddress": "no"})
    assert "StatusAttributeString" not in good
    assert (bad["ContactID"], bad["StatusAttributeString"]) == (made["ContactID"], "ERROR")


def test_accents_in_names_are_a_switch(xero: LocalXero, api: httpx.Client) -> None:
    zoe, other = put(api, {"Name": "Zoë"}, {"Name": "Zoe"})
    assert other["ContactID"] not in {ZERO, zoe["ContactID"]}
    xero.options = Options(names_fold_accents=True)
    first, second = put(api, {"Name": "Chloé"}, {"Name": "Chloe"})
    assert (first["StatusAttributeString"], second["StatusAttributeString"]) == ("OK", "ERROR")


def test_one_contact_can_be_updated_at_its_own_address(api: httpx.Client) -> None:
    (made,) = put(api, {"Name": "A"})
    answer = api.post(f"{CONTACTS}/{made['ContactID']}", json={"Contacts": [{"FirstName": "F"}]})
    assert answer.json()["Contacts"][0]["FirstName"] == "F"
    assert api.post(f"{CONTACTS}/{ZERO}", json={"Contacts": [{"FirstName": "F"}]}).status_code == 404
    failed = api.post(f"{CONTACTS}/{made['ContactID']}", json={"Contacts": [{"EmailAddress": "no"}]})
    assert failed.json()["Type"] == "ValidationException"


def test_contacts_can_be_put_there_without_a_call(xero: LocalXero) -> None:
    (made,) = xero.add_contacts([{"Name": "Seed", "ContactNumber": "s"}])
    assert xero.contacts() == [made]
    assert xero.calls == []


def test_thousand_contacts_go_in_one_call(api: httpx.Client) -> None:
    elements = [{"Name": f"C{number}", "ContactNumber": str(number)} for number in range(1000)]
    assert {one["StatusAttributeString"] for one in put(api, *elements)} == {"OK"}
    assert {one["StatusAttributeString"] for one in post(api, *elements)} == {"OK"}
    assert len(names(api.get(CONTACTS))) == 1000


def test_null_inside_a_list_is_nothing(api: httpx.Client) -> None:
    person = {"FirstName": "P", "LastName": None}
    (made,) = put(api, {"Name": "A", "ContactPersons": [person]})
    assert made["ContactPersons"] == [{"FirstName": "P"}]
