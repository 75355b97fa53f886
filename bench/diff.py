"""How long a re-check takes against the floor of touching every value of both inputs.

    python bench/diff.py --rows 1000000
    python bench/diff.py --rows 10000000                      # some 20 minutes
    python bench/diff.py --rows 50000000 --folder /some/disk  # an hour; 15 GB, made once and kept there

Floor and diff take turns, each in a process of its own, so that a busy machine slows both. A round counts
only when the floors before and after it are within 25 % of the best floor seen; where too few rounds do, more
are tried, up to five times as many. Where none does, the seconds say nothing, and the processor's time is
left. The join is timed apart from writing the changes. Each number of rows has its own section in
bench/RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import results
from diff_data import CASES, CONFIG, KEY, current, make, snapshot
from diff_report import Round, clean, goals, table

from bookward.engine import diff as diff_module
from bookward.engine.diff import diff
from bookward.engine.workspace import Scan, Workspace, single_row

_MOST_TRIES = 5  # times the rounds that are wanted
_ROOM = "6GB"  # of memory for making the files, which is not what is measured


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is measured of a number of rows."""

    rounds: int  #: clean ones wanted of each case
    memory: str  #: DuckDB's limit
    cases: tuple[str, ...] = tuple(CASES)


PLANS = {
    1_000_000: Plan(rounds=7, memory="1GB"),
    10_000_000: Plan(rounds=3, memory="1250MB"),
    50_000_000: Plan(rounds=1, memory="2GB", cases=("0%", "1%")),
}


def main() -> int:
    """Measure, print and keep; return 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000, help="of 12 columns (default: 1000000)")
    parser.add_argument("--rounds", type=int, help="clean ones wanted (default: by the number of rows)")
    parser.add_argument("--memory", help="DuckDB's memory limit (default: by the number of rows)")
    parser.add_argument("--folder", type=Path, help="where to make the files, and find them again")
    parser.add_argument("--one", choices=["floor", "compare"], help=argparse.SUPPRESS)
    parser.add_argument("--case", choices=list(CASES), default="0%", help=argparse.SUPPRESS)
    options = parser.parse_args()
    plan = PLANS.get(options.rows, PLANS[1_000_000])
    plan = replace(plan, rounds=options.rounds or plan.rounds, memory=options.memory or plan.memory)
    if options.one:
        print(json.dumps(one(options.one, options.folder, options.case, plan.memory)))
        return 0
    with tempfile.TemporaryDirectory(prefix="bookward-bench-") as temporary:
        return _report(options.rows, plan, (options.folder or Path(temporary)) / str(options.rows))


def _report(rows: int, plan: Plan, folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    costs = make(folder, rows, plan.cases, _workspace(folder, _ROOM))
    rounds = measure(folder, plan)
    note = (
        f"{rows:,} rows of 12 columns, {plan.memory} of memory for DuckDB: the snapshot takes "
        f"{costs.bytes_a_row:.1f} bytes a row, its first fold {costs.first_fold:.2f} s."
    )
    judged = goals(rows, rounds, costs.bytes_a_row)
    parts = (note, table(rounds), "\n".join(f"- {goal}: {said}." for goal, said in judged.items()))
    print(*parts, sep="\n\n")
    if rows in PLANS:
        command = f"python bench/diff.py --rows {rows} --rounds {plan.rounds} --memory {plan.memory}"
        results.keep(f"Diff of {rows:,} rows against its floor", command, *parts)
    return "MISSED" in judged.values()


def measure(folder: Path, plan: Plan) -> dict[str, list[Round]]:
    """Return the rounds of every case: as many clean ones as are wanted, if that many tries give them."""
    _in_a_process("floor", folder, plan.cases[0], plan.memory)
    rounds: dict[str, list[Round]] = {case: [] for case in plan.cases}
    for _ in range(plan.rounds * _MOST_TRIES):
        wanting = [case for case, found in clean(rounds).items() if len(found) < plan.rounds]
        if not wanting:
            break
        for case in wanting:
            before = _in_a_process("floor", folder, case, plan.memory)
            compared = _in_a_process("compare", folder, case, plan.memory)
            after = _in_a_process("floor", folder, case, plan.memory)
            rounds[case].append(Round(floors=(before, after), compared=compared))
            print(f"{case}: {before['s']:.2f}, {compared['s']:.2f}, {after['s']:.2f} s", file=sys.stderr)
    return rounds


def _in_a_process(what: str, folder: Path, case: str, memory: str) -> dict[str, Any]:
    given = {"--one": what, "--case": case, "--folder": folder, "--memory": memory}
    words = [str(word) for pair in given.items() for word in pair]
    command = [sys.executable, __file__, *words]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def one(what: str, folder: Path, case: str, memory: str) -> dict[str, Any]:
    """Measure one thing in this process."""
    result = {"floor": floor, "compare": compare}[what](folder, case, _workspace(folder, memory))
    return result | {"rss_mb": _peak_memory()}


def floor(folder: Path, case: str, workspace: Workspace) -> dict[str, Any]:
    """Touch every value of both inputs."""
    start, cpu = time.perf_counter(), time.process_time()
    with workspace.connect() as connection:
        for path in (snapshot(folder), current(folder, case)):
            scan = Scan(path, "s")
            values = ", ".join(scan.columns(scan.schema.names))
            single_row(connection, f"SELECT bit_xor(hash({values})) FROM {scan.sql}")
    return {"s": time.perf_counter() - start, "cpu_s": time.process_time() - cpu}


def compare(folder: Path, case: str, workspace: Workspace) -> dict[str, Any]:
    """Diff, and say how long it took up to the moment when the changes are being written.

    Raises:
        SystemExit: it found other changes than there are.
    """
    moments: list[tuple[float, float]] = []
    write = diff_module.write_changes

    def timed(*arguments: Any) -> None:
        moments.append((time.perf_counter(), time.process_time()))
        write(*arguments)

    diff_module.write_changes = timed
    start, cpu = time.perf_counter(), time.process_time()
    changes = folder / "changes.parquet"
    counts = diff(current(folder, case), snapshot(folder), KEY, CONFIG, changes, workspace)
    end = time.perf_counter()
    changes.unlink()
    expected = CASES[case].counts(counts.rows)
    if {name: getattr(counts, name) for name in expected} != expected:
        raise SystemExit(f"{case}: {counts} instead of {expected}")
    return {
        "s": moments[0][0] - start,
        "cpu_s": moments[0][1] - cpu,
        "write_s": end - moments[0][0],
        "changes": counts.changes,
    }


def _workspace(folder: Path, memory: str) -> Workspace:
    return Workspace(folder=folder / "spill", memory_limit=memory)


def _peak_memory() -> float:
    # Not getrusage: its maximum is inherited from the process that started this one.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    sys.exit(main())
