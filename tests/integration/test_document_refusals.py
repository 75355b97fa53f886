"""What is wrong with invoices and payments: each with its code, its field, and what to do about it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bookward.destinations.xero.invoices import INVOICES
from bookward.errors import (
    LookUpFailed,
    MatchAmbiguous,
    MatchTaken,
    RecordArchived,
    TotalDiffers,
)
from tests.integration.test_invoices import booked, contacts, feed, invoice
from tests.integration.test_payments import booked as paid
from tests.integration.test_payments import due, invoices, payment
from tests.integration.test_payments import feed as payments
from tests.integration.world import World

Said = tuple[str, str | None, str, str]
"""Code, field, message and remedy."""

LINE = {
    "Description": "what",
    "Quantity": "quantity",
    "UnitAmount": "price",
    "LineAmount": "amount",
    "DiscountRate": "rate",
    "AccountCode": "account",
    "TaxType": "tax",
}
IN_CHART = "In Xero, all are under Chart of accounts."
TOO_MUCH: Said = (
    "remote_rejected",
    None,
    "Payment amount exceeds the amount outstanding on this document",
    "Correct the amount: other payments or credits are there already.",
)


def said(world: World, sync: str = "feed", **options: Any) -> dict[str, tuple[Any, ...]]:
    """Run, and return what is said of the rejected rows by their key."""
    rows = world.rows(world.run(sync, **options), "rejected")
    return {row.key: (row.code, row.field, row.message, row.remedy) for row in rows}


def test_payments_that_cannot_be_booked(world: World) -> None:
    invoices(world, 100, 100, 100)
    line = {"Description": "x", "UnitAmount": 100}
    draft = {"Type": "ACCREC", "Contact": {"Name": "Ann"}, "LineItems": [line]}
    world.xero.add("Invoices", [draft | {"InvoiceNumber": "INV-4"}])
    payments(world).rows(
        payment("over", 1, "100.01"),
        payment("draft", 4),
        payment("unknown", 5),
        payment("first", 2, "60"),
        payment("second", 2, "60"),
        payment("third", 2, "40"),
        payment("good", 3),
        payment("too late", 2, "1"),
    )
    assert said(world) == {
        "over": TOO_MUCH,
        "draft": (
            "remote_rejected",
            None,
            "Payments can only be made against Authorised documents",
            "Approve the document in Xero, or sync it with Status AUTHORISED; the payment is tried again.",
        ),
        "too late": (
            "remote_rejected",
            None,
            (
                "Payments can only be made against Authorised documents "
                "Payment amount exceeds the amount outstanding on this document"
            ),
            "Correct the amount: other payments or credits are there already.",
        ),
        "unknown": (
            "remote_rejected",
            None,
            "Invoice could not be found",
            "Sync the invoice first, as `run --all` does, or correct its number.",
        ),
        "second": TOO_MUCH,
    }
    assert set(paid(world)) == {"PAY-first", "PAY-third", "PAY-good"}
    assert due(world)["INV-2"] == ("PAID", Decimal(0))


def test_two_payments_that_exceed_together_are_told_apart_by_their_order(world: World) -> None:
    invoices(world, 100)
    payments(world).rows(payment("a", 1, "60"), payment("b", 1, "60"))
    assert said(world) == {"b": TOO_MUCH}
    assert paid(world) == {"PAY-a": ("AUTHORISED", Decimal(60))}


def test_invoices_that_cannot_be_booked(world: World) -> None:
    contacts(world)
    (old,) = world.xero.add("Accounts", [{"Name": "Old", "Code": "OLD", "Type": "REVENUE"}])
    world.xero.edit("Accounts", old["AccountID"], status="ARCHIVED")
    documents = feed(world)
    documents.mapped = {"LineItems": [LINE]}
    good = {"tax": "OUTPUT2", "amount": None, "rate": None}
    documents.rows(
        *[
            invoice(key, **good | more)
            for key, more in {
                "a": {"InvoiceNumber": "INV-9"},
                "b": {"InvoiceNumber": "INV-9"},
                "sum": {"quantity": Decimal(2), "price": Decimal(10), "amount": Decimal("20.01")},
                "unknown": {"account": "NOPE"},
                "near": {"account": "2600"},
                "by name": {"account": "interest income"},
                "few": {"tax": "GST"},
                "archived": {"account": "OLD"},
                "tax": {"tax": "INPUT2"},
                "contact": {"customer": "gone@example.com"},
                "nobody": {"customer": "nobody@example.com"},
                "shared": {"customer": "shared@example.com"},
                "currency": {"CurrencyCode": "EUR"},
                "discount": {"Type": "ACCPAY", "account": "400", "tax": "INPUT2", "rate": Decimal(5)},
                "1": {},
            }.items()
        ]
    )
    found = said(world)
    both = found.pop("shared")
    assert (both[0], both[1], both[3]) == (
        MatchAmbiguous.code,
        "Contact",
        "Merge or rename them, or look it up by ContactID.",
    )
    assert found == {
        "a": taken("b"),
        "b": taken("a"),
        "sum": (
            "remote_rejected",
            None,
            "The line total 20.01 does not match the expected line total 20.00",
            "Correct quantity, unit amount, discount or line amount; without a LineAmount Xero works it out.",
        ),
        "unknown": failed(
            "LineItems[1].AccountCode", "There is no account with Code 'NOPE' in Xero.", IN_CHART
        ),
        "near": failed(
            "LineItems[1].AccountCode",
            "There is no account with Code '2600' in Xero.",
            "Nearest to '2600' in Xero: 260 (Other Revenue), 200 (Sales); all are under Chart of accounts.",
        ),
        "by name": failed(
            "LineItems[1].AccountCode",
            "There is no account with Code 'interest income' in Xero.",
            "Nearest to 'interest income' in Xero: 270 (Interest Income), 437 (Interest Expense), "
            "420 (Entertainment); all are under Chart of accounts.",
        ),
        "few": failed(
            "LineItems[1].TaxType",
            "There is no tax rate with TaxType 'GST' in Xero.",
            "In Xero there are: GSTONIMPORTS (GST on Imports), INPUT2 (15% GST on Expenses), NONE (No GST), "
            "OUTPUT2 (15% GST on Income), ZERORATED (Zero Rated).",
        ),
        "archived": failed(
            "LineItems[1].AccountCode", "The account with Code 'OLD' is archived, no longer in use in Xero."
        ),
        "tax": (
            "field_invalid",
            "LineItems[1].TaxType",
            "The TaxType code 'INPUT2' cannot be used with account code '200'.",
            "Correct the tax type or the account; Xero does not allow both.",
        ),
        "contact": failed(
            "Contact",
            "The contact with EmailAddress 'gone@example.com' is archived, no longer in use in Xero.",
        ),
        "nobody": failed("Contact", "There is no contact with EmailAddress 'nobody@example.com' in Xero."),
        "currency": (
            LookUpFailed.code,
            "CurrencyCode",
            "There is no currency with Code 'EUR' in Xero.",
            (
                "In Xero there are: NZD. Add the currency in Xero's settings, or filter these rows out in "
                "the model. Do not leave the currency out: Xero would book the amount in the "
                "organisation's own."
            ),
        ),
        "discount": (
            "remote_rejected",
            None,
            "Only the lines of sales invoices can have discounts.",
            "Leave discounts out, and map the unit amount without them: only sales invoices have discounts.",
        ),
    }
    assert set(booked(world)) == {"INV-1"}


def taken(other: str) -> Said:
    message = f"InvoiceNumber 'INV-9' is also wanted by row {other!r}; none is sent."
    return (MatchTaken.code, "InvoiceNumber", message, MatchTaken.remedy)


def failed(field: str, message: str, instead: str = "") -> Said:
    return (LookUpFailed.code, field, message, f"{instead} {LookUpFailed.remedy}".strip())


@pytest.mark.parametrize(("status", "word"), [("AUTHORISED", "voided"), ("DRAFT", "deleted")])
def test_a_number_that_a_dead_invoice_holds(world: World, status: str, word: str) -> None:
    contacts(world)
    feed(world).rows(invoice("V", Status=status)).run()
    (held,) = world.xero.records("Invoices")
    world.xero.edit("Invoices", held["InvoiceID"], status=word.upper())
    (world.root / "syncs" / "feed.yaml").rename(world.root / "syncs" / "again.yaml")
    assert said(world, "again", as_new=True) == {
        "V": (
            RecordArchived.code,
            None,
            f"The invoice 'INV-V' ({held['InvoiceID']}) is {word}.",
            INVOICES.archived_remedy,
        )
    }


def test_lines_that_do_not_come_to_the_total(world: World) -> None:
    contacts(world)
    documents = feed(world)
    total = {"column": "net", "of": ["Quantity", "UnitAmount"]}
    fields = {"Description": "what", "Quantity": "qty", "UnitAmount": "price"}
    documents.mapped = {"LineItems": {"each": "items", "fields": fields, "total": total}}
    documents.rows(
        invoice("1", items='[{"what": "x", "qty": 2, "price": 10}]', net="20.01"),
    )
    assert said(world) == {
        "1": (
            TotalDiffers.code,
            "LineItems",
            "LineItems: the lines come to 20.00, and column 'net' says 20.01.",
            TotalDiffers.remedy,
        )
    }
    assert booked(world) == {}
