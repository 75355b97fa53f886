"""Reads a whole query in a process of its own and prints by how many megabytes the process grew.

Usage: memory.py TYPE SPEC QUERY
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bookward.sources.base import open_source, source_classes


def measured(kind: str, spec: Mapping[str, Any], query: str) -> tuple[int, int]:
    """Return how many rows a query gave in a process of its own, and by how many megabytes that grew."""
    done = subprocess.run(
        [sys.executable, __file__, kind, json.dumps(spec), query], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return found["rows"], found["grown"]


def resident() -> int:
    """Return the megabytes in use now, or the most there ever were where the system does not say."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() >> 20
    return most()


def most() -> int:
    """Return the most megabytes there ever were in use: what is gone before a batch comes counts, too."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) >> 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20


def main(kind: str, spec: str, query: str) -> None:
    source = open_source("warehouse", source_classes()[kind].spec_class(**json.loads(spec)))
    with source.read("SELECT 1 AS one") as rows:
        list(rows.batches)
    before, read = resident(), 0
    with source.read(query) as rows:
        for batch in rows.batches:
            read += batch.num_rows
    sys.stdout.write(json.dumps({"rows": read, "grown": most() - before}))


if __name__ == "__main__":
    main(*sys.argv[1:])
