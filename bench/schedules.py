"""A simulated day of many schedules: whether every run is begun, once, and in its interval.

    python bench/schedules.py                # a day of 500 syncs at 5 minutes; kept in bench/RESULTS.md, too
    python bench/schedules.py --minutes 5    # smaller: whole intervals of five minutes; not kept

500 syncs over 100 organisations have the schedule `every: 5m`, so that a day has 144,000 starts. The clock is
set forward by 5 seconds a turn. In every turn two schedulers look at it, as two processes would, and then all
tickets that wait are taken, by two workers in turn, and ended: the run itself is left out, the project, the
queue and its SQLite are the real ones. Told is how late runs began on that clock, and how long each took on
the real one.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import results

from bookward.app import App, Queue
from bookward.clock import Uptime

SYNCS, ORGANISATIONS, INTERVAL, TURN = 500, 100, timedelta(minutes=5), timedelta(seconds=5)
START = datetime(2026, 11, 2, tzinfo=UTC)


class SetClock:
    """A clock that stands still until it is set forward."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> datetime:
        return self._now

    def uptime(self) -> Uptime:
        return Uptime(boot="bench", seconds=(self._now - START).total_seconds())

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def main() -> int:
    """Simulate, print and keep; return 1 when a start is missing, double or late."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=int, default=24 * 60, help="of simulated time")
    options = parser.parse_args()
    span = timedelta(minutes=options.minutes)
    with tempfile.TemporaryDirectory() as folder:
        _project(Path(folder))
        begun, seconds = _simulated(Path(folder), span)
    good, said = _judged(begun, span, seconds)
    print(said)
    if options.minutes >= 24 * 60:
        results.keep("A day of schedules", "python bench/schedules.py", said)
    return not good


def _project(root: Path) -> None:
    def write(path: str, text: str) -> None:
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")

    write("project.yaml", "name: Bench\n")
    write("sources/sample.yaml", "type: sample\n")
    write("models/users.yaml", "source: sample\nprimary_key: id\ntable: users\n")
    for number in range(ORGANISATIONS):
        write(f"destinations/books-{number}.yaml", "type: xero\nclient_id: x\n")
    for number in range(SYNCS):
        write(
            f"syncs/sync-{number}.yaml",
            f"model: users\ndestination: books-{number % ORGANISATIONS}\nobject: contacts\n"
            "match: {ContactNumber: id}\nfields: {Name: name}\nschedule: {every: 5m}\n",
        )


def _simulated(root: Path, span: timedelta) -> tuple[dict[str, list[datetime]], float]:
    clock, begun = SetClock(), defaultdict(list)
    environ = {"BOOKWARD_KEY_FILE": str(root / "key")}
    with ExitStack() as opened:
        apps = [opened.enter_context(closing(App(root, clock=clock, environ=environ))) for _ in range(2)]
        queues = [app.queue for app in apps]
        schedulers = [queue.scheduler() for queue in queues]
        for queue in queues:
            queue.work()
        for scheduler in schedulers:
            scheduler.tick()
        started, told = time.perf_counter(), 0
        while clock.now() < START + span:
            clock.sleep(TURN.total_seconds())
            for scheduler in schedulers:
                scheduler.tick()
            _run_all(queues, clock, begun)
            done = (clock.now() - START) / span
            if int(done * 20) > told:
                told, spent = int(done * 20), time.perf_counter() - started
                print(f"{done:4.0%}, {spent / done - spent:,.0f} s to go", file=sys.stderr, flush=True)
        return begun, time.perf_counter() - started


def _run_all(queues: list[Queue], clock: SetClock, begun: dict[str, list[datetime]]) -> None:
    place = 0
    while (ticket := queues[place].take()) is not None:
        begun[ticket.sync].append(clock.now())
        queues[place].end(ticket)
        place = 1 - place


def _judged(begun: dict[str, list[datetime]], span: timedelta, seconds: float) -> tuple[bool, str]:
    wanted = int(span / INTERVAL)
    gaps = [b - a for moments in begun.values() for a, b in itertools.pairwise(moments)]
    starts = sum(map(len, begun.values()))
    missing = sum(abs(wanted - len(begun[f"sync-{number}"])) for number in range(SYNCS))
    late = sum(gap > INTERVAL + TURN for gap in gaps)
    double = sum(gap < INTERVAL - TURN for gap in gaps)
    good = not missing and not late and not double
    hours = span / timedelta(hours=1)
    return good, (
        f"{SYNCS} syncs over {ORGANISATIONS} organisations, every 5 minutes for {hours:.3g} hours, two "
        f"schedulers and two workers on one SQLite: {starts:,} starts of {wanted * SYNCS:,}. Missing or too "
        f"many: {missing}, begun twice: {double}, later than {TURN.seconds} s: {late}: "
        f"{'met' if good else 'MISSED'}. {seconds / max(starts, 1) * 1000:.1f} ms of real time a start, "
        "looking at the clock included."
    )


if __name__ == "__main__":
    sys.exit(main())
