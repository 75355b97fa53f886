"""Digests of what was known late: after its run had ended, and the digest of that time was made."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal

import pytest

from bookward.digesting import compose
from bookward.digests import Digest, SyncDone
from bookward.digestwords import text
from bookward.forgetting import Forgetting
from bookward.spec.digest import DigestSpec
from tests.integration.kinds import KINDS
from tests.integration.test_payments import feed as payments
from tests.integration.test_payments import invoices, payment
from tests.integration.test_settling import settle, uncertain
from tests.integration.test_uncertain import bills, cut_off, in_doubt, paid_by_hand
from tests.integration.world import World, moving

Money = dict[str, tuple[Decimal, Decimal]]


class Days:
    """Digests of one time after another."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._since = world.clock.now()

    def next(self) -> Digest:
        moving(self._world.clock).jump(minutes=1)
        since, self._since = self._since, self._world.clock.now()
        with closing(self._world.app()) as app:
            return compose(app._wiring, since, self._since, DigestSpec())


@pytest.fixture
def days(world: World) -> Days:
    return Days(world)


def done(digest: Digest) -> SyncDone:
    return next(one for one in digest.syncs if one.sync == "feed")


def sums(digest: Digest) -> Money:
    return {one.currency: (one.inserted, one.updated) for one in digest.sums}


def test_what_a_run_had_sent_when_it_paused_is_told_when_it_is_settled(world: World, days: Days) -> None:
    invoices(world, 100)
    feed = payments(world).rows(payment("1"))
    cut_off(world, feed)
    first = days.next()
    assert (done(first).runs, done(first).inserted, sums(first)) == (1, 0, {})
    assert feed.run().recovered
    second = days.next()
    assert (done(second).runs, done(second).inserted) == (1, 1)
    assert sums(second) == {"NZD": (Decimal("10.00"), Decimal(0))}


def test_an_uncertain_row_is_told_when_a_person_says_that_it_is_booked(world: World, days: Days) -> None:
    feed, own, _ = in_doubt(world)
    first = days.next()
    assert (done(first).inserted, done(first).waiting, sums(first)) == (0, 1, {})
    moving(world.clock).jump(days=3)
    settle(world, own)
    second = days.next()
    assert (done(second).runs, done(second).inserted, done(second).waiting) == (0, 1, 0)
    assert sums(second) == {"NZD": (Decimal("10.00"), Decimal(0))}
    assert "feed     0         1" in text(second)
    feed.run()
    third = days.next()
    assert (done(third).inserted, done(third).adopted, sums(third)) == (0, 1, {})


def test_what_the_books_show_is_told_of_a_record_that_says_something_else(world: World, days: Days) -> None:
    _, _, other = in_doubt(world, "7.50")
    settle(world, other)
    assert sums(days.next()) == {"NZD": (Decimal("7.50"), Decimal(0))}


def test_a_row_that_is_not_booked_is_told_when_it_is_sent_again(world: World, days: Days) -> None:
    feed, *_ = in_doubt(world)
    settle(world)
    first = days.next()
    assert (done(first).inserted, sums(first)) == (0, {})
    feed.run()
    assert sums(days.next()) == {"NZD": (Decimal("10.00"), Decimal(0))}


def test_a_replaced_record_counts_as_changed(world: World, days: Days) -> None:
    invoices(world, 100)
    feed = payments(world, on_change="replace").rows(payment("1"))
    feed.run()
    cut_off(world, feed.rows(payment("1", amount="11.00")))
    paid_by_hand(world)
    assert feed.run().recovered[0].counts["rows_uncertain"] == 1
    assert sums(days.next()) == {"NZD": (Decimal("10.00"), Decimal(0))}
    (row,) = uncertain(world)
    settle(world, next(one.remote_id for one in row.candidates if one.total == Decimal("11.00")))
    second = days.next()
    assert (done(second).updated, sums(second)) == (1, {"NZD": (Decimal(0), Decimal("11.00"))})


@pytest.mark.parametrize("currency", ["", "NZD"])
def test_a_bill_is_told_without_tax_in_the_currency_that_its_row_says(
    world: World, days: Days, currency: str
) -> None:
    feed = bills(world, "InvoiceNumber")
    feed.constants |= {"CurrencyCode": currency} if currency else {}
    rows = KINDS["bills"].rows(1, 2)
    cut_off(world, feed.rows(rows[0]), "Invoices")
    world.xero.add("Invoices", [KINDS["bills"].element(1, Type="ACCPAY")])
    assert feed.rows(*rows).run().recovered[0].counts["rows_uncertain"] == 1
    ((said, (accepted, _)),) = sums(days.next()).items()
    assert (said, accepted) == (currency, Decimal("21.00"))
    settle(world, uncertain(world)[0].candidates[0].remote_id)
    assert sums(days.next()) == {currency: (Decimal("21.00"), Decimal(0))}


def test_what_is_settled_late_is_not_forgotten_before_it_is_told(world: World, days: Days) -> None:
    feed, own, _ = in_doubt(world)
    feed.rows(payment("1"), payment("2")).run()
    days.next()
    moving(world.clock).jump(days=5_000)
    world.connect()
    with closing(world.app()) as app:
        Forgetting(app._wiring).look()
    settle(world, own)
    feed.run()
    with closing(world.app()) as app:
        Forgetting(app._wiring).look()
    assert sums(days.next()) == {"NZD": (Decimal("10.00"), Decimal(0))}
