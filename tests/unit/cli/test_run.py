from __future__ import annotations

import json
import signal
from datetime import timedelta
from typing import Any

import pytest

from bookward.errors import NameUnknown, PlanStale, ProjectInvalid, SyncBusy
from bookward.ports import Progress
from bookward.run import RunReport
from bookward.store.runs import RunState
from bookward.trial import Trial
from tests.unit.cli.fake_app import FakeApp
from tests.unit.cli.samples import HOSTILE, NOW, RUN_ID, SamplePlan, insert, run, update


def test_a_run_that_went_well(bookward, app: FakeApp) -> None:
    app.runs["contacts"] = run()
    result = bookward("run", "contacts")
    assert result.exit_code == 0
    shown = " ".join(result.stdout.split())
    assert f"contacts done in 4.2 s run {RUN_ID}" in shown
    assert "Into Demo Company 1,000 rows read: 12 added; 1 call." in shown
    assert "accepted 12" in shown
    assert app.asked == [("run", "contacts", None)]


def test_a_run_with_rejected_rows_says_where_to_look(bookward, app: FakeApp) -> None:
    app.runs["contacts"] = run(counts={"rows_accepted": 1, "rows_rejected": 2})
    result = bookward("run", "contacts")
    assert result.exit_code == 3
    assert f"bookward rows {RUN_ID} --rejected" in result.stdout


def test_a_run_that_paused_says_why_and_what_to_do(bookward, app: FakeApp) -> None:
    app.runs["contacts"] = run(
        RunState.PAUSED,
        counts={"rows_pending": 40},
        error_code="rate_limited",
        error_message="The day's limit is reached.",
        error_remedy="Run again after 11:00.",
        resume_at=NOW + timedelta(days=1, seconds=7),
    )
    result = bookward("run", "contacts")
    assert result.exit_code == 4
    shown = " ".join(result.stdout.split())
    assert "Error The day's limit is reached. To do Run again after 11:00." in shown
    assert "pending 40" in shown
    assert "It can go on at 2026-11-03 09:00:07." in shown


def test_waiting_is_asked_for(bookward, app: FakeApp) -> None:
    app.runs["contacts"] = run()
    app.progress = [Progress(phase="waiting", wait_until=NOW + timedelta(days=36_500))]
    result = bookward("run", "contacts", "--wait")
    assert result.exit_code == 0
    assert app.asked == [("run", "contacts", None, "wait")]
    assert "contacts: waiting until 2126-10-09 09:00:00" in result.stderr


def test_what_was_looked_at_is_not_planned_anew(bookward, app: FakeApp) -> None:
    assert bookward("run", "contacts", "--wait", "--plan", RUN_ID).exit_code == 2
    assert app.asked == []


def test_a_wait_ends_with_ctrl_c(bookward, app: FakeApp) -> None:
    app.runs["contacts"] = KeyboardInterrupt()
    result = bookward("run", "contacts", "--wait")
    assert result.exit_code == 130
    assert "Stopped. The next run settles what was sent." in result.stderr


def test_nothing_to_send(bookward, app: FakeApp) -> None:
    app.runs["contacts"] = run(counts={"rows_read": 1000, "changes_same": 1000, "calls": 0})
    result = bookward("run", "contacts")
    assert result.exit_code == 0
    assert "1,000 rows read: no change; 0 calls." in result.stdout
    assert "nothing to send" in result.stdout


def test_what_was_settled_first_is_told(bookward, app: FakeApp) -> None:
    earlier = run(RunState.INTERRUPTED, id="20261101-080000-aaaa", counts={"rows_accepted": 50})
    app.runs["contacts"] = RunReport(run=run(), plan=None, recovered=(earlier,))
    assert "Settled first: run 20261101-080000-aaaa, 50 accepted." in bookward("run", "contacts").stdout


def test_the_runs_that_paused_on_the_way_are_told(bookward, app: FakeApp) -> None:
    earlier = run(RunState.PAUSED, id="20261101-080000-aaaa", counts={"rows_accepted": 5, "rows_pending": 7})
    app.runs["contacts"] = RunReport(run=run(), plan=None, recovered=(), paused=(earlier,))
    shown = bookward("run", "contacts", "--wait").stdout
    assert "Paused before: run 20261101-080000-aaaa, 5 accepted, 7 pending." in shown
    (sync,) = json.loads(bookward("run", "contacts", "--wait", "--json").stdout)["syncs"]
    assert [each["id"] for each in sync["paused"]] == [earlier.id]


def test_one_sync_that_cannot_begin_does_not_hold_up_the_others(bookward, app: FakeApp) -> None:
    app.runs = {"a": SyncBusy("a is running"), "b": run(counts={"rows_rejected": 1}, sync="b")}
    result = bookward("run", "a", "b", "b")
    assert result.exit_code == 1
    assert "a is running" in result.stderr
    assert result.stdout.startswith("b  done")
    assert [asked[1] for asked in app.asked] == ["a", "b"]


def test_all_syncs_run_in_their_order_whatever_becomes_of_one(bookward, app: FakeApp) -> None:
    app.ordered = ["contacts", "invoices", "payments"]
    app.runs = {
        "contacts": run(RunState.FAILED, error_code="x", error_message="No connection."),
        "invoices": ProjectInvalid("syncs/invoices.yaml:3: wrong"),
        "payments": run(sync="payments", counts={"rows_rejected": 1}),
    }
    result = bookward("run", "--all")
    assert result.exit_code == 1
    assert [asked[1] for asked in app.asked[1:]] == app.ordered
    assert "syncs/invoices.yaml:3: wrong" in result.stderr
    assert "payments  done" in result.stdout


def test_all_of_none_is_nothing_of_that_name(bookward) -> None:
    result = bookward("run", "--all")
    assert result.exit_code == 2
    assert "The project has no sync." in result.stderr


def test_all_is_not_a_project_that_cannot_be_read(bookward, app: FakeApp) -> None:
    app.ordered = ProjectInvalid("project.yaml:1: wrong")
    assert bookward("run", "--all").exit_code == 1


@pytest.mark.parametrize("words", [(), ("--all", "contacts"), ("--all", "--plan", RUN_ID)])
def test_either_all_or_names(words: tuple[str, ...], bookward, app: FakeApp) -> None:
    assert bookward("run", *words).exit_code == 2
    assert app.asked == []


def test_an_unknown_sync_is_wrong_usage(bookward) -> None:
    assert bookward("run", "nope").exit_code == 2


def test_a_plan_is_executed(bookward, app: FakeApp) -> None:
    app.runs["contacts"] = run()
    assert bookward("run", "contacts", "--plan", RUN_ID).exit_code == 0
    assert app.asked == [("run", "contacts", RUN_ID)]


def test_a_parked_plan_is_approved(bookward, app: FakeApp) -> None:
    app.runs["contacts"] = run()
    assert bookward("run", "contacts", "--approve", "P-1").exit_code == 0
    assert app.asked == [("run", "contacts", "P-1", "approved")]
    assert bookward("run", "contacts", "--approve", "P-1", "--plan", "P-1").exit_code == 2


@pytest.mark.parametrize(
    ("words", "trial"),
    [
        (["--limit", "3"], Trial(limit=3)),
        (["--rows", "A, B", "--rows", '["x,y","z"]'], Trial(keys=frozenset({"A", "B", '["x,y","z"]'}))),
    ],
)
def test_a_trial_of_some_rows(words: list[str], trial: Trial, bookward, app: FakeApp) -> None:
    app.runs["contacts"] = run()
    assert bookward("run", "contacts", *words).exit_code == 0
    assert app.asked == [("run", "contacts", None, trial)]
    assert bookward("run", "contacts", "--plan", RUN_ID, *words).exit_code == 2
    assert bookward("run", "contacts", "--rows", " ,").exit_code == 2


def test_ctrl_c_ends_a_run_cleanly_and_those_behind_it_do_not_begin(bookward, app: FakeApp) -> None:
    def interrupted(_: Progress) -> None:
        signal.raise_signal(signal.SIGINT)

    app.runs = {"a": run(RunState.CANCELLED, error_code="cancelled", error_message="stopped"), "b": run()}
    app.on_run = interrupted
    before = signal.getsignal(signal.SIGINT)  # ignored, where the tests were started in the background
    result = bookward("run", "a", "b")
    assert result.exit_code == 130
    assert app.asked == [("cancel",), ("run", "a", None)]
    assert "Ctrl-C again stops at once" in result.stderr
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_twice_ends_a_run_at_once(bookward, app: FakeApp) -> None:
    def interrupted(_: Progress) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    app.runs = {"a": run()}
    app.on_run = interrupted
    result = bookward("run", "a")
    assert result.exit_code == 130
    assert "The next run settles what was sent." in result.stderr


def test_a_plan_belongs_to_one_sync(bookward, app: FakeApp) -> None:
    assert bookward("run", "a", "b", "--plan", RUN_ID).exit_code == 2
    assert app.asked == []


def test_json(bookward, app: FakeApp) -> None:
    app.progress = [Progress(phase="reading", rows_read=5)]
    app.runs = {"a": run(sync="a"), "b": NameUnknown("There is no sync 'b'.")}
    result = bookward("run", "a", "b", "--json")
    assert result.exit_code == 2
    assert result.stderr == ""
    document = json.loads(result.stdout)
    assert set(document) == {"syncs", "exit_code", "error"}
    assert document["exit_code"] == 2
    first, second = document["syncs"]
    assert first["exit_code"] == 0
    assert first["error"] is None
    assert first["run"] == {
        "id": RUN_ID,
        "sync": "a",
        "plan": RUN_ID,
        "organisation": {"id": "0f1e", "name": "Demo Company"},
        "state": "done",
        "started_at": "2026-11-02T09:00:00Z",
        "finished_at": "2026-11-02T09:00:04.250000Z",
        "resume_at": None,
        "asked_by": None,
        "reason": None,
        "plan_made_by": None,
        "parked": None,
        "counts": {"rows_accepted": 12, "rows_read": 1000, "changes_added": 12, "calls": 1},
        "error": None,
    }
    assert second["run"] is None
    assert second["error"]["code"] == "name_unknown"
    assert document["error"] == second["error"]


def test_json_of_a_run_that_failed_carries_its_error(bookward, app: FakeApp) -> None:
    app.runs["a"] = run(
        RunState.FAILED, error_code=PlanStale.code, error_message="moved", error_remedy="Plan again."
    )
    result = bookward("run", "a", "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["syncs"][0]["run"]["error"] == {
        "code": "plan_stale",
        "message": "moved",
        "remedy": "Plan again.",
    }
    assert "error" not in document


def test_without_a_terminal_progress_is_a_line_per_phase_on_stderr(bookward, app: FakeApp) -> None:
    app.runs["contacts"] = run()
    app.progress = [
        Progress(phase="starting"),
        Progress(phase="reading", rows_read=500),
        Progress(phase="reading", rows_read=1000),
        *(Progress(phase="sending", to_send=1000, sent=sent, calls=1) for sent in range(0, 1001, 50)),
        Progress(phase="done"),
    ]
    result = bookward("run", "contacts")
    lines = result.stderr.splitlines()
    assert lines[0] == "contacts: reading the model (500 read)"
    assert lines[1] == "contacts: sending, 0 of 1,000 (1 call)"
    assert lines[2] == "contacts: sending, 100 of 1,000 (1 call)"
    assert len(lines) == 12
    assert "\x1b" not in result.output


def test_waiting_is_told_while_it_lasts(bookward, app: FakeApp) -> None:
    app.runs["contacts"] = run()
    app.progress = [Progress(phase="sending", to_send=10, wait_until=NOW + timedelta(days=36_500))]
    assert "contacts: waiting until 09:00:00" in bookward("run", "contacts").stderr
    app.progress = [Progress(phase="sending", to_send=10, wait_until=NOW - timedelta(days=3_650))]
    assert "contacts: sending" in bookward("run", "contacts").stderr


def test_a_run_of_an_older_release_knows_only_the_id(bookward, app: FakeApp) -> None:
    app.runs["contacts"] = run(organisation_name=None)
    assert "\nInto 0f1e\n" in bookward("run", "contacts").stdout


def test_a_run_that_never_had_a_plan_names_no_organisation(bookward, app: FakeApp) -> None:
    app.past = [run(RunState.FAILED, organisation=None, organisation_name=None)]
    (shown,) = json.loads(bookward("history", "--json").stdout)["runs"]
    assert shown["organisation"] is None


def test_hostile_names(bookward, app: FakeApp) -> None:
    app.runs[HOSTILE] = run(sync=HOSTILE, organisation_name=HOSTILE, error_code="x", error_message=HOSTILE)
    app.progress = [Progress(phase="reading")]
    result = bookward("run", HOSTILE)
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output


def test_a_full_run_is_planned_agreed_to_and_executed(bookward, app: FakeApp) -> None:
    app.runs["contacts"] = run()
    assert bookward("run", "contacts", "--full").exit_code == 2
    assert bookward("run", "contacts", "--full", "--yes").exit_code == 0
    assert app.asked == [("plan", "contacts", False, "full"), ("run", "contacts", RUN_ID)]
    assert bookward("run", "contacts", "--full", "--limit", "3").exit_code == 2


def test_a_full_run_asks_before_it_changes_what_is_there(bookward, app: FakeApp, monkeypatch) -> None:
    monkeypatch.setattr("bookward.cli.confirming.is_interactive", lambda: True)
    app.runs["contacts"] = run()
    app.planned = SamplePlan(insert(0), update(1, {"Name": "B"}, {"Name": "A"}))
    refused = bookward("run", "contacts", "--full", typed="n\n")
    assert refused.exit_code == 130
    assert "Go on and update 1 records that are in the books" in refused.stderr
    assert "Stopped. Of contacts, nothing was sent." in refused.stderr
    assert [each[0] for each in app.asked] == ["plan"]
    assert bookward("run", "contacts", "--full", typed="y\n").exit_code == 0
    app.planned = SamplePlan(insert(0))
    assert bookward("run", "contacts", "--full").exit_code == 0


def test_ctrl_c_at_the_question_ends_it_at_once(bookward, app: FakeApp, monkeypatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("bookward.cli.confirming.is_interactive", lambda: True)
    monkeypatch.setattr("bookward.cli.confirming.click.confirm", interrupted)
    app.planned = SamplePlan(update(1, {"Name": "B"}, {"Name": "A"}))
    stopped = bookward("run", "contacts", "--full")
    assert stopped.exit_code == 130
    assert "Stopped. Of contacts, nothing was sent." in stopped.stderr
    assert "in flight" not in stopped.stderr
    assert [each[0] for each in app.asked] == ["plan"]


def test_what_was_agreed_to_may_have_been_sent(bookward, app: FakeApp) -> None:
    app.runs["contacts"] = KeyboardInterrupt()
    stopped = bookward("run", "contacts", "--full", "--yes")
    assert "Stopped. The next run settles what was sent." in stopped.stderr


def test_reset_asks_with_counts(bookward, app: FakeApp, monkeypatch) -> None:
    monkeypatch.setattr("bookward.cli.confirming.is_interactive", lambda: True)
    app.runs["contacts"] = run(counts={"rows_assumed": 2})
    app.planned = SamplePlan()
    app.planned.header.operations = {"assume": 1200, "keep": 3}
    assert bookward("reset", "contacts", typed="n\n").exit_code == 130
    done = bookward("reset", "contacts", typed="y\n")
    assert done.exit_code == 0
    assert "Take 1,200 rows for synced and forget 3, without sending anything" in done.stderr
    assert app.asked[-2:] == [
        ("plan", "contacts", True, "assume"),
        ("run", "contacts", RUN_ID, "approved"),
    ]
    assert "2  taken for synced, because you said so" in done.stdout


def test_the_notes_of_its_plan_are_shown(bookward, app: FakeApp) -> None:
    plan: Any = SamplePlan()
    plan.header.notes = ("The model has a new column 'fax', which no field uses.",)
    plan.header.untouched = ()
    app.runs["contacts"] = RunReport(run=run(), plan=plan, recovered=())
    assert "Note: The model has a new column 'fax'" in bookward("run", "contacts").stdout
    assert json.loads(bookward("run", "contacts", "--json").stdout)["syncs"][0]["notes"] == [
        "The model has a new column 'fax', which no field uses."
    ]
