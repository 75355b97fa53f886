"""What arrives when a first sync is killed and then run again, beside dlt and drt.

    python bench/peers_killed.py     # the results go to bench/RESULTS.md, too; about 5 minutes

The same table and the same sink as in bench/peers.py. Each first sync is killed (SIGKILL) when a random share
of its requests has come, and run twice more: whoever keeps half-sent work sends that first. A request that
comes again under the same Idempotency-Key counts once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

import results
from contenders import CONTENDERS
from processes import killed, timed
from sink import Received, Sink, running_sink
from sinkdestination import BATCH
from warehouse import Postgres, fill, running_warehouse

ROWS, KILLS, SEED, OURS = 20_000, 10, 1, "bookward"
_AGAIN = 2


@dataclass(frozen=True, kw_only=True)
class Cut:
    """One sync that was killed and then run again."""

    rows: int  #: that had come when it was killed
    received: Received  #: in the end


def main() -> int:
    """Kill, print and keep; return 1 when Bookward lost a row or sent one twice."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("who", nargs="*", choices=[*CONTENDERS, []], help="all when left out")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--kills", type=int, default=KILLS, help="of each")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    random = Random(options.seed)
    shares = [random.uniform(0.02, 0.98) for _ in range(options.kills)]
    with running_sink() as sink, running_warehouse() as warehouse:
        fill(warehouse, options.rows)
        cuts = {
            name: [_cut(name, share, options.rows, sink, warehouse) for share in shares]
            for name in options.who or CONTENDERS
        }
    table = results.table(
        ("killed and run again", "kills", "rows at the kill", "rows in all", "twice", "lost"),
        [_line(name, found) for name, found in cuts.items()],
    )
    note = f"{options.rows:,} rows; of rows at the kill and in all, the median."
    print(note, table, sep="\n\n")
    if not options.who:
        words = f"--rows {options.rows} --kills {options.kills} --seed {options.seed}"
        results.keep(
            "Killed and run again, beside others", f"python bench/peers_killed.py {words}", note, table
        )
    return any(cut.received.twice or cut.received.missing for cut in cuts.get(OURS, ()))


def _cut(name: str, share: float, rows: int, sink: Sink, warehouse: Postgres) -> Cut:
    wanted = max(1, int(share * rows / BATCH))
    with TemporaryDirectory(prefix="bookward-bench-") as folder:
        prepared = CONTENDERS[name](Path(folder), warehouse.url, sink.url)
        sink.empty()
        what = prepared.command, prepared.folder, prepared.environ
        if not killed(*what, when=lambda: sink.requests() >= wanted):
            raise SystemExit(f"{name} ended before it could be killed.")
        before = sink.received(0).rows
        for _ in range(_AGAIN):
            timed(*what)
        received = sink.received(rows)
    print(f"{name}: killed at {before}, {received}", file=sys.stderr, flush=True)
    return Cut(rows=before, received=received)


def _line(name: str, cuts: Sequence[Cut]) -> tuple[str, ...]:
    return (
        name,
        str(len(cuts)),
        f"{median(cut.rows for cut in cuts):,.0f}",
        f"{median(cut.received.rows for cut in cuts):,.0f}",
        f"{sum(cut.received.twice for cut in cuts):,}",
        f"{sum(cut.received.missing for cut in cuts):,}",
    )


if __name__ == "__main__":
    sys.exit(main())
