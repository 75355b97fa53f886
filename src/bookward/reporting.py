"""What an auditor is told of one run: who began it, with what settings, what it did, and what it booked."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from bookward import exactjson
from bookward.bookings import Booked
from bookward.engine.planheader import PlanHeader
from bookward.records import WAITING, ApiCall
from bookward.runplans import plan_of
from bookward.store.runs import Run, RunRow
from bookward.store.store import Store

MOST_NAMED = 1_000
"""So many rows that are not synced are named one by one; the others are counted."""


class Happened(NamedTuple):
    """How many rows a run did something about, with one outcome."""

    kind: str  #: an ``OperationKind``
    status: str  #: an ``OutcomeStatus``, or "pending"
    rows: int


class Called(NamedTuple):
    """How many calls of one kind a run made."""

    method: str
    address: str  #: without what follows a question mark
    status: int | None  #: None where no answer came
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that is told of a run."""

    run: Run
    config: str  #: the sync and its model as they were configured then, as JSON
    plan: PlanHeader | None  #: None once it is no longer kept
    happened: Sequence[Happened]
    not_synced: Sequence[RunRow]  #: the first of them, in the order of the plan
    not_synced_rows: int
    booked: Sequence[Booked] | None  #: None where nothing is known of it
    called: Sequence[Called]
    digest: str  #: SHA-256 over the run, its settings, and every row, booking and call, in hexadecimal


def report_of(store: Store, run: Run) -> Report:
    """Return the report of a run; the same state gives the same digest, whenever it is asked."""
    digest = hashlib.sha256()
    config, booked = store.runs.config(run.id), store.runs.booked(run.id)
    about = (run.id, run.sync, run.plan, run.organisation, str(run.state), run.started_at, run.finished_at)
    digest.update(exactjson.encode_sorted([about, config, list(map(astuple, booked or ()))]))
    rows = _Rows()
    for row in store.runs.rows(run.id):
        rows.add(row)
        digest.update(_line(row.seq, row.key, row.change, row.kind, row.status, row.remote_id, row.code))
    calls: Counter[tuple[str, str, int | None]] = Counter()
    for _, call in store.calls.find(run.id):
        calls[_kind_of(call)] += 1
        digest.update(_line(call.at, call.method, call.url, call.status))
    plan = plan_of(store, run)
    return Report(
        run=run,
        config=config,
        plan=plan.header if plan else None,
        happened=list(rows.happened()),
        not_synced=rows.named,
        not_synced_rows=rows.not_synced,
        booked=booked,
        called=[Called(*kind, count) for kind, count in sorted(calls.items(), key=str)],
        digest=digest.hexdigest(),
    )


class _Rows:
    """Counts the rows of a run, and keeps the first of those that were not synced."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self.named: list[RunRow] = []
        self.not_synced = 0

    def add(self, row: RunRow) -> None:
        self._counts[row.kind, row.status] += 1
        if row.status in WAITING:
            self.not_synced += 1
            if len(self.named) < MOST_NAMED:
                self.named.append(row)

    def happened(self) -> Iterator[Happened]:
        for (kind, status), rows in sorted(self._counts.items()):
            yield Happened(kind, status, rows)


def _kind_of(call: ApiCall) -> tuple[str, str, int | None]:
    parts = urlsplit(call.url)
    return call.method, f"{parts.scheme}://{parts.netloc}{parts.path}", call.status


def _line(*values: object) -> bytes:
    return exactjson.encode(values) + b"\n"
