"""A rename killed at any named place is done or not done, and done once it is said again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bookward.errors import SyncRenamed
from bookward.store.runs import RunState
from tests.integration.world import World


def renamed(world: World, place: str = "") -> int:
    """Rename the sync in a process of its own that is killed at ``place``; return its exit code."""
    program = Path(sys.executable).with_name("bookward")
    return subprocess.run(
        [program, "-C", world.root, "rename", "customers", "clients"],
        env=os.environ | world.environ | {"BOOKWARD_FAILPOINT": place},
        capture_output=True,
        timeout=60,
        check=False,
    ).returncode


def runs(world: World, sync: str) -> int:
    with closing(world.app()) as app:
        return sum(run.sync == sync for run in app.history())


def nothing_is_sent(world: World, sync: str) -> None:
    world.api_calls()
    assert world.run(sync).run.state is RunState.DONE
    assert world.api_calls() == []


@pytest.fixture
def synced(world: World) -> World:
    world.many(20)
    world.run()
    world.plan()
    return world


def test_killed_before_the_file_moves_nothing_is_done(synced: World) -> None:
    assert renamed(synced, "before-rename-file") == -signal.SIGKILL
    nothing_is_sent(synced, "customers")
    assert renamed(synced) == 0
    nothing_is_sent(synced, "clients")


@pytest.mark.parametrize("place", ["after-rename-file", "before-rename-state"])
def test_killed_between_file_and_state_it_is_done_when_said_again(synced: World, place: str) -> None:
    assert renamed(synced, place) == -signal.SIGKILL
    with pytest.raises(SyncRenamed):
        synced.run("clients")
    assert runs(synced, "customers") == 1
    assert renamed(synced) == 0
    nothing_is_sent(synced, "clients")
    assert runs(synced, "customers") == 0


def test_killed_behind_the_state_it_is_done(synced: World) -> None:
    assert renamed(synced, "after-rename-state") == -signal.SIGKILL
    assert runs(synced, "customers") == 0
    nothing_is_sent(synced, "clients")
    assert renamed(synced) == 2


def test_what_an_earlier_run_left_open_is_settled_under_the_new_name(world: World) -> None:
    world.many(20)
    program = Path(sys.executable).with_name("bookward")
    killed = subprocess.run(
        [program, "-C", world.root, "run", "customers"],
        env=os.environ | world.environ | {"BOOKWARD_FAILPOINT": "after-send:1"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert renamed(world) == 0
    report = world.run("clients")
    assert (report.run.state, len(report.recovered)) == (RunState.DONE, 1)
    assert len(world.contacts()) == 20
    nothing_is_sent(world, "clients")
