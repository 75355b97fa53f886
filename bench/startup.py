"""How long `bookward --help` takes, beside an interpreter that does nothing.

    python bench/startup.py

The two are run in turns, so that what else the machine does falls on both; the median counts. The results go
to bench/RESULTS.md, too.
"""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

import results

ROUNDS = 15
GOAL = 0.3  # seconds, for `bookward --help`

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "bookward --version": ["-c", "from bookward.cli.main import main; main()", "--version"],
    "bookward --help": ["-c", "from bookward.cli.main import main; main()", "--help"],
    "bookward run --help": ["-c", "from bookward.cli.main import main; main()", "run", "--help"],
}


def main() -> int:
    """Measure, print a table, and return 1 when the goal is missed."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, words in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True)
            times[name].append(time.perf_counter() - start)
    floor = median(times["python -c pass"])
    lines = [
        (name, f"{median(taken) * 1000:.0f}", f"{median(taken) / floor:.1f}") for name, taken in times.items()
    ]
    table = results.table(("command", "ms", "times the floor"), lines)
    good = median(times["bookward --help"]) < GOAL
    goal = f"Goal for --help: under {GOAL * 1000:.0f} ms: {'met' if good else 'MISSED'}."
    print(table, goal, sep="\n\n")
    results.keep("Starting the command line", "python bench/startup.py", table, goal)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
