"""Counts how often a process waits for the disk, by strace."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import results
from peers_installed import CACHE
from tasks import TASKS

from bookward.app import App
from bookward.demo.browser import allow_access
from bookward.demo.company import make_company, point_to
from bookward.demo.xero.options import Options
from bookward.demo.xero.server import LocalXero

FEW, MANY, BATCH = 100, 400, 50  # calls of the runs that are compared
JOURNAL = "journal, for each batch"
RUN, BESIDE = "bookward run, for each API call", "bookward run, beside its calls"
_COUNTED = re.compile(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(?:fsync|fdatasync)$", re.MULTILINE)
_HOW_TO_INSTALL = "This needs strace. Install it with `sudo apt-get install strace`."
_LIMITS = Options(minute_limit=1_000_000, day_limit=1_000_000, app_minute_limit=1_000_000)
_PROGRAM = "from bookward.cli.main import main; main()"


def measure(journal: Path, batches: int) -> Mapping[str, float]:
    """Return how often the disk is waited for: by batch of the journal alone, by API call of a whole run.

    A run waits for its plan, its snapshot and more beside; what its calls cost shows in how two runs differ.

    Raises:
        SystemExit: strace is missing, or the process failed.
    """
    with TemporaryDirectory(dir=CACHE) as folder:
        command = [sys.executable, journal, "--batches", batches, "--only", folder]
        alone = traced(command, os.environ)
    (few, few_calls), (many, many_calls) = _of_a_run(FEW), _of_a_run(MANY)
    a_call = (many - few) / (many_calls - few_calls)
    return {JOURNAL: alone / batches, RUN: a_call, BESIDE: few - a_call * few_calls}


def table(counts: Mapping[str, float]) -> str:
    """Return the figures of ``measure`` as a table."""
    lines = [(name, f"{count:.2f}") for name, count in counts.items()]
    return results.table(("waits for the disk", "fsync + fdatasync"), lines)


def traced(command: Sequence[object], environ: Mapping[str, str]) -> int:
    """Run a command and return how often it, or a child or thread of it, waited for the disk."""
    strace = shutil.which("strace")
    if strace is None:
        raise SystemExit(_HOW_TO_INSTALL)
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        counting = [strace, "-f", "-c", "-e", "trace=fsync,fdatasync", "-o", report]
        done = subprocess.run(
            [*counting, *map(str, command)], env=environ, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr}")
        return counted(report.read_text())


def counted(report: str) -> int:
    """Return how many calls of fsync and fdatasync a report of `strace -c` counts."""
    return sum(map(int, _COUNTED.findall(report)))


def _of_a_run(batches: int) -> tuple[int, int]:
    """Return how often a whole run of so many batches waits for the disk, and how many API calls it makes."""
    with TemporaryDirectory(dir=CACHE) as folder, LocalXero.running(None, options=_LIMITS) as xero:
        project = Path(folder) / "company"
        environ = os.environ | {"BOOKWARD_KEY_FILE": str(Path(folder) / "key")}
        make_company(project, 1000)
        point_to(project, xero.url)
        task = TASKS["contacts"]
        (project / "models" / "bench.yaml").write_text("source: warehouse\nprimary_key: id\n")
        (project / "models" / "bench.sql").write_text(task.sql.format(rows=batches * BATCH))
        (project / "syncs" / "bench.yaml").write_text(task.sync)
        with (project / "destinations" / "xero-demo.yaml").open("a") as file:
            file.write(f"batch_size: {BATCH}\n")
        with closing(App(project, environ=environ)) as app:
            app.connect("xero-demo", allow_access, lambda found: found[0])
        xero.reset_calls()
        count = traced([sys.executable, "-c", _PROGRAM, "-C", project, "run", "bench"], environ)
        calls = sum("/api.xro/" in call[1] for call in xero.calls)
        assert calls >= batches, xero.calls
        return count, calls
