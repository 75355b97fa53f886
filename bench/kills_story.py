"""One company whose processes get killed: its tables change, its Xero misbehaves, its runs are cut."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import repository  # noqa: F401 - finds the tests
from kills_books import LEDGERS, PEOPLE, SALE, SALE_NUMBER, Ledger, Row, change, files
from kills_judge import Verdict, judge
from tests.fakes import FakeClock
from tests.integration.world import DESTINATION, World
from warehouse import Postgres

from bookward.app import Run
from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.options import Options
from bookward.demo.xero.server import LocalXero
from bookward.settings import Settings
from bookward.store.runs import RunState
from bookward.store.store import Store

BATCH = 3
MOST_ADDED = 40
_TROUBLE = (FaultKind.CUT, FaultKind.STATUS, FaultKind.HALF_ANSWER, FaultKind.HALF_JSON, FaultKind.HOLD)
_TIMEOUT = 4  # seconds on the wall that an answer may take; only what is held takes so long
_LATER = (0, 0, 1, 5, 7, 12, 45)  # minutes that may pass until a killed run is resumed; a key lives for 6
_MOST_RUNS = 8


@dataclass(frozen=True, kw_only=True)
class Cut:
    """One run that was killed, or that ended before it could be."""

    ledger: str
    phase: str  #: in which it was
    killed: bool
    seconds: float  #: from the beginning of the run
    in_flight: int  #: rows whose batches were written down and not settled


class Story:
    """One company; its random choices are those of a seed."""

    def __init__(self, world: World, random: Random) -> None:
        self._world = world
        self._random = random
        self._numbers = count(1)
        self._rows: dict[str, dict[str, Row]] = {slug: {} for slug in LEDGERS}
        self._uncertain: dict[str, set[str]] = {slug: set() for slug in LEDGERS}
        self._troubles = 0

    @property
    def troubles(self) -> int:
        """How often Xero has misbehaved."""
        return self._troubles - len(self._world.xero.faults.waiting())

    @property
    def uncertain(self) -> int:
        """How many rows have been shown as uncertain."""
        return sum(map(len, self._uncertain.values()))

    def change(self, slug: str) -> None:
        """Change the rows of a table."""
        ledger = LEDGERS[slug]
        change(self._rows[slug], ledger, lambda: next(self._numbers), self._random, MOST_ADDED)
        self._write(slug, ledger)

    def cut(self, slug: str, seconds: float) -> Cut:
        """Run a sync while Xero misbehaves, kill it after so many seconds, and let some time pass."""
        self._trouble(LEDGERS[slug])
        killed, phase, taken = self._killed(slug, seconds)
        self._settle_down()
        in_flight = self._in_flight(slug)
        self._world.xero.clock.jump(minutes=self._random.choice(_LATER))
        return Cut(ledger=slug, phase=phase, killed=killed, seconds=taken, in_flight=in_flight)

    def end_well(self, slug: str) -> None:
        """Run until a run has nothing to do: first with what trouble is left, then without.

        Raises:
            SystemExit: it does not come to that.
        """
        for _ in range(_MOST_RUNS):
            report = self._world.run(slug)
            for run in (*report.recovered, report.run):
                self._note_uncertain(slug, run)
            if _at_rest(report.run):
                return
            self._troubles -= len(self._world.xero.faults.waiting())
            self._world.xero.faults.clear()
            self._world.xero.clock.jump(minutes=_LATER[-1])
        raise SystemExit(f"{slug} does not come to rest: {report.run.counts} {report.run.error_message}")

    def verdict(self) -> Verdict:
        """Hold all books against all tables."""
        found = Verdict()
        for slug, ledger in LEDGERS.items():
            records = self._world.xero.records(ledger.envelope)
            found += judge(ledger, self._rows[slug], records, self._uncertain[slug])
        paid = sum((row["amount"] for row in self._rows["payments"].values()), start=Decimal())
        sale = next(r for r in self._world.xero.records("Invoices") if r["InvoiceNumber"] == SALE_NUMBER)
        off = Decimal() if self._uncertain["payments"] else abs(SALE - paid - sale["AmountDue"])
        return found + Verdict(cents=off)

    def _write(self, slug: str, ledger: Ledger) -> None:
        names = ["id", *ledger.columns]
        marks = ", ".join(["%s"] * len(names))
        with self._world.warehouse.connect() as connection, connection.transaction():
            connection.execute(f"DELETE FROM {slug}")
            connection.cursor().executemany(
                f"INSERT INTO {slug} ({', '.join(names)}) VALUES ({marks})",
                [[row[name] for name in names] for row in self._rows[slug].values()],
            )

    def _trouble(self, ledger: Ledger) -> None:
        for _ in range(self._random.choice([0, 1, 1, 2, 3])):
            self._troubles += 1
            kind = self._random.choice(_TROUBLE)
            self._world.xero.faults.add(
                Fault(
                    kind=kind,
                    method=self._random.choice(["PUT", "POST"]),
                    path=f"*/{ledger.envelope}",
                    skip=self._random.randint(0, 4),
                    when="after" if kind is FaultKind.HOLD else self._random.choice(["before", "after"]),
                    status=self._random.choice([500, 502, 503]),
                )
            )

    def _killed(self, slug: str, seconds: float) -> tuple[bool, str, float]:
        """Return whether the run was killed, in which phase it was, and how long it had run."""
        command = [sys.executable, Path(__file__).with_name("kills_run.py"), self._world.root, slug]
        environ = os.environ | self._world.environ
        with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            if process.stdout.readline() != "begun\n":
                raise SystemExit("A run did not begin.")
            begun = time.perf_counter()
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
            taken = time.perf_counter() - begun
            phases = process.stdout.read().split()
        if process.returncode not in (0, -signal.SIGKILL):
            raise SystemExit(f"A run of {slug} ended with {process.returncode}.")
        phase = (phases or ["opening"])[-1]
        return process.returncode != 0 and phase != "done", phase, taken

    def _settle_down(self) -> None:
        """Wait until what had left before the kill has arrived: it does, as the clock sees it, at once."""
        self._world.xero.faults.release()
        while self._world.xero.in_flight():
            time.sleep(0.005)

    def _in_flight(self, slug: str) -> int:
        with closing(Store(Settings.read(self._world.root), self._world.clock)) as store:
            runs = store.runs.unfolded(slug)
            return sum(len(i.seqs) for run in runs for i in store.journal(run.id).open_intents())

    def _note_uncertain(self, slug: str, run: Run) -> None:
        if run.counts.get("rows_uncertain"):
            with closing(self._world.app()) as app:
                self._uncertain[slug] |= {row.key for row in app.rows(run.id, status="uncertain")}


@contextmanager
def company(warehouse: Postgres, seed: str) -> Iterator[Story]:
    """Make an empty company in a Xero of its own, on a clock that nobody waits for."""
    options = Options(minute_limit=1_000_000, day_limit=1_000_000, app_minute_limit=1_000_000)
    with (
        TemporaryDirectory(prefix="bookward-bench-") as folder,
        LocalXero.running(None, clock=FakeClock(), options=options) as xero,
    ):
        world = World(root=Path(folder) / "project", warehouse=warehouse, xero=xero, clock=xero.clock)
        world.prepare()
        settings = DESTINATION.replace("batch_size: 50", f"batch_size: {BATCH}")
        world.write("destinations/xero.yaml", f"{settings}timeout_seconds: {_TIMEOUT}\n")
        for slug, ledger in LEDGERS.items():
            columns = ", ".join(f"{name} {type_}" for name, type_ in ledger.columns.items())
            warehouse.execute(f"DROP TABLE IF EXISTS {slug}; CREATE TABLE {slug} (id text, {columns})")
            for path, text in files(slug, ledger).items():
                world.write(path, text)
        _open_books(xero)
        yield Story(world, Random(seed))


def _open_books(xero: LocalXero) -> None:
    names = [address.partition("@")[0].title() for address in PEOPLE]
    pairs = zip(names, PEOPLE, strict=True)
    xero.add("Contacts", [{"Name": name, "EmailAddress": address} for name, address in pairs])
    line = {"Description": "Work", "Quantity": 1, "UnitAmount": SALE, "AccountCode": "200"}
    sale = {"Type": "ACCREC", "Status": "AUTHORISED", "LineAmountTypes": "NoTax", "LineItems": [line]}
    sale |= {"InvoiceNumber": SALE_NUMBER, "Contact": {"Name": names[0]}}
    xero.add("Invoices", [sale | {"Date": "2026-10-01", "DueDate": "2026-10-20"}])


def _at_rest(run: Run) -> bool:
    waiting = any(run.counts.get(f"rows_{status}") for status in ("rejected", "deferred", "parked"))
    return run.state is RunState.DONE and not run.counts["calls"] and not waiting
