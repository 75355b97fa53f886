"""More rows than fit into a small memory."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bookward.app import App
from bookward.demo.browser import allow_access
from bookward.demo.company import make_company, point_to
from bookward.demo.xero.options import Options
from bookward.demo.xero.server import LocalXero

ROWS = 150_000
RUN = """
import sys
from bookward.cli.main import main
try:
    main()
finally:
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(peak, file=sys.stderr)
"""


def peak_megabytes(project: Path) -> int:
    """Run the sync in a process of its own and return the most memory it had."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, "-C", str(project), "run", "users-to-contacts"],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=900,
        check=True,
    )
    return int(done.stderr.split("VmHWM:")[1].split()[0]) // 1024


@pytest.mark.nightly
@pytest.mark.timeout(1200)
def test_many_rows_arrive_in_bounded_memory(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    project = tmp_path / "company"
    books = tmp_path_factory.mktemp("xero") / "books.db"  # Xero's, so it may hold the tokens that it gave
    make_company(project, ROWS)
    unlimited = Options(minute_limit=10**6, day_limit=10**6, app_minute_limit=10**6)
    with LocalXero.running(books, options=unlimited) as xero:
        point_to(project, xero.url)
        with closing(App(project)) as app:
            app.connect("xero-demo", allow_access, lambda found: found[0])
        assert peak_megabytes(project) < 900
        assert len(xero.contacts()) == ROWS
        xero.reset_calls()
        assert peak_megabytes(project) < 600
        assert xero.calls == []
