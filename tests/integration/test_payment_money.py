"""The money of a payment is in the currency of what it pays; where nobody has read that, nothing is said."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal

import pytest

from bookward.bookings import UNKNOWN, Moved
from bookward.records import Brief, OperationKind
from bookward.reportpage import report_page
from tests.integration.feeds import Feed
from tests.integration.test_briefs import briefs
from tests.integration.test_payment_look_ups import add, document, feed, payment
from tests.integration.world import World

TEN = Decimal("10.00")


@pytest.fixture
def euros(world: World) -> World:
    """Books in New Zealand dollars with an invoice in euros, one in dollars, and a credit note in euros."""
    world.xero.add("Currencies", [{"Code": "EUR"}])
    add(
        world,
        "Invoices",
        document("Invoices", "ACCREC", "E-1", "Eva", CurrencyCode="EUR"),
        document("Invoices", "ACCREC", "N-1"),
    )
    add(world, "CreditNotes", document("CreditNotes", "ACCRECCREDIT", "E-2", "Eva", CurrencyCode="EUR"))
    return world


def test_it_is_that_of_the_invoice_that_is_looked_up(euros: World) -> None:
    payments = feed(euros)
    payments.settings["on_removal"] = "delete"
    payments.rows(payment("1", "E-1"), payment("2", "N-1"))
    assert briefs(euros) == {
        "1": (OperationKind.INSERT, Brief(called="PAY-1", party="Eva", currency="EUR", amount=TEN)),
        "2": (OperationKind.INSERT, Brief(called="PAY-2", party="Ann", currency="NZD", amount=TEN)),
    }
    run = payments.run().run
    with closing(euros.app()) as app:
        booked = app.report(run.id).booked
    assert booked is not None
    assert {(each.currency, each.amount) for each in booked} == {("EUR", TEN), ("NZD", TEN)}
    payments.rows(payment("2", "N-1"))
    assert briefs(euros) == {
        "1": (OperationKind.DELETE, Brief(called="PAY-1", party="Eva", currency="EUR", former=TEN))
    }
    assert euros.plan("feed").header.money == {"EUR": Moved(before=TEN, down=TEN)}


def test_it_is_that_of_the_credit_note_that_is_looked_up(euros: World) -> None:
    feed(euros, "CreditNotes").rows(payment("1", "E-2"))
    ((_, brief),) = briefs(euros).values()
    assert brief == Brief(called="PAY-1", party="Eva", currency="EUR", amount=TEN)


def test_a_payment_that_takes_the_place_of_another_is_in_the_money_of_what_it_pays(euros: World) -> None:
    payments = feed(euros)
    payments.settings["on_change"] = "replace"
    payments.rows(payment("1", "E-1")).run()
    payments.rows(payment("1", "E-1", Amount=Decimal("12.00")))
    ((kind, brief),) = briefs(euros).values()
    assert brief is not None
    assert (kind, brief.currency, brief.amount, brief.former) == (
        OperationKind.REPLACE,
        "EUR",
        Decimal("12.00"),
        TEN,
    )
    payments.rows(payment("1", "N-1"))  # euros and dollars are not set off against each other
    ((_, brief),) = briefs(euros).values()
    assert brief is not None
    assert (brief.currency, brief.amount, brief.former) == ("NZD", TEN, None)


def test_nothing_is_said_of_what_nobody_has_read(euros: World) -> None:
    payments = Feed(euros, "payments", "Reference", mode="insert", guards={"max_amount": 5})
    row = payment("1", None)
    del row["paid"]
    payments.rows(row | {"Invoice.InvoiceNumber": "E-1"})
    ((_, brief),) = briefs(euros).values()
    assert brief == Brief(called="PAY-1", amount=TEN)
    assert "It moves 10.00, and max_amount is 5.00." in str(payments.run().run.error_message)
    payments.settings["guards"] = {}
    run = payments.rows(row | {"Invoice.InvoiceNumber": "E-1"}).run().run
    with closing(euros.app()) as app:
        report = app.report(run.id)
    assert report.booked is not None
    assert [(each.currency, each.amount) for each in report.booked] == [(UNKNOWN, TEN)]
    assert "not known: that of what is paid" in "".join(report_page(report, euros.clock.now()))
