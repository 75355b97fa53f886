"""One run of Bookward's in a process of its own, which imports nothing else.

python bench/peers_bookward.py PROJECT     # prints the seconds of every phase and the counts
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing
from pathlib import Path

from bookward.app import App
from bookward.ports import Progress
from bookward.tuning import tuned


def main() -> int:
    """Run the sync."""
    moments: dict[str, float] = {}

    def note(progress: Progress) -> None:
        moments.setdefault(progress.phase, time.perf_counter())

    with closing(App(Path(sys.argv[1]))) as app, tuned():
        begun = time.perf_counter()
        run = app.run("contacts", note).run
    ends = [*moments.values(), time.perf_counter()][1:]
    phases = {name: end - start for (name, start), end in zip(moments.items(), ends, strict=True)}
    phases["opening"] = next(iter(moments.values())) - begun
    told = {"state": run.state, "error": run.error_message, "phases": phases, "counts": run.counts}
    print(json.dumps(told))
    return run.state != "done"


if __name__ == "__main__":
    sys.exit(main())
