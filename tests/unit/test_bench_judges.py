"""What the benches decide by: whether books are right, and how often the disk was waited for."""

from __future__ import annotations

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
