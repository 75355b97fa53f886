"""The demo as it is told, and as it stays: served with runs that have ended and one under way."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bookward.app import App, TicketState
from bookward.demo.story import run_demo, serve_again
from bookward.errors import SettingInvalid


def test_it_ends_with_a_run_that_somebody_can_watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said, seen = StringIO(), list[object]()

    def serve(app: App, ready: Callable[[str, str | None], None]) -> None:
        ready("http://localhost:8000", None)
        (ticket,) = app.queue.list()
        seen.extend([ticket.state, ticket.sync, [str(run.state) for run in app.history()]])
        seen.append(dict(app.plan(ticket.sync).header.operations))
        seen.append([version.message for version in app.files.history("syncs", ticket.sync).versions])
        raise KeyboardInterrupt

    console = Console(file=said, width=200)
    assert run_demo(console, once=False, serve=serve) == 0
    sync = "users-to-contacts"
    assert seen[:3] == [TicketState.WAITING, sync, ["done", "done", "done"]]
    assert isinstance(seen[3], dict)
    assert set(seen[3]) == {"update"}
    assert 700 < seen[3]["update"] <= 800
    assert seen[4] == ["The demo company"]
    git = ["git", "-C", "demo-company", "ls-files"]
    kept = subprocess.run(git, capture_output=True, text=True, check=True).stdout.split()
    assert "syncs/users-to-contacts.yaml" in kept
    assert not [name for name in kept if name.startswith((".env", ".bookward", "local-xero", "warehouse"))]
    assert "a run is under way: watch it in the web app" in said.getvalue()

    def serve_on(app: App, ready: Callable[[str, str | None], None]) -> None:
        ready("http://localhost:8000", None)
        run = app.run(sync).run
        seen.extend([str(run.state), run.counts["rows_accepted"]])

    assert serve_again(console, serve=serve_on) == 0
    assert seen[5:] == ["done", seen[3]["update"]]


def test_what_was_left_is_served_where_it_is_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingInvalid, match="no demo was left here"):
        serve_again(Console(file=StringIO()), serve=lambda *_: None)
