"""How fast batches are written down for good, beside bare SQLite, and how often the disk is waited for.

    python bench/journal.py     # the results go to bench/RESULTS.md, too; about a minute

A batch of 50 rows is two commits: the body before it leaves, and its 50 outcomes. The journal is the real one
on a real state folder; the floor appends the same bodies and as many rows to tables without any index, with
the same settings of SQLite. They take turns. Where a disk has a cache that answers at once, commits a second
say little about other disks; how often the disk is waited for (fsync, fdatasync) does. It is counted by
strace: of the journal alone, and of a whole `bookward run` of contacts into a local Xero, 50 a call.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import fsyncs
import results
from peers_installed import CACHE

from bookward.clock import SystemClock
from bookward.records import Intent, Outcome, OutcomeStatus
from bookward.settings import Settings
from bookward.store.store import Store

ROWS, BATCHES, ROUNDS = 50, 500, 7
COMMITS = 2  # a batch
GOAL = 1_000  # commits a second
MOST_SYNCS = 2  # for each API call
_ROW = b'{"ContactNumber":"%d","Name":"Sean O\'Brien %d","EmailAddress":"s%d@example.com","FirstName":"Sean"}'
_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL")


def main() -> int:
    """Measure, print and keep; return 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batches", type=int, default=BATCHES, help="in each of the rounds")
    parser.add_argument("--only", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        journal(options.only, options.batches)
        return 0
    table, commits, floor = _speeds(options.batches)
    counts = fsyncs.measure(Path(__file__), options.batches)
    syncs = counts[fsyncs.RUN]
    goals = {
        f"{commits:,.0f} commits a second of {ROWS} rows, at least {GOAL:,} (this disk allows bare SQLite "
        f"{floor:,.0f})": commits < GOAL,
        f"{syncs:.2f} waits for the disk for each API call, at most {MOST_SYNCS}": syncs > MOST_SYNCS,
    }
    said = "\n".join(f"- {goal}: {'MISSED' if lost else 'met'}." for goal, lost in goals.items())
    parts = (table, fsyncs.table(counts), said)
    print(*parts, sep="\n\n")
    if options.batches == BATCHES:
        results.keep("Journal beside bare SQLite", "python bench/journal.py", *parts)
    return any(goals.values())


def _speeds(batches: int) -> tuple[str, float, float]:
    """Return the table, the journal's commits a second, and those of the floor."""
    CACHE.mkdir(exist_ok=True)
    candidates: dict[str, Callable[[Path, int], float]] = {"bare sqlite3": bare, "journal": journal}
    speeds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(ROUNDS):
        for name, measured in candidates.items():
            with TemporaryDirectory(dir=CACHE) as folder:  # where temporary files lie, there may be no disk
                speeds[name].append(COMMITS * batches / measured(Path(folder), batches))
    floor = speeds["bare sqlite3"]
    lines = [
        (
            name,
            *(f"{value:,.0f}" for value in (median(found), min(found), max(found))),
            f"{median(a / b for a, b in zip(found, floor, strict=True)):.2f}",
        )
        for name, found in speeds.items()
    ]
    table = results.table(
        (f"commits/s, {ROWS} rows a batch", "median", "from", "to", "times the floor"), lines
    )
    return table, median(speeds["journal"])


def journal(folder: Path, batches: int) -> float:
    """Return the seconds that the real journal takes for so many batches."""
    clock = SystemClock()
    with closing(Store(Settings.read(folder, {}), clock)) as store:
        store.runs.begin("run", "contacts", clock.now(), "{}")
        written = store.journal("run")
        begun = time.perf_counter()
        for batch in range(batches):
            seqs = range(batch * ROWS, (batch + 1) * ROWS)
            name = str(batch)
            written.intend(
                Intent(
                    batch=name,
                    run="run",
                    seqs=tuple(seqs),
                    method="PUT",
                    path="/Contacts",
                    body=_body(seqs),
                    idempotency_key=name,
                    at=clock.now(),
                )
            )
            written.settle(name, [_outcome(seq) for seq in seqs])
        return time.perf_counter() - begun


def bare(folder: Path, batches: int) -> float:
    """Return the seconds that appending the same takes without anything around SQLite."""
    with closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as connection:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE bodies (batch TEXT, body BLOB)")
        connection.execute("CREATE TABLE outcomes (run TEXT, seq INTEGER, status TEXT, remote_id TEXT)")
        begun = time.perf_counter()
        for batch in range(batches):
            seqs = range(batch * ROWS, (batch + 1) * ROWS)
            body = zlib.compress(_body(seqs), 1)
            connection.execute("INSERT INTO bodies VALUES (?, ?)", (str(batch), body))
            connection.execute("BEGIN IMMEDIATE")
            rows = [("run", o.seq, o.status.value, o.remote_id) for o in map(_outcome, seqs)]
            connection.executemany("INSERT INTO outcomes VALUES (?, ?, ?, ?)", rows)
            connection.execute("COMMIT")
        return time.perf_counter() - begun


def _body(seqs: range) -> bytes:
    return b'{"Contacts":[%b]}' % b",".join(_ROW % (seq, seq, seq) for seq in seqs)


def _outcome(seq: int) -> Outcome:
    id_ = f"b00c0000-0000-4000-8000-{seq:012d}"
    return Outcome(seq=seq, key=str(seq), status=OutcomeStatus.ACCEPTED, remote_id=id_)


if __name__ == "__main__":
    sys.exit(main())
