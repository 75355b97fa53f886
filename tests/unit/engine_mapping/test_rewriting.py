"""Whoever follows what a refusal advises gets the value that was meant."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from bookward.engine import templates
from bookward.engine.casts import caster
from bookward.errors import FieldInvalid
from bookward.spec.field import Field, FieldKind

AMOUNT_FIELD = Field(name="Amount", kind=FieldKind.DECIMAL)
AMOUNT = caster(AMOUNT_FIELD, "Amount", column="amount")
DUE = caster(Field(name="DueDate", kind=FieldKind.DATE), "DueDate", column="Due date")


def advised(text: str, cast: object) -> list[object]:
    """Return what comes of the templates that the refusal of a text names."""
    assert callable(cast)
    with pytest.raises(FieldInvalid) as refused:
        cast(text)
    found = re.findall(r"`([^`]+)`", refused.value.remedy)
    return [
        cast(templates.parse(each).render({"amount": text, "Due date": text}, "Amount")) for each in found
    ]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1,234.50", ["1234.50"]),
        ("-12,345,678", ["-12345678"]),
        ("1.234,50", ["1234.50"]),
        ("0,5", ["0.5"]),
        ("1234567,89", ["1234567.89"]),
        ("1,500", ["1500", "1.500"]),
    ],
)
def test_numbers_with_commas(text: str, meant: list[str]) -> None:
    assert advised(text, AMOUNT) == [Decimal(each) for each in meant]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("31/12/2026", ["2026-12-31"]),
        ("12-31-2026", ["2026-12-31"]),
        ("03.04.2026", ["2026-04-03", "2026-03-04"]),
        ("2026/12/31", ["2026-12-31"]),
    ],
)
def test_days_in_other_orders(text: str, meant: list[str]) -> None:
    assert advised(text, DUE) == meant


@pytest.mark.parametrize("text", ["", "n/a", "1,2,3", "12,34.5", "1/2/26", "soon", "99/99/2026", "£5"])
def test_what_is_no_known_form_is_corrected_where_it_comes_from(text: str) -> None:
    assert advised(text, DUE) == []
    assert advised(text, AMOUNT) == []


def test_what_a_template_gives_is_not_told_to_become_a_template() -> None:
    with pytest.raises(FieldInvalid) as refused:
        caster(AMOUNT_FIELD, "Amount")("1,234.50")
    assert refused.value.remedy == FieldInvalid.remedy
