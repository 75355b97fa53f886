"""Runs as tables: the same in a DuckDB file, in Parquet files and in PostgreSQL, each run there once."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

import duckdb
import pytest

from bookward import logkeeping
from bookward.logtables.writing import SNAPSHOT
from tests.integration.test_bad_xero import lost
from tests.integration.world import World

Ask = Callable[[str], list[tuple[Any, ...]]]
SCHEMA = "bookward audit"


@pytest.fixture(params=["duckdb", "parquet", "postgres"])
def ask(request: pytest.FixtureRequest, world: World) -> Ask:
    """Have logs of a kind, and what queries them."""
    folder = world.root / "logs"
    if request.param == "postgres":
        world.environ["LOGS_URL"] = world.warehouse.url
        world.warehouse.execute(f'DROP SCHEMA IF EXISTS "{SCHEMA}" CASCADE')
        logs = f"{{type: postgres, url: '${{LOGS_URL}}', schema: {SCHEMA}}}"
    elif request.param == "duckdb":
        logs = "{type: duckdb, path: audit.duckdb}"
    else:
        logs = f"{{type: parquet, url: 'file://{folder}'}}"
    world.edit("project.yaml", "name:", f"logs: {logs}\nname:")

    def asked(sql: str) -> list[tuple[Any, ...]]:
        if request.param == "postgres":
            return world.warehouse.execute(f'SET search_path = "{SCHEMA}"; {sql}')
        path = ":memory:" if request.param == "parquet" else str(world.root / "audit.duckdb")
        with closing(duckdb.connect(path)) as connection:
            for name in ("sync_runs", "sync_changelog", "api_calls") if request.param == "parquet" else ():
                files = f"{folder}/{name}/*/*.parquet"
                connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{files}')")
            if request.param == "parquet":
                connection.execute(SNAPSHOT.format(schema=""))  # as docs/how-to/logs.md says
            return connection.execute(sql).fetchall()

    return asked


def test_what_was_planned_and_done_about_every_row(world: World, ask: Ask) -> None:
    world.customers((1, "Ann"), (2, "Same"), (3, "Same"))
    first = world.run().run
    columns = "row_id, op_type, status, failure_reason IS NOT NULL, operation, outcome, remote_id IS NOT NULL"
    assert ask(f"SELECT {columns} FROM sync_changelog ORDER BY row_id") == [
        ("1", "added", "succeeded", False, "insert", "accepted", True),
        ("2", "added", "failed", True, "reject", "rejected", False),
        ("3", "added", "failed", True, "reject", "rejected", False),
    ]
    ((fields,),) = ask("SELECT fields FROM sync_changelog WHERE row_id = '1'")
    assert json.loads(fields)["name"] == "Ann"
    world.warehouse.execute("DELETE FROM customers WHERE id = 1")
    world.clock.sleep(60)
    second = world.run().run
    assert ask(
        "SELECT sync_run_id, status, primary_key, destination, model_name, num_planned_add, "
        "num_succeeded_add, num_failed_add, num_succeeded_remove, calls "
        "FROM sync_runs ORDER BY started_at"
    ) == [
        (first.id, "done", "id", "xero", "customers", 3, 1, 2, 0, first.counts["calls"]),
        (second.id, "done", "id", "xero", "customers", 2, 0, 2, 1, second.counts["calls"]),
    ]
    assert ask("SELECT count(*) FROM api_calls") == [(first.counts["calls"] + second.counts["calls"],)]


def test_the_snapshot_knows_each_row_last(world: World, ask: Ask) -> None:
    world.customers((1, "Ann"))
    world.run()
    world.warehouse.execute("UPDATE customers SET name = 'Anna' WHERE id = 1")
    world.clock.sleep(60)
    world.run()
    assert ask("SELECT row_id, op_type, status FROM sync_snapshot") == [("1", "changed", "succeeded")]


def test_what_could_not_be_written_is_written_by_the_next_run_and_once(
    world: World, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.many(2)
    with monkeypatch.context() as broken:
        broken.setattr(logkeeping, "tables_of", _fails)
        with closing(world.app()) as app, pytest.raises(KeyboardInterrupt):
            app.run("customers")
    assert len(world.contacts()) == 2  # the run itself had ended before
    world.run()
    world.run()
    assert ask("SELECT count(*), count(DISTINCT sync_run_id) FROM sync_runs") == [(3, 3)]
    assert ask("SELECT count(*) FROM sync_changelog") == [(2,)]


def test_a_run_is_written_once_it_is_known_what_became_of_its_rows(world: World, ask: Ask) -> None:
    world.run()
    world.many(2)
    world.clock.sleep(60)
    cut_off = lost(world).run
    assert cut_off.counts["rows_pending"] == 2
    assert ask("SELECT count(*) FROM sync_runs") == [(1,)]
    world.clock.sleep(60)
    world.run()
    runs = f"sync_runs WHERE sync_run_id = '{cut_off.id}'"
    assert ask(f"SELECT status, num_planned_add, num_succeeded_add FROM {runs}") == [("paused", 2, 2)]
    assert ask("SELECT row_id, status, outcome, fields IS NOT NULL FROM sync_changelog ORDER BY row_id") == [
        ("1", "succeeded", "accepted", True),
        ("2", "succeeded", "accepted", True),
    ]


def _fails(*_: object) -> None:
    raise KeyboardInterrupt  # as if the process were ended in the middle of it


def test_a_run_goes_on_where_its_logs_cannot_be_written(world: World) -> None:
    world.edit("project.yaml", "name:", "logs: {type: duckdb, path: nowhere/audit.duckdb}\nname:")
    world.many(1)
    report = world.run()
    assert str(report.run.state) == "done"
    assert "The logs cannot be written to" in report.logs
    (world.root / "nowhere").mkdir()
    assert world.run().logs == ""
    with closing(duckdb.connect(str(world.root / "nowhere/audit.duckdb"))) as connection:
        assert connection.execute("SELECT count(*) FROM sync_runs").fetchall() == [(2,)]


@pytest.mark.parametrize("secret", ["topsecret", "top/secret"])
def test_keys_in_the_url_of_the_logs_are_not_repeated(world: World, secret: str) -> None:
    url = f"s3://AKIA:{secret}@bucket/logs?regoin=x"
    world.edit("project.yaml", "name:", f"logs: {{type: parquet, url: '{url}'}}\nname:")
    said = world.run().logs
    assert "cannot be written to s3://bucket/logs: " in said
    assert "secret" not in said


def test_rows_can_be_left_out(world: World) -> None:
    world.edit("project.yaml", "name:", "logs: {type: duckdb, path: a.duckdb, fields: false}\nname:")
    world.many(1)
    world.run()
    with closing(duckdb.connect(str(world.root / "a.duckdb"))) as connection:
        assert connection.execute("SELECT row_id, fields FROM sync_changelog").fetchall() == [("1", None)]
