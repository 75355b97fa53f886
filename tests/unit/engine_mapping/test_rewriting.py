"""Whoever follows what a refusal advises gets the value that was meant."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from bookward.engine import templates
from bookward.engine.casts import Cast, caster
from bookward.errors import FieldInvalid
from bookward.spec.field import Field, FieldKind

AMOUNT_FIELD = Field(name="Amount", kind=FieldKind.DECIMAL)
AMOUNT = caster(AMOUNT_FIELD, "Amount", column="amount")
DUE_FIELD = Field(name="DueDate", kind=FieldKind.DATE)
DUE = caster(DUE_FIELD, "DueDate", column="Due date")


def named(text: str, cast: Cast) -> list[templates.Template]:
    """Return the templates that the refusal of a text names."""
    with pytest.raises(FieldInvalid) as refused:
        cast(text)
    return [templates.parse(each) for each in re.findall(r"`([^`]+)`", refused.value.remedy)]


def advised(text: str, cast: Cast) -> list[object]:
    """Return what comes of the templates that the refusal of a text names."""
    row = {"amount": text, "Due date": text}
    return [cast(each.render(row, "Amount")) for each in named(text, cast)]


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
        (" 31/12/2026 ", ["2026-12-31"]),
    ],
)
def test_days_in_other_orders(text: str, meant: list[str]) -> None:
    assert advised(text, DUE) == meant


@pytest.mark.parametrize("text", ["1,234.50", "1,500", "0,5", "31/12/2026", "03.04.2026", "2026/12/31"])
@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_nothing_stays_nothing(text: str, nothing: str | None) -> None:
    for cast in (AMOUNT, DUE):
        for template in named(text, cast):
            assert template.render({"amount": nothing, "Due date": nothing}, "DueDate").strip() == ""


@pytest.mark.parametrize("column", ["row", "day", "Due date", 'the "due" date', 'it\'s "due"'])
def test_every_name_of_a_column_can_be_written(column: str) -> None:
    cast = caster(DUE_FIELD, "DueDate", column=column)
    (template,) = named("31/12/2026", cast)
    assert (template.columns, template.faults) == ((column,), ())
    assert template.render({column: "31/12/2026"}, "DueDate") == "2026-12-31"


@pytest.mark.parametrize("text", ["", "n/a", "1,2,3", "12,34.5", "1/2/26", "soon", "99/99/2026", "£5"])
def test_what_is_no_known_form_is_corrected_where_it_comes_from(text: str) -> None:
    assert advised(text, DUE) == []
    assert advised(text, AMOUNT) == []


def test_what_a_template_gives_is_not_told_to_become_a_template() -> None:
    with pytest.raises(FieldInvalid) as refused:
        caster(AMOUNT_FIELD, "Amount")("1,234.50")
    assert refused.value.remedy == FieldInvalid.remedy
