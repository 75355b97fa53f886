"""A run that replaces records, killed between the removal and the insertion or anywhere near.

Afterwards the money in the books is that of the rows: nothing is lost, and nothing is there twice.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from bookward.demo.xero.clock import SettableClock
from bookward.store.runs import RunState
from tests.crash.alternating import alternating
from tests.crash.test_killed import killed_at
from tests.integration.test_invoices import contacts, invoice
from tests.integration.test_payments import due, invoices, payment
from tests.integration.test_replacing import documents, ended, live, payments
from tests.integration.world import World

ROWS = 3
CALLS = ROWS + 2  # each removal has one, and the insertions have two
PLACES = [
    *(
        f"{place}:{n}"
        for n in range(1, CALLS + 1)
        for place in ("after-intent", "after-send", "after-settle")
    ),
    *("before-fold", "before-pointer"),
]
THEN = [
    "changed back",
    *(pytest.param(then, marks=pytest.mark.nightly) for then in ("same", "again", "left")),
]


@pytest.mark.parametrize("then", THEN)
@pytest.mark.parametrize(("place", "late"), list(alternating(PLACES, one_in=3)))
def test_payments_of_a_killed_run_are_replaced_once(
    world: World, clock: SettableClock, place: str, then: str, late: bool
) -> None:
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 2")
    invoices(world, 100)
    first = [payment(str(n)) for n in range(ROWS)]
    second = [payment(str(n), amount="12") for n in range(ROWS)]
    third = [payment(str(n), amount="14") for n in range(ROWS)]
    feed = payments(world, on_removal="delete").rows(*first)
    feed.run()
    feed.rows(*second)
    killed_at(world, place, "feed")
    booked = live(world)
    assert all(amount in {10, 12} for amount in booked.values())
    if late:
        clock.jump(minutes=10)
    wanted = {"changed back": first, "same": second, "again": third, "left": second[1:]}[then]
    report = feed.rows(*wanted).run()
    assert (report.run.state, report.run.counts.get("rows_rejected")) == (RunState.DONE, None)
    assert live(world) == {row["Reference"]: row["Amount"] for row in wanted}
    assert due(world)["INV-1"][1] == 100 - sum(row["Amount"] for row in wanted)
    again = feed.run().run.counts
    assert (again["calls"], again.get("rows_accepted")) == (0, None)


@pytest.mark.parametrize("then", THEN[:2])
@pytest.mark.parametrize(
    ("type_", "place", "late"),
    list(alternating(["ACCREC", "ACCPAY"], [place for place in PLACES if place[-1] not in "345"], one_in=3)),
)
def test_invoices_of_a_killed_run_are_replaced_once(
    world: World, clock: SettableClock, type_: str, place: str, then: str, late: bool
) -> None:
    contacts(world)

    def rows(price: int, version: str) -> list[dict[str, object]]:
        money = {"quantity": Decimal(1), "freight": Decimal(0), "price": Decimal(price)}
        made = [invoice(str(n), Type=type_, Status="AUTHORISED", **money) for n in range(ROWS)]
        if type_ == "ACCREC":
            made = [row | {"InvoiceNumber": f"{version}-{n}"} for n, row in enumerate(made)]
        return made

    feed = documents(world).rows(*rows(100, "A"))
    feed.run()
    feed.rows(*rows(150, "B"))
    killed_at(world, place, "feed")
    standing = [total for status, total in ended(world) if status == "AUTHORISED"]
    assert len(standing) <= ROWS
    if late:
        clock.jump(minutes=10)
    price = 150 if then == "same" else 100
    report = feed.rows(*rows(price, "B" if price == 150 else "C")).run()
    assert (report.run.state, report.run.counts.get("rows_rejected")) == (RunState.DONE, None)
    assert [total for status, total in ended(world) if status == "AUTHORISED"] == [price] * ROWS
    again = feed.run().run.counts
    assert (again["calls"], again.get("rows_accepted")) == (0, None)
