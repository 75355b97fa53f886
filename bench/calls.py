"""How many API calls a first sync takes, beside the fewest that the task allows.

    python bench/calls.py                        # 10,000 contacts into an empty organisation, 50 a call
    python bench/calls.py --adaptive             # the batch size found by itself, at a realistic latency

Fixed at 50 a call, the fewest is one call a batch and one look at what is there. Adaptive, the fewest is what
the largest batch that answers within five seconds would take, were it known from the start; the local Xero
then answers after half a second and 5 ms a row.
"""

from __future__ import annotations

import argparse
import os
from contextlib import closing
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

from bookward.app import App
from bookward.demo.browser import allow_access
from bookward.demo.company import make_company, point_to
from bookward.demo.xero.faults import Fault, FaultKind
from bookward.demo.xero.options import Options
from bookward.demo.xero.server import LocalXero

CALL_SECONDS, ROW_SECONDS, TARGET_SECONDS = 0.5, 0.005, 5.0


def main() -> None:
    """Run the sync once and print its calls."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--adaptive", action="store_true")
    arguments = parser.parse_args()
    best = arguments.batch
    if arguments.adaptive:
        best = int((TARGET_SECONDS - CALL_SECONDS) / ROW_SECONDS)
    fewest = ceil(arguments.rows / best) + 1
    made, refused = calls_of(arguments.rows, None if arguments.adaptive else arguments.batch)
    print(
        f"rows {arguments.rows:,}  calls {made}  fewest {fewest}  ratio {made / fewest:.3f}  429s {refused}"
    )


def calls_of(rows: int, batch: int | None) -> tuple[int, int]:
    """Return the calls that a first sync of so many rows makes, and how many of them were answered 429."""
    with TemporaryDirectory() as folder:
        project = Path(folder) / "company"
        make_company(project, rows)
        with LocalXero.running(None, options=Options()) as xero:
            point_to(project, xero.url)
            if batch is not None:
                with (project / "destinations" / "xero-demo.yaml").open("a") as file:
                    file.write(f"batch_size: {batch}\n")
            else:
                xero.faults.add(
                    Fault(
                        kind=FaultKind.LATENCY,
                        path="*/Contacts",
                        times=None,
                        seconds=CALL_SECONDS,
                        seconds_per_element=ROW_SECONDS,
                    )
                )
            with closing(App(project, environ=os.environ)) as app:
                app.connect("xero-demo", allow_access, lambda found: found[0])
                run = app.run("users-to-contacts").run
                statuses = [call.status for _, call in app.calls(run.id)]
    return len(statuses), statuses.count(429)


if __name__ == "__main__":
    main()
