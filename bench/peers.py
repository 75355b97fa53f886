"""A first sync and a second one to a destination without latency, beside dlt and drt in the same run.

    python bench/peers.py                  # the results go to bench/RESULTS.md, too; about 8 minutes
    python bench/peers.py --rows 20000 --rounds 1 bookward

One PostgreSQL table of 13 columns (money, days, moments, apostrophes) is the source of all, one HTTP server
in a process of its own takes batches of 100 rows from all. Bookward writes down every batch before it leaves,
every call and every outcome, and keeps its snapshot. "As to Xero" it uses its Xero destination, limits
lifted: the server answers as Xero does, and takes time for it. The others ask by a cursor, which is the most
that they can do, and do not see removed rows. All take turns, each in a process of its own, the start of the
interpreter included; each round begins with somebody else. Medians count.

Between the two syncs 1 % of the rows change, 0.1 % are removed and 0.1 % added.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import results
from contenders import CONTENDERS, Prepared
from processes import Taken, timed
from sink import Received, Sink, running_sink
from warehouse import Postgres, change, fill, running_warehouse

ROWS, ROUNDS = 100_000, 3
OURS, BASELINE = "bookward", "dlt 1.31.0"
FASTER, SECONDS = 1.5, 1.0  # goals: times the baseline's rows a second; seconds of the second sync


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One sync by one contender."""

    taken: Taken
    received: Received


Turns = Mapping[str, Sequence[Turn]]


def main() -> int:
    """Measure, print and keep; return 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("who", nargs="*", choices=[*CONTENDERS, []], help="all when left out")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    first, second = measure(options.who or list(CONTENDERS), options.rows, options.rounds)
    parts = [_first_table(first), _second_table(second, options.rows)]
    parts.append(_phases({"first sync": first, "second sync": second}))
    missed = _goals(first, second) if {OURS, BASELINE} <= {*first} else {}
    parts.append("\n".join(f"- {goal}: {'MISSED' if lost else 'met'}." for goal, lost in missed.items()))
    print(*parts, sep="\n\n")
    if not options.who:
        command = f"python bench/peers.py --rows {options.rows} --rounds {options.rounds}"
        results.keep(f"{options.rows:,} rows beside others", command, *parts)
    return any(missed.values())


def measure(names: Sequence[str], rows: int, rounds: int) -> tuple[Turns, Turns]:
    """Return all first syncs and all second ones."""
    first, second = defaultdict[str, list[Turn]](list), defaultdict[str, list[Turn]](list)
    with running_sink() as sink, running_warehouse() as warehouse:
        for number in range(rounds):
            turn = number % len(names)
            _round([*names[turn:], *names[:turn]], rows, sink, warehouse, (first, second))
    return {name: first[name] for name in names}, {name: second[name] for name in names}


def _round(
    names: Sequence[str],
    rows: int,
    sink: Sink,
    warehouse: Postgres,
    into: tuple[dict[str, list[Turn]], dict[str, list[Turn]]],
) -> None:
    with TemporaryDirectory(prefix="bookward-bench-") as home:
        prepared = {}
        for name in names:
            (folder := Path(home) / name).mkdir()
            prepared[name] = CONTENDERS[name](folder, warehouse.url, sink.url)
        fill(warehouse, rows)
        for name in names:
            into[0][name].append(_turn(name, prepared[name], sink, rows))
        change(warehouse, rows)
        for name in names:
            into[1][name].append(_turn(name, prepared[name], sink, 0))


def _turn(name: str, prepared: Prepared, sink: Sink, expected: int) -> Turn:
    sink.empty()
    taken = timed(prepared.command, prepared.folder, prepared.environ)
    print(f"{name}: {taken.seconds:.2f} s, {taken.peak_mb:.0f} MB", file=sys.stderr, flush=True)
    return Turn(taken=taken, received=sink.received(expected))


def _first_table(turns: Turns) -> str:
    head = (
        *("first sync", "rows/s", "from", "to", "seconds", "CPU s", "peak MB"),
        *("requests", "rows sent", "twice", "lost"),
    )
    lines = []
    for name, taken in turns.items():
        last = taken[-1].received
        speeds = [turn.received.rows / turn.taken.seconds for turn in taken]
        lines.append(
            (
                name,
                *(f"{speed:,.0f}" for speed in (median(speeds), min(speeds), max(speeds))),
                *_middle(taken),
                f"{last.requests:,}",
                f"{last.rows:,}",
                str(sum(turn.received.twice for turn in taken)),
                str(sum(turn.received.missing for turn in taken)),
            )
        )
    return results.table(head, lines)


def _second_table(turns: Turns, rows: int) -> str:
    head = (
        *("second sync", "from", "to", "seconds", "CPU s", "peak MB"),
        *("requests", "rows sent", "removals seen"),
    )
    lines = []
    for name, taken in turns.items():
        last = taken[-1].received
        seconds = [turn.taken.seconds for turn in taken]
        lines.append(
            (
                name,
                *(f"{value:.2f}" for value in (min(seconds), max(seconds))),
                *_middle(taken),
                f"{last.requests:,}",
                f"{last.rows:,}",
                f"{last.removed} of {rows // 1000}",
            )
        )
    return results.table(head, lines)


def _middle(turns: Sequence[Turn]) -> tuple[str, str, str]:
    def of(value: Callable[[Taken], float]) -> float:
        return median(value(turn.taken) for turn in turns)

    return (
        f"{of(lambda taken: taken.seconds):.2f}",
        f"{of(lambda taken: taken.cpu):.2f}",
        f"{of(lambda taken: taken.peak_mb):.0f}",
    )


def _phases(syncs: Mapping[str, Turns]) -> str:
    """Return where Bookward's seconds went, by the phases that a run tells of."""
    lines: dict[str, dict[str, float]] = {}
    for sync, contenders in syncs.items():
        for name, turns in contenders.items():
            if name.startswith(OURS):
                told = [json.loads(turn.taken.output.splitlines()[-1])["phases"] for turn in turns]
                lines[f"{name}, {sync}"] = {phase: median(t[phase] for t in told) for phase in told[0]}
    head = list(next(iter(lines.values()), {}))
    rows = [(name, *(f"{seconds.get(phase, 0):.2f}" for phase in head)) for name, seconds in lines.items()]
    return results.table(("seconds of", *head), rows) if rows else ""


def _goals(first: Turns, second: Turns) -> dict[str, bool]:
    """Return, by its sentence, whether a goal is missed."""
    ours, others = first[OURS], first[BASELINE]
    faster = median(b.taken.seconds / a.taken.seconds for a, b in zip(ours, others, strict=True))
    less = median(b.taken.cpu / a.taken.cpu for a, b in zip(ours, others, strict=True))
    memory = median(a.taken.peak_mb / b.taken.peak_mb for a, b in zip(ours, others, strict=True))
    seconds = median(turn.taken.seconds for turn in second[OURS])
    wrong = [turn.received for turn in ours if turn.received.twice or turn.received.missing]
    return {
        f"{faster:.2f} times the rows a second of {BASELINE}, at least {FASTER} (by CPU time {less:.2f})": (
            faster < FASTER
        ),
        f"{memory:.2f} times its peak memory, at most 1": memory > 1,
        f"the second sync in {seconds:.2f} s, under {SECONDS:g}": seconds >= SECONDS,
        f"{len(wrong)} first syncs with rows lost or sent twice, none": bool(wrong),
    }


if __name__ == "__main__":
    sys.exit(main())
