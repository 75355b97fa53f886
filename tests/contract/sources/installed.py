"""Reads a query with what is installed, and prints what came of it. Usage: installed.py TYPE SPEC QUERY."""

from __future__ import annotations

import json
import sys

from bookward.errors import BookwardError
from bookward.sources.base import open_source, source_classes


def main(kind: str, spec: str, query: str) -> None:
    given = source_classes()[kind].spec_class(**json.loads(spec))
    try:
        with open_source("warehouse", given).read(query) as rows:
            found = [list(row.values()) for batch in rows.batches for row in batch.to_pylist()]
            said = {"rows": found}
    except BookwardError as error:
        said = {"error": error.code, "message": error.message, "remedy": error.remedy}
    sys.stdout.write(json.dumps(said, default=str))


if __name__ == "__main__":
    main(*sys.argv[1:])
