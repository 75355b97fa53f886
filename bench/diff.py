"""How long a re-check takes against the floor of touching every value of both inputs.

Floor and diff take turns, each in a process of its own, so that a busy machine slows both; a round counts
only when the floors before and after it are within 25 % of the best floor seen. The join is timed apart
from writing the changes. The results go to bench/RESULTS.md, too.

    python bench/diff.py --rows 1000000
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import results

from bookward.engine import diff as diff_module
from bookward.engine.diff import diff
from bookward.engine.snapshot import fold
from bookward.engine.staging import stage
from bookward.engine.workspace import Scan, Workspace, single_row

CASES = {"0%": (0, 0), "1%": (200, 400), "100%": (1, 0)}
"""Share of rows changed: every so-manieth row differs, one in so many goes and another comes (0: none)."""

_ROW = """
SELECT substr(m, 1, 8)||'-'||substr(m, 9, 4)||'-'||substr(m, 13, 4)||'-'||substr(m, 17, 4)||'-'||substr(m, 21)
    AS invoice_id,
  'INV-'||lpad(i::varchar, 9, '0') AS invoice_number,
  'Customer '||(h%200000)::varchar||' '||['Ltd','Inc','GmbH','Pty Ltd','LLC'][1+(h%5)::int] AS contact_name,
  'ap'||(h%200000)::varchar||'@cust'||(h%5000)::varchar||'.example.com' AS contact_email,
  CASE WHEN {changed} THEN 'PAID' ELSE ['DRAFT','SUBMITTED','AUTHORISED'][1+((h>>7)%3)::int] END AS status,
  ['USD','EUR','GBP','AUD','NZD'][1+((h>>11)%5)::int] AS currency,
  DATE '2024-01-01'+((h>>13)%900)::int AS issue_date, DATE '2024-01-31'+((h>>13)%900)::int AS due_date,
  (((h>>17)%1000000)/100.0)::decimal(18,2) AS subtotal, (((h>>17)%1000000)/500.0)::decimal(18,2) AS tax,
  (((h>>17)%1000000)/100.0 + CASE WHEN {changed} THEN 0.01 ELSE 0 END)::decimal(18,2) AS total,
  'Services for period '||((h>>23)%400)::varchar||' ref '||substr(m,1,12)||' PO '||((h>>29)%100000)::varchar
    AS line_description
FROM (SELECT i, hash(i) AS h, md5(i::varchar) AS m FROM range({first}, {last}) t(i)) ORDER BY hash(i + {seed})
"""


def make(folder: Path, rows: int, workspace: Workspace) -> dict[str, float]:
    """Write the snapshot and the current rows of every case; return what the snapshot costs."""
    _stage(folder / "base.parquet", rows, 0, 0, workspace, seed=1)
    (folder / "snapshot.parquet").unlink(missing_ok=True)
    diff(folder / "base.parquet", None, ["invoice_id"], 1, folder / "added.parquet", workspace)
    start = time.perf_counter()
    fold(None, folder / "added.parquet", [range(rows)], folder / "snapshot.parquet", workspace)
    seconds = time.perf_counter() - start
    for number, (name, (changed, moved)) in enumerate(CASES.items(), 2):
        _stage(folder / f"{name}.parquet", rows, changed, rows // moved if moved else 0, workspace, number)
    return {"bytes_a_row": (folder / "snapshot.parquet").stat().st_size / rows, "first_fold_s": seconds}


def _stage(path: Path, rows: int, changed: int, moved: int, workspace: Workspace, seed: int) -> None:
    wanted = f"i % {changed} = 0" if changed else "false"
    raw = path.with_suffix(".raw")
    with workspace.connect() as connection:
        query = _ROW.format(changed=wanted, first=moved, last=rows + moved, seed=seed * 10**12)
        connection.execute("SET preserve_insertion_order = true")
        connection.execute(f"COPY ({query}) TO '{raw}' (FORMAT parquet)")
    with pq.ParquetFile(raw) as file:
        stage(file.schema_arrow, file.iter_batches(65_536), path, lambda _: None)
    raw.unlink()


def floor(folder: Path, case: str, workspace: Workspace) -> dict[str, Any]:
    """Touch every value of both inputs."""
    start, cpu = time.perf_counter(), time.process_time()
    with workspace.connect() as connection:
        for path in (folder / "snapshot.parquet", folder / f"{case}.parquet"):
            scan = Scan(path, "s")
            values = ", ".join(scan.columns(scan.schema.names))
            single_row(connection, f"SELECT bit_xor(hash({values})) FROM {scan.sql}")
    return {"s": time.perf_counter() - start, "cpu_s": time.process_time() - cpu}


def compare(folder: Path, case: str, workspace: Workspace) -> dict[str, Any]:
    """Diff, and say how long it took up to the moment when the changes are being written."""
    moments: list[tuple[float, float]] = []
    write = diff_module.write_changes

    def timed(*arguments: Any) -> None:
        moments.append((time.perf_counter(), time.process_time()))
        write(*arguments)

    diff_module.write_changes = timed
    start, cpu = time.perf_counter(), time.process_time()
    counts = diff(
        folder / f"{case}.parquet",
        folder / "snapshot.parquet",
        ["invoice_id"],
        1,
        folder / "changes.parquet",
        workspace,
    )
    return {
        "s": moments[0][0] - start,
        "cpu_s": moments[0][1] - cpu,
        "write_s": time.perf_counter() - moments[0][0],
        "changes": counts.changes,
        "same": counts.same,
    }


Result = dict[str, Any]


def in_a_process(what: str, folder: Path, case: str, memory: str) -> dict[str, Any]:
    command = [
        sys.executable,
        __file__,
        "--one",
        what,
        "--case",
        case,
        "--folder",
        str(folder),
        "--memory",
        memory,
    ]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def one(what: str, folder: Path, case: str, workspace: Workspace) -> dict[str, Any]:
    result = {"floor": floor, "compare": compare}[what](folder, case, workspace)
    return result | {"rss_mb": _peak_memory()}


def _peak_memory() -> float:
    # Not getrusage: its maximum is inherited from the process that started this one.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


HEAD = (
    *("changed", "times the floor", "from", "to", "in CPU time"),
    *("diff s", "writing s", "changes", "peak MB", "clean rounds"),
)


def measure(folder: Path, rounds: int, memory: str) -> tuple[float, str]:
    """Return the best floor in seconds, and the table of the cases."""
    in_a_process("floor", folder, "0%", memory)
    samples: dict[str, list[tuple[Result, Result, Result]]] = {case: [] for case in CASES}
    for _ in range(rounds):
        for case in CASES:
            before = in_a_process("floor", folder, case, memory)
            result = in_a_process("compare", folder, case, memory)
            samples[case].append((before, in_a_process("floor", folder, case, memory), result))
    best = min(floor["s"] for runs in samples.values() for *floors, _ in runs for floor in floors)
    lines = []
    for case, runs in samples.items():
        clean = [run for run in runs if max(floor["s"] for floor in run[:2]) <= 1.25 * best]
        lines.append(_line(case, clean or runs, f"{len(clean)} of {len(runs)}"))
    return best, results.table(HEAD, lines)


def _line(case: str, runs: list[tuple[Result, Result, Result]], clean: str) -> tuple[str, ...]:
    def ratios(unit: str) -> list[float]:
        return [result[unit] / statistics.mean(floor[unit] for floor in floors) for *floors, result in runs]

    seconds, writing = (statistics.median(run[2][unit] for run in runs) for unit in ("s", "write_s"))
    wall = ratios("s")
    return (
        case,
        f"{statistics.median(wall):.2f}",
        f"{min(wall):.2f}",
        f"{max(wall):.2f}",
        f"{statistics.median(ratios('cpu_s')):.2f}",
        f"{seconds:.3f}",
        f"{writing:.3f}",
        f"{runs[-1][2]['changes']:,}",
        f"{max(result['rss_mb'] for *_, result in runs):.0f}",
        clean,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of 12 columns (default: 1000000)")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of floor, diff, floor (default: 7)")
    parser.add_argument("--memory", default="1GB", help="DuckDB's memory limit (default: 1GB)")
    parser.add_argument("--folder", type=Path, help="where to keep the files (default: a temporary folder)")
    parser.add_argument("--one", choices=["floor", "compare"], help=argparse.SUPPRESS)
    parser.add_argument("--case", choices=list(CASES), default="0%", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        workspace = Workspace(folder=options.folder / "spill", memory_limit=options.memory)
        print(json.dumps(one(options.one, options.folder, options.case, workspace)))
        return
    with tempfile.TemporaryDirectory(prefix="bookward-bench-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        costs = make(folder, options.rows, Workspace(folder=folder / "spill", memory_limit=options.memory))
        best, table = measure(folder, options.rounds, options.memory)
    note = (
        f"{options.rows:,} rows of 12 columns, {options.memory} of memory for DuckDB: the snapshot takes "
        f"{costs['bytes_a_row']:.1f} bytes a row, its first fold {costs['first_fold_s']:.2f} s, "
        f"the best floor {best:.3f} s."
    )
    print(note, table, sep="\n\n")
    command = f"python bench/diff.py --rows {options.rows} --rounds {options.rounds}"
    results.keep("Diff against its floor", command, note, table)


if __name__ == "__main__":
    main()
