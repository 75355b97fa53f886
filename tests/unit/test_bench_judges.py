"""What the benches decide by: if books are right, which rounds count, how often a disk was waited for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a module of the benches by its name."""
    monkeypatch.syspath_prepend(str(BENCH))
    return import_module


def row(n: int, amount: str) -> dict[str, Any]:
    return {"id": f"k{n}", "number": f"P-{n}", "amount": Decimal(amount)}


def payment(n: int, amount: str, status: str = "AUTHORISED") -> dict[str, Any]:
    return {"Reference": f"P-{n}", "Amount": Decimal(amount), "Status": status}


ROWS = {"k1": row(1, "10.00"), "k2": row(2, "0.07")}


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ([payment(1, "10.00"), payment(2, "0.07")], {}),
        ([payment(1, "10.00"), payment(2, "0.07"), payment(3, "5", "DELETED")], {}),
        ([payment(1, "10.00")], {"lost": 1, "cents": Decimal("0.07")}),
        ([payment(1, "10.00"), payment(2, "0.07"), payment(2, "0.07")], {"twice": 1}),
        ([payment(1, "10.00"), payment(2, "0.08")], {"wrong": 1, "cents": Decimal("0.01")}),
        ([payment(1, "10.00"), payment(2, "0.07"), payment(3, "5")], {"left": 1, "cents": Decimal(5)}),
    ],
)
def test_books_are_held_against_the_rows(bench: Any, records: list[Any], found: dict[str, Any]) -> None:
    judging, books = bench("kills_judge"), bench("kills_books")
    verdict = judging.judge(books.LEDGERS["payments"], ROWS, records, ())
    assert verdict == judging.Verdict(**found)
    assert verdict.good is not bool(found)


@pytest.mark.parametrize("booked", [True, False])
def test_a_row_that_is_shown_as_uncertain_may_be_booked_once_or_not(bench: Any, booked: bool) -> None:
    judging, books = bench("kills_judge"), bench("kills_books")
    records = [payment(1, "10.00"), *([payment(2, "0.07")] if booked else [])]
    assert judging.judge(books.LEDGERS["payments"], ROWS, records, {"k2"}).good


def test_sales_and_bills_of_one_number_are_kept_apart(bench: Any) -> None:
    books = bench("kills_books")
    bill = {"InvoiceNumber": "B-1", "Type": "ACCPAY"}
    assert [slug for slug, ledger in books.LEDGERS.items() if ledger.owns(bill)] == ["bills"]


def test_waits_for_the_disk_are_read_from_a_report_of_strace(bench: Any) -> None:
    report = """\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 99.20    0.531204        1230       432           fdatasync
  0.80    0.004301        2150         2         1 fsync
------ ----------- ----------- --------- --------- ----------------
100.00    0.535505        1233       434         1 total
"""
    fsyncs: ModuleType = bench("fsyncs")
    assert fsyncs.counted(report) == 434
    assert fsyncs.counted("") == 0


def compared(seconds: float, *floors: float, memory: float = 100) -> Any:
    return {"s": seconds, "cpu_s": seconds, "write_s": 0.5, "changes": 7, "rss_mb": memory}, [
        {"s": floor, "cpu_s": 1.0} for floor in floors
    ]


def rounds(bench: Any, **cases: list[Any]) -> dict[str, list[Any]]:
    made = bench("diff_report").Round
    return {
        case: [made(floors=tuple(floors), compared=diff) for diff, floors in found]
        for case, found in cases.items()
    }


def test_rounds_beside_a_slow_floor_do_not_count(bench: Any) -> None:
    report = bench("diff_report")
    found = rounds(bench, a=[compared(1.4, 1.0, 1.2), compared(9.0, 1.0, 1.3)], b=[compared(5.0, 1.3, 1.3)])
    assert {case: len(calm) for case, calm in report.clean(found).items()} == {"a": 1, "b": 0}
    assert report.goals(5, found, 60.0) == {
        "the changes found are exactly those made": "met",
        "a: 1.27 times the floor, at most 1.5": "met",
        "b: 5.00 times the floor in CPU time, at most 1.5": "not judged, no round was clean",
        "60.0 bytes a row, at most 65": "met",
    }
    lines = report.table(found).splitlines()
    assert [cell.strip() for cell in lines[3].split("|")[2:8]] == ["-", "-", "-", "5.00", "1.300", "-"]


def test_each_time_of_a_schedule_has_one_run(bench: Any) -> None:
    judge = bench("minutes_judge")
    begun = datetime(2026, 11, 2, tzinfo=UTC)
    end = begun + timedelta(minutes=10)
    due = judge.times(["a", "b"], "5m", begun, end)
    assert [len(moments) for moments in due.values()] == [3, 3]  # the last one is behind the end

    def said(*starts: tuple[str, int, float, bool]) -> tuple[bool, str]:
        found = [
            judge.Start(sync=sync, at=due[sync][place] + timedelta(seconds=late), well=well)
            for sync, place, late, well in starts
        ]
        good, text = judge.judged(found, due, end)
        return good, text.partition(":")[0]

    each = [(sync, place, 2.0, True) for sync in "ab" for place in (0, 1)]
    assert said(*each, ("a", 2, 0, False)) == (
        True,
        "- 4 of 4 times had a run that began before the next, 0 a second one, 0 runs did not end well",
    )
    assert said(*each[1:], ("b", 0, 299, False)) == (
        False,
        "- 3 of 4 times had a run that began before the next, 1 a second one, 1 runs did not end well",
    )
    assert not said(*each[1:], ("a", 1, 2, True))[0]


def test_goals_that_are_missed_say_so(bench: Any) -> None:
    report = bench("diff_report")
    found = rounds(
        bench,
        a=[compared(1.0, 1.0, 1.0)] * 3,
        b=[compared(1.6, 1.0, 1.0, memory=1600)] * 3,
    )
    assert report.goals(10_000_000, found, 66.0) == {
        "the changes found are exactly those made": "met",
        "a: 1.00 times the floor, at most 1.5": "met",
        "b: 1.60 times the floor, at most 1.5": "MISSED",
        "joins 60% apart, at most 10%": "MISSED",
        "1,600 MB at most, 1,500 allowed": "MISSED",
        "66.0 bytes a row, at most 65": "MISSED",
    }


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("0%", {"same": 1000, "changed": 0, "added": 0, "removed": 0}),
        ("1%", {"same": 994, "changed": 4, "added": 2, "removed": 2}),
        ("100%", {"same": 0, "changed": 1000, "added": 0, "removed": 0}),
    ],
)
def test_what_a_diff_must_find_is_known_beforehand(bench: Any, case: str, expected: dict[str, int]) -> None:
    # Of 1,000 rows those from 2 on are still there: 200, 400, 600 and 800 are changed, not the 0 that went.
    assert bench("diff_data").CASES[case].counts(1000) == expected
