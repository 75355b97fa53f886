from __future__ import annotations

import contextlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookward import exactjson
from bookward.engine import templates
from bookward.engine.casts import caster
from bookward.engine.mapping import changed_fields
from bookward.errors import FieldInvalid, RowError, TemplateFailed
from bookward.spec.field import Field, FieldKind

from .contact import mapping, row

SCALARS = [kind for kind in FieldKind if kind not in (FieldKind.OBJECT, FieldKind.LIST)]
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)
AWKWARD = st.sampled_from(
    [
        "O'Brien",
        "🦊",
        "مرحبا",
        "\u202eevil",
        "a\x00b",
        "\ud800",
        "1e999999999",
        "NaN",
        "١٢",
        "2026-13-45",
        "9" * 5000,
    ]
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(100, 5000).map(lambda digits: 10**digits),
    st.floats(),
    st.decimals(),
    st.sampled_from([Decimal("1E+999999"), Decimal("-1E-999999"), Decimal("sNaN")]),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.datetimes(),
    st.datetimes(timezones=st.timezones()),
    st.uuids(),
    st.binary(max_size=20),
    ANY_TEXT,
    AWKWARD,
    st.builds(object),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=5,
)
PIECES = [
    *("{{", "}}", "{%", "%}", "|", "[", "]", "'", ":", ",", "=", ".", "\n"),
    *("row", "a", "1.5", "(1..9)", "if", "endif", "for", "in", "endfor", "assign"),
    *("plus", "join", "upcase", "date", "{{ a }}", "{{ a | plus: 1 }}", "{{ a | date: a }}"),
]
MAPPED = mapping(
    EmailAddress={"column": "a", "when_null": "clear"},
    IsCustomer="b",
    Discount="c",
    Since="d",
    SeenAt="e",
    Phones=[
        {"PhoneType": "f", "PhoneNumber": {"template": "{{ g }}"}},
        {"PhoneType": {"value": "FAX"}, "PhoneNumber": {"template": "{{ g | append: h | strip }}"}},
    ],
    PaymentTerms={"Bills": {"Day": "h", "Type": {"value": "OFCURRENTMONTH"}}},
)


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in leaves(part)]
    if isinstance(value, list):
        return [leaf for part in value for leaf in leaves(part)]
    return [value]


@pytest.mark.parametrize("kind", SCALARS)
@given(value=VALUES)
def test_a_cast_gives_a_sendable_value_or_a_rejection(kind: FieldKind, value: Any) -> None:
    cast = caster(Field(name="F", kind=kind, max_length=20), "F")
    try:
        sent = cast(value)
    except FieldInvalid as refused:
        error = refused
    else:
        assert type(sent) in (str, int, Decimal, bool)
        exactjson.encode(sent)
        assert cast(sent) == sent
        return
    assert len(error.message) < 250
    assert error.message.isprintable()


@given(values=st.lists(VALUES, min_size=8, max_size=8))
def test_a_row_of_anything_renders_or_is_rejected(values: list[Any]) -> None:
    given_row = row(**dict(zip("abcdefgh", values, strict=True)))
    try:
        rendered = MAPPED.render(given_row)
    except RowError:
        return
    assert all(type(leaf) in (str, int, Decimal, bool) for leaf in leaves(rendered.payload))
    assert rendered == MAPPED.render(given_row)
    kept = exactjson.decode(exactjson.encode(rendered.payload))
    assert kept == rendered.payload
    assert changed_fields(kept, rendered.payload) == {}


@given(
    value=st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**15), max_value=10**15)
)
def test_money_comes_back_exactly_as_it_was(value: Decimal) -> None:
    sent = MAPPED.render(row(**dict.fromkeys("abdefgh"), c=value)).payload
    assert exactjson.decode(exactjson.encode(sent))["Discount"] == value


@given(text=st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=50))
def test_text_is_sent_as_it_is(text: str) -> None:
    sent = MAPPED.render(row(**dict.fromkeys("bcdefgh"), a=text)).payload
    assert sent["EmailAddress"] == ("" if text.isspace() else text)


@given(source=st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join), value=VALUES)
def test_a_template_of_anything_has_faults_or_writes_text_or_fails_by_name(source: str, value: Any) -> None:
    template = templates.parse(source)
    if template.faults:
        return
    with contextlib.suppress(TemplateFailed):
        assert isinstance(template.render(dict.fromkeys(template.columns, value), "F"), str)
