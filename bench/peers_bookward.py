"""Bookward's project for the comparison with others, and one run of it in a process of its own.

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

_FILES = {
    "project.yaml": "name: Bench\n",
    "sources/warehouse.yaml": "type: postgres\nurl: ${WAREHOUSE_URL}\n",
    "models/contacts.yaml": "source: warehouse\nprimary_key: id\n",
    "models/contacts.sql": "SELECT * FROM contacts\n",
    "destinations/sink.yaml": "type: sink\nurl: ${SINK_URL}\n",
    "syncs/contacts.yaml": """
model: contacts
destination: sink
object: contacts
match: {id: id}
on_removal: delete
fields:
  name: name
  email: email
  phone: phone
  first_name: first_name
  last_name: last_name
  company: company
  street: street
  city: city
  country: country
  credit: credit
  since: since
  updated_at: updated_at
""",
}


def write_project(folder: Path) -> None:
    """Write the project, without any state."""
    for path, text in _FILES.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


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
