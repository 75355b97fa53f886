from __future__ import annotations

import importlib.util
import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookward.destinations.xero.comparison import differences
from bookward.destinations.xero.contacts import CONTACTS
from bookward.destinations.xero.fields import BY_HAND, CONTRACT, FIELDS, READ_ONLY
from bookward.errors import FieldInvalid, FieldRequired
from bookward.spec.field import FieldKind

SCRIPT = Path(__file__).parents[3] / "scripts/distil_xero.py"
_spec = importlib.util.spec_from_file_location("distil_xero", SCRIPT)
distil_xero = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(distil_xero)


def test_every_contact_field_is_there_with_its_kind_and_length():
    assert FIELDS["Contact"]["Name"].required
    assert FIELDS["Contact"]["Name"].max_length == 255
    assert FIELDS["Contact"]["ContactPersons"].max_length == 5
    assert FIELDS["Contact"]["Phones"].fields["PhoneType"].choices == ("DEFAULT", "DDI", "MOBILE", "FAX")
    assert FIELDS["Contact"]["PaymentTerms"].fields["Bills"].fields["Day"].kind is FieldKind.INTEGER
    assert FIELDS["Contact"]["BatchPayments"].fields["Details"].max_length == 18
    assert "NZD" in FIELDS["Contact"]["DefaultCurrency"].choices
    assert FIELDS["Contact"]["ContactID"].kind is FieldKind.UUID
    assert {name for name, field in FIELDS["Contact"].items() if field.read_only} >= {
        "Balances", "IsSupplier", "IsCustomer", "UpdatedDateUTC", "Website", "Discount",
    }  # fmt: skip
    assert FIELDS["Contact"]["ContactGroups"].looked_up
    assert set(FIELDS["Contact"]["ContactGroups"].fields) == {"ContactGroupID", "Name"}


def test_everything_said_by_hand_is_about_a_field_that_exists():
    read_only = [(schema, name) for schema, names in READ_ONLY.items() for name in names]
    for schema, name in [*BY_HAND, *read_only]:
        assert name in CONTRACT["schemas"][schema]


def test_the_contract_is_as_the_script_writes_it():
    text = distil_xero.CONTRACT.read_text("utf-8")
    assert distil_xero.as_text(json.loads(text)) + "\n" == text
    assert max(len(line) for line in text.splitlines() if '"enum"' not in line) < 400


def test_distilling_keeps_what_is_reachable_and_no_prose():
    document = {
        "info": {"version": "1.2"},
        "paths": {path: {"get": _operation("Contacts")} for path in distil_xero.ROOTS},
        "components": {
            "parameters": {"page": {"in": "query", "name": "page", "schema": {"type": "integer"}}},
            "schemas": {
                "Contacts": {"properties": {"Contacts": {"type": "array", "items": {"$ref": "#/x/Contact"}}}},
                "Contact": {
                    "required": ["Name"],
                    "properties": {
                        "Name": {"type": "string", "maxLength": 255, "description": "prose"},
                        "Kind": {"$ref": "#/x/Kind"},
                        "Due": {"type": "number", "x-is-money": True, "readOnly": True},
                    },
                },
                "Kind": {"type": "string", "enum": ["A", "B"]},
                "Unreachable": {"properties": {}},
            },
        },
    }
    found = distil_xero.distil(document)
    assert set(found["schemas"]) == {"Contacts", "Contact", "Kind"}
    assert found["schemas"]["Contact"] == {
        "Name": {"type": "string", "maxLength": 255, "required": True},
        "Kind": {"ref": "Kind"},
        "Due": {"type": "number", "money": True, "read_only": True},
    }
    assert found["schemas"]["Contacts"] == {"Contacts": {"list": True, "ref": "Contact"}}
    assert "prose" not in distil_xero.as_text(found)


def _operation(schema):
    content = {"content": {"application/json": {"schema": {"$ref": f"#/x/{schema}"}}}}
    return {
        "operationId": "getContacts",
        "security": [{"OAuth2": ["accounting.contacts"]}],
        "parameters": [{"$ref": "#/components/parameters/page"}],
        "responses": {"200": content},
    }


def test_names_are_tidied_and_it_is_said():
    payload, notes = CONTACTS.tidy({"Name": "  Acme <Ltd>\t\u00a0 NZ ", "ContactNumber": " 7 "})
    assert payload == {"Name": "Acme Ltd NZ", "ContactNumber": "7"}
    assert len(notes) == 2
    assert "'Acme Ltd NZ'" in notes[0]


def test_a_tidy_payload_is_left_alone():
    payload = {
        "Name": "O'Brien & Søn 🦊",
        "EmailAddress": "a.b+c@d-e.co.nz",
        "Addresses": [{"Country": "New Zealand"}],
    }
    assert CONTACTS.tidy(payload) == (payload, ())


@pytest.mark.parametrize("name", ["", "  ", "<>", " < > "])
def test_a_name_of_nothing_is_refused(name):
    with pytest.raises(FieldRequired) as caught:
        CONTACTS.tidy({"Name": name})
    assert caught.value.field == "Name"


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"EmailAddress": "jürgen@x.de"}, "EmailAddress"),
        ({"EmailAddress": "nobody"}, "EmailAddress"),
        ({"EmailAddress": "a@b@c.nz"}, "EmailAddress"),
        ({"EmailAddress": "a b@c.nz"}, "EmailAddress"),
        ({"ContactPersons": [{"FirstName": "A"}, {"EmailAddress": "x"}]}, "ContactPersons[2].EmailAddress"),
        ({"Addresses": [{"AddressType": "POBOX", "Country": "Österreich"}]}, "Addresses[1].Country"),
        ({"Phones": [{"PhoneType": "FAX"}, {"PhoneType": "FAX"}]}, "Phones[2].PhoneType"),
    ],
)
def test_what_xero_would_refuse_is_refused_here(payload, field):
    with pytest.raises(FieldInvalid) as caught:
        CONTACTS.tidy(payload)
    assert caught.value.field == field


def test_an_emptied_email_is_fine():
    assert CONTACTS.tidy({"EmailAddress": ""})[0] == {"EmailAddress": ""}


def test_claims_are_folded():
    payload = {"Name": "ACME", "ContactNumber": "C1", "AccountNumber": "", "FirstName": "Ann"}
    assert CONTACTS.claims(payload) == ("Name=acme", "ContactNumber=c1")


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert CONTACTS.fold("Name", CONTACTS.fold("Name", text)) == CONTACTS.fold("Name", text)


@given(st.text(alphabet="aB <>\t", min_size=1))
def test_tidying_twice_is_tidying_once(name):
    try:
        tidied, _ = CONTACTS.tidy({"Name": name})
    except FieldRequired:
        return
    assert CONTACTS.tidy(tidied) == (tidied, ())
    assert CONTACTS.fold("Name", name) == CONTACTS.fold("Name", tidied["Name"])


LIVE = {
    "Name": "Acme",
    "Phones": [
        {"PhoneType": "DDI", "PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""},
        {"PhoneType": "MOBILE", "PhoneNumber": "123", "PhoneAreaCode": "21", "PhoneCountryCode": ""},
    ],
    "Addresses": [{"AddressType": "STREET", "City": "Napier"}],
    "ContactPersons": [{"FirstName": "Ann", "LastName": "Lee", "EmailAddress": "", "IncludeInEmails": False}],
    "PaymentTerms": {"Sales": {"Day": Decimal(20), "Type": "OFCURRENTMONTH"}},
}


@pytest.mark.parametrize(
    ("payload", "before"),
    [
        ({"Name": "Acme", "FirstName": ""}, {}),
        ({"LastName": "Lee"}, {"LastName": None}),
        ({"Phones": [{"PhoneType": "MOBILE", "PhoneNumber": "123"}]}, {}),
        ({"Phones": [{"PhoneType": "FAX", "PhoneNumber": ""}]}, {}),
        (
            {"Phones": [{"PhoneType": "MOBILE", "PhoneNumber": "9"}]},
            {"Phones": [{"PhoneType": "MOBILE", "PhoneNumber": "123"}]},
        ),
        (
            {"Phones": [{"PhoneType": "FAX", "PhoneNumber": "9"}]},
            {"Phones": [{"PhoneType": "FAX", "PhoneNumber": None}]},
        ),
        ({"Addresses": [{"AddressType": "STREET", "City": "Napier", "Region": ""}]}, {}),
        ({"ContactPersons": [{"FirstName": "Ann", "LastName": "Lee"}]}, {}),
        ({"ContactPersons": []}, {"ContactPersons": LIVE["ContactPersons"]}),
        ({"ContactPersons": [{"FirstName": "Ann"}]}, {"ContactPersons": LIVE["ContactPersons"]}),
        ({"PaymentTerms": {"Sales": {"Day": 20, "Type": "OFCURRENTMONTH"}}}, {}),
        ({"PaymentTerms": {"Sales": {"Day": 10}}}, {"PaymentTerms": {"Sales": {"Day": Decimal(20)}}}),
        ({"PaymentTerms": {"Bills": {"Day": 10}}}, {"PaymentTerms": {"Bills": {"Day": None}}}),
        (
            {"SalesTrackingCategories": [{"TrackingCategoryName": "R", "TrackingOptionName": "N"}]},
            {"SalesTrackingCategories": []},
        ),
    ],
)
def test_only_what_would_change_is_different(payload, before):
    assert differences(payload, LIVE) == before


@given(st.permutations(list(LIVE)))
def test_a_record_does_not_differ_from_itself(names):
    assert differences({name: LIVE[name] for name in names}, LIVE) == {}


def test_the_contract_stands_beside_the_code():
    assert Path(distil_xero.CONTRACT).exists()
    assert CONTRACT["operations"]["updateOrCreateContacts"]["method"] == "POST"
