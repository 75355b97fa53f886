"""Settling an uncertain row, killed at any step: said wholly or not at all, and nothing is booked by it."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bookward.demo.xero.clock import SettableClock
from tests.crash.test_killed import killed_at
from tests.integration.test_payments import feed as payments
from tests.integration.test_payments import invoices, payment
from tests.integration.test_uncertain import ids_of, paid_by_hand, state
from tests.integration.world import World


def settled(world: World, *words: str, failpoint: str = "") -> int:
    """Settle row 1 in a process of its own and return its exit code."""
    process = subprocess.run(
        [
            Path(sys.executable).with_name("bookward"),
            "-C",
            world.root,
            "settle",
            "feed",
            "--row",
            "1",
            *words,
        ],
        env=os.environ | world.environ | {"BOOKWARD_FAILPOINT": failpoint},
        capture_output=True,
        timeout=60,
        check=False,
    )
    return process.returncode


@pytest.mark.parametrize("said", ["booked", "not booked"])
@pytest.mark.parametrize("place", ["before-decision", "after-decision"])
def test_a_killed_settlement_is_said_wholly_or_not_at_all(
    world: World, clock: SettableClock, place: str, said: str
) -> None:
    invoices(world, 100)
    feed = payments(world).rows(payment("1"))
    killed_at(world, "after-send:1", "feed")
    (own,) = ids_of(world)
    paid_by_hand(world)
    clock.jump(minutes=10)
    assert feed.run().recovered[0].counts["rows_uncertain"] == 1
    words = ("--booked", own) if said == "booked" else ("--not-booked", "--yes")
    before = ids_of(world)
    assert settled(world, *words, failpoint=place) == -9
    assert ids_of(world) == before
    done = place == "after-decision"
    assert (state(world).state != "uncertain") is done
    assert settled(world, *words) == (2 if done else 0)
    with closing(world.app()) as app:
        assert [each.booked_as for each in app.decisions("feed")] == [own if said == "booked" else None]
    feed.run()
    assert len(ids_of(world)) == (2 if said == "booked" else 3)
    assert feed.run().run.counts["calls"] == 0
