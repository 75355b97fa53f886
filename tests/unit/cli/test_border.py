from __future__ import annotations

import errno
import json

import pytest

from bookward.errors import (
    BookwardError,
    NameUnknown,
    NotConnected,
    RateLimited,
    SourceUnreachable,
    SyncBusy,
)
from tests.unit.cli.fake_app import FakeApp
from tests.unit.cli.samples import HOSTILE


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NameUnknown("There is no model 'x'."), 2),
        (NotConnected("xero was never connected."), 1),
        (SourceUnreachable("no route to db"), 1),
        (SyncBusy("contacts is running"), 1),
        (RateLimited("day limit"), 4),
    ],
)
def test_an_error_becomes_one_block_and_an_exit_code(
    error: BookwardError, code: int, bookward, app: FakeApp
) -> None:
    app.report = error
    result = bookward("check")
    assert result.exit_code == code
    assert result.stdout == ""
    shown = " ".join(result.stderr.split())
    assert f"Error {error.message}" in shown
    assert f"To do {error.remedy}" in shown
    assert f"Code {error.code}" in shown


def test_an_error_as_json_has_one_shape_and_is_alone_on_stdout(bookward, app: FakeApp) -> None:
    app.report = NotConnected("xero was never connected.")
    result = bookward("check", "--json")
    assert result.exit_code == 1
    assert result.stderr == ""
    assert json.loads(result.stdout) == {
        "error": {
            "code": "not_connected",
            "message": "xero was never connected.",
            "remedy": NotConnected.remedy,
        }
    }


@pytest.mark.parametrize(
    "words", [["plan", "--json"], ["plan", "--json", "a", "b"], ["rows", "last", "--limit", "-1", "--json"]]
)
def test_wrong_usage_as_json(words: list[str], bookward) -> None:
    result = bookward(*words)
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["code"] == "usage"


def test_hostile_text_in_an_error_is_shown_harmless(bookward, app: FakeApp) -> None:
    app.report = SourceUnreachable(HOSTILE)
    shown = bookward("check").stderr
    assert "[red]Ac␛[31mme" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_fault_names_its_place_but_not_its_text(bookward, app: FakeApp) -> None:
    app.report = KeyError("secret token")
    result = bookward("check")
    assert result.exit_code == 1
    assert "KeyError" in result.stderr
    assert "cli/verbs/check.py" in result.stderr
    assert "BOOKWARD_DEBUG=1" in result.stderr
    assert "secret" not in result.stderr
    assert "Traceback" not in result.stderr


def test_a_fault_shows_its_traceback_when_asked_to(
    bookward, app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKWARD_DEBUG", "1")
    app.report = KeyError("what was missing")
    shown = bookward("check", "--json")
    assert "Traceback" in shown.stderr
    assert "what was missing" in shown.stderr
    assert json.loads(shown.stdout)["error"]["code"] == "fault"


def test_a_fault_of_the_system_says_what_the_system_said(bookward, app: FakeApp) -> None:
    app.report = OSError(errno.ENOSPC, "No space left on device")
    assert "No space left on device" in bookward("check").stderr


def test_ctrl_c_in_a_run_says_what_becomes_of_it(bookward, app: FakeApp) -> None:
    app.runs["contacts"] = KeyboardInterrupt()
    result = bookward("run", "contacts")
    assert result.exit_code == 130
    assert "Stopped. The next run settles what was sent." in result.stderr
    assert app.closed


def test_ctrl_c_as_json(bookward, app: FakeApp) -> None:
    app.report = KeyboardInterrupt()
    result = bookward("check", "--json")
    assert result.exit_code == 130
    assert json.loads(result.stdout)["error"]["code"] == "stopped"
