"""The rows that the re-check is measured with: 12 columns of invoices, as accepted and as they are now."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from random import Random

import duckdb
import pyarrow as pa

from bookward.engine.diff import diff
from bookward.engine.snapshot import fold
from bookward.engine.staging import stage
from bookward.engine.workspace import Workspace, arrow_batches

KEY = ("invoice_id",)
CONFIG = 1
_BLOCK = 1_000_000

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


@dataclass(frozen=True, kw_only=True)
class Case:
    """Rows that differ: every so-manieth one changed; of so many, one goes and another comes (0: none)."""

    every: int = 0
    of: int = 0

    def moved(self, rows: int) -> int:
        """Return how many rows go, and how many come."""
        return rows // self.of if self.of else 0

    def counts(self, rows: int) -> dict[str, int]:
        """Return what a diff must find."""
        moved = self.moved(rows)
        changed = -(-rows // self.every) - -(-moved // self.every) if self.every else 0
        return {"same": rows - moved - changed, "changed": changed, "added": moved, "removed": moved}


CASES = {"0%": Case(), "1%": Case(every=200, of=400), "100%": Case(every=1)}


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What the snapshot costs."""

    bytes_a_row: float
    first_fold: float  #: seconds


def make(folder: Path, rows: int, cases: Sequence[str], workspace: Workspace) -> Costs:
    """Write the snapshot and the current rows of every case, each only if it is not there yet."""
    costs = folder / "costs.json"
    if not costs.exists():
        costs.write_text(json.dumps(_snapshot(folder, rows, workspace)))
    for number, (name, case) in enumerate(CASES.items(), 2):
        if name in cases and not (path := current(folder, name)).exists():
            _stage(path, rows, case, workspace, seed=number)
    return Costs(**json.loads(costs.read_text()))


def snapshot(folder: Path) -> Path:
    """Return the file of what was accepted."""
    return folder / "snapshot.parquet"


def current(folder: Path, case: str) -> Path:
    """Return the file of the rows as they are now."""
    return folder / f"{case}.parquet"


def _snapshot(folder: Path, rows: int, workspace: Workspace) -> dict[str, float]:
    base, added = folder / "base.parquet", folder / "added.parquet"
    _stage(base, rows, Case(), workspace, seed=1)
    diff(base, None, KEY, CONFIG, added, workspace)
    begun = time.perf_counter()
    fold(None, added, [range(rows)], snapshot(folder), workspace)
    seconds = time.perf_counter() - begun
    base.unlink()
    added.unlink()
    return {"bytes_a_row": snapshot(folder).stat().st_size / rows, "first_fold": seconds}


def _stage(path: Path, rows: int, case: Case, workspace: Workspace, seed: int) -> None:
    unfinished = path.with_suffix(".unfinished")
    with workspace.connect() as connection:
        batches = _batches(connection, rows, case, seed)
        first = next(batches)
        stage(first.schema, chain([first], batches), unfinished, lambda _: None)
    unfinished.rename(path)


def _batches(
    connection: duckdb.DuckDBPyConnection, rows: int, case: Case, seed: int
) -> Iterator[pa.RecordBatch]:
    """Yield the rows in no order: mixed within each million, and the millions among themselves."""
    moved = case.moved(rows)
    starts = list(range(moved, rows + moved, _BLOCK))
    Random(seed).shuffle(starts)
    for start in starts:
        changed = f"i % {case.every} = 0" if case.every else "false"
        last = min(start + _BLOCK, rows + moved)
        query = _ROW.format(changed=changed, first=start, last=last, seed=seed * 10**12)
        yield from arrow_batches(connection, query, 65_536)
