"""Runs and digests killed at any step, on either side of a night: each payment is told by one digest."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bookward.app import App
from bookward.demo.xero.clock import SettableClock
from bookward.digests import Digest
from tests.crash.forked import run_forked
from tests.crash.killing import BorrowedClock, run_by_the_clock_of_xero
from tests.integration.test_payments import feed as payments
from tests.integration.test_payments import invoices, payment
from tests.integration.world import World

EVENING = datetime(2026, 11, 2, 23, 50, tzinfo=UTC)
HOOK = "type: webhook\nurl: http://127.0.0.1:9\nsecret: ${XERO_CLIENT_SECRET}\ndigest: {at: '00:00'}\n"


def _turn(root: str) -> None:
    with closing(App(Path(root), clock=BorrowedClock(os.environ["XERO_URL"]), environ=os.environ)) as app:
        app.alerts.turn()


def killed_while_a_digest_is_made(world: World) -> None:
    environ = os.environ | world.environ | {"BOOKWARD_FAILPOINT": "after-digest-taken"}
    code, said = run_forked(_turn, world.root, environ=environ, seconds=120)
    assert (code, said) == (-signal.SIGKILL, "")


@pytest.mark.parametrize("place", ["after-send:1", "after-settle:1", "before-fold", "before-pointer"])
def test_what_a_killed_run_booked_is_told_once(world: World, clock: SettableClock, place: str) -> None:
    clock.set(EVENING)
    world.connect()
    world.write("alerts/team.yaml", HOOK)
    invoices(world, 100)
    feed = payments(world).rows(payment("1"), payment("2", amount="5.25"))
    with closing(world.app()) as app:
        app.alerts.turn()
    assert run_by_the_clock_of_xero(world, place) == -signal.SIGKILL
    clock.set(EVENING + timedelta(minutes=15))
    killed_while_a_digest_is_made(world)
    feed.rows(payment("1"), payment("2", amount="5.25"), payment("3", amount="0.01")).run()
    clock.set(EVENING + timedelta(days=1, minutes=15))
    killed_while_a_digest_is_made(world)
    with closing(world.app()) as app:
        app.alerts.turn()
        told = [one.message for one in app.alerts.messages() if isinstance(one.message, Digest)]
    booked = {one.until.day: (sum(s.inserted for s in one.sums), one.syncs[-1].inserted) for one in told}
    assert booked == {3: (0, 0), 4: (Decimal("15.26"), 3)}
