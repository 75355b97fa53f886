"""The lines of the log: for people or as JSON, with what is known of a run, and without secrets."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from bookward import logs
from bookward.settings import LogSettings

OURS = logging.getLogger("bookward.run")


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_json_is_one_object_a_line_and_says_what_is_known_of_the_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with logs.written(LogSettings(format="json"), "info"):
        OURS.debug("Not told.")
        with logs.bound(run="r1", sync="invoices", organisation=None):
            OURS.info("The %s\nended.", "run", extra={"rows_accepted": 3})
        OURS.info("Behind it.")
    OURS.error("Not told any more.")
    first, second = lines(capsys)
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "event": "The run\nended.",
        "level": "info",
        "logger": "bookward.run",
        "rows_accepted": 3,
        "run": "r1",
        "sync": "invoices",
    }
    assert "run" not in second


def test_people_read_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with logs.written(LogSettings(level="debug"), "warning"):
        OURS.debug("Reading.", extra={"phase": "reading"})
    (line,) = capsys.readouterr().err.splitlines()
    assert ("Reading." in line, "phase=reading" in line, "\x1b" in line) == (True, True, False)


@pytest.mark.parametrize("form", ["human", "json"])
def test_no_line_holds_a_secret_that_stands_in_an_address_or_a_local_variable(
    capsys: pytest.CaptureFixture[str], form: str
) -> None:
    with logs.written(LogSettings(format=form), "info"):
        logging.getLogger("urllib3").warning("Retrying: https://hooks.example.com/services/hunter2?t=hunter2")
        logging.getLogger("httpx").info("GET https://example.com/hunter2")
        try:
            password = "hunter2"
            url = f"postgresql://ann:{password}@db.example.com/books?password={password}"
            raise ValueError(f"no such database: {url}")
        except ValueError:
            OURS.exception("A fault in Bookward itself.")
    said = capsys.readouterr().err
    assert "hunter2" not in said
    assert "https://hooks.example.com/..." in said
    assert "ValueError: no such database: postgresql://db.example.com/..." in said
