from __future__ import annotations

import json
from decimal import Decimal

import pytest

from bookward.records import BookedRecord, Rejection
from bookward.settling import UncertainRow
from bookward.store.doubts import Decision, Doubt
from tests.unit.cli.fake_app import FakeApp
from tests.unit.cli.samples import NOW, RUN_ID

RECORD = BookedRecord(
    remote_id="8e6c",
    called="payment 'PAY-1' (8e6c)",
    live=True,
    meant=True,
    day="2026-10-10",
    currency="NZD",
    total=Decimal("1210.00"),
    net=Decimal("1210.00"),
    shared=(),
)
DOUBT = Doubt(
    key="P-1",
    run=RUN_ID,
    kind="insert",
    rejection=Rejection(code="booking_uncertain", message="Xero's answer was lost.", remedy="Say so."),
    candidates=("8e6c", "gone"),
)
ROW = UncertainRow(doubt=DOUBT, candidates=[RECORD])


def decision(booked_as: str | None) -> Decision:
    message = DOUBT.rejection.message
    return Decision(key="P-1", run=RUN_ID, at=NOW, booked_as=booked_as, candidates=("8e6c",), message=message)


def test_the_uncertain_rows_are_shown_with_both_possibilities(bookward, app: FakeApp) -> None:
    app.in_doubt, app.decided = [ROW], [decision("8e6c")]
    result = bookward("settle", "payments")
    shown = " ".join(result.stdout.split())
    assert result.exit_code == 4
    assert "Sync payments: 1 row is uncertain." in shown
    assert "now: payment 'PAY-1' (8e6c) of 2026-10-10 over 1,210.00 NZD" in shown
    assert "now: 1 record of these no longer there" in shown
    assert "It is one of them: bookward settle payments --row KEY --booked ID" in shown
    assert "It is none of them: bookward settle payments --row KEY --not-booked" in shown
    assert "Row 'P-1' is booked as 8e6c" in shown


def test_nothing_uncertain(bookward, app: FakeApp) -> None:
    result = bookward("settle", "payments")
    assert (result.exit_code, result.stdout) == (0, "Sync payments: no row is uncertain.\n")


def test_the_uncertain_rows_as_json(bookward, app: FakeApp) -> None:
    app.in_doubt, app.decided = [ROW], [decision(None)]
    document = json.loads(bookward("settle", "payments", "--json").stdout)
    (row,), (said,) = document["uncertain"], document["settled"]
    assert (row["key"], row["rejection"]["code"]) == ("P-1", "booking_uncertain")
    assert row["candidates"] == [
        {
            "id": "8e6c",
            "called": "payment 'PAY-1' (8e6c)",
            "live": True,
            "day": "2026-10-10",
            "currency": "NZD",
            "total": 1210.00,
        }
    ]
    assert (said["key"], said["booked_as"], said["candidates"]) == ("P-1", None, ["8e6c"])


def test_a_row_is_settled(bookward, app: FakeApp) -> None:
    app.decided = [decision("8e6c")]
    shown = " ".join(bookward("settle", "payments", "--row", "P-1", "--booked", "8e6c").stdout.split())
    assert shown == (
        "Row 'P-1' is booked as 8e6c. The next plan compares it with the row: bookward plan payments"
    )
    app.decided = [decision(None)]
    result = bookward("settle", "payments", "--row", "P-1", "--not-booked", "--yes", "--json")
    assert json.loads(result.stdout)["settled"]["booked_as"] is None
    assert app.asked == [("settle", "payments", "P-1", "8e6c"), ("settle", "payments", "P-1", None)]


@pytest.mark.parametrize(("typed", "settled"), [("y\n", True), ("n\n", False)])
def test_not_booked_asks_first(
    bookward, app: FakeApp, monkeypatch: pytest.MonkeyPatch, typed: str, settled: bool
) -> None:
    monkeypatch.setattr("bookward.cli.verbs.settle.is_interactive", lambda: True)
    app.in_doubt, app.decided = [ROW], [decision(None)]
    result = bookward("settle", "payments", "--row", "P-1", "--not-booked", typed=typed)
    assert result.exit_code == (0 if settled else 130)
    assert "the next run books it twice" in " ".join(result.stderr.split())
    assert [asked[0] for asked in app.asked] == ["uncertain"] + ["settle"] * settled


@pytest.mark.parametrize(
    "words",
    [
        ["--row", "P-1"],
        ["--booked", "8e6c"],
        ["--not-booked", "--yes"],
        ["--row", "P-1", "--booked", "8e6c", "--not-booked"],
        ["--row", "P-1", "--not-booked"],
        ["--row", "P-1", "--not-booked", "--json"],
    ],
)
def test_wrong_words(bookward, app: FakeApp, words: list[str]) -> None:
    assert bookward("settle", "payments", *words).exit_code == 2
    assert app.asked == []
