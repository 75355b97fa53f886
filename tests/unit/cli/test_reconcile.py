from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from bookward.engine.findings import Found, Reconciled
from bookward.records import Finding, FoundKind
from tests.unit.cli.fake_app import FakeApp
from tests.unit.cli.samples import RUN_ID, SamplePlan, insert, run, update

DOUBLE = Finding(
    kind=FoundKind.TWICE,
    remote_id="8e6c",
    called="payment 'PAY-1' (8e6c)",
    day="2026-10-10",
    currency="NZD",
    total=Decimal("1210.00"),
    row="P-1",
)


def reconciled(**changes: Any) -> Reconciled:
    given: dict[str, Any] = {
        "rows": 1200,
        "in_books": 1200,
        "rows_sums": {"NZD": Decimal("5000.10")},
        "records_sums": {"NZD": Decimal("5000.10")},
        "found": {},
        "uncertain": 0,
        "removing": (),
        "calls": 3,
    }
    return Reconciled(**given | changes)


@pytest.fixture
def agreeing(app: FakeApp) -> FakeApp:
    app.planned = SamplePlan()
    app.planned.header.operations = {"adopt": 1200}
    app.planned.header.reconciled = reconciled()
    app.runs["payments"] = run(counts={"rows_adopted": 1200})
    return app


@pytest.fixture
def doubled(agreeing: FakeApp) -> FakeApp:
    found = {"twice": Found(records=30, sums={"NZD": Decimal(36300)})}
    agreeing.planned.header.reconciled = reconciled(found=found)
    agreeing.planned.found = [DOUBLE]
    return agreeing


def test_the_proof_that_all_is_as_it_should_be(bookward, agreeing: FakeApp) -> None:
    result = bookward("reconcile", "payments", "--look")
    shown = " ".join(result.stdout.split())
    assert result.exit_code == 0
    assert "All 1,200 rows are in the books, no record too many. 3 calls to read and compare" in shown
    assert "Rows and records both come to 5,000.10 NZD, without added tax." in shown
    assert agreeing.asked == [("plan", "payments", False, "reconcile")]


def test_records_that_may_be_of_uncertain_rows_are_no_proof(bookward, agreeing: FakeApp) -> None:
    agreeing.planned.header.reconciled = reconciled(uncertain=2)
    shown = " ".join(bookward("reconcile", "payments", "--look").stdout.split())
    assert "1,200 of 1,200 rows in the books as they are, 2 records that may be of uncertain rows." in shown


def test_what_should_not_be_there_is_shown_and_nothing_is_done_about_it(bookward, doubled: FakeApp) -> None:
    result = bookward("reconcile", "payments", "--yes")
    shown = " ".join(result.stdout.split())
    assert result.exit_code == 0
    assert "1,200 of 1,200 rows in the books as they are, 30 records that no row accounts for." in shown
    assert (
        "30 twice told by the same as the record of a row: probably booked twice over 36,300.00 NZD." in shown
    )
    assert "payment 'PAY-1' (8e6c) 2026-10-10 1,210.00 NZD row P-1" in shown
    assert "and 29 more: --limit N, or --json" in shown
    assert doubled.asked == [
        ("plan", "payments", False, "reconcile"),
        ("run", "payments", RUN_ID, "confirmed"),
    ]


def test_the_report_is_shown_again_with_the_plan(bookward, doubled: FakeApp) -> None:
    doubled.planned.header.sync = "payments"
    shown = " ".join(bookward("plan", "payments", "--show", RUN_ID).stdout.split())
    assert "payment 'PAY-1' (8e6c) 2026-10-10 1,210.00 NZD row P-1" in shown
    document = json.loads(bookward("plan", "payments", "--show", RUN_ID, "--json").stdout)
    assert document["plan"]["reconciled"]["found"]["twice"]["records"] == 30
    assert [finding["id"] for finding in document["findings"]] == ["8e6c"]


@pytest.mark.parametrize(("typed", "done"), [("y\n", True), ("n\n", False)])
def test_removing_asks_with_counts_and_sums(
    bookward, doubled: FakeApp, monkeypatch: pytest.MonkeyPatch, typed: str, done: bool
) -> None:
    monkeypatch.setattr("bookward.cli.confirming.is_interactive", lambda: True)
    doubled.planned.header.operations |= {"delete": 30}
    found = doubled.planned.header.reconciled.found
    doubled.planned.header.reconciled = reconciled(found=found, removing=("twice",))
    result = bookward("reconcile", "payments", "--remove", "twice", typed=typed)
    assert result.exit_code == (0 if done else 130)
    asked = " ".join(result.stderr.split())
    assert "delete 30 records that are in the books (too many: 30 twice over 36,300.00 NZD)" in asked
    assert "This plan removes them." in asked
    assert doubled.asked[0] == ("plan", "payments", False, "reconcile", "twice")
    assert len(doubled.asked) == 1 + done


def test_as_json(bookward, doubled: FakeApp) -> None:
    document = json.loads(bookward("reconcile", "payments", "--look", "--json").stdout)
    assert document["run"] is None
    assert document["plan"]["reconciled"] == {
        "rows": 1200,
        "in_books": 1200,
        "agrees": False,
        "rows_sums": {"NZD": 5000.10},
        "records_sums": {"NZD": 5000.10},
        "found": {"twice": {"records": 30, "sums": {"NZD": 36300}}},
        "uncertain": 0,
        "removing": [],
        "calls": 3,
    }
    (finding,) = document["findings"]
    assert (finding["kind"], finding["id"], finding["row"]) == ("twice", "8e6c", "P-1")


def test_what_differs_is_said(bookward, agreeing: FakeApp) -> None:
    agreeing.planned = SamplePlan(insert(0), update(1, {"Name": "B"}, {"Name": "A"}))
    agreeing.planned.header.reconciled = reconciled(in_books=1198, rows_sums={"NZD": Decimal("5010.10")})
    shown = " ".join(bookward("reconcile", "payments", "--look").stdout.split())
    assert "1,198 of 1,200 rows in the books as they are, no record too many." in shown
    assert "The rows come to 5,010.10 NZD, their records to 5,000.10 NZD, without added tax." in shown


@pytest.mark.parametrize("words", [[], ["--remove", "unknown", "--yes"]])
def test_wrong_words(bookward, agreeing: FakeApp, words: list[str]) -> None:
    assert bookward("reconcile", "payments", *words).exit_code == 2
    assert agreeing.asked == []
