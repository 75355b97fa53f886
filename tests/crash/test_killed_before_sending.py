"""A run killed while it writes down what it is to do has sent nothing, and changes nothing that waits."""

from __future__ import annotations

import os
import signal
from contextlib import closing

import pytest

from bookward.engine import planfile
from bookward.rowstate import WAITING_STATES
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


@WRITTEN_DOWN
def test_rows_that_wait_wait_on_with_their_reasons(world: World, place: str) -> None:
    world.many(8)
    world.customers((20, "Ann", "nobody"), (21, None, "c@example.com"), (30, "Cat", "cat@example.com"))
    world.run()
    world.warehouse.execute("DELETE FROM customers WHERE id = 30")
    world.run()
    world.customers((30, "Cat", "nobody"))
    world.run()
    waiting = stands(world)
    assert waiting == {
        "20": ("rejected", "field_invalid"),
        "21": ("rejected", "field_required"),
        "30": ("rejected", "field_invalid"),
    }
    world.warehouse.execute("UPDATE customers SET email = 'new' || id || '@example.com' WHERE id <= 8")
    killed_at(world, place)
    with closing(world.app()) as app:
        app.plan("customers")
        assert all(run.folded for run in app.history())
    assert stands(world) == waiting


def stands(world: World) -> dict[str, tuple[str, str | None]]:
    """Return state and reason of the rows that wait."""
    with closing(world.app()) as app:
        rows = app.sync_rows("customers", states=WAITING_STATES)
        return {row.key: (row.state.value, row.code) for row in rows}
