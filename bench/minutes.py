"""Real minutes of a server with many schedules: whether it keeps up, and what it takes.

    python bench/minutes.py                         # ten minutes of 500 syncs; kept in bench/RESULTS.md, too
    python bench/minutes.py --postgres --workers 2  # the state in PostgreSQL, the runs in other processes
    python bench/minutes.py --minutes 2 --syncs 60 --organisations 12 --every 1m    # smaller; not kept

500 syncs over 100 organisations have the schedule `every: 5m`. `bookward serve` reads them out of a real
PostgreSQL and writes into a local Xero at Xero's limits. It begins with nothing: the first run of each sync
makes its records, and of what comes later most changes nothing, while every few seconds some rows change.

Told is of every time that came in these minutes whether a run began then, in its interval and once; what the
local Xero counted, which refuses whatever is beyond its limits; and the memory of the processes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import repository  # noqa: F401 - finds the tests
import results
from api import Server, serving
from minutes_judge import Start, judged, times
from minutes_project import connect, organisations, write_project
from tests.peers.postgres import Postgres, wait_until
from warehouse import fill, running_warehouse

from bookward.app import App
from bookward.demo.xero.options import WEB_APP, Options
from bookward.demo.xero.server import LocalXero

ROWS = 20  # of each sync
CHANGED, PAUSE = 10, 10.0  # so many rows change, with so many seconds between
LAST = 15.0  # seconds that the last runs have to begin
CALLS, ALL_CALLS = 60, 10_000  # a minute, by Xero's limits


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be measured."""

    minutes: float
    syncs: int
    organisations: int
    every: str
    postgres: bool
    workers: int

    @property
    def whole(self) -> bool:
        """Whether the result is kept."""
        return self.minutes >= 10 and (self.syncs, self.organisations, self.every) == (500, 100, "5m")

    def __str__(self) -> str:
        """Return it in words."""
        state = "PostgreSQL" if self.postgres else "SQLite"
        return (
            f"{self.syncs} syncs of {ROWS} rows over {self.organisations} organisations, every {self.every} "
            f"for {self.minutes:g} minutes, the state in {state}, run by "
            f"{f'{self.workers} workers' if self.workers else 'the server'}, two at a time each."
        )


def main() -> int:
    """Measure, print and keep; return 1 when a goal is missed."""
    wanted = _wanted()
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="bookward-bench-")))
        options = Options(companies=organisations(wanted.organisations))
        xero = opened.enter_context(LocalXero.running(None, options=options))
        warehouse = opened.enter_context(running_warehouse())
        fill(warehouse, wanted.syncs * ROWS)
        environ = {
            "BOOKWARD_KEY_FILE": str(folder / "key"),
            "BOOKWARD_LOG_LEVEL": "warning",
            "WAREHOUSE_URL": warehouse.url,
            "XERO_CLIENT_ID": WEB_APP.id,
            "XERO_CLIENT_SECRET": str(WEB_APP.secret),
            "XERO_URL": xero.url,
        }
        if wanted.postgres:
            environ |= {"BOOKWARD_DATABASE_URL": opened.enter_context(running_warehouse()).url}
        root = folder / "project"
        write_project(root, wanted.syncs, wanted.organisations, wanted.every)
        with closing(App(root, environ=environ)) as app:
            connect(app, options.companies)
            with _changing(warehouse, wanted.syncs * ROWS), _processes(wanted, root, environ) as processes:
                begun = datetime.now(UTC)
                end = begun + timedelta(minutes=wanted.minutes)
                taken = _watched(processes, end)
            good, said = judged(_starts(app), times(app.syncs(), wanted.every, begun, end), end)
        within, counted = _counted(xero)
    print(wanted, said + counted + taken, sep="\n\n")
    if wanted.whole:
        title = f"Real minutes of schedules{', PostgreSQL' if wanted.postgres else ''}"
        command = " ".join(["python bench/minutes.py", *sys.argv[1:]])
        results.keep(title, command, str(wanted), said + counted + taken)
    return not (good and within)


def _wanted() -> Wanted:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--syncs", type=int, default=500)
    parser.add_argument("--organisations", type=int, default=100)
    parser.add_argument("--every", default="5m", help="the schedule of each sync")
    parser.add_argument("--postgres", action="store_true", help="the state is in PostgreSQL")
    parser.add_argument("--workers", type=int, default=0, help="so many workers run, and not the server")
    wanted = Wanted(**vars(parser.parse_args()))
    if wanted.workers and not wanted.postgres:
        parser.error("--workers needs --postgres")
    return wanted


def _starts(app: App) -> Sequence[Start]:
    return [
        Start(sync=run.sync, at=run.started_at, well=run.state.value == "done")
        for run in app.history(limit=10**6)
        if run.reason == "schedule"
    ]


@contextmanager
def _changing(warehouse: Postgres, rows: int) -> Iterator[None]:
    """Change some rows now and then."""
    over = Event()

    def change() -> None:
        turn = 0
        while not over.wait(PAUSE):
            turn += 1
            warehouse.execute(
                f"UPDATE contacts SET city = 'Wellington {turn}' WHERE id % {rows // CHANGED} = {turn * 7}"
            )

    thread = Thread(target=change)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def _processes(wanted: Wanted, root: Path, environ: dict[str, str]) -> Iterator[Sequence[Server]]:
    """Run the server, and the workers; they have ended what they had begun when the block is left."""
    runs = ("--runs", "0") if wanted.workers else ()
    command = [Path(sys.executable).with_name("bookward"), "-C", root, "worker"]
    with ExitStack() as opened:
        found = [opened.enter_context(serving(root, environ, (), *runs))]
        for number in range(wanted.workers):
            said = root.with_name(f"worker-{number}")
            with said.open("wb") as file:
                worker = opened.enter_context(subprocess.Popen(command, env=environ, stderr=file))
            opened.callback(worker.terminate)
            wait_until(lambda said=said: "At work" in said.read_text(), f"{said} does not work", 120)
            found.append(Server(worker, "", 0, ()))
        yield found


def _watched(processes: Sequence[Server], until: datetime) -> str:
    """Wait; return what the processes take."""
    begun, at_start = time.monotonic(), [process.megabytes() for process in processes]
    while (left := (until - datetime.now(UTC)).total_seconds()) > 0:
        print(f"{left / 60:.1f} minutes to go", file=sys.stderr, flush=True)
        time.sleep(min(left, 30))
    time.sleep(LAST)
    spent = time.monotonic() - begun
    memory = ", ".join(
        f"{before:.0f} to {process.megabytes():.0f} (at most {process.megabytes('VmHWM'):.0f})"
        for before, process in zip(at_start, processes, strict=True)
    )
    cpu = sum(process.cpu for process in processes) / spent
    return f"- MB of each process: {memory}; together they used {cpu:.0%} of a core.\n"


def _counted(xero: LocalXero) -> tuple[bool, str]:
    one, all_ = xero.most_a_minute
    refused = sum(call.status == 429 for call in xero.calls)
    good = not refused and one <= CALLS and all_ <= ALL_CALLS
    return good, (
        f"- the local Xero answered {len(xero.calls):,} calls, at most {one} a minute of one organisation "
        f"({CALLS} allowed) and {all_:,} of all ({ALL_CALLS:,} allowed), and refused {refused}: "
        f"{'met' if good else 'MISSED'}.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
