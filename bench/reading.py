"""How fast databases are read, and in how much memory, beside the bare driver of each.

    python bench/reading.py --rows 300000

Both take turns, each in a process of its own, so that a busy machine slows both; the median of each counts.
The floor is the driver's own fetch of the same rows, which are thrown away: Bookward also makes them into
Arrow of exact types. What answers is on the same machine: PostgreSQL and MariaDB themselves, the others by
stubs of their protocols with PostgreSQL or DuckDB behind, whose own time both pay. So the ratio counts, and
no speed. Databricks and Athena have no driver here: their floor is the bare requests that fetch a result.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import results

sys.path.insert(0, str(Path(__file__).parents[1]))

from pydantic import SecretStr
from reading_floor import FLOORS
from tests.peers.athena import running_athena
from tests.peers.bigquery import running_bigquery
from tests.peers.clickhouse import DuckEngine, running_clickhouse
from tests.peers.databricks import running_databricks
from tests.peers.firebolt import running_firebolt
from tests.peers.mariadb import running_mariadb
from tests.peers.objectstore import running_object_store
from tests.peers.postgres import Postgres, running_postgres
from tests.peers.redshift import running_redshift
from tests.peers.snowflake import running_snowflake
from tests.peers.sqlserver import running_sqlserver
from tests.peers.trino import running_trino

from bookward.spec.source import SourceSpec

GOAL_MEMORY = 100  # MB that reading may add, however large the result
GOAL_RATIO = 4.0  # times the driver's own fetch
_COLUMNS = """
n AS id, 'Customer ' || n AS name, 'c' || n || '@example.com' AS email,
CASE WHEN n % 5 > 0 THEN 'note ' || n END AS note, CAST(n % 1000 AS INTEGER) AS quantity,
CAST(n AS DOUBLE PRECISION) / 7 AS share, CAST(n * 0.01 AS DECIMAL(12, 2)) AS amount,
TIMESTAMP '2026-01-01 00:00:00' + n * INTERVAL '1 second' AS made,
DATE '2026-01-01' + CAST(n % 900 AS INTEGER) AS due, n % 2 = 0 AS paid
"""
_TABLE = f"CREATE TABLE facts AS SELECT {_COLUMNS} FROM generate_series(1, {{}}) AS t(n)"
_MARIADB = """
CREATE TABLE facts AS SELECT seq AS id, concat('Customer ', seq) AS name,
concat('c', seq, '@example.com') AS email, if(seq % 5 > 0, concat('note ', seq), NULL) AS note,
cast(seq % 1000 AS int) AS quantity, cast(seq AS double) / 7 AS share,
cast(seq * 0.01 AS decimal(12, 2)) AS amount, timestamp '2026-01-01 00:00:00' + INTERVAL seq second AS made,
date '2026-01-01' + INTERVAL seq % 900 day AS due, seq % 2 = 0 AS paid FROM seq_1_to_{}
"""
_QUERY = "SELECT * FROM facts"


@contextmanager
def sources(rows: int) -> Iterator[dict[str, dict[str, Any]]]:
    """Give the specification of each source, with a table of so many rows."""
    table = _TABLE.format(rows)
    with ExitStack() as stack:
        server = stack.enter_context(running_postgres())
        server.execute(table)
        mariadb = stack.enter_context(running_mariadb())
        mariadb.execute("CREATE DATABASE bench")
        mariadb.execute(_MARIADB.format(rows), "bench")
        yield {
            "postgres": {"url": server.url},
            "mysql": _of(mariadb, "bench"),
            "redshift": _redshift(stack, server),
            "clickhouse": _clickhouse(stack, table),
            "sqlserver": _sqlserver(stack, table),
            "trino": _trino(stack, table),
            "firebolt": _firebolt(stack, table),
            **_clouds(stack, table),
        }


def _of(server: Any, database: str, **more: Any) -> dict[str, Any]:
    signed_in = {"user": server.user, "password": server.password}
    return {"host": "127.0.0.1", "port": server.port, "database": database, **signed_in, **more}


def _redshift(stack: ExitStack, server: Postgres) -> dict[str, Any]:
    front = stack.enter_context(running_redshift(server))
    return _of(server, server.database, sslmode="disable") | {"port": front.port}


def _clickhouse(stack: ExitStack, table: str) -> dict[str, Any]:
    server = stack.enter_context(running_clickhouse())
    assert isinstance(server.engine, DuckEngine)
    _make(server.engine.duck, table)
    return _of(server, "bench", sslmode="disable")


def _sqlserver(stack: ExitStack, table: str) -> dict[str, Any]:
    server = stack.enter_context(running_sqlserver())
    _make(server.duck, table)
    return _of(server, "bench", sslmode="disable")


def _trino(stack: ExitStack, table: str) -> dict[str, Any]:
    server = stack.enter_context(running_trino())
    _make(server.duck, table)
    where = {"host": "127.0.0.1", "port": server.port, "user": server.user}
    return {**where, "catalog": "memory", "default_schema": "bench", "sslmode": "disable"}


def _firebolt(stack: ExitStack, table: str) -> dict[str, Any]:
    server = stack.enter_context(running_firebolt())
    _make(server.duck, table)
    return {"url": server.url, "database": "bench"}


def _clouds(stack: ExitStack, table: str) -> dict[str, dict[str, Any]]:
    snowflake = stack.enter_context(running_snowflake())
    bigquery = stack.enter_context(running_bigquery())
    databricks = stack.enter_context(running_databricks())
    athena = stack.enter_context(running_athena(stack.enter_context(running_object_store())))
    stubs = (snowflake, bigquery, databricks, athena)
    schemas = [stub.data.new_schema() for stub in stubs]
    for stub, schema in zip(stubs, schemas, strict=True):
        stub.data.load(table, schema)
    return {
        "snowflake": {
            "account": "books", "user": snowflake.user, "password": snowflake.password,
            "database": "books", "default_schema": schemas[0], "url": snowflake.url,
        },
        "bigquery": {
            "project": "books", "service_account_key": bigquery.account(), "default_dataset": schemas[1],
            "url": bigquery.url,
        },
        "databricks": _plain(databricks.spec(schemas[2], token=databricks.token)),
        "athena": _plain(athena.spec(schemas[3])),
    }  # fmt: skip


def _plain(spec: SourceSpec) -> dict[str, Any]:
    given = spec.model_dump(exclude_unset=True)
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in given.items()
    }


def _make(duck: Any, table: str) -> None:
    with duck.cursor() as session:
        session.execute("CREATE SCHEMA bench; SET schema = 'bench'")
        session.execute(table)


def read(who: str, kind: str, spec: dict[str, Any]) -> dict[str, float]:
    """Read all rows in a process of its own, and return what it took."""
    script = Path(__file__).with_name("reading_floor.py")
    done = subprocess.run(
        [sys.executable, script, who, kind, json.dumps(spec), _QUERY],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{who} cannot read {kind}:\n{done.stderr[-3000:]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> int:
    """Measure, print and keep; return 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=300_000, help="rows of 10 columns (default: 300000)")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median counts (default: 3)")
    parser.add_argument("--only", nargs="*", default=list(FLOORS), choices=list(FLOORS), help="these sources")
    options = parser.parse_args()
    taken: dict[tuple[str, str], list[dict[str, float]]] = {}
    with sources(options.rows) as specs:
        for _ in range(options.rounds):
            for kind in options.only:
                for who in ("driver", "ours"):
                    found = read(who, kind, specs[kind])
                    assert found["rows"] == options.rows, (who, kind, found)
                    taken.setdefault((kind, who), []).append(found)
    lines, good = [], True
    for kind in options.only:
        (fast, floor_memory), (slow, memory) = (_medians(taken[kind, who]) for who in ("driver", "ours"))
        good = good and slow / fast <= GOAL_RATIO and memory <= GOAL_MEMORY
        speeds = (f"{options.rows / fast:,.0f}", f"{options.rows / slow:,.0f}", f"{slow / fast:.2f}")
        lines.append((kind, *speeds, f"{floor_memory:.0f}", f"{memory:.0f}"))
    head = ("source", "driver rows/s", "bookward rows/s", "times as long", "driver MB", "bookward MB")
    table = results.table(head, lines)
    goal = (
        f"Goals: at most {GOAL_RATIO:g} times as long as the driver alone, and no more than {GOAL_MEMORY} MB "
        f"over what the process has when it begins: {'met' if good else 'MISSED'}."
    )
    note = (
        f"{options.rows:,} rows of 10 columns, median of {options.rounds}. The driver's rows are thrown away "
        "as it gives them; Bookward's are Arrow of exact types. PostgreSQL and MariaDB are real, the others "
        "stubs of their protocols on the same machine, whose time is in both: the ratio counts. Databricks "
        "and Athena have no driver here: bare requests that fetch the same result stand for it."
    )
    print(note, table, goal, sep="\n\n")
    command = f"python bench/reading.py --rows {options.rows} --rounds {options.rounds}"
    results.keep("Reading databases", command, note, table, goal)
    return 0 if good else 1


def _medians(found: list[dict[str, float]]) -> tuple[float, float]:
    return median(each["seconds"] for each in found), median(each["grown"] for each in found)


if __name__ == "__main__":
    sys.exit(main())
