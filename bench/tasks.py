"""The first syncs that the benches measure, and one such sync as the local Xero saw it."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bookward.app import App
from bookward.clock import Clock
from bookward.demo.browser import allow_access
from bookward.demo.company import make_company, point_to
from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.options import Options
from bookward.demo.xero.server import LocalXero
from bookward.records import ApiCall

CALL_SECONDS, ROW_SECONDS = 0.5, 0.005  # how long the local Xero takes for a call, and for each row in it
PAGE = 1000
_MINUTE = 60
_INTO_THE_MINUTE = 5.0  # seconds of Xero's minute that are over when a run begins


@dataclass(frozen=True, kw_only=True)
class Task:
    """One first sync: its rows, its mapping, what is in the books before, and what has to be read."""

    sql: str
    sync: str
    before: Callable[[LocalXero, int], None]
    reads: int  #: calls that the task needs beside its batches


@dataclass(frozen=True, kw_only=True)
class Sync:
    """What one sync took."""

    calls: int
    forecast: int  #: calls that the plan expected, with those that it took itself
    refused: int  #: calls answered 429
    minutes: float  #: on the clock, from the first call to the end of the last
    used: float | None  #: share of the allowed calls, see ``share_used``; None when no minute held it back
    busy: float  #: the processor's time in the sync, by the clock, as a share of its length


def first_sync(task: Task, rows: int, batch: int | None, clock: Clock, speed: float) -> Sync:
    """Sync so many rows into a local Xero at Xero's limits, both on ``clock``.

    Args:
        batch: rows in a batch; None lets Bookward find the number.
        speed: how much faster than the wall the clock runs.
    """
    with TemporaryDirectory() as folder, slow_xero(clock) as xero:
        project = Path(folder) / "company"
        make_company(project, 1000)
        point_to(project, xero.url)
        task.before(xero, rows)
        (project / "models" / "bench.yaml").write_text("source: warehouse\nprimary_key: id\n")
        (project / "models" / "bench.sql").write_text(task.sql.format(rows=rows))
        (project / "syncs" / "bench.yaml").write_text(task.sync)
        if batch is not None:
            with (project / "destinations" / "xero-demo.yaml").open("a") as file:
                file.write(f"batch_size: {batch}\n")
        with closing(App(project, clock=clock, environ=os.environ)) as app:
            app.connect("xero-demo", allow_access, lambda found: found[0])
            phase = int(clock.now().timestamp() - _INTO_THE_MINUTE) % _MINUTE
            xero.options = replace(xero.options, minute_phase=phase)
            computed = time.process_time()
            run = app.run("bench").run
            computed = time.process_time() - computed
            if run.counts.get("rows_accepted") != rows:
                raise SystemExit(f"{run.counts} {run.error_message or ''}")
            calls = [call for _, call in app.calls(run.id)]
            forecast = app.open_plan(run.plan).header.forecast["calls"]
    first = min(call.at for call in calls)
    length = max(call.at + timedelta(milliseconds=call.duration_ms) for call in calls) - first
    return Sync(
        calls=len(calls),
        forecast=forecast + sum(call.method == "GET" for call in calls),
        refused=sum(call.status == 429 for call in calls),
        minutes=length / timedelta(minutes=1),
        used=share_used(calls, phase, xero.options.minute_limit),
        busy=computed * speed / length.total_seconds(),
    )


@contextmanager
def slow_xero(clock: Clock) -> Iterator[LocalXero]:
    """Run a local Xero at Xero's limits that takes its time, on ``clock``."""
    with LocalXero.running(None, clock=clock, options=Options()) as xero:
        pace = {"seconds": CALL_SECONDS, "seconds_per_element": ROW_SECONDS}
        xero.faults.add(Fault(kind=FaultKind.PACE, path="/api.xro/*", times=None, **pace))
        yield xero


def share_used(calls: Sequence[ApiCall], phase: int, limit: int) -> float | None:
    """Return the share made of the calls that were allowed while calls waited for the next minute.

    Calls wait from the first write on, when all of them are known, until the last of Xero's fixed minutes
    begins. Each minute between allows ``limit`` calls; the one in which the writing begins allows those that
    reading has left, and counts only when half of it was still to come, which is time enough for them.

    Args:
        phase: seconds after a full minute at which Xero's minutes begin.

    Returns:
        None when one minute allows all calls, or no minute counts.
    """
    if len(calls) <= limit:
        return None
    minutes = Counter(_minute(call, phase) for call in calls)
    begun = min((call for call in calls if call.method != "GET"), key=lambda call: call.at)
    first, last = _minute(begun, phase), max(minutes)
    read = sum(call.at < begun.at and _minute(call, phase) == first for call in calls)
    left = (first + 1) * _MINUTE + phase - begun.at.timestamp()
    made, allowed = sum(minutes[number] for number in range(first + 1, last)), limit * (last - first - 1)
    if left >= _MINUTE / 2:
        made, allowed = made + minutes[first] - read, allowed + limit - read
    return made / allowed if allowed else None


def _minute(call: ApiCall, phase: int) -> int:
    return int((call.at.timestamp() - phase) // _MINUTE)


def _add(xero: LocalXero, kind: str, count: int, element: Callable[[int], Mapping[str, Any]]) -> None:
    for start in range(0, count, PAGE):
        xero.add(kind, [element(n) for n in range(start, min(start + PAGE, count))])


def _nothing(_xero: LocalXero, _rows: int) -> None:
    pass


def _contacts(xero: LocalXero, _rows: int) -> None:
    _add(xero, "Contacts", 20_000, lambda n: {"Name": f"Held {n}", "EmailAddress": f"h{n}@example.com"})


def _invoices(xero: LocalXero, rows: int) -> None:
    def element(n: int) -> dict[str, Any]:
        line = {"Description": "x", "Quantity": 1, "UnitAmount": 10, "AccountCode": "200"}
        dates = {"Date": "2026-10-01", "DueDate": "2026-10-20"}
        return {"Type": "ACCREC", "Status": "AUTHORISED", "Contact": {"Name": "Ann"}} | {
            **dates,
            "InvoiceNumber": f"INV-{n}",
            "LineItems": [line],
        }

    _add(xero, "Invoices", rows, element)


_CONTACTS_SQL = """
SELECT range AS id, 'New ' || range AS name, 'n' || range || '@example.com' AS email FROM range({rows})
"""
_CONTACTS_SYNC = """
model: bench
destination: xero-demo
object: contacts
match: {ContactNumber: id}
fields: {Name: name, EmailAddress: email}
"""
TASKS = {
    "contacts": Task(sql=_CONTACTS_SQL, sync=_CONTACTS_SYNC, before=_nothing, reads=1),
    "contacts-beside-20,000": Task(sql=_CONTACTS_SQL, sync=_CONTACTS_SYNC, before=_contacts, reads=20),
    "invoices-by-email": Task(
        sql="""
SELECT range AS id, 'INV-' || range AS number, 'h' || (range % 20000) || '@example.com' AS email,
    DATE '2026-10-01' AS day, 12.50 AS price
FROM range({rows})
""",
        sync="""
model: bench
destination: xero-demo
object: invoices
match: {InvoiceNumber: number}
look_up:
  Contact: {by: EmailAddress, column: email}
fields:
  Type: {value: ACCREC}
  Date: day
  LineItems:
    - Description: {value: Work}
      Quantity: {value: 1}
      UnitAmount: price
      AccountCode: {value: "200"}
""",
        before=_contacts,
        reads=20 + 1 + 1,  # the contacts, the invoices, the chart of accounts
    ),
    "payments-by-number": Task(
        sql="SELECT range AS id, 'PAY-' || range AS reference, 'INV-' || range AS number, "
        "DATE '2026-10-05' AS day, 10.00 AS amount FROM range({rows})",
        sync="""
model: bench
destination: xero-demo
object: payments
mode: insert
match: {Reference: reference}
fields:
  Invoice: {InvoiceNumber: number}
  Account: {Code: {value: "090"}}
  Date: day
  Amount: amount
""",
        before=_invoices,
        reads=1 + 1,  # the payments, the chart of accounts
    ),
}
