from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bookward.records import Brief
from bookward.rowstate import RowState
from bookward.store.plans import PlanStanding, PlanState
from bookward.store.runs import RunState
from tests.unit.cli.fake_app import FakeApp
from tests.unit.cli.samples import (
    HOSTILE,
    NOW,
    RUN_ID,
    call,
    refused_row,
    rejected_row,
    row,
    run,
    sync_row,
)


@pytest.fixture(autouse=True)
def _past(app: FakeApp) -> None:
    failed = run(
        RunState.FAILED,
        id="20261101-080000-bbbb",
        sync="vendors",
        error_code="source_failed",
        error_message="The connection was lost.",
        counts={},
    )
    app.past = [run(counts={"rows_accepted": 1200, "rows_rejected": 3, "calls": 24}), failed]
    app.row_list = [row(0), rejected_row(1), row(2, "uncertain", warnings=("check it",))]
    app.call_list = [call(), call(429, response_body=b""), call(None, error="connection cut")]


def test_history_on_80_columns_cuts_no_id_and_no_figure(bookward) -> None:
    result = bookward("history")
    assert result.exit_code == 0
    assert max(len(line) for line in result.stdout.splitlines()) <= 80
    first = next(line for line in result.stdout.splitlines() if line.startswith(RUN_ID))
    assert first.split() == [RUN_ID, "contacts", "done", "4.2", "s", "1,200", "3", "24"]
    assert "20261101-080000-bbbb  The connection was lost." in result.stdout


def test_history_says_when_a_paused_run_can_go_on(bookward, app: FakeApp) -> None:
    at = NOW + timedelta(hours=15)
    app.past = [
        run(RunState.PAUSED, error_code="rate_limited", error_message="The day is over.", resume_at=at)
    ]
    assert f"{RUN_ID}  The day is over. It can go on at 2026-11-03 00:00:00." in " ".join(
        bookward("history").stdout.split("\n")
    )
    (shown,) = json.loads(bookward("history", "--json").stdout)["runs"]
    assert shown["resume_at"] == "2026-11-03T00:00:00Z"


def test_history_says_what_became_of_a_plan_that_waited(bookward, app: FakeApp) -> None:
    became = PlanStanding(state=PlanState.EXECUTED, run="20261102-100000-aaaa", by="ann@a.nz")
    gone = PlanStanding(state=PlanState.DISCARDED, by="ann@a.nz", why="May is missing.")
    said = {"error_code": "guard_tripped", "error_message": "It is parked."}
    app.past = [run(RunState.PARKED, parked=parked, **said) for parked in (became, gone)]
    shown = " ".join(bookward("history").stdout.split())
    assert "approved" in shown
    assert "It is parked. Approved by ann@a.nz: run 20261102-100000-aaaa." in shown
    assert "It is parked. Discarded by ann@a.nz: May is missing." in shown
    first, _ = json.loads(bookward("history", "--json").stdout)["runs"]
    assert (first["parked"]["state"], first["parked"]["by"]) == ("executed", "ann@a.nz")


def test_history_has_room_for_the_time_on_a_wide_terminal(bookward, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert "2026-11-02 09:00" in bookward("history").stdout


def test_rows_are_told_by_number_contact_and_money(bookward, app: FakeApp) -> None:
    brief = Brief(called="INV-7", party="Ngaio Ltd", currency="NZD", amount=Decimal("1234.5"))
    app.row_list = [row(0, brief=brief), row(1, brief=Brief(called=HOSTILE))]
    shown = bookward("rows", "last").stdout
    assert "INV-7  Ngaio Ltd  1,234.50 NZD" in shown
    assert "\x1b" not in shown
    found, _ = json.loads(bookward("rows", "last", "--json").stdout)["rows"]
    assert found["brief"] == {
        "called": "INV-7", "party": "Ngaio Ltd", "currency": "NZD", "amount": 1234.5, "former": None,
    }  # fmt: skip


def test_history_of_one_sync(bookward) -> None:
    shown = bookward("history", "vendors", "--limit", "1").stdout
    assert "vendors" in shown
    assert "contacts" not in shown


def test_history_without_runs(bookward, app: FakeApp) -> None:
    app.past = []
    result = bookward("history")
    assert (result.exit_code, result.stdout) == (0, "No runs yet.\n")
    assert json.loads(bookward("history", "--json").stdout) == {"runs": []}


def test_history_as_json(bookward) -> None:
    runs = json.loads(bookward("history", "--json").stdout)["runs"]
    assert [each["state"] for each in runs] == ["done", "failed"]
    assert runs[0]["error"] is None
    assert runs[1]["error"]["code"] == "source_failed"


def test_rows_show_reason_remedy_record_and_warning(bookward) -> None:
    result = bookward("rows", "last")
    assert result.exit_code == 0
    shown = " ".join(result.stdout.split())
    assert "5f0c1a0e-0000-4000-8000-000000000001" in shown
    assert "EmailAddress: 'nobody at example' is not" in shown
    assert "warning: check it" in shown


def test_rows_are_filtered(bookward, app: FakeApp) -> None:
    shown = bookward("rows", RUN_ID[:11], "--rejected", "--search", "mail").stdout
    assert "C-001" in shown
    assert "C-000" not in shown
    assert app.asked == [("rows", RUN_ID, "rejected", "mail", 101)]
    assert "No such rows." in bookward("rows", "last", "--status", "pending").stdout


def test_rows_filters_that_exclude_each_other(bookward) -> None:
    assert bookward("rows", "last", "--rejected", "--status", "accepted").exit_code == 2


def test_more_rows_than_the_limit(bookward) -> None:
    assert "--limit 0 shows all" in bookward("rows", "last", "--limit", "2").stdout
    assert "--limit 0" not in bookward("rows", "last", "--limit", "3").stdout
    assert "--limit 0" not in bookward("rows", "last", "--limit", "0").stdout


def test_rows_as_json(bookward, app: FakeApp) -> None:
    document = json.loads(bookward("rows", "last", "--json").stdout)
    assert document["run"]["id"] == RUN_ID
    assert [each["status"] for each in document["rows"]] == ["accepted", "rejected", "uncertain"]
    assert document["rows"][0]["rejection"] is None
    assert document["rows"][1]["rejection"] == {
        "code": "field_invalid",
        "message": "'nobody at example' is not an e-mail address.",
        "remedy": "Correct the value in the source or change the mapping.",
        "field": "EmailAddress",
    }
    assert document["rows"][2]["warnings"] == ["check it"]


def test_the_rows_of_a_sync(bookward, app: FakeApp) -> None:
    later = refused_row("C-3", RowState.REJECTED, attempts=2, next_try=NOW)
    app.row_states["contacts"] = [sync_row("C-1"), refused_row("C-2"), later]
    shown = " ".join(bookward("rows", "contacts").stdout.split())
    assert "Sync contacts: 1 accepted, 1 parked, 1 rejected" in shown
    assert "Refused 1 time; not tried again by itself." in shown
    assert "Refused 2 times; tried again after 2026-11-02" in shown
    assert "Send them again: bookward retry contacts" in shown
    assert app.asked == [("sync_rows", "contacts", [], "", 101)]


def test_the_waiting_rows_of_a_sync_as_json(bookward, app: FakeApp) -> None:
    app.row_states["contacts"] = [sync_row("C-1"), refused_row("C-2")]
    document = json.loads(bookward("rows", "contacts", "--waiting", "--json").stdout)
    assert document["counts"] == {"accepted": 1, "parked": 1}
    (row,) = document["rows"]
    assert (row["key"], row["state"], row["attempts"], row["next_try"]) == ("C-2", "parked", 1, None)
    assert row["rejection"]["code"] == "remote_rejected"


@pytest.mark.parametrize(
    "words",
    [
        ["contacts", "--rejected"],
        ["contacts", "--status", "held"],
        ["last", "--state", "parked"],
        ["contacts", "--waiting", "--state", "parked"],
    ],
)
def test_rows_of_a_run_and_of_a_sync_are_chosen_by_words_of_their_own(words, bookward, app: FakeApp) -> None:
    app.row_states["contacts"] = []
    assert bookward("rows", *words).exit_code == 2


def test_what_is_neither_a_run_nor_a_sync_is_said_to_be_neither(bookward) -> None:
    result = bookward("rows", "nothing", "--waiting")
    assert result.exit_code == 2
    assert "There is no run 'nothing'." in result.stderr


def test_retry_says_what_will_be_sent(bookward, app: FakeApp) -> None:
    app.retried = ("C-1", "C-2")
    shown = " ".join(bookward("retry", "contacts", "--row", "C-1", "--row", "C-2").stdout.split())
    assert shown == "2 rows will be sent again: C-1, C-2 Run it: bookward run contacts"
    assert app.asked == [("retry", "contacts", ("C-1", "C-2"))]
    app.retried = ()
    assert "nothing to send again" in bookward("retry", "contacts").stdout
    assert bookward("retry", "contacts", "--all", "--row", "C-1").exit_code == 2


@pytest.mark.parametrize("words", [["rows", "nope"], ["rows", "nope", "--json"]])
def test_an_unknown_run(words: list[str], bookward) -> None:
    result = bookward(*words)
    assert result.exit_code == 2
    assert "There is no run 'nope'." in result.output


def test_calls_a_line_each(bookward, app: FakeApp) -> None:
    result = bookward("calls", "last", "--status", "429", "--failed", "--search", "Acme")
    assert result.exit_code == 0
    assert app.asked == [("calls", "last", 429, True, "Acme")]
    assert max(len(line) for line in result.stdout.splitlines()) <= 80
    shown = " ".join(result.stdout.split())
    assert "1 09:00:00 200 POST Contacts?summa" in shown
    assert "none" in shown
    assert "connection cut" in shown
    assert "Idempotency" not in shown


def test_calls_in_full_keep_numbers_as_they_came(bookward) -> None:
    shown = bookward("calls", "last", "--full", "--limit", "1").stdout
    assert "POST https://api.xero.com/api.xro/2.0/Contacts?summarizeErrors=false" in shown
    assert "Idempotency-Key: abc" in shown
    assert '"Balance": 10.10' in shown
    assert "--limit 0 shows all" in shown


def test_bodies_that_are_no_json_are_shown_harmless(bookward, app: FakeApp) -> None:
    app.call_list = [call(500, response_body=b"<html>\n\x1b[2Jsorry \xff</html>", url="https://x/\x1b[31m")]
    for words in ([], ["--full"]):
        shown = bookward("calls", "last", *words).stdout
        assert "\x1b" not in shown
    assert "␛[2Jsorry �</html>" in shown


def test_calls_as_json(bookward) -> None:
    calls = json.loads(bookward("calls", "last", "--json").stdout)["calls"]
    assert [each["status"] for each in calls] == [200, 429, None]
    assert calls[0]["number"] == 1
    assert calls[0]["at"] == "2026-11-02T09:00:00Z"
    assert "request_body" not in calls[0]
    full = json.loads(bookward("calls", "last", "--json", "--full", "--limit", "1").stdout)["calls"]
    assert len(full) == 1
    assert full[0]["request_headers"]["Authorization"] == "***"
    assert full[0]["response_body"] == '{"Contacts":[{"ContactID":"5f0c"}]}'


def test_calls_as_a_har_file(bookward, tmp_path: Path) -> None:
    file = tmp_path / "run.har"
    result = bookward("calls", "last", "--failed", "--har", str(file))
    assert (result.exit_code, result.stdout) == (0, "")
    first, second, third = json.loads(file.read_text())["log"]["entries"]
    assert {"name": "Authorization", "value": "***"} in first["request"]["headers"]
    assert first["response"]["content"]["text"] == '{"Contacts":[{"ContactID":"5f0c"}]}'
    assert first["request"]["queryString"] == [{"name": "summarizeErrors", "value": "false"}]
    assert second["response"]["statusText"] == "Too Many Requests"
    assert (third["response"]["status"], third["comment"]) == (0, "connection cut")
    printed = bookward("calls", "last", "--har", "-")
    assert len(json.loads(printed.stdout)["log"]["entries"]) == 3


def test_no_calls(bookward, app: FakeApp) -> None:
    app.call_list = []
    assert bookward("calls", "last").stdout == "No such calls: the run made none, or none that fits.\n"
    assert json.loads(bookward("calls", "last", "--json").stdout)["calls"] == []


def test_hostile_rows_and_runs(bookward, app: FakeApp) -> None:
    app.past = [run(sync=HOSTILE, error_message=HOSTILE, error_code="x")]
    app.row_list = [rejected_row(0, key=HOSTILE, message=HOSTILE, field=HOSTILE, warnings=(HOSTILE,))]
    for words in (["history"], ["rows", "last"]):
        shown = bookward(*words).stdout
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "[red]" in shown


def test_when_no_row_waits_that_is_said(bookward, app: FakeApp) -> None:
    app.row_states["contacts"] = [sync_row("C-1")]
    assert "Nothing waits." in bookward("rows", "contacts", "--waiting").stdout
    assert "No such rows." in bookward("rows", "contacts", "--state", "parked").stdout
