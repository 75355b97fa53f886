"""The same sync by dlt, run in dlt's own environment: a destination function that posts batches of 100.

    python bench/peers_dlt.py sqlalchemy|pyarrow

It asks for what changed since the last run by the cursor `updated_at`, which is the most that dlt can do.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import dlt
import requests
from dlt.common.json import json
from dlt.sources.sql_database import sql_table

_HEADERS = {"Content-Type": "application/json"}
_FORMATS = {"sqlalchemy": {}, "pyarrow": {"loader_file_format": "parquet"}}
_session = requests.Session()


def _post(items: Any, _table: Any) -> None:
    rows = items if isinstance(items, list) else items.to_pylist()
    url = f"{os.environ['SINK_URL']}/rows"
    _session.post(url, data=json.dumpb(rows), headers=_HEADERS).raise_for_status()


def main() -> None:
    """Run the pipeline once; its state lies where the environment says."""
    backend = sys.argv[1]
    contacts = sql_table(
        credentials=os.environ["WAREHOUSE_URL"].replace("postgresql:", "postgresql+psycopg2:"),
        table="contacts",
        schema="public",
        backend=backend,
        incremental=dlt.sources.incremental("updated_at"),
    )
    sink = dlt.destination(_post, batch_size=100, name="sink", **_FORMATS[backend])
    print(dlt.pipeline("bench", destination=sink, dataset_name="bench").run(contacts))


if __name__ == "__main__":
    main()
