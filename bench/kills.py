"""Kills runs at random instants while Xero misbehaves, resumes them, and holds the books against the rows.

    python bench/kills.py                        # 200 kills, about 15 minutes; kept in bench/RESULTS.md, too
    python bench/kills.py --kills 20 --seed 7

Contacts, invoices, bills and payments are synced from PostgreSQL into a local Xero over HTTP, in batches of 3
rows. Some rows are added, edited and removed, and Xero is told to go wrong: connections cut before or after
it has booked, 500, 502 and 503 before or after, half answers, half JSON, answers that never come. Each run is
a process of its own; after a random time, drawn evenly over the whole length of such runs, it is killed
(SIGKILL), and up to 45 minutes pass on Xero's clock, of which an idempotency key lives for 6. The run that
goes on from there may be killed as well. After one to three such runs the sync is run until nothing is left
to do, and all books are compared with all tables: every row once, with what it says, to the cent.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from secrets import randbelow

import results
from kills_books import LEDGERS
from kills_judge import Verdict
from kills_story import Cut, company
from warehouse import Postgres, running_warehouse

KILLS, A_STORY = 200, 10  # times that the books of one company are judged
_IN_A_ROW = (1, 1, 2, 3)  # runs that are cut before
_FIRST_GUESS, _SLACK = 3.0, 1.1  # seconds that a run takes; a little over, so that its end is reached too
_MOST_UNCERTAIN = 0.01  # of the rows in flight


def main() -> int:
    """Kill, print and keep; return 1 when anything was lost, booked twice, or is uncertain too often."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, help="of all choices; drawn when left out")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else randbelow(10**6)
    print(f"seed {seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as keys, running_warehouse() as warehouse:
        os.environ["BOOKWARD_KEY_FILE"] = str(Path(keys) / "key")
        found = [_told(one) for one in _until(options.kills, warehouse, seed)]
    runs = [one for one in found if isinstance(one, Cut)]
    verdict = sum((one for one in found if isinstance(one, Verdict)), start=Verdict())
    table = _phases([run for run in runs if run.killed])
    summary, good = _summary(runs, verdict, seed)
    print(table, summary, sep="\n\n")
    if options.kills >= KILLS:
        command = f"python bench/kills.py --kills {options.kills} --seed {seed}"
        results.keep("Kills at random instants", command, table, summary)
    return not good


def _until(kills: int, warehouse: Postgres, seed: int) -> Iterator[Cut | Verdict]:
    """Yield runs until so many were killed, and every verdict on the books; what is uncertain is in it."""
    lengths = {slug: deque([_FIRST_GUESS], 3) for slug in LEDGERS}
    random, left, number = Random(seed), kills, 0
    while left > 0:
        number += 1
        with company(warehouse, f"{seed}-{number}") as story:
            for _ in range(A_STORY):
                slug = random.choice(sorted(LEDGERS))
                story.change(slug)
                for _ in range(random.choice(_IN_A_ROW)):
                    run = story.cut(slug, random.random() * max(lengths[slug]) * _SLACK)
                    if not run.killed:
                        lengths[slug].append(run.seconds)
                        yield run
                        break
                    left -= 1
                    yield run
                story.end_well(slug)
                verdict = story.verdict()
                yield verdict
                if left <= 0 or not verdict.good:
                    break
            yield Verdict(uncertain=story.uncertain, troubles=story.troubles)


def _told(found: Cut | Verdict) -> Cut | Verdict:
    """Print a line for what was found; return it."""
    if isinstance(found, Verdict):
        line = "" if found.good else f"THE BOOKS ARE WRONG: {found}"
    else:
        line = (
            f"{found.ledger}: {'killed' if found.killed else 'ended'} in {found.phase}, {found.seconds:.2f} s"
        )
    if line:
        print(line, file=sys.stderr, flush=True)
    return found


def _phases(kills: Sequence[Cut]) -> str:
    """Return where in the runs the kills fell, by ledger."""
    phases = Counter(run.phase for run in kills)
    lines = []
    for phase, total in phases.most_common():
        here = [run for run in kills if run.phase == phase]
        ledgers = Counter(run.ledger for run in here)
        open_ = sum(run.in_flight > 0 for run in here)
        lines.append((phase, *(str(ledgers[slug]) for slug in LEDGERS), str(total), str(open_)))
    return results.table(("killed while", *LEDGERS, "all", "with batches open"), lines)


def _summary(runs: Sequence[Cut], verdict: Verdict, seed: int) -> tuple[str, bool]:
    """Return what came out, and whether that is good."""
    kills, in_flight = sum(run.killed for run in runs), sum(run.in_flight for run in runs)
    good = verdict.good and verdict.uncertain <= _MOST_UNCERTAIN * in_flight
    text = (
        f"Seed {seed}: {kills} kills; {len(runs) - kills} more runs ended before theirs. Xero misbehaved "
        f"{verdict.troubles} times; {in_flight:,} rows were in flight. Lost {verdict.lost}, "
        f"booked twice {verdict.twice}, left though their row is gone {verdict.left}, "
        f"saying something else {verdict.wrong}, sums of money off by {verdict.cents:.2f}, "
        f"uncertain {verdict.uncertain} (at most 1 % of those in flight): {'met' if good else 'MISSED'}."
    )
    return text, good


if __name__ == "__main__":
    sys.exit(main())
