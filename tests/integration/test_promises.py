"""Whatever a table goes through: each row has one outcome, the money in the books is that of the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bookward.demo.xero.options import WEB_APP
from bookward.demo.xero.server import LocalXero
from bookward.run import RunReport
from bookward.store.runs import RunState
from tests.fakes import FakeClock
from tests.integration.feeds import Feed
from tests.integration.test_invoices import contacts, invoice
from tests.integration.test_invoices import feed as documents
from tests.integration.world import World
from tests.peers.postgres import Postgres

Row = tuple[int, bool]  #: cents, and whether its customer is known in the books
KEYS = st.integers(0, 6)
ROWS = st.dictionaries(KEYS, st.tuples(st.integers(1, 10**9), st.sampled_from([True, True, False])))
EXAMPLES = settings().max_examples // 10  # each is a company of its own


@contextmanager
def new_world(postgres: Postgres) -> Iterator[World]:
    with TemporaryDirectory() as folder, LocalXero.running(None, clock=FakeClock()) as xero:
        world = World(root=Path(folder), warehouse=postgres, xero=xero, clock=xero.clock)
        world.prepare()
        contacts(world)
        yield world


def table(rows: dict[int, Row]) -> list[dict[str, Any]]:
    money = {"quantity": Decimal(1), "freight": Decimal(0), "LineAmountTypes": "NoTax"}
    who = {True: "ann@example.com", False: "nobody@example.com"}
    return [
        invoice(str(key), Status="AUTHORISED", customer=who[known], price=Decimal(cents) / 100, **money)
        for key, (cents, known) in rows.items()
    ]


class Books:
    """What must be in the books: the rows that could be booked, as they last could."""

    def __init__(self, on_removal: str) -> None:
        self._on_removal = on_removal
        self._rows: dict[int, Row] = {}
        self._accepted: dict[int, Row] = {}
        self._gone: set[int] = set()
        self.booked: dict[int, int] = {}

    def never_gone(self, rows: dict[int, Row]) -> dict[int, Row]:
        """Return the rows without those that were there and left: a voided number is not free again."""
        return {key: row for key, row in rows.items() if key not in self._gone}

    def take(self, rows: dict[int, Row]) -> None:
        """Note the rows of a table."""
        self._gone |= set(self._rows) - set(rows)
        self.changed = {key for key in {*rows, *self._accepted} if rows.get(key) != self._accepted.get(key)}
        taken = {key: row for key, row in rows.items() if row[1]}
        self._accepted = {key: row for key, row in self._accepted.items() if key in rows} | taken
        self.booked |= {key: cents for key, (cents, known) in rows.items() if known}
        if self._on_removal == "void":
            self.booked = {key: cents for key, cents in self.booked.items() if key in rows}
        self._rows = rows


def every_row_has_one_outcome(world: World, report: RunReport, books: Books, rows: dict[int, Row]) -> None:
    outcomes = Counter(row.key for row in world.rows(report))
    assert set(outcomes.values()) <= {1}
    assert {str(key) for key in books.changed} <= set(outcomes)
    refused = {row.key for row in world.rows(report, "rejected")}
    assert refused == {str(key) for key, (_, known) in rows.items() if not known}


def the_money_is_that_of_the_rows(world: World, books: Books) -> None:
    live = [i for i in world.xero.records("Invoices") if i["Status"] == "AUTHORISED"]
    assert {i["InvoiceNumber"]: i["Total"] for i in live} == {
        f"INV-{key}": Decimal(cents) / 100 for key, cents in books.booked.items()
    }
    assert sum(i["Total"] for i in live) == Decimal(sum(books.booked.values())) / 100


def no_secret_is_in_any_call(world: World, report: RunReport) -> None:
    with closing(world.app()) as app:
        calls = [call for _, call in app.calls(report.run.id)]
    said = b"".join(repr(call).encode() + call.request_body + call.response_body for call in calls)
    assert str(WEB_APP.secret).encode() not in said
    assert b"Bearer ey" not in said


def again_there_is_nothing_to_do(feed: Feed, rows: dict[int, Row]) -> None:
    counts = feed.run().run.counts
    assert counts.get("rows_accepted", 0) == 0
    if all(known for _, known in rows.values()):
        assert counts["calls"] == 0


# Nothing is shrunk: every try would be a company of its own.
@settings(max_examples=EXAMPLES, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(tables=st.lists(ROWS, min_size=1, max_size=4), on_removal=st.sampled_from(["keep", "void"]))
def test_the_promises_hold(postgres: Postgres, tables: list[dict[int, Row]], on_removal: str) -> None:
    with new_world(postgres) as world:
        feed, books = documents(world, on_removal=on_removal), Books(on_removal)
        for rows in filter(None, map(books.never_gone, tables)):
            books.take(rows)
            report = feed.rows(*table(rows)).run(allow_empty=True)
            assert report.run.state is RunState.DONE
            every_row_has_one_outcome(world, report, books, rows)
            the_money_is_that_of_the_rows(world, books)
            no_secret_is_in_any_call(world, report)
            again_there_is_nothing_to_do(feed, rows)
