"""Somebody, or NTP, sets the time of day between a crash and its settling, or in the middle of a run."""

from __future__ import annotations

import pytest

from bookward.demo.xero.clock import SettableClock
from bookward.demo.xero.faults import Fault, FaultKind
from bookward.store.runs import RunState
from tests.crash.test_killed import ROWS, books_are_the_model, killed_at
from tests.integration.feeds import Feed
from tests.integration.test_payments import booked, due, payment
from tests.integration.test_payments import invoices as sales
from tests.integration.world import World

SET = pytest.mark.parametrize("hours", [-1, 1])


@pytest.fixture
def wrong(world: World, clock: SettableClock) -> SettableClock:
    """Bookward's own clock, which may go wrong while that of Xero is right."""
    world.clock = wrong = SettableClock(clock)
    return wrong


@SET
@pytest.mark.parametrize("late", [False, True], ids=["key alive", "key dead"])
@pytest.mark.parametrize("place", ["after-intent:2", "after-send:1"])
def test_payments_are_made_once_though_the_clock_was_set(
    world: World, clock: SettableClock, wrong: SettableClock, place: str, late: bool, hours: int
) -> None:
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 2")
    sales(world, 100)
    payments = Feed(world, "payments", "Reference", mode="insert").rows(*(payment(str(n)) for n in range(6)))
    killed_at(world, place, "feed")
    clock.jump(minutes=10 if late else 0)
    wrong.misset(hours=hours)
    report = payments.run()
    assert (report.run.state, report.run.counts.get("rows_rejected")) == (RunState.DONE, None)
    assert len(booked(world)) == 6
    assert due(world)["INV-1"][1] == 40
    assert payments.run().run.counts["calls"] == 0


def test_a_key_is_still_used_when_the_clock_was_set_back(world: World, wrong: SettableClock) -> None:
    world.many(3)
    killed_at(world, "after-send:1")
    wrong.misset(hours=-1)
    world.api_calls()
    report = world.run()
    assert report.recovered[0].counts["rows_accepted"] == 3
    assert [call[0] for call in world.api_calls()] == ["PUT"]
    books_are_the_model(world)


class SetInMidRun(SettableClock):
    """A clock that is set when the first batch is under way, and on which nobody really waits."""

    def __init__(self, base: SettableClock, hours: int) -> None:
        super().__init__(base)
        self._xero = base
        self._hours = hours

    def sleep(self, seconds: float) -> None:
        self.misset(hours=self._hours)
        self._hours = 0
        self._xero.jump(seconds=seconds)


@SET
def test_a_run_goes_through_though_the_clock_is_set_in_the_middle(
    world: World, clock: SettableClock, hours: int
) -> None:
    world.clock = SetInMidRun(clock, hours)
    world.many(ROWS)
    lost = Fault(kind=FaultKind.CUT, method="PUT", path="*/Contacts", when="after")
    world.xero.faults.add(lost)
    began = clock.uptime().seconds
    report = world.run()
    assert report.run.state is RunState.DONE
    assert report.run.counts["rows_accepted"] == ROWS
    assert clock.uptime().seconds - began < 600
    books_are_the_model(world)
    assert world.run().run.counts["calls"] == 0
