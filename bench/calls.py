"""How many API calls a first sync takes beside the fewest that it could, and how long at Xero's limits.

    python bench/calls.py                        # everything; the results go to bench/RESULTS.md, too
    python bench/calls.py payments-by-number --rows 1000

Each task runs twice: with 50 rows a batch, as Xero advises, and with the batch size found by itself. The
fewest calls are one for each full batch and each page that has to be read: of what is synced, and of what is
looked up. A batch is full at 50 rows, or at as many as are answered within five seconds, as if that number
were known from the start. The local Xero answers after half a second and 5 ms a row, and counts 60 calls a
minute, 5 in flight, 5,000 a day.

Bookward and the local Xero have one clock, which runs "speed" times as fast as the wall. "Computing" is what
the processor took of a run by that clock: it has to be well below 100 %, or it is not Xero's limits that are
measured. "Limit used" is the share made of the calls allowed while the limit on calls a minute held the run
back.

At last, some such contacts by a plain loop over Xero's own SDK.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import timedelta
from math import ceil

import results
from fastclock import FastClock
from sdk import insert_contacts
from tasks import CALL_SECONDS, ROW_SECONDS, TASKS, first_sync, slow_xero

from bookward.destinations.xero.batching import TARGET_SECONDS

ROWS, ADVISED, SDK_ROWS = 10_000, 50, 3_000
SPEED, FOUND_SPEED, SDK_SPEED = 6.0, 1.0, 20.0  # where the size is found, seconds are measured
FOUND = int((TARGET_SECONDS - CALL_SECONDS) / ROW_SECONDS)
HEAD = (
    *("task", "batch", "rows", "calls", "forecast", "fewest", "ratio"),
    *("minutes", "limit used", "429s", "speed", "computing"),
)


def main() -> None:
    """Run the tasks, print their table, and keep it when nothing was left out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks", nargs="*", choices=[*TASKS, "sdk", []], help="all when left out")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--sdk-rows", type=int, default=SDK_ROWS)
    chosen = parser.parse_args()
    table = results.table(HEAD, list(_lines(chosen, chosen.tasks or [*TASKS, "sdk"])))
    print(table)
    if not chosen.tasks and (chosen.rows, chosen.sdk_rows) == (ROWS, SDK_ROWS):
        results.keep("Calls and minutes of a first sync", "python bench/calls.py", table)


def _lines(chosen: argparse.Namespace, names: list[str]) -> Iterator[tuple[str, ...]]:
    for batch, speed in ((ADVISED, SPEED), (None, FOUND_SPEED)):
        for name in names:
            if name in TASKS:
                yield _line(name, chosen.rows, batch, speed)
    if "sdk" in names:
        yield _sdk_line(chosen.sdk_rows)


def _line(name: str, rows: int, batch: int | None, speed: float) -> tuple[str, ...]:
    task = TASKS[name]
    sync = first_sync(task, rows, batch, FastClock(speed), speed)
    fewest = ceil(rows / (batch or FOUND)) + task.reads
    return (
        name,
        str(batch or "found"),
        f"{rows:,}",
        f"{sync.calls:,}",
        f"{sync.forecast:,}",
        f"{fewest:,}",
        f"{sync.calls / fewest:.3f}",
        f"{sync.minutes:.1f}",
        "-" if sync.used is None else f"{sync.used:.1%}",
        str(sync.refused),
        f"{speed:g}",
        f"{sync.busy:.0%}",
    )


def _sdk_line(rows: int) -> tuple[str, ...]:
    clock = FastClock(SDK_SPEED)
    with slow_xero(clock) as xero:
        begun = clock.now()
        calls, refused = insert_contacts(xero, clock, rows)
        minutes = (clock.now() - begun) / timedelta(minutes=1)
    figures = (
        f"{rows:,}",
        f"{calls:,}",
        "-",
        "-",
        "-",
        f"{minutes:.1f}",
        "-",
        str(refused),
        f"{SDK_SPEED:g}",
        "-",
    )
    return ("contacts, xero-python in a loop", "1", *figures)


if __name__ == "__main__":
    main()
