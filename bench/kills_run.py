"""One run on the clock of the local Xero, in a process that somebody else kills; prints its phases.

python bench/kills_run.py PROJECT SYNC
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path

import repository  # noqa: F401 - finds the tests
from tests.crash.killing import BorrowedClock

from bookward.app import App
from bookward.errors import BookwardError
from bookward.ports import Progress


def main() -> None:
    """Run the sync."""
    told = ""

    def tell(progress: Progress) -> None:
        nonlocal told
        if progress.phase != told:
            told = progress.phase
            print(told, flush=True)

    with closing(App(Path(sys.argv[1]), clock=BorrowedClock(os.environ["XERO_URL"]))) as app:
        print("begun", flush=True)
        try:
            app.run(sys.argv[2], tell)
        except BookwardError as error:
            sys.exit(f"{error.code}: {error.message}")


if __name__ == "__main__":
    main()
