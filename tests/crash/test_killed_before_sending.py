"""A run killed while it writes down what it is to do has sent nothing, and changes nothing that waits."""

from __future__ import annotations

import os
import signal
from contextlib import closing

import pytest

from bookward.engine import planfile
from tests.crash.forked import bookward, run_forked
from tests.integration.world import World

WRITTEN_DOWN = pytest.mark.parametrize("place", ["before-expect:1", "before-expect:3"], ids=["none", "two"])


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a plan's operations be written down four at a time."""
    monkeypatch.setattr(planfile, "_GROUP_ROWS", 4)


def killed_at(world: World, place: str) -> None:
    """Execute a plan in a process of its own that ends at ``place``."""
    plan = world.plan().header.id
    environ = os.environ | world.environ | {"BOOKWARD_FAILPOINT": place}
    words = ("-C", world.root, "run", "customers", "--plan", plan)
    code, said = run_forked(bookward, *words, environ=environ, seconds=60)
    assert code == -signal.SIGKILL, said


@WRITTEN_DOWN
def test_it_says_that_nothing_was_sent(world: World, place: str) -> None:
    world.many(10)
    killed_at(world, place)
    with closing(world.app()) as app:
        app.plan("customers")
        (run,) = app.history()
    rest = "0 of 10 records were sent. Plan again for the rest."
    assert (run.state, run.error_code, run.error_remedy) == ("interrupted", "run_cut_off", rest)
    assert world.contacts() == {}
