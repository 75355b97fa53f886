"""How fast a server answers with much behind it, how it bears those who watch, and what it takes when idle.

    python bench/api.py                 # 1,000 syncs, 1 million API calls; some minutes and 1.5 GB of disk
    python bench/api.py --calls 20000   # smaller; not kept in bench/RESULTS.md

A server of its own process answers clients in another, over the loopback, one after the other and four at
once; what the lightest route takes in the same run is the floor. Then 50 clients watch one run of which 200
calls a second are recorded, and each says how long a call took to be seen.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import api_state
import results

from bookward.app import App
from bookward.store.store import Store

SYNCS, RUNS = 1_000, 2_000
REQUESTS = 300  # of each route
AT_ONCE = 4
WATCHERS, CALLS_A_SECOND, SECONDS = 50, 200, 20
IDLE_GOAL = 150  # MB
FLOOR = "/healthz"


@dataclass(frozen=True)
class Server:
    """A server at work, and what lets one in."""

    process: subprocess.Popen[bytes]
    host: str
    port: int
    tokens: Sequence[str]  #: several, for each has its own rate limit

    def megabytes(self, of: str = "VmRSS") -> float:
        """Return the memory that the process has now; ``RssAnon``: without the code that it shares."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition(f"{of}:")[2].split()[0]) / 1024

    @property
    def cpu(self) -> float:
        """The processor's seconds that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100


def main() -> int:
    """Measure, print and keep; return 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=1_000_000, help="API calls stored")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bookward-bench-") as folder:
        root = Path(folder) / "project"
        environ = {"BOOKWARD_KEY_FILE": f"{folder}/key"}
        api_state.write_project(root, SYNCS)
        with closing(App(root, environ=environ)) as app, api_state.opened(root, environ) as store:
            api_state.write_past(store, SYNCS, RUNS, options.calls)
            tokens = api_state.tokens(app)
            with serving(root, environ, tokens) as server:
                time.sleep(5)
                idle, own = server.megabytes(), server.megabytes("RssAnon")
                table = routes(server, app)
                busy = server.megabytes()
                seen, share = watched(server, store)
    good = idle < IDLE_GOAL
    said = (
        f"Memory of the server: {idle:.0f} MB idle, of which {idle - own:.0f} MB are code mapped from files; "
        f"{busy:.0f} MB after all requests. Goal when idle: under {IDLE_GOAL} MB: "
        f"{'met' if good else 'MISSED'}."
    )
    watching = (
        f"{WATCHERS} clients that ask each second watch a run with {CALLS_A_SECOND} calls a second for "
        f"{SECONDS} s: a call is seen {median(seen):.2f} s after it was recorded (median; p99 "
        f"{_p99(seen):.2f} s), and the server uses {share:.0%} of one core."
    )
    print(table, said, watching, sep="\n\n")
    if options.calls >= 1_000_000:
        note = f"{SYNCS:,} syncs, {RUNS:,} runs and {options.calls:,} API calls in SQLite."
        results.keep("The server's answers", "python bench/api.py", note, table, said, watching)
    return not good


@contextmanager
def serving(root: Path, environ: dict[str, str], tokens: Sequence[str], *words: str) -> Iterator[Server]:
    """Serve the project in a process of its own; ``words`` are more of the command's."""
    bookward = Path(sys.executable).with_name("bookward")
    command = [bookward, "-C", root, "serve", "--port", "0", "--json", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environ) as process:
        assert process.stdout
        said = b"".join(iter(process.stdout.readline, b"}\n")) + b"}"
        address = urlsplit(json.loads(said)["url"])
        try:
            yield Server(process, "127.0.0.1", int(address.port or 0), tokens)
        finally:
            process.terminate()
            process.wait()


def routes(server: Server, app: App) -> str:
    """Return a table of what each route takes."""
    runs = [run.id for run in app.history(limit=50)]
    paths = {
        FLOOR: [FLOOR],
        "/session": ["/api/v1/session"],
        "/syncs (all)": ["/api/v1/syncs"],
        "/project (all files)": ["/api/v1/project"],
        "/files/syncs/{slug}": [f"/api/v1/files/syncs/sync-{n}" for n in range(SYNCS)],
        "/runs (50 of all)": ["/api/v1/runs"],
        "/runs?sync=": [f"/api/v1/runs?sync=sync-{n}" for n in range(SYNCS)],
        "/runs/{id}": [f"/api/v1/runs/{run}" for run in runs],
        "/runs/{id}/calls (100)": [f"/api/v1/runs/{run}/calls" for run in runs],
        "/runs/{id}/calls?search=": [f"/api/v1/runs/{run}/calls?search=needle" for run in runs],
        "/runs/{id}/live": [f"/api/v1/runs/{run}/live?after=0" for run in runs],
    }
    lines, floor = [], 0.0
    for name, these in paths.items():
        alone = sorted(timed(server, these, REQUESTS))
        floor = floor or median(alone)
        began = time.perf_counter()
        together = threads(server, these)
        rate = len(together) / (time.perf_counter() - began)
        lines.append(
            (
                name,
                f"{median(alone) * 1000:.1f}",
                f"{_p99(alone) * 1000:.1f}",
                f"{median(alone) / floor:.1f}",
                f"{rate:.0f}",
                f"{_p99(together) * 1000:.0f}",
            )
        )
    head = ("route", "ms", "p99 ms", "times the floor", f"a second, {AT_ONCE} at once", "p99 ms then")
    return results.table(head, lines)


def threads(server: Server, paths: Sequence[str]) -> list[float]:
    """Return the seconds of each request where several clients ask at once."""
    taken: list[float] = []
    each = [
        Thread(target=lambda n=n: taken.extend(timed(server, paths, REQUESTS // AT_ONCE, n)))
        for n in range(AT_ONCE)
    ]
    for thread in each:
        thread.start()
    for thread in each:
        thread.join()
    return taken


def timed(server: Server, paths: Sequence[str], count: int, first: int = 0) -> list[float]:
    """Return the seconds that each of some requests took, on one connection."""
    taken = []
    with closing(http.client.HTTPConnection(server.host, server.port, timeout=60)) as connection:
        for number, path in enumerate(itertools.islice(itertools.cycle(paths), first, first + count)):
            began = time.perf_counter()
            ask(connection, path, server.tokens[(first + number) % len(server.tokens)])
            taken.append(time.perf_counter() - began)
    return taken


def ask(connection: http.client.HTTPConnection, path: str, token: str) -> bytes:
    """Return what a path is answered with."""
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"})
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise SystemExit(f"{path} is answered with {response.status}: {body[:300]!r}")
    return body


def watched(server: Server, store: Store) -> tuple[list[float], float]:
    """Return how old each call was when a watcher saw it, and the share of a core that the server used."""
    run, over, seen = api_state.new_run(store), Event(), list[float]()
    watchers = [
        Thread(target=_watch, args=(server, run, over, seen, server.tokens[n % len(server.tokens)], n))
        for n in range(WATCHERS)
    ]
    for watcher in watchers:
        watcher.start()
    began, cpu = time.monotonic(), server.cpu
    for number in range(CALLS_A_SECOND * SECONDS):
        store.calls.record(api_state.call(run, datetime.now(UTC)))
        time.sleep(max(0.0, began + number / CALLS_A_SECOND - time.monotonic()))
    spent = time.monotonic() - began
    share = (server.cpu - cpu) / spent
    time.sleep(2)
    over.set()
    for watcher in watchers:
        watcher.join()
    return seen, share


def _watch(server: Server, run: str, over: Event, seen: list[float], token: str, number: int) -> None:
    after = 0
    over.wait(number / WATCHERS)  # people do not all look at the same instant
    with closing(http.client.HTTPConnection(server.host, server.port, timeout=60)) as connection:
        connection.connect()
        while not over.is_set():
            body = _unzipped(ask(connection, f"/api/v1/runs/{run}/live?after={after}&limit=500", token))
            now = datetime.now(UTC)
            after = body["next"]
            seen += [
                (now - datetime.fromisoformat(call["at"])) / timedelta(seconds=1) for call in body["calls"]
            ]
            over.wait(1)


def _unzipped(body: bytes) -> dict[str, Any]:
    return json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)


def _p99(values: Sequence[float]) -> float:
    return quantiles(values, n=100)[98]


if __name__ == "__main__":
    sys.exit(main())
