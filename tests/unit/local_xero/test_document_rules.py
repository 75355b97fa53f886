"""Statuses, edits, lock dates, balances and payments, each on its own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookward.demo.xero import payment_rules as payments
from bookward.demo.xero.document_edits import NO_LINE_ID, edit_problems, quiet
from bookward.demo.xero.document_status import (
    NOT_FOR_CREATION,
    NOT_FOR_MODIFICATION,
    SETTLED,
    STATUSES,
    status_problems,
)
from bookward.demo.xero.lock_dates import lock_problems
from bookward.demo.xero.settlement import Settled, balance

ALLOWED = {
    ("DRAFT", "SUBMITTED"),
    ("DRAFT", "AUTHORISED"),
    ("DRAFT", "DELETED"),
    ("SUBMITTED", "DRAFT"),
    ("SUBMITTED", "AUTHORISED"),
    ("SUBMITTED", "DELETED"),
    ("AUTHORISED", "VOIDED"),
}
cents = st.decimals(0, 10_000, places=2)
settlements = st.lists(
    st.builds(Settled, cents, st.dates().map(date.isoformat)),
    max_size=5,
)


@pytest.mark.parametrize("held", sorted(STATUSES))
@pytest.mark.parametrize("wanted", sorted(STATUSES))
def test_transitions(held: str, wanted: str) -> None:
    same_and_alive = held == wanted and held not in {"VOIDED", "DELETED"}
    fine = (held, wanted) in ALLOWED or same_and_alive
    assert status_problems(held, wanted, settled=False) == ([] if fine else [NOT_FOR_MODIFICATION])


@pytest.mark.parametrize("wanted", sorted(STATUSES))
def test_statuses_of_new_documents(wanted: str) -> None:
    fine = wanted in {"DRAFT", "SUBMITTED", "AUTHORISED"}
    assert status_problems(None, wanted, settled=False) == ([] if fine else [NOT_FOR_CREATION])


def test_settled_documents_keep_their_status() -> None:
    (message,) = status_problems("AUTHORISED", "VOIDED", settled=True)
    assert message == (
        "The status VOIDED cannot be applied to the invoice "
        "because it has payments or credit notes allocated to it."
    )
    assert status_problems("PAID", "PAID", settled=True) == []


def doc(**changes: Any) -> dict[str, Any]:
    line = {"LineItemID": "1", "Description": "Tea", "Quantity": Decimal(1), "AccountCode": "200"}
    return {
        "Contact": {"ContactID": "c"},
        "Date": "2026-01-31",
        "DueDate": "2026-02-28",
        "Total": Decimal(10),
        "Applied": [],
        "LineItems": [line],
    } | changes


def relined(**changes: Any) -> dict[str, Any]:
    return doc(LineItems=[doc()["LineItems"][0] | changes])


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        (doc(DueDate="2026-03-01", Reference="R", Url="u", InvoiceNumber="I"), []),
        (doc(Contact={"ContactID": "d"}), []),
        (relined(Description="Coffee", AccountCode="260", Tracking=[1]), []),
        (doc(Date="2026-02-01"), [SETTLED]),
        (doc(CurrencyCode="EUR"), [SETTLED]),
        (relined(Quantity=Decimal(2)), [SETTLED]),
        (doc(LineItems=[]), [SETTLED]),
    ],
)
def test_edits_of_settled_documents(changed: dict[str, Any], problems: list[str]) -> None:
    assert edit_problems(doc(), changed, None) == problems


def test_contact_of_a_credited_document_stays() -> None:
    credited = doc(Applied=[{"Amount": 1}])
    changed = credited | {"Contact": {"ContactID": "d"}}
    assert edit_problems(credited, changed, None) == [SETTLED]


def test_lines_of_settled_documents_are_named_by_their_ids() -> None:
    assert edit_problems(doc(), doc(), [{"Description": "Coffee"}]) == [NO_LINE_ID]
    assert edit_problems(doc(), doc(), [{"LineItemID": "1"}]) == []


def test_quiet_edits() -> None:
    assert quiet(doc(), doc(DueDate="2026-03-01", SentToContact=True))
    assert not quiet(doc(), doc(DueDate="2026-03-01", Reference="R"))


def test_lock_dates_hold_on_their_own_day() -> None:
    locks = {"period": date(2026, 7, 31), "year": date(2026, 3, 31)}
    assert lock_problems("2026-08-01", **locks) == []
    assert lock_problems("2026-07-31", **locks) == [
        "The document date cannot be before the period lock date, currently set at 31-Jul-2026"
    ]
    assert lock_problems("2026-03-31", **locks)[1] == (
        "The document date cannot be before the end of year lock date, currently set at 31-Mar-2026"
    )
    assert lock_problems("2000-01-01", period=None, year=None) == []
    assert lock_problems(None, **locks) == []


@given(cents, settlements, settlements)
def test_balance_adds_up(total: Decimal, paid: list[Settled], credited: list[Settled]) -> None:
    found = balance("AUTHORISED", total, paid, credited, "2026-01-01")
    assert found.due + found.paid + found.credited == total
    assert (found.status == "PAID") == (found.due <= 0) == (found.paid_on is not None)


def test_balance_follows_what_is_settled() -> None:
    first, second = Settled(Decimal(4), "2026-02-01"), Settled(Decimal(6), "2026-01-15")
    part = balance("AUTHORISED", Decimal(10), [first], [], "2026-01-01")
    assert (part.status, part.due, part.paid_on) == ("AUTHORISED", Decimal(6), None)
    whole = balance("AUTHORISED", Decimal(10), [first], [second], "2026-01-01")
    assert (whole.status, whole.paid, whole.credited, whole.paid_on) == ("PAID", 4, 6, "2026-02-01")
    assert balance("PAID", Decimal(10), [second], [], "2026-01-01").status == "AUTHORISED"
    assert balance("AUTHORISED", Decimal(0), [], [], "2026-01-01").paid_on == "2026-01-01"
    unpaid = balance("AUTHORISED", Decimal(0), [], [], "2026-01-01", zero_is_paid=False)
    assert (unpaid.status, unpaid.paid_on) == ("AUTHORISED", None)
    assert balance("DRAFT", Decimal(5), [], [], "2026-01-01").due == 5
    assert balance("VOIDED", Decimal(5), [], [], "2026-01-01").due == 0


@pytest.mark.parametrize(
    ("status", "due", "problems"),
    [
        ("AUTHORISED", 10, []),
        ("AUTHORISED", 9, ["Payment amount exceeds the amount outstanding on this document"]),
        ("DRAFT", 10, ["Payments can only be made against Authorised documents"]),
        ("PAID", 0, [payments.NOT_AUTHORISED, payments.TOO_MUCH]),
        ("VOIDED", 0, [payments.NOT_AUTHORISED, payments.TOO_MUCH]),
    ],
)
def test_documents_that_can_be_paid(status: str, due: int, problems: list[str]) -> None:
    target = payments.Target(status=status, due=Decimal(due), currency="NZD")
    assert payments.document_problems(target, Decimal(10)) == problems


def test_amounts_and_currencies_of_payments() -> None:
    assert payments.amount_problems(Decimal("0.01")) == []
    assert payments.amount_problems(None) == payments.amount_problems(Decimal(0)) == [payments.NO_AMOUNT]
    assert payments.amount_problems(Decimal("1.005")) == [payments.TOO_FINE]
    target = payments.Target(status="AUTHORISED", due=Decimal(1), currency="EUR")
    for account in (None, "NZD", "EUR"):
        assert payments.currency_problems(target, account, "NZD") == []
    assert payments.currency_problems(target, "USD", "NZD") == [payments.BAD_CURRENCY]
