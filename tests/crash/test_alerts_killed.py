"""Killed between a state and its message, people are told all the same; once, where the channel can tell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bookward.store.alert_tables import digests
from tests.integration.alerts.catcher import Catcher, Reply
from tests.integration.alerts.test_pagerduty import ACCEPTED, KEY, incidents
from tests.integration.alerts.test_slack import TOKEN, Workspace
from tests.integration.world import World

PLACES = [
    "after-alert-sent",
    pytest.param("after-alert-state", marks=pytest.mark.nightly),
    pytest.param("before-alert-sent", marks=pytest.mark.nightly),
]


def bookward(world: World, *words: str, place: str = "") -> int:
    """Run the command line in a process of its own that is killed at ``place``; return its exit code."""
    return subprocess.run(
        [Path(sys.executable).with_name("bookward"), "-C", world.root, *words],
        env=os.environ | world.environ | {"BOOKWARD_FAILPOINT": place},
        capture_output=True,
        timeout=60,
        check=False,
    ).returncode


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    with Catcher.running() as running:
        yield running


@pytest.fixture
def failing(world: World, catcher: Catcher) -> World:
    """Return a company whose next run fails, and tells somebody."""
    world.write("project.yaml", "name: Test company\nalerts: [team]\n")
    world.edit("models/customers.sql", "customers", "nothing")
    world.environ |= {"SECRET": KEY, "TOKEN": TOKEN, "HOOK": f"{catcher.url}/hook"}
    return world


@pytest.mark.parametrize("place", PLACES)
def test_one_incident_is_opened_wherever_the_process_dies(
    failing: World, catcher: Catcher, place: str
) -> None:
    pager = f"type: pagerduty\nrouting_key: ${{SECRET}}\nurl: {catcher.url}\n"
    failing.write("alerts/team.yaml", pager)
    catcher.answer = lambda _: ACCEPTED
    assert bookward(failing, "run", "customers", place=place) == -signal.SIGKILL
    assert len(catcher.caught) == (place == "after-alert-sent")
    bookward(failing, "run", "customers")
    events = [caught.json() for caught in catcher.caught]
    assert list(incidents(events).values()) == ["critical"]
    assert len(events) == (2 if place == "after-alert-sent" else 1)
    failing.edit("models/customers.sql", "nothing", "customers")
    assert bookward(failing, "run", "customers") == 0
    assert list(incidents([caught.json() for caught in catcher.caught]).values()) == ["resolved"]


def test_a_bot_says_it_once_though_it_died_before_it_knew(failing: World, catcher: Catcher) -> None:
    bot = f"type: slack\ntoken: ${{TOKEN}}\nchannel: C1\napi_url: {catcher.url}/api/\n"
    failing.write("alerts/team.yaml", bot)
    catcher.answer = workspace = Workspace()
    assert bookward(failing, "run", "customers", place="after-alert-sent") == -signal.SIGKILL
    bookward(failing, "run", "customers")
    assert [posted["text"] for posted in workspace.posted] == ["CRITICAL: customers, run failed"]


@pytest.mark.nightly
def test_a_webhook_that_is_asked_twice_can_tell_by_the_id(failing: World, catcher: Catcher) -> None:
    failing.write("alerts/team.yaml", "type: webhook\nurl: ${HOOK}\nsecret: ${SECRET}\n")
    catcher.answer = lambda _: Reply(204, b"")
    assert bookward(failing, "run", "customers", place="after-alert-sent") == -signal.SIGKILL
    bookward(failing, "run", "customers")
    assert len(catcher.caught) == 2
    assert len({caught.headers["webhook-id"] for caught in catcher.caught}) == 1


@pytest.mark.nightly
def test_a_run_that_was_killed_before_it_was_looked_at_is_looked_at_by_the_next(
    failing: World, catcher: Catcher
) -> None:
    failing.write("alerts/team.yaml", "type: webhook\nurl: ${HOOK}\nsecret: ${SECRET}\n")
    failing.write("syncs/other.yaml", (failing.root / "syncs/customers.yaml").read_text())
    failing.run()  # by an app that tells nobody, as a process that dies right behind its run
    assert catcher.caught == []
    bookward(failing, "run", "other", "--as-new")
    told = sorted(caught.json()["subject"] for caught in catcher.caught)
    assert told == ["syncs/customers", "syncs/other"]


@pytest.mark.parametrize(
    ("place", "asked"),
    [
        ("after-digest-taken", 1),
        pytest.param("before-alert-sent", 2, marks=pytest.mark.nightly),
        ("after-alert-sent", 2),
    ],
)
def test_a_digest_is_told_once_wherever_the_process_dies(
    failing: World, catcher: Catcher, place: str, asked: int
) -> None:
    failing.write("project.yaml", "name: Test company\n")
    failing.edit("models/customers.sql", "nothing", "customers")
    bot = f"type: slack\ntoken: ${{TOKEN}}\nchannel: C1\napi_url: {catcher.url}/api/\n"
    failing.write("alerts/team.yaml", bot + "digest: {at: '07:00'}\n")
    catcher.answer = workspace = Workspace()
    assert bookward(failing, "run", "customers") == 0
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    with closing(failing.app()) as app, app._wiring.store.database.writing() as connection:
        connection.execute(digests.update().values(since=long_ago, seen=long_ago))
    assert bookward(failing, "run", "customers", place=place) == -signal.SIGKILL
    assert bookward(failing, "run", "customers") == 0
    assert [posted["text"].partition(",")[0] for posted in workspace.posted] == ["Test company"]
    assert len([one for one in catcher.caught if one.path.endswith("chat.postMessage")]) == 1
    assert len(catcher.caught) == asked  # by then it has looked whether its message is there
