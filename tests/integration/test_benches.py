"""The benches still work with the parts as they are now; how fast those are is no matter of tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(600)]


def said(bench: str, *words: str) -> str:
    """Run a bench on next to nothing, so that it keeps no results; return what it prints."""
    command = [sys.executable, ROOT / "bench" / bench, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return done.stdout


def lines(printed: str) -> list[list[str]]:
    """Return the cells of the lines of all tables."""
    tables = [line for line in printed.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in tables]


@pytest.mark.parametrize("name", ["bookward", "bookward, as to Xero"])
def test_rows_go_into_the_sink_once_and_removals_are_seen(name: str) -> None:
    table = lines(said("peers.py", "--rows", "1000", "--rounds", "1", name))
    (first,) = [line for line in table if line[0] == name and len(line) == 11]
    (second,) = [line for line in table if line[0] == name and len(line) == 9]
    assert first[8:] == ["1,000", "0", "0"]  # rows sent, twice, lost
    assert second[7:] == ["11", "1 of 1"]


def test_a_killed_sync_is_run_again_without_losses_or_doubles() -> None:
    table = lines(said("peers_killed.py", "--rows", "1000", "--kills", "1", "bookward"))
    assert table[-1][3:] == ["1,000", "0", "0"]


def test_books_of_killed_runs_are_judged() -> None:
    printed = said("kills.py", "--kills", "1", "--seed", "1")
    assert "Lost 0, booked twice 0, left though their row is gone 0, saying something else 0" in printed
    assert printed.rstrip().endswith("met.")


def test_the_changes_that_a_diff_finds_are_counted() -> None:
    printed = said("diff.py", "--rows", "2000", "--rounds", "1")
    assert "- the changes found are exactly those made: met." in printed
    assert [line[8] for line in lines(printed)[2:]] == ["0", "19", "2,000"]  # 9 changed, 5 come, 5 go


def test_the_web_app_is_weighed_and_its_debugger_watched() -> None:
    table = lines(said("ui.py", "--calls", "300", "--seconds", "1"))
    weight, ready, heap, dropped, longest = [line[1] for line in table[2:]]
    assert (weight[-2:], ready[-2:], heap[-2:], longest[-2:]) == ("kB", " s", "MB", "ms")
    assert " of " in dropped


@pytest.mark.parametrize("state", [(), ("--postgres", "--workers", "1")])
def test_a_minute_of_schedules_is_seen_through(state: tuple[str, ...]) -> None:
    printed = said(
        "minutes.py", "--minutes", "1", "--syncs", "6", "--organisations", "2", "--every", "1m", *state
    )
    assert "- 6 of 6 times had a run that began before the next, 0 a second one, 0 runs did not" in printed
    assert "of one organisation (60 allowed)" in printed
    assert "and refused 0: met." in printed


def test_the_journal_is_measured_beside_its_floor(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, ROOT / "bench" / "journal.py", "--batches", "2", "--only", tmp_path], check=True
    )
    assert (tmp_path / ".bookward" / "state.db").exists()
