"""The entries of a list from the lines in a column."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookward import exactjson
from bookward.engine.casts import caster
from bookward.engine.lists import named, sorted_json
from bookward.errors import ColumnMissing, FieldInvalid, FieldRequired, RowError, TemplateFailed, TotalDiffers
from bookward.spec.field import Field, FieldKind

from .contact import mapping, payload, row

FIELDS = {
    "Description": "what",
    "Quantity": {"column": "qty", "when_null": "reject"},
    "UnitAmount": "price",
    "AccountCode": {"value": "200"},
    "Tracking": [{"Name": {"value": "Region"}, "Option": "region"}],
}
MAPPED = mapping(Lines={"each": "lines", "fields": FIELDS})
TOTALLED = mapping(
    Lines={
        "each": "lines",
        "fields": {"Description": "what", "Quantity": "qty", "UnitAmount": "price"},
        "total": {"column": "total", "of": ["Quantity", "UnitAmount"]},
    }
)


def refused(lines: Any, kind: type[RowError], mapped: Any = MAPPED, **values: Any) -> tuple[str, str | None]:
    with pytest.raises(kind) as caught:
        mapped.render(row(lines=lines, **values))
    return caught.value.message, caught.value.field


def test_every_line_becomes_an_entry_in_its_order() -> None:
    lines = """[
        {"what": "Two", "qty": 2, "price": 0.10, "region": "North", "more": {"a": []}},
        {"qty": 1, "price": 12345678901234567890.123456789, "what": "One"}
    ]"""
    assert payload(MAPPED, lines=lines)["Lines"] == [
        {
            "Description": "Two",
            "Quantity": Decimal(2),
            "UnitAmount": Decimal("0.10"),
            "AccountCode": "200",
            "Tracking": [{"Name": "Region", "Option": "North"}],
        },
        {
            "Description": "One",
            "Quantity": Decimal(1),
            "UnitAmount": Decimal("12345678901234567890.123456789"),
            "AccountCode": "200",
        },
    ]


def test_structs_and_json_give_the_same() -> None:
    lines: list[dict[str, Any]] = [
        {"what": "x", "qty": Decimal("1.50"), "price": None, "region": None},
        {"what": "y", "qty": Decimal(3), "price": Decimal("0.0001"), "region": "North"},
    ]
    text = exactjson.encode(lines).decode()
    assert payload(MAPPED, lines=text) == payload(MAPPED, lines=lines)


def test_templates_see_the_line_and_nothing_else() -> None:
    mapped = mapping(
        Lines={"each": "lines", "fields": {"Description": {"template": "{{ what }}/{{ name }}"}}}
    )
    assert payload(mapped, lines='[{"what": "x"}]')["Lines"] == [{"Description": "x/"}]
    told, field = refused([{"what": "x"}], TemplateFailed, mapped)
    assert told == "Lines[1].Description: the template failed: the row has no column 'name'."
    assert field == "Lines[1].Description"


def test_a_list_inside_of_a_line_is_numbered_too() -> None:
    tracking = {"each": "tags", "fields": {"Name": "name", "Option": {"column": "o", "when_null": "reject"}}}
    mapped = mapping(Lines={"each": "lines", "fields": {"Description": "what", "Tracking": tracking}})
    lines = '[{"what": "x"}, {"tags": [{"name": "a", "o": "b"}, {"name": "Lines[]"}]}]'
    assert refused(lines, FieldRequired, mapped) == (
        "Lines[2].Tracking[2].Option must have a value, and column 'o' gives none.",
        "Lines[2].Tracking[2].Option",
    )
    good = lines.replace('"Lines[]"', '"c", "o": "d"')
    assert payload(mapped, lines=good)["Lines"] == [
        {"Description": "x"},
        {"Tracking": [{"Name": "a", "Option": "b"}, {"Name": "c", "Option": "d"}]},
    ]


@pytest.mark.parametrize("lines", [None, "", " ", "null", "[]", " [ ] ", []])
def test_no_line_at_all_is_null(lines: Any) -> None:
    assert "Lines" not in payload(MAPPED, lines=lines)
    strict = mapping(Lines={"each": "lines", "fields": FIELDS, "when_null": "reject"})
    assert refused(lines, FieldRequired, strict) == (
        "Lines must have a value, and column 'lines' gives none.",
        "Lines",
    )


@pytest.mark.parametrize(
    ("lines", "message", "field"),
    [
        (
            "[{",
            "Lines needs a list of objects, and column 'lines' is '[{': Input data was truncated.",
            "Lines",
        ),
        ("[" * 100_000, "maximum recursion depth", "Lines"),
        ("{}", "Lines needs a list of objects, and column 'lines' is {}.", "Lines"),
        ("5", "column 'lines' is 5.", "Lines"),
        ('"x"', "column 'lines' is 'x'.", "Lines"),
        (5, "column 'lines' is 5.", "Lines"),
        ({"what": "x"}, "column 'lines' is {'what': 'x'}.", "Lines"),
        ('[{"qty": 1}, null]', "Lines[2] is None in column 'lines', and an object is needed.", "Lines[2]"),
        ('[[{"qty": 1}]]', "Lines[1] is [{'qty': 1}] in column 'lines', and an object", "Lines[1]"),
        (
            '[{"qty": 1}, {"qty": "1,5"}]',
            "Lines[2].Quantity is '1,5': not a number",
            "Lines[2].Quantity",
        ),
        (
            '[{"qty": 1}, {"qty": 1, "what": "123456789012345678901"}]',
            "21 characters, at most 20 are allowed.",
            "Lines[2].Description",
        ),
    ],
)
def test_lines_that_do_not_fit_reject_the_row(lines: Any, message: str, field: str) -> None:
    told, where = refused(lines, FieldInvalid)
    assert message in told
    assert len(told) < 250
    assert where == field


@pytest.mark.parametrize("lines", ['[{"qty": 1}, {"what": "x"}]', '[{"qty": 1}, {"what": "x", "qty": null}]'])
def test_a_key_that_a_line_lacks_is_null(lines: str) -> None:
    assert refused(lines, FieldRequired) == (
        "Lines[2].Quantity must have a value, and column 'qty' gives none.",
        "Lines[2].Quantity",
    )


def test_a_column_that_structs_lack_is_the_mappings_fault() -> None:
    with pytest.raises(ColumnMissing, match="needs column 'qty'"):
        MAPPED.render(row(lines=[{"what": "x"}]))
    with pytest.raises(ColumnMissing, match="Lines needs column 'lines'"):
        MAPPED.render(row())


def test_a_line_that_says_nothing_is_left_out_and_noted() -> None:
    mapped = mapping(
        Lines={"each": "lines", "fields": {"Description": "what", "AccountCode": {"value": "1"}}}
    )
    rendered = mapped.render(row(lines='[{"what": "x"}, {}, {"what": "y"}]'))
    assert [line["Description"] for line in rendered.payload["Lines"]] == ["x", "y"]
    assert rendered.notes == ("Lines[2] says nothing and is left out",)


def test_what_is_tidied_in_a_line_is_noted_with_its_number() -> None:
    phones = {"each": "phones", "fields": {"PhoneType": "kind", "PhoneNumber": "number"}}
    lines = '[{"kind": "FAX", "number": "1"}, {"kind": "mobile", "number": "2"}]'
    rendered = mapping(Phones=phones).render(row(phones=lines))
    assert rendered.notes == ("Phones[2].PhoneType: 'mobile' is sent as 'MOBILE'",)


def test_more_lines_than_the_field_takes_reject_the_row() -> None:
    phones = mapping(Phones={"each": "lines", "fields": {"PhoneType": {"value": "FAX"}, "PhoneNumber": "n"}})
    told, field = refused([{"n": "1"}] * 5, FieldInvalid, phones)
    assert (told, field) == ("Phones has 5 entries, at most 4 are allowed.", "Phones")


def test_a_list_can_be_sent_on_creation_only() -> None:
    mapped = mapping(Lines={"each": "lines", "fields": FIELDS, "only_on_create": True})
    assert mapped.problems() == []
    assert mapped.create_only == {"Lines"}


def line(qty: str | None, price: str | None) -> dict[str, Any]:
    return {"what": "x", "qty": qty and Decimal(qty), "price": price and Decimal(price)}


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        ([line("1", "0.005"), line("1", "0.005")], Decimal("0.02")),
        ([line("3", "33.335"), line("-1", "0.005")], "100.00"),
        ([line("1", "10"), line(None, None)], 10),
        ([line("0.333", "3")], Decimal("1.0000")),
        ([line("1" + "0" * 90, "1.11"), line("1", "0.01")], Decimal("111" + "0" * 88 + ".01")),
        ([], None),
        (None, 0),
    ],
)
def test_lines_that_come_to_the_total_are_taken(lines: Any, total: Any) -> None:
    assert len(payload(TOTALLED, lines=lines, total=total).get("Lines", ())) == len(lines or ())


@pytest.mark.parametrize(
    ("lines", "total", "message"),
    [
        (
            [line("3", "33.335")],
            Decimal(100),
            "Lines: the lines come to 100.01, and column 'total' says 100.",
        ),
        ([line("1", "5")], None, "Lines: the lines come to 5.00, and column 'total' says nothing."),
        (None, Decimal("5.00"), "Lines: the lines come to 0.00, and column 'total' says 5.00."),
        ([line("1", "5")], Decimal("5.001"), "Lines: the lines come to 5.00, and column 'total' says 5.001."),
    ],
)
def test_lines_that_come_to_something_else_reject_the_row(lines: Any, total: Any, message: str) -> None:
    assert refused(lines, TotalDiffers, TOTALLED, total=total) == (message, "Lines")


def test_a_total_needs_numbers() -> None:
    told, _ = refused([line("1", "5")], FieldInvalid, TOTALLED, total="5,0")
    assert told.startswith("Lines: column 'total' is '5,0': not a number")
    told, field = refused([line("1", "5"), line("1", None)], FieldRequired, TOTALLED, total=5)
    assert field == "Lines[2].UnitAmount"
    assert told == "Lines[2].UnitAmount must have a value, or what the line comes to is not known."


@given(
    lines=st.lists(
        st.tuples(
            st.decimals(-(10**9), 10**9, places=4),
            st.decimals(-(10**15), 10**15, places=4),
        ),
        max_size=6,
    )
)
def test_amounts_are_rounded_line_by_line_and_then_added_exactly(
    lines: list[tuple[Decimal, Decimal]],
) -> None:
    cents = 0
    for qty, price in lines:
        product = int(qty.scaleb(4)) * int(price.scaleb(4))  # in 1e-8
        rounded = (abs(product) + 500_000) // 1_000_000
        cents += rounded if product >= 0 else -rounded
    total = Decimal(cents).scaleb(-2)
    given_lines = [line(str(qty), str(price)) for qty, price in lines]
    assert len(payload(TOTALLED, lines=given_lines, total=total).get("Lines", ())) == len(lines)
    refused(given_lines, TotalDiffers, TOTALLED, total=total + Decimal("0.01"))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
    | st.decimals(allow_nan=False, allow_infinity=False, places=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abé ,:"), inner, max_size=4),
    max_leaves=9,
)


@given(value=JSON)
def test_json_is_the_same_however_it_is_spaced_and_ordered(value: Any) -> None:
    text = exactjson.encode(value).decode()
    assert exactjson.decode(sorted_json(text) or "") == value
    assert sorted_json(msgspec.json.format(text, indent=2)) == sorted_json(text)
    assert sorted_json(exactjson.encode(turned(value)).decode()) == sorted_json(text)


@given(value=JSON)
def test_json_of_anything_gives_entries_or_a_rejection(value: Any) -> None:
    try:
        rendered = MAPPED.render(row(lines=exactjson.encode([value, {"qty": value}]).decode()))
    except RowError:
        return
    assert exactjson.decode(exactjson.encode(rendered.payload)) == rendered.payload


def turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: turned(part) for name, part in reversed(value.items())}
    return [turned(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("text", ["", "[1, ", "x", "[" * 100_000])
def test_text_that_is_no_json_stays_as_it_is(text: str) -> None:
    assert sorted_json(text) == text


def test_white_space_in_json_makes_no_difference_and_scale_is_kept() -> None:
    assert sorted_json('[ {"b": 1.50,\n "a": "x  y"} ]') == '[{"a":"x  y","b":1.50}]'


NAMES = named("groups", "Groups", "Name", caster(Field(name="Name", kind=FieldKind.TEXT), "Groups.Name"))


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (None, []),
        (" ", []),
        ("VIP", ["VIP"]),
        ("VIP, Trade", ["VIP, Trade"]),
        ("[VIP] Trade", ["[VIP] Trade"]),
        ('["B", "A", "B", null, ""]', ["A", "B"]),
        (["B", None, "A"], ["A", "B"]),
        ("[]", []),
        ("[7, 1]", ["1", "7"]),
        (7, ["7"]),
    ],
)
def test_a_column_names_one_record_or_a_list_of_them(value: Any, names: list[str]) -> None:
    assert NAMES({"groups": value}, []) == [{"Name": name} for name in names]


@pytest.mark.parametrize("value", ['[{"Name": "VIP"}]', [["VIP"]]])
def test_a_name_is_no_object_and_no_list(value: Any) -> None:
    with pytest.raises(FieldInvalid, match="Groups"):
        NAMES({"groups": value}, [])
