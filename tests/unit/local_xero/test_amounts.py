"""Lines, taxes and totals to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookward.demo.xero.line_amounts import MAX_AMOUNT, Given, mismatch, priced
from bookward.demo.xero.money import rounded
from bookward.demo.xero.totals import LINE_AMOUNT_TYPES, Totals, line_tax, totals

D = Decimal
quantities = st.decimals(D("-9999"), D("9999"), places=4)
units = st.decimals(D("-9999"), D("9999"), places=2)
percents = st.decimals(0, 100, places=4)
amounts = st.decimals(D("-99999"), D("99999"), places=2)
types = st.sampled_from(sorted(LINE_AMOUNT_TYPES))


def line(**fields: str) -> Given:
    return Given(**{name: D(value) for name, value in fields.items()})


@pytest.mark.parametrize(
    ("given_", "decimals", "expected"),
    [
        (line(quantity="2", unit="20"), 2, ("2", "20", "40")),
        (line(quantity="3", unit="0.335"), 2, ("3", "0.34", "1.02")),
        (line(quantity="3", unit="0.335"), 4, ("3", "0.335", "1.01")),
        (line(quantity="1000", unit="0.0612"), 4, ("1000", "0.0612", "61.20")),
        (line(unit="5"), 2, ("1", "5", "5")),
        (line(quantity="5"), 2, ("5", "0", "0")),
        (line(amount="9.99"), 2, ("1", "9.99", "9.99")),
        (line(quantity="3", amount="10"), 2, ("3", "3.33", "10")),
        (line(unit="2.5", amount="10"), 2, ("4", "2.5", "10")),
        (line(quantity="0", amount="10"), 2, ("0", "0", "10")),
        (line(quantity="0.33335", unit="3"), 2, ("0.3334", "3", "1")),
        (line(quantity="2", unit="50", rate="10"), 2, ("2", "50", "90")),
        (line(quantity="2", amount="90", rate="10"), 2, ("2", "50", "90")),
        (line(quantity="2", unit="50", discount="0.55"), 2, ("2", "50", "99.45")),
        (line(quantity="1", unit="0.005", rate="0"), 4, ("1", "0.005", "0.01")),
        (line(quantity="1", unit="-0.005"), 4, ("1", "-0.005", "-0.01")),
    ],
)
def test_line_amounts(given_: Given, decimals: int, expected: tuple[str, str, str]) -> None:
    found, problems = priced(given_, decimals)
    assert problems == []
    assert (found.quantity, found.unit, found.amount) == tuple(map(D, expected))


def test_line_that_is_only_a_description_has_no_amounts() -> None:
    found, problems = priced(Given(), 2)
    assert (found.quantity, found.unit, found.amount, problems) == (None, None, 0, [])


def test_wrong_line_total_is_refused() -> None:
    _, problems = priced(line(quantity="2", unit="20", amount="41"), 2)
    assert problems == ["The line total 41.00 does not match the expected line total 40.00"]
    _, problems = priced(line(quantity="2", unit="20", amount="40", rate="10"), 2)
    assert problems == [mismatch(D("40.00"), D("36.00"))]


def test_amounts_have_limits() -> None:
    assert priced(Given(amount=MAX_AMOUNT), 2)[1] == []
    assert priced(Given(amount=MAX_AMOUNT + D("0.01")), 2)[1] == [
        "The line total 10000000000.00 must not be more than 9999999999.99."
    ]
    huge = priced(Given(quantity=D(10**27), unit=D(10**27)), 4)[1]
    assert [message.split()[-1] for message in huge] == ["9999999999.99.", "characters."]
    assert priced(line(quantity="123456789.1234", unit="0"), 2)[1] == [
        "The quantity 123456789.1234 must not have more than 13 characters."
    ]


@given(quantities, units, percents)
def test_line_total_that_was_answered_may_be_sent_back(
    quantity: Decimal, unit: Decimal, rate: Decimal
) -> None:
    found, problems = priced(Given(quantity=quantity, unit=unit, rate=rate), 2)
    again, more = priced(Given(quantity=found.quantity, unit=found.unit, amount=found.amount, rate=rate), 2)
    assert (problems, more, again) == ([], [], found)


@given(quantities, units)
def test_line_total_is_within_half_a_cent_of_the_product(quantity: Decimal, unit: Decimal) -> None:
    found, _ = priced(Given(quantity=quantity, unit=unit), 2)
    assert abs(found.amount - quantity * unit) <= D("0.005")
    assert found.amount == rounded(found.amount)


@pytest.mark.parametrize(
    ("amount", "percent", "type_", "tax"),
    [
        ("25.06", "15", "Exclusive", "3.76"),
        ("25.61", "15", "Exclusive", "3.84"),
        ("115", "15", "Inclusive", "15"),
        ("10", "15", "Inclusive", "1.30"),
        ("100", "15", "NoTax", "0"),
        ("0.10", "15", "Exclusive", "0.02"),
        ("-0.10", "15", "Exclusive", "-0.02"),
    ],
)
def test_tax_of_a_line(amount: str, percent: str, type_: str, tax: str) -> None:
    assert line_tax(D(amount), D(percent), type_) == D(tax)


def test_tax_is_rounded_by_line_and_then_added_up() -> None:
    amounts = [D("25.06"), D("25.61"), D("25.63")]
    lines = [(amount, line_tax(amount, D(15), "Exclusive")) for amount in amounts]
    assert totals(lines, "Exclusive") == Totals(D("76.30"), D("11.44"), D("87.74"))


@given(st.lists(st.tuples(amounts, percents), max_size=8), types)
def test_totals_add_up(lines: list[tuple[Decimal, Decimal]], type_: str) -> None:
    taxed = [(amount, line_tax(amount, percent, type_)) for amount, percent in lines]
    found = totals(taxed, type_)
    assert found.sub_total + found.tax == found.total
    assert found.tax == sum((tax for _, tax in taxed), D(0))
    whole = found.total if type_ == "Inclusive" else found.sub_total
    assert whole == sum((amount for amount, _ in taxed), D(0))
    assert type_ != "NoTax" or found.tax == 0


@given(amounts, percents)
def test_inclusive_tax_is_the_exclusive_one_of_the_rest(amount: Decimal, percent: Decimal) -> None:
    tax = line_tax(amount, percent, "Inclusive")
    assert abs(line_tax(amount - tax, percent, "Exclusive") - tax) <= D("0.01")
