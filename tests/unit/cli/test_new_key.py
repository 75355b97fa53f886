from __future__ import annotations

import json
from typing import Any

import pytest

from bookward.errors import KeyChanged
from bookward.run import RunReport
from tests.unit.cli.fake_app import FakeApp, FakeBackend
from tests.unit.cli.samples import RUN_ID, SamplePlan, run, update

CHANGED = KeyChanged("The rows of sync 'contacts' are known by id; the primary_key is number now.")


class Rekeyed(FakeApp):
    """An app whose model has another key than its sync knows; it does not go on unasked."""

    def __init__(self) -> None:
        super().__init__()
        self.planned = SamplePlan(update(0, {"Name": "B"}, {"Name": "A"}))
        self.planned.header.former_key = ("id",)
        self.planned.header.left_behind = 3

    def plan(self, sync: str, *args: Any, new_key: bool = False, **options: Any) -> Any:
        plan = super().plan(sync, *args, new_key=new_key, **options)
        if not new_key:
            raise CHANGED
        return plan

    def run(self, sync: str, *args: Any, plan: str | None = None, **options: Any) -> RunReport:
        self.runs["contacts"] = run() if plan else CHANGED
        return super().run(sync, *args, plan=plan, **options)


@pytest.fixture
def rekeyed(backend: FakeBackend, monkeypatch: pytest.MonkeyPatch) -> Rekeyed:
    for module in ("confirming", "newkey"):
        monkeypatch.setattr(f"bookward.cli.{module}.is_interactive", lambda: True)
    backend.app = Rekeyed()
    return backend.app


def test_where_the_key_changed_a_person_is_asked_and_sees_the_plan(bookward, rekeyed: Rekeyed) -> None:
    result = bookward("run", "contacts", typed="a\ny\n")
    assert result.exit_code == 0
    said = " ".join(result.stderr.split())
    assert CHANGED.message in said
    assert "(a) Go on under the new key" in said
    assert "The rows go over from the key id to the model's new one." in said
    assert "3 records of theirs that no row takes: kept as before." in said
    assert "Go on under the new key: update 1" in said
    assert rekeyed.asked == [
        ("run", "contacts", None),
        ("plan", "contacts", False, "new_key"),
        ("run", "contacts", RUN_ID),
    ]


@pytest.mark.parametrize("typed", ["b\n", "\n"])
def test_who_puts_the_key_back_has_done_nothing(bookward, rekeyed: Rekeyed, typed: str) -> None:
    result = bookward("run", "contacts", typed=typed)
    assert result.exit_code == 1
    assert "key_changed" in result.stderr
    assert rekeyed.asked == [("run", "contacts", None)]


def test_who_does_not_agree_to_the_plan_has_done_nothing(bookward, rekeyed: Rekeyed) -> None:
    declined = bookward("run", "contacts", typed="a\nn\n")
    assert declined.exit_code == 130
    assert "Stopped. Of contacts, nothing was sent." in declined.stderr
    assert [each[0] for each in rekeyed.asked] == ["run", "plan"]


def test_who_answers_nothing_has_done_nothing(bookward, rekeyed: Rekeyed) -> None:
    assert "Stopped. Of contacts, nothing was sent." in bookward("run", "contacts", typed="").stderr


def test_a_plan_asks_too_and_says_the_new_key_to_scripts(bookward, rekeyed: Rekeyed) -> None:
    result = bookward("plan", "contacts", typed="a\n")
    assert result.exit_code == 0
    assert "The rows go over from the key id" in result.stdout
    assert bookward("plan", "contacts", "--json").exit_code == 1
    document = json.loads(bookward("plan", "contacts", "--new-key", "--json").stdout)["plan"]
    assert (document["former_key"], document["left_behind"]) == (["id"], 3)


def test_with_a_server_nobody_is_asked_what_it_would_not_take(
    bookward, backend: FakeBackend, rekeyed: Rekeyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "open_remote", lambda *_: rekeyed)
    for verb in ("plan", "run"):
        result = bookward("--server", "http://localhost:8000", "--token", "t", verb, "contacts", typed="a\n")
        assert result.exit_code == 1
        assert "key_changed" in result.stderr
        assert "What now" not in result.stderr


def test_scripts_say_the_new_key_and_yes(bookward, rekeyed: Rekeyed, monkeypatch) -> None:
    monkeypatch.undo()
    assert bookward("run", "contacts").exit_code == 1
    assert bookward("run", "contacts", "--new-key").exit_code == 2
    assert bookward("run", "contacts", "--new-key", "--yes").exit_code == 0
    assert rekeyed.asked[-2:] == [("plan", "contacts", False, "new_key"), ("run", "contacts", RUN_ID)]


@pytest.mark.parametrize("other", ["--full", "--wait", "--limit=3", "--rows=1", "--plan=last"])
def test_the_new_key_is_for_all_rows(bookward, other: str) -> None:
    assert bookward("run", "contacts", "--new-key", other).exit_code == 2
