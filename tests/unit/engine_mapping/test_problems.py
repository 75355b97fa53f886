from __future__ import annotations

from typing import Any

import pytest

from bookward.engine.mapping import Mapping
from bookward.records import SpecProblem
from bookward.spec.sync import SyncSpec

from .contact import CONTACT, mapping


def only(mapped: Mapping, columns: list[str] | None = None) -> SpecProblem:
    (problem,) = mapped.problems(columns)
    return problem


def test_a_sound_mapping_has_no_problems() -> None:
    assert mapping(EmailAddress="email").problems(["id", "name", "email", "more"]) == []


def each(fields: Any, **more: Any) -> dict[str, Any]:
    return {"each": "lines", "fields": fields, **more}


CASES: list[tuple[dict[str, Any], tuple[str | int, ...], str, str]] = [
    ({"Emial": "x"}, ("fields", "Emial"), "There is no field Emial.", "Known are: ContactID, "),
    ({"email_address": "x"}, ("fields", "email_address"), "no field", "Did you mean 'EmailAddress'?"),
    ({"Balances": {"Outstanding": "x"}}, ("fields", "Balances"), "Balances is read-only.", "Take it out"),
    (
        {"EmailAddress": {"colum": "x"}},
        ("fields", "EmailAddress"),
        "EmailAddress takes one value, not an object with 'colum'.",
        "Did you mean 'column'?",
    ),
    ({"EmailAddress": {"xyz": "x"}}, ("fields", "EmailAddress"), "'xyz'", "{column: ...}"),
    ({"EmailAddress": [{"a": "x"}]}, ("fields", "EmailAddress"), "takes one value, not a list", "column"),
    ({"EmailAddress": {}}, ("fields", "EmailAddress"), "takes one value", "column"),
    ({"Phones": "phone"}, ("fields", "Phones"), "Phones is a list of objects.", "`- `"),
    ({"Phones": {"PhoneType": "t"}}, ("fields", "Phones"), "Phones is a list of objects.", "`- `"),
    ({"Phones": []}, ("fields", "Phones"), "Phones is a list of objects.", "`- `"),
    ({"PaymentTerms": {"column": "x"}}, ("fields", "PaymentTerms"), "is an object", "Bills, Sales"),
    ({"PaymentTerms": {}}, ("fields", "PaymentTerms"), "is an object", "Bills, Sales"),
    (
        {"PaymentTerms": {"Bills": {"Dya": "x"}}},
        ("fields", "PaymentTerms", "Bills", "Dya"),
        "There is no field PaymentTerms.Bills.Dya.",
        "Did you mean 'Day'?",
    ),
    (
        {"Phones": [{"PhoneType": {"value": "FAX"}}] * 5},
        ("fields", "Phones", 4),
        "Phones has 5 elements, at most 4 are allowed.",
        "Take",
    ),
    (
        {"Phones": [{"PhoneNumber": "x"}]},
        ("fields", "Phones", 0, "PhoneType"),
        "Phones[1].PhoneType is required to create a record.",
        "Map Phones[1].PhoneType.",
    ),
    (
        {"Phones": [{"PhoneType": {"value": "MOBIL"}, "PhoneNumber": "x"}]},
        ("fields", "Phones", 0, "PhoneType", "value"),
        "Phones[1].PhoneType is 'MOBIL': allowed are DEFAULT, DDI, MOBILE, FAX; nearest is MOBILE.",
        "Write a value that fits.",
    ),
    (
        {"EmailAddress": {"value": "x" * 256}},
        ("fields", "EmailAddress", "value"),
        "256 characters, at most 255 are allowed.",
        "Write",
    ),
    (
        {"EmailAddress": {"template": "a\n{{ b | }}"}},
        ("fields", "EmailAddress", "template"),
        "EmailAddress, line 2, column 4 of the template: This is not Liquid",
        "Correct",
    ),
    (
        {"EmailAddress": {"template": "{{ name | upcse }}"}},
        ("fields", "EmailAddress", "template"),
        "There is no filter 'upcse'.",
        "Did you mean 'upcase'?",
    ),
    (
        {"Name": {"column": "name", "when_null": "clear"}},
        ("fields", "Name", "when_null"),
        "Name is required, so it cannot be cleared.",
        "omit",
    ),
    (
        {"Discount": {"template": "{{ name }}", "when_null": "clear"}},
        ("fields", "Discount", "when_null"),
        "Discount is not free text, so it cannot be cleared.",
        "omit",
    ),
    (
        {"Phones": [{"PhoneType": {"value": "FAX"}, "PhoneNumber": {"column": "x", "only_on_create": True}}]},
        ("fields", "Phones", 0, "PhoneNumber", "only_on_create"),
        "Phones is sent as a whole",
        "on every value in Phones",
    ),
    (
        {"EmailAddress": each({"A": "x"})},
        ("fields", "EmailAddress", "each"),
        "EmailAddress is no list, so it has no entries.",
        "{column: ...}",
    ),
    (
        {"PaymentTerms": each({"Bills": "x"})},
        ("fields", "PaymentTerms"),
        "PaymentTerms is an object with fields of its own.",
        "Map its fields: Bills, Sales ...",
    ),
    (
        {"Lines": each({"Quantty": "x"})},
        ("fields", "Lines", "fields", "Quantty"),
        "There is no field Lines[].Quantty.",
        "Did you mean 'Quantity'?",
    ),
    (
        {"Lines": each({"Tracking": [{"Name": "x", "Optoin": "y", "Option": "y"}]})},
        ("fields", "Lines", "fields", "Tracking", 0, "Optoin"),
        "There is no field Lines[].Tracking[1].Optoin.",
        "Did you mean 'Option'?",
    ),
    (
        {"Phones": [{"PhoneType": {"value": "FAX"}, "PhoneNumber": ""}]},
        ("fields", "Phones", 0, "PhoneNumber"),
        "Choose a column for Phones[1].PhoneNumber.",
        "Or take it out.",
    ),
    (
        {"Phones": each({"PhoneNumber": "x"})},
        ("fields", "Phones", "fields", "PhoneType"),
        "Phones[].PhoneType is required to create a record.",
        "Map Phones[].PhoneType.",
    ),
    (
        {"Lines": each({"Quantity": {"column": "x", "only_on_create": True}})},
        ("fields", "Lines", "fields", "Quantity", "only_on_create"),
        "Lines is sent as a whole",
        "on every value in Lines",
    ),
    (
        {"Lines": each({"Quantity": "x"}, total={"column": "t", "of": ["Quantity", "UnitAmount"]})},
        ("fields", "Lines", "total", "of", 1),
        "Lines[].UnitAmount is not mapped.",
        "Known are: Quantity.",
    ),
    (
        {"Lines": each({"Quantity": "x", "Description": "y"}, total={"column": "t", "of": "Description"})},
        ("fields", "Lines", "total", "of", 0),
        "Lines[].Description is no amount.",
        "Known are: Quantity.",
    ),
]


@pytest.mark.parametrize(("fields", "where", "message", "remedy"), CASES)
def test_a_problem_names_its_place_and_remedy(
    fields: dict[str, Any], where: tuple[str | int, ...], message: str, remedy: str
) -> None:
    problem = only(mapping(**fields))
    assert problem.where == where
    assert message in problem.message
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    ("match", "where", "message", "remedy"),
    [
        ({"ContactNumbr": "id"}, ("match", "ContactNumbr"), "There is no field", "'ContactNumber'"),
        ({"Phones": "id"}, ("match", "Phones"), "fields of its own", "Match by another."),
        ({"UpdatedDateUTC": "id"}, ("match", "UpdatedDateUTC"), "read-only", "Match by another."),
    ],
)
def test_a_match_that_cannot_work_is_found(
    match: dict[str, str], where: tuple[str, ...], message: str, remedy: str
) -> None:
    problem = only(mapping(match))
    assert problem.where == where
    assert message in problem.message
    assert remedy in problem.remedy


def test_an_id_is_matched_by_and_never_written() -> None:
    problem = only(mapping({"ContactID": "id"}, ContactID="id"))
    assert problem.where == ("fields", "ContactID")


def test_a_required_field_must_be_mapped_or_matched_by() -> None:
    def problems(match: str) -> list[str]:
        sync = SyncSpec(model="m", destination="d", object="contacts", match={match: "x"}, fields={})
        return [problem.message for problem in Mapping.compile(sync, CONTACT).problems()]

    assert problems("ContactNumber") == ["Name is required to create a record."]
    assert problems("Name") == []


def test_columns_that_the_model_lacks_are_found_wherever_they_stand() -> None:
    mapped = mapping(
        EmailAddress={"column": "emial"},
        Discount={"template": "{{ rate }}"},
        Phones=[{"PhoneType": {"value": "FAX"}, "PhoneNumber": "fax"}],
    )
    problems = mapped.problems(["ID", "name", "email"])
    assert [(problem.where, problem.message) for problem in problems] == [
        (("match", "ContactNumber"), "The model has no column 'id'."),
        (("fields", "EmailAddress", "column"), "The model has no column 'emial'."),
        (("fields", "Discount", "template"), "The model has no column 'rate'."),
        (("fields", "Phones", 0, "PhoneNumber"), "The model has no column 'fax'."),
    ]
    assert problems[0].remedy == "Did you mean 'ID'?"
    assert problems[1].remedy == "Did you mean 'email'?"
    assert problems[3].remedy == "Known are: ID, name, email."


def test_all_problems_are_found_at_once() -> None:
    mapped = mapping({"Nope": "id"}, Emial="x", Discount={"value": "much"}, Balances={"Outstanding": "x"})
    assert len(mapped.problems()) == 4


def test_columns_that_the_lines_lack_are_found_when_theirs_are_known() -> None:
    fields = {"Quantity": "qty", "Description": {"template": "{{ waht }}"}}
    mapped = mapping(Lines=each(fields, total={"column": "totl", "of": "Quantity"}))
    assert mapped.problems() == []
    assert mapped.lines == {"lines"}
    assert mapped.columns == ("id", "name", "lines", "totl")
    (problem,) = mapped.problems(inside={"lines": ["qty", "what"]})
    assert problem.where == ("fields", "Lines", "fields", "Description", "template")
    assert problem.message == "The lines in 'lines' have no column 'waht'."
    assert problem.remedy == "Did you mean 'what'?"
    assert [problem.where for problem in mapped.problems(["id", "name", "total"])] == [
        ("fields", "Lines", "each"),
        ("fields", "Lines", "total", "column"),
    ]
