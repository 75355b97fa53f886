from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bookward.engine.mapping import changed_fields
from bookward.errors import ColumnMissing, FieldInvalid, FieldRequired, ProjectInvalid, RowError

from .contact import mapping, payload, row

ID = "0b6f2a4e-5d1c-4c86-9f7a-1f2e3d4c5b6a"


def rejection(mapped: Any, error: type[RowError], **values: Any) -> RowError:
    with pytest.raises(error) as raised:
        mapped.render(row(**values))
    return raised.value


def test_a_row_becomes_a_nested_payload() -> None:
    mapped = mapping(
        EmailAddress="email",
        Discount={"column": "discount"},
        Since="since",
        IsCustomer={"value": True},
        Phones=[{"PhoneType": {"value": "MOBILE"}, "PhoneNumber": {"template": "+64 {{ phone }}"}}],
        PaymentTerms={"Sales": {"Day": "day", "Type": {"value": "OFFOLLOWINGMONTH"}}},
    )
    sent = payload(
        mapped,
        email="a@b.c",
        discount=Decimal("2.50"),
        since=date(2026, 1, 31),
        phone="21 555",
        day=Decimal(20),
    )
    assert sent == {
        "EmailAddress": "a@b.c",
        "Discount": Decimal("2.50"),
        "Since": "2026-01-31",
        "IsCustomer": True,
        "Phones": [{"PhoneType": "MOBILE", "PhoneNumber": "+64 21 555"}],
        "PaymentTerms": {"Sales": {"Day": 20, "Type": "OFFOLLOWINGMONTH"}},
    }


def test_columns_are_those_of_match_fields_and_templates_once_each() -> None:
    mapped = mapping(
        {"ContactNumber": "id"},
        EmailAddress={"template": '{{ row["E mail"] | default: name }}'},
        Phones=[{"PhoneType": "type", "PhoneNumber": "name"}],
    )
    assert mapped.columns == ("id", "name", "E mail", "type")


def test_the_match_field_is_sent_too() -> None:
    rendered = mapping().render(row())
    assert rendered.payload == {"ContactNumber": "C-1", "Name": "Ann"}
    assert rendered.match_value == "C-1"


def test_a_mapping_of_the_match_field_is_what_is_sent() -> None:
    rendered = mapping({"ContactNumber": "id"}, ContactNumber={"template": "N-{{ id }}"}).render(row())
    assert rendered.payload["ContactNumber"] == "N-C-1"
    assert rendered.match_value == "C-1"


def test_a_number_matches_as_text() -> None:
    assert mapping().render(row(id=Decimal(7))).match_value == "7"


def test_an_id_matches_and_is_not_sent() -> None:
    rendered = mapping({"ContactID": "xero_id"}).render(row(xero_id=ID.upper()))
    assert rendered.match_value == ID
    assert rendered.payload == {"Name": "Ann"}


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_no_id_means_a_new_record(nothing: str | None) -> None:
    assert mapping({"ContactID": "xero_id"}).render(row(xero_id=nothing)).match_value is None


@pytest.mark.parametrize("nothing", [None, "", " \n"])
def test_no_value_to_match_by_rejects_the_row(nothing: str | None) -> None:
    error = rejection(mapping(), FieldRequired, id=nothing)
    assert error.message == "ContactNumber must have a value, and column 'id' gives none."
    assert error.field == "ContactNumber"


def test_a_required_field_without_a_value_rejects_the_row() -> None:
    error = rejection(mapping(), FieldRequired, name=None)
    assert (error.field, error.message) == ("Name", "Name must have a value, and column 'name' gives none.")


def test_a_field_is_named_by_its_path() -> None:
    mapped = mapping(Phones=[{"PhoneType": "type", "PhoneNumber": "phone"}])
    error = rejection(mapped, FieldInvalid, type="MOBILE", phone="5" * 51)
    assert error.field == "Phones[1].PhoneNumber"
    assert error.message.startswith("Phones[1].PhoneNumber is '555")


def test_a_missing_column_is_no_fault_of_the_row() -> None:
    with pytest.raises(ColumnMissing, match="EmailAddress needs column 'email'"):
        mapping(EmailAddress="email").render(row())


@pytest.mark.parametrize(("policy", "expected"), [("omit", {}), ("clear", {"EmailAddress": ""}), (None, {})])
@pytest.mark.parametrize("nothing", [None, "", "  \t"])
def test_null_is_left_out_or_clears(
    policy: str | None, expected: dict[str, Any], nothing: str | None
) -> None:
    spec = {"column": "email"} | ({"when_null": policy} if policy else {})
    assert payload(mapping(EmailAddress=spec), email=nothing) == expected


def test_null_rejects_when_told_to() -> None:
    mapped = mapping(EmailAddress={"column": "email", "when_null": "reject"})
    assert rejection(mapped, FieldRequired, email=None).field == "EmailAddress"


def test_a_template_that_gives_only_white_space_is_null() -> None:
    mapped = mapping(EmailAddress={"template": " {{ email }}\n", "when_null": "clear"})
    assert payload(mapped, email=None) == {"EmailAddress": ""}
    assert payload(mapped, email="a@b.c") == {"EmailAddress": "a@b.c"}


def test_a_template_feeds_any_kind_of_field() -> None:
    mapped = mapping(Discount={"template": "{{ rate | times: 100 }}"})
    assert payload(mapped, rate=Decimal("0.125")) == {"Discount": Decimal("12.5")}


def test_an_element_with_only_constants_left_is_left_out() -> None:
    mapped = mapping(
        Phones=[
            {"PhoneType": {"value": "MOBILE"}, "PhoneNumber": "mobile"},
            {"PhoneType": {"value": "FAX"}, "PhoneNumber": "fax"},
        ]
    )
    fax = {"PhoneType": "FAX", "PhoneNumber": "1"}
    assert payload(mapped, mobile=None, fax="1") == {"Phones": [fax]}
    assert payload(mapped, mobile=None, fax=None) == {}


def test_an_object_with_nothing_left_is_left_out() -> None:
    terms = {"Bills": {"Day": "day", "Type": {"value": "OFCURRENTMONTH"}}}
    assert payload(mapping(PaymentTerms=terms), day=None) == {}


def test_an_object_of_constants_is_sent() -> None:
    terms = {"Bills": {"Day": {"value": 20}, "Type": {"value": "OFCURRENTMONTH"}}}
    assert payload(mapping(PaymentTerms=terms)) == {
        "PaymentTerms": {"Bills": {"Day": 20, "Type": "OFCURRENTMONTH"}}
    }


def test_clearing_keeps_an_element() -> None:
    phone = {"PhoneType": {"value": "FAX"}, "PhoneNumber": {"column": "fax", "when_null": "clear"}}
    assert payload(mapping(Phones=[phone]), fax=None) == {"Phones": [{"PhoneType": "FAX", "PhoneNumber": ""}]}


def test_an_element_that_stays_must_have_what_it_needs() -> None:
    mapped = mapping(ContactPersons=[{"FirstName": "first", "EmailAddress": "email"}])
    error = rejection(mapped, FieldRequired, first="Bo", email=None)
    assert error.field == "ContactPersons[1].EmailAddress"
    assert payload(mapped, first=None, email=None) == {}


def test_fields_for_creation_only_are_named() -> None:
    once = {"only_on_create": True}
    mapped = mapping(
        EmailAddress={"column": "email", **once},
        Phones=[{"PhoneType": {"value": "FAX", **once}, "PhoneNumber": {"template": "{{ fax }}", **once}}],
        Discount="discount",
    )
    assert mapped.create_only == {"EmailAddress", "Phones"}
    assert mapped.render(row(email="a", fax="1", discount=1)).create_only == {"EmailAddress", "Phones"}


def test_a_choice_taken_in_another_case_is_noted() -> None:
    mapped = mapping(Phones=[{"PhoneType": "type", "PhoneNumber": "phone"}])
    rendered = mapped.render(row(type="mobile", phone="1"))
    assert rendered.payload["Phones"][0]["PhoneType"] == "MOBILE"
    assert rendered.notes == ("Phones[1].PhoneType: 'mobile' is sent as 'MOBILE'",)
    assert mapped.render(row(type="MOBILE", phone="1")).notes == ()


def test_a_mapping_with_problems_renders_nothing() -> None:
    with pytest.raises(ProjectInvalid, match="There is no field Nmae"):
        mapping(Nmae="name").render(row())


def test_everything_has_changed_against_nothing() -> None:
    assert changed_fields(None, {"Name": "Ann"}) == {"Name": "Ann"}


def test_equal_payloads_have_no_changes_whatever_the_scale() -> None:
    old = {"Discount": Decimal("1.5"), "Terms": {"Bills": {"Day": 20}}, "Phones": [{"N": Decimal("1.0")}]}
    new = {
        "Discount": Decimal("1.50"),
        "Terms": {"Bills": {"Day": Decimal(20)}},
        "Phones": [{"N": Decimal(1)}],
    }
    assert changed_fields(old, new) == {}


def test_changes_are_whole_top_level_fields() -> None:
    old = {"Name": "Ann", "Phones": [{"T": "FAX", "N": "1"}], "Gone": "x"}
    new = {"Name": "Ann", "Phones": [{"T": "FAX", "N": "2"}], "Added": 1}
    assert changed_fields(old, new) == {"Phones": [{"T": "FAX", "N": "2"}], "Added": 1}
