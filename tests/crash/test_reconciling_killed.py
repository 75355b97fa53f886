"""A run that removes records too many, killed anywhere: they go once, and no row's record goes with them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from bookward.demo.xero.clock import SettableClock
from tests.integration.test_payments import due, invoices, payment
from tests.integration.test_payments import feed as payments
from tests.integration.test_uncertain import ids_of, paid_by_hand
from tests.integration.world import World


@pytest.mark.parametrize("late", [False, True], ids=["key alive", "key dead"])
@pytest.mark.parametrize("place", ["after-intent:1", "after-send:1", "after-settle:1", "before-pointer"])
def test_a_killed_removal_of_what_is_there_twice_is_done_by_the_next(
    world: World, clock: SettableClock, place: str, late: bool
) -> None:
    invoices(world, 100)
    feed = payments(world, on_removal="delete").rows(payment("1"), payment("2", amount="5"))
    feed.run()
    own = ids_of(world)
    paid_by_hand(world)
    plan = world.plan("feed", reconcile=True, remove=["twice"])
    program = Path(sys.executable).with_name("bookward")
    process = subprocess.run(
        [program, "-C", world.root, "run", "feed", "--approve", plan.header.id],
        env=os.environ | world.environ | {"BOOKWARD_FAILPOINT": place},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == -signal.SIGKILL, process.stderr.decode()
    if late:
        clock.jump(minutes=10)
    feed.run()
    plan = world.plan("feed", reconcile=True, remove=["twice"])
    world.run("feed", plan=plan.header.id, confirmed=True)
    assert ids_of(world) == own
    assert due(world)["INV-1"] == ("AUTHORISED", Decimal(85))
    last = world.plan("feed", reconcile=True).header.reconciled
    assert last is not None
    assert last.agrees
