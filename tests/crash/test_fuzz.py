"""Random edits, cut runs, lost answers and late hours: in the end the books are the model, each row once."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.server import LocalXero
from bookward.errors import PlanStale, RunUnsettled
from bookward.store.runs import RunState
from tests.crash.killing import run_by_the_clock_of_xero
from tests.fakes import FakeClock
from tests.integration.feeds import Feed
from tests.integration.test_payments import invoices as sales
from tests.integration.world import World
from tests.peers.postgres import Postgres

pytestmark = pytest.mark.nightly

SEEDS = range(12)
STEPS = 25
PLACES = (
    "before-plan-rename",
    *(f"{where}:{turn}" for where in ("after-intent", "before-send", "after-send") for turn in (1, 2)),
    *("after-settle:1", "after-settle:2", "before-fold", "before-snapshot-rename", "before-pointer"),
)
TROUBLE = (FaultKind.CUT, FaultKind.STATUS, FaultKind.HALF_ANSWER, FaultKind.FEWER_ELEMENTS)
FORGIVEN = {None, "answer_lost", "remote_unavailable", "remote_refused"}
SALE = 1_000_000  # the amount of the invoice that payments are made for


@dataclass(frozen=True)
class Ledger:
    """One kind of record: how its rows are made and changed, and what the books must show for them."""

    envelope: str
    number: str  #: the field that a record is found by
    status: str
    live: str
    gone: str
    feed: Callable[[World], Feed]
    row: Callable[[int], dict[str, Any]]
    edits: Mapping[str, Callable[[int], Any]]  #: values that a column may get, by a number never used
    shown: Callable[[Mapping[str, Any]], tuple[Any, ...]]  #: of a record in the books
    wanted: Callable[[Mapping[str, Any]], tuple[Any, ...]]  #: of a row, in the same terms


def _cents(n: int) -> Decimal:
    return Decimal(n * 7919 % 99_989 + 1) / 100


def _invoices(world: World) -> Feed:
    names = ("Ann", "Bob")
    world.xero.add("Contacts", [{"Name": n, "EmailAddress": f"{n.lower()}@example.com"} for n in names])
    look_up = {"Contact": {"by": "EmailAddress", "column": "customer"}}
    made = Feed(world, "invoices", "InvoiceNumber", on_removal="void", look_up=look_up)
    line = {"Description": {"value": "Work"}, "Quantity": {"value": 1}, "AccountCode": {"value": "200"}}
    made.mapped = {"LineItems": [line | {"UnitAmount": "price"}, line | {"UnitAmount": "freight"}]}
    made.constants = {"Type": "ACCREC", "Status": "AUTHORISED", "LineAmountTypes": "NoTax"}
    made.constants |= {"Date": "2026-10-01", "DueDate": "2026-10-20"}
    return made


def _payments(world: World) -> Feed:
    sales(world, SALE)
    made = Feed(world, "payments", "Reference", mode="insert", on_removal="delete")
    made.mapped = {"Account": {"Code": {"value": "090"}}, "Invoice": {"InvoiceNumber": {"value": "INV-1"}}}
    made.constants = {"Date": "2026-10-10"}
    return made


LEDGERS = {
    "contacts": Ledger(
        "Contacts",
        "ContactNumber",
        "ContactStatus",
        "ACTIVE",
        "ARCHIVED",
        feed=lambda world: Feed(world, "contacts", "ContactNumber", on_removal="archive"),
        row=lambda n: {"ContactNumber": f"N{n}", "Name": f"Name {n}", "EmailAddress": f"e{n}@example.com"},
        edits={"Name": lambda n: f"Name {n}", "EmailAddress": lambda n: f"e{n}@example.com"},
        shown=lambda contact: (contact["Name"], contact["EmailAddress"]),
        wanted=lambda row: (row["Name"], row["EmailAddress"]),
    ),
    "invoices": Ledger(
        "Invoices",
        "InvoiceNumber",
        "Status",
        "AUTHORISED",
        "VOIDED",
        feed=_invoices,
        row=lambda n: {
            "InvoiceNumber": f"S-{n}",
            "customer": "ann@example.com",
            "price": _cents(n),
            "freight": _cents(n + 7),
        },
        edits={
            "customer": lambda n: ("ann@example.com", "bob@example.com")[n % 2],
            "price": _cents,
            "freight": _cents,
        },
        shown=lambda invoice: (f"{invoice['Contact']['Name'].lower()}@example.com", invoice["Total"]),
        wanted=lambda row: (row["customer"], row["price"] + row["freight"]),
    ),
    "payments": Ledger(
        "Payments",
        "Reference",
        "Status",
        "AUTHORISED",
        "DELETED",
        feed=_payments,
        row=lambda n: {"Reference": f"PAY-{n}", "Amount": _cents(n)},
        edits={},
        shown=lambda payment: (payment["Amount"],),
        wanted=lambda row: (row["Amount"],),
    ),
}


class Story:
    """What happens to one table and one sync of it, all of it drawn from a seed."""

    def __init__(self, world: World, ledger: Ledger, seed: int) -> None:
        self._world = world
        self._ledger = ledger
        self._random = random.Random(seed)
        self._used = 0
        self._rows: dict[str, dict[str, Any]] = {}
        self._plans: list[str] = []
        self._feed = ledger.feed(world)
        self.told: list[object] = []  #: what happened, shown when a test fails
        self._steps = {
            self._add: 4,
            self._remove: 2,
            self._give_another_key: 1,
            self._edit: 4 if ledger.edits else 0,
            self._plan: 1,
            self._run_a_plan: 1,
            self._run: 4,
            self._run_and_be_killed: 4,
            self._trouble: 3,
            self._later: 1,
        }

    def unfold(self) -> None:
        """Let things happen, in any order."""
        for _ in range(4):
            self._add()
        for step in self._random.choices([*self._steps], [*self._steps.values()], k=STEPS):
            self.told.append(step.__name__)
            step()

    def end_well(self) -> None:
        """Run without further trouble until a run has nothing to do, and compare the books with the table."""
        self._world.xero.faults.clear()
        runs = [self._feed.run().run for _ in range(3)]
        self.told += [(run.state, run.error_code, run.counts) for run in runs]
        assert runs[-1].state is RunState.DONE
        assert runs[-1].counts["calls"] == 0
        assert runs[-1].counts.get("rows_rejected", 0) == 0
        self._books_are_the_table()

    def _books_are_the_table(self) -> None:
        ledger = self._ledger
        records = [r for r in self._world.xero.records(ledger.envelope) if r.get(ledger.number)]
        ours = [record for record in records if record[ledger.number] != "INV-1"]
        assert max(Counter(record[ledger.number] for record in ours).values()) == 1
        assert {record[ledger.status] for record in ours} <= {ledger.live, ledger.gone}
        live = {r[ledger.number]: ledger.shown(r) for r in ours if r[ledger.status] == ledger.live}
        assert live == {row[ledger.number]: ledger.wanted(row) for row in self._rows.values()}
        if ledger.envelope == "Payments":
            (sale,) = self._world.xero.records("Invoices")
            assert sale["AmountDue"] == SALE - sum(row["Amount"] for row in self._rows.values())

    # What may happen

    def _add(self) -> None:
        n = self._fresh()
        self._rows[f"k{n}"] = {"id": f"k{n}"} | self._ledger.row(n)
        self._write()

    def _remove(self) -> None:
        if len(self._rows) > 1:
            del self._rows[self._any_key()]
            self._write()

    def _give_another_key(self) -> None:
        key = f"k{self._fresh()}"
        self._rows[key] = self._rows.pop(self._any_key()) | {"id": key}
        self._write()

    def _edit(self) -> None:
        column = self._random.choice([*self._ledger.edits])
        self._rows[self._any_key()][column] = self._ledger.edits[column](self._fresh())
        self._write()

    def _plan(self) -> None:
        try:
            self._plans.append(self._world.plan("feed").header.id)
        except RunUnsettled:
            self.told.append("unsettled")

    def _run_a_plan(self) -> None:
        if self._plans:
            self._run(plan=self._plans[-1])

    def _run(self, **options: Any) -> None:
        run = self._feed.run(**options).run
        self.told.append((run.state, run.error_code, run.counts))
        assert run.error_code in FORGIVEN | ({PlanStale.code} if options else set()), run.error_message

    def _run_and_be_killed(self) -> None:
        place = self._random.choice(PLACES)
        status = run_by_the_clock_of_xero(self._world, place)
        self.told.append((place, status))
        assert status in (0, -signal.SIGKILL)

    def _trouble(self) -> None:
        fault = Fault(
            kind=self._random.choice(TROUBLE),
            method=self._random.choice(["PUT", "POST"]),
            path=f"*/{self._ledger.envelope}",
            times=self._random.choice([1, 1, 2]),
            when=self._random.choice(["before", "after"]),
            status=self._random.choice([500, 503]),
        )
        self.told.append(fault)
        self._world.xero.faults.add(fault)

    def _later(self) -> None:
        self._world.xero.clock.jump(minutes=self._random.choice([1, 12]))

    def _fresh(self) -> int:
        self._used += 1
        return self._used

    def _any_key(self) -> str:
        return self._random.choice([*self._rows])

    def _write(self) -> None:
        self._feed.rows(*self._rows.values())


@pytest.fixture
def world(postgres: Postgres, tmp_path: Path) -> Iterator[World]:
    """A company on the local Xero's clock, which nobody waits for and other processes can read."""
    with LocalXero.running(None, clock=FakeClock()) as xero:
        made = World(root=tmp_path / "project", warehouse=postgres, xero=xero, clock=xero.clock)
        made.prepare()
        made.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 2")
        yield made


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("ledger", LEDGERS)
def test_nothing_is_lost_and_nothing_is_booked_twice(world: World, ledger: str, seed: int) -> None:
    story = Story(world, LEDGERS[ledger], seed)
    try:
        story.unfold()
        story.end_well()
    except BaseException as error:
        error.add_note("\n".join(map(str, story.told)))
        raise
