"""How many API calls a first sync takes, beside the fewest that the task allows.

    python bench/calls.py                        # every task with 10,000 rows, 50 a call
    python bench/calls.py --adaptive             # the batch size found by itself, at a realistic latency
    python bench/calls.py payments --rows 1000

Fixed at 50 a call, the fewest is one call a batch and the pages that have to be read: of what is synced, and
of what is looked up. Adaptive, the fewest is what the largest batch that answers within five seconds would
take, were it known from the start; the local Xero then answers after half a second and 5 ms a row.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bookward.app import App
from bookward.demo.browser import allow_access
from bookward.demo.company import make_company, point_to
from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.options import Options
from bookward.demo.xero.server import LocalXero

CALL_SECONDS, ROW_SECONDS, TARGET_SECONDS = 0.5, 0.005, 5.0
PAGE = 1000


@dataclass(frozen=True, kw_only=True)
class Task:
    """One first sync: its rows, its mapping, what is in the books before, and what has to be read."""

    sql: str
    sync: str
    before: Callable[[LocalXero, int], None]
    reads: int  #: calls that the task needs beside its batches


def main() -> None:
    """Run the tasks and print a line for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks", nargs="*", choices=[*TASKS, []], help="all when left out")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--adaptive", action="store_true")
    arguments = parser.parse_args()
    best = arguments.batch
    if arguments.adaptive:
        best = int((TARGET_SECONDS - CALL_SECONDS) / ROW_SECONDS)
    print(f"{'task':26} {'rows':>7} {'calls':>6} {'fewest':>6} {'ratio':>6} {'429s':>5}")
    for name in arguments.tasks or TASKS:
        task = TASKS[name]
        made, refused = calls_of(task, arguments.rows, None if arguments.adaptive else arguments.batch)
        fewest = ceil(arguments.rows / best) + task.reads
        print(f"{name:26} {arguments.rows:7,} {made:6} {fewest:6} {made / fewest:6.3f} {refused:5}")


def calls_of(task: Task, rows: int, batch: int | None) -> tuple[int, int]:
    """Return the calls that a first sync of so many rows makes, and how many of them were answered 429."""
    with TemporaryDirectory() as folder:
        project = Path(folder) / "company"
        make_company(project, 1000)
        with LocalXero.running(None, options=Options()) as xero:
            point_to(project, xero.url)
            task.before(xero, rows)
            (project / "models" / "bench.yaml").write_text("source: warehouse\nprimary_key: id\n")
            (project / "models" / "bench.sql").write_text(task.sql.format(rows=rows))
            (project / "syncs" / "bench.yaml").write_text(task.sync)
            if batch is not None:
                with (project / "destinations" / "xero-demo.yaml").open("a") as file:
                    file.write(f"batch_size: {batch}\n")
            else:
                xero.faults.add(_latency())
            with closing(App(project, environ=os.environ)) as app:
                app.connect("xero-demo", allow_access, lambda found: found[0])
                run = app.run("bench").run
                if run.counts.get("rows_accepted") != rows:
                    raise SystemExit(f"{run.counts} {run.error_message or ''}")
                statuses = [call.status for _, call in app.calls(run.id)]
    return len(statuses), statuses.count(429)


def _latency() -> Fault:
    return Fault(
        kind=FaultKind.LATENCY,
        path="/api.xro/*",
        times=None,
        seconds=CALL_SECONDS,
        seconds_per_element=ROW_SECONDS,
    )


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


if __name__ == "__main__":
    main()
