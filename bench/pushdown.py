"""How long it takes to find what changed: in PostgreSQL itself, against reading all rows and comparing here.

A PostgreSQL server of its own is started on this machine. Beside Bookward's way, which keeps a key and a
hash of each row, the same question is put to a whole copy of the rows as they were accepted.

    python bench/pushdown.py --rows 1000000
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import results
from pydantic import SecretStr

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.peers.postgres import Postgres, running_postgres

from bookward.engine.diff import diff
from bookward.engine.places import Looked, narrowed
from bookward.engine.snapshot import fold
from bookward.engine.staging import stage
from bookward.engine.workspace import Workspace
from bookward.ports import Accepted, Advance, Question
from bookward.sources.postgres import PostgresSource, PostgresSpec

_MODEL = """
DROP TABLE IF EXISTS model;
CREATE TABLE model AS SELECT
  md5(i::text)::uuid AS invoice_id, 'INV-' || lpad(i::text, 9, '0') AS invoice_number,
  'Customer ' || (i::bigint * 7919 % 200000) AS contact_name,
  'ap' || (i::bigint * 7919 % 200000) || '@cust' || (i % 5000) || '.example.com' AS contact_email,
  (ARRAY['DRAFT', 'SUBMITTED', 'AUTHORISED'])[1 + i % 3] AS status,
  (ARRAY['USD', 'EUR', 'NZD'])[1 + i % 3] AS currency,
  DATE '2024-01-01' + i % 900 AS issue_date, DATE '2024-01-31' + i % 900 AS due_date,
  ((i::bigint * 31 % 1000000) / 100.0)::numeric(18,2) AS subtotal,
  ((i::bigint * 31 % 1000000) / 500.0)::numeric(18,2) AS tax,
  ((i::bigint * 31 % 1000000) / 100.0)::numeric(18,2) AS total,
  'Services for period ' || i % 400 || ' ref ' || substr(md5(i::text), 1, 12) AS line_description
FROM generate_series(1, {rows}) AS i;
ANALYZE model;
"""
_CHANGE = """
DELETE FROM model WHERE abs(hashtext(invoice_number)) % 1000 = 1;
UPDATE model SET total = total + 1 WHERE abs(hashtext(invoice_number)) % 100 = 0;
"""
_KEYS = ["invoice_id"]


class Bench:
    """One warehouse, a model in it, and the folder of what is known here."""

    def __init__(self, server: Postgres, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.workspace = Workspace(folder=folder / "spill")
        self.source = PostgresSource("warehouse", PostgresSpec(url=SecretStr(server.url)))
        self.names = [
            name
            for (name,) in self.sql(
                "SELECT attname FROM pg_attribute WHERE attrelid = "
                "'model'::regclass AND attnum > 0 ORDER BY attnum"
            )
        ]
        self.query = f"SELECT {', '.join(self.names)} FROM model"

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        return self.server.execute(statement)

    def prepare(self) -> None:
        """Accept the rows as they are, in the three ways."""
        self.read_all()
        current = self.folder / "all.parquet"
        diff(current, None, _KEYS, 1, self.folder / "added.parquet", self.workspace)
        rows = pq.read_metadata(current).num_rows
        fold(
            None,
            self.folder / "added.parquet",
            [range(rows)],
            self.folder / "snapshot.parquet",
            self.workspace,
        )
        self.keep()
        self.sql("CREATE TABLE accepted AS TABLE model; ANALYZE accepted")

    def read_all(self) -> int:
        with self.source.read(self.query) as rows:
            stage(rows.schema, rows.batches, self.folder / "all.parquet", lambda _: None)
        return (self.folder / "all.parquet").stat().st_size

    def here(self) -> None:
        """Read all rows and compare."""
        self.read_all()
        self._diff(self.folder / "all.parquet", self.folder / "snapshot.parquet")

    def there(self) -> None:
        """Let PostgreSQL narrow down, read what may differ, and compare."""
        pushdown = self.source.pushdown()
        read, gone = self.folder / "some.parquet", self.folder / "gone.parquet"
        with pushdown.narrow(self._accepted("one"), self._question()) as found:
            for take, path in ((found.gone, gone), (found.rows, read)):
                rows = take()
                stage(rows.schema, rows.batches, path, lambda _: None)
            assert not found.whole
        looked = Looked(read=read, current=read, gone=gone)
        narrowed(self.folder / "snapshot.parquet", looked, self.folder / "part.parquet", self.workspace)
        self._diff(read, self.folder / "part.parquet")
        self.sql(f'DROP TABLE bookward."plan_{self._question().plan}"')

    def keep(self) -> None:
        """Let PostgreSQL keep keys and hashes of all rows."""
        pushdown = self.source.pushdown()
        with pushdown.narrow(self._accepted(None), self._question()) as found:
            count = sum(batch.num_rows for batch in found.rows().batches)
        nothing = pa.schema([pa.field("place", pa.int64()), pa.field("held", pa.bool_())])
        advance = Advance(
            plan=self._question().plan,
            base=None,
            whole=True,
            looked_at=count,
            open_places=pa.RecordBatchReader.from_batches(nothing, []),
            strays=pa.table({"k0": pa.array([], pa.string())}),
            rows=count,
        )
        pushdown.advance(self._accepted("one"), advance)

    def by_values(self) -> None:
        """Ask the copy of all rows which differ, and for keys that are not one row's own."""
        differs = " OR ".join(f"m.{name} IS DISTINCT FROM a.{name}" for name in self.names[1:])
        self.sql(
            "DROP TABLE IF EXISTS found; CREATE TABLE found AS SELECT m.*, a.invoice_id AS before "
            "FROM model AS m FULL JOIN accepted AS a USING (invoice_id) "
            f"WHERE m.invoice_number IS NULL OR a.invoice_number IS NULL OR {differs}"
        )
        self.sql("SELECT invoice_id FROM model GROUP BY 1 HAVING count(*) > 1")

    def hashes(self, expression: str) -> Callable[[], object]:
        """Return the work of hashing every row."""
        row = expression.format(f"ROW({', '.join(self.names)})::text")
        return lambda: self.sql(f"SELECT {row} FROM model")

    def size(self, name: str) -> int:
        return (self.folder / name).stat().st_size

    def bytes_a_row(self, table: str, rows: int) -> float:
        query = f"SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname LIKE '{table}' "
        ((size,),) = self.sql(f"{query} AND relkind = 'r'")
        return float(size) / rows

    def _diff(self, current: Path, snapshot: Path) -> None:
        counts = diff(current, snapshot, _KEYS, 1, self.folder / "changes.parquet", self.workspace)
        assert counts.changed, counts
        assert counts.removed, counts

    def _question(self) -> Question:
        return Question(query=self.query, keys=_KEYS, config_version=1, plan="bench")

    def _accepted(self, snapshot: str | None) -> Accepted:
        return Accepted(sync="bench", organisation="books", snapshot=snapshot)


def timed(work: Callable[[], object], rounds: int) -> float:
    """Return the seconds of the best of some rounds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of 12 columns (default: 1000000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the best counts (default: 3)")
    options = parser.parse_args()
    with running_postgres() as server, tempfile.TemporaryDirectory(prefix="bookward-bench-") as folder:
        server.execute(_MODEL.format(rows=options.rows))
        server.execute("ALTER SYSTEM SET work_mem = '64MB'")
        server.execute("SELECT pg_reload_conf()")
        bench = Bench(server, Path(folder))
        first = timed(bench.prepare, 1)
        server.execute(_CHANGE)
        ways = {
            "read all rows, compare here (diff: local)": bench.here,
            "key and hash there, then compare what is left (diff: warehouse)": bench.there,
            "all values there, SQL alone": bench.by_values,
            "of that way: only hash every row, hashtextextended": bench.hashes(
                "sum(hashtextextended({}, 0))"
            ),
            "the same with md5": bench.hashes("max(md5({}))"),
        }
        seconds = {way: timed(work, options.rounds) for way, work in ways.items()}
        read = bench.size("all.parquet"), bench.size("some.parquet") + bench.size("gone.parquet")
        hashes, values = (bench.bytes_a_row(table, options.rows) for table in ("rows\\_%", "accepted"))
    table = results.table(("way", "seconds"), [(way, f"{took:.2f}") for way, took in seconds.items()])
    note = (
        f"{options.rows:,} rows of 12 columns, 1 % changed and 0.1 % gone, PostgreSQL on the same machine. "
        f"Out of the database come {read[0] / 1e6:.1f} MB (as Parquet) or {read[1] / 1e6:.2f} MB; in it stay "
        f"{hashes:.0f} bytes a row of keys and hashes, {values:.0f} with all values. "
        f"Accepting all rows in all three ways took {first:.1f} s."
    )
    print(note, table, sep="\n\n")
    command = f"python bench/pushdown.py --rows {options.rows}"
    results.keep("Comparing in the warehouse", command, note, table)


if __name__ == "__main__":
    main()
