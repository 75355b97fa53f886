"""Each protection, once taken away, makes a test fail that passes with it: none is there in vain.

The tests named here are part of the ordinary suite. Here each runs in a process of its own, with one
protection missing in that process and in all that it starts.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash.removing import PROTECTIONS

ROOT = Path(__file__).parents[2]
NOTICES = {
    "intent": "test_edited_meanwhile.py::"
    "test_a_document_that_was_given_another_number_is_not_booked_again[ACCPAY]",
    "key": "test_killed.py::test_payments_of_a_killed_run_are_made_once_and_deleted_once"
    "[after-send:1-key alive]",
    "fsync and rename": "test_on_disk.py::test_plan_and_snapshot_are_on_disk_before_the_database_names_them",
    "epoch": "test_overtaken.py::test_an_overtaken_run_makes_no_payment_more[before-send:1-key dead]",
    "reading back": "../integration/test_payments.py::"
    "test_a_payment_whose_answer_is_lost_is_known_again[note]",
    "uptime": "test_clock_set.py::test_payments_are_made_once_though_the_clock_was_set"
    "[after-send:1-key dead--1]",
    "one organisation": "../integration/test_reconnected.py::"
    "test_the_rest_of_a_run_does_not_go_into_other_books",
}


def test_every_protection_is_tried() -> None:
    assert NOTICES.keys() == PROTECTIONS.keys()


@pytest.mark.nightly
@pytest.mark.timeout(300)
@pytest.mark.parametrize("protection", NOTICES)
def test_a_protection_that_is_missing_is_noticed(protection: str) -> None:
    place, test = NOTICES[protection].split("::")
    path = (Path(__file__).parent / place).resolve()
    options = ("-q", "-p", "tests.crash.removing", "-p", "no:cacheprovider", "-p", "no:xdist")
    environ = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"{path}::{test}", *options],
        cwd=ROOT,
        env=environ | {"UNPROTECTED": protection},
        capture_output=True,
        text=True,
        timeout=250,  # a whole pytest with its PostgreSQL, on a machine that may be busy
        check=False,
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("1 failed"), done.stdout
    assert "AssertionError" in done.stdout, done.stdout
