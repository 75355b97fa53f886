"""A state of every earlier release, with rows in every table, becomes one of this one and loses nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bookward.records import OutcomeStatus
from bookward.rowstate import RowState
from bookward.settings import Settings
from bookward.store.store import Store
from bookward.store.tables import metadata
from tests.fakes import FakeClock
from tests.unit.store.older import REVISIONS, make_older

Tables = dict[str, list[dict[str, Any]]]

VALUES: Mapping[str, Any] = {
    "TEXT": "text",
    "INTEGER": 7,
    "BOOLEAN": 1,
    "FLOAT": 1.5,
    "DATETIME": "2026-11-02 09:00:00.000000",
    "JSON": "{}",
    "BLOB": b"bytes",
}
KINDS = ["contacts", "credit-notes", "invoices"]
WORKED_OUT = {"runs": {"position"}, "rows": {"made"}}
"""Columns that a migration fills from what else is there; tested one by one below."""


def tables_of(file: Path) -> Tables:
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {
            name: [dict(line) for line in connection.execute(f"SELECT * FROM {name}")]
            for name in names
            if name not in {"alembic_version", "sqlite_sequence"}
        }


def fill(file: Path) -> None:
    """Give every table a row with a value in every column."""
    for table in tables_of(file):
        with closing(sqlite3.connect(file)) as connection, connection:
            columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
            values = [VALUES[kind] for _, _, kind, *_ in columns]
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)


def insert(file: Path, table: str, **values: object) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        names, places = ", ".join(values), ", ".join("?" * len(values))
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", list(values.values()))


@pytest.mark.parametrize("revision", REVISIONS)
def test_no_row_of_an_earlier_release_is_lost(settings: Settings, revision: str) -> None:
    make_older(settings.state, revision)
    file = settings.state / "state.db"
    fill(file)
    before = tables_of(file)
    with closing(Store(settings, FakeClock())) as store, store._database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    after = tables_of(file)
    if revision < "0003":
        assert after["index_marks"] == []
        del before["index_marks"]
    for table, lines in before.items():
        kept = [name for name in lines[0] if name not in WORKED_OUT.get(table, ())]
        assert [{name: line[name] for name in kept} for line in after[table]] == [
            {name: line[name] for name in kept} for line in lines
        ], table


def test_runs_of_an_older_state_keep_their_order(settings: Settings) -> None:
    make_older(settings.state, "0001")
    for number, at in ((1, "09:00"), (2, "09:00"), (3, "08:00")):
        insert(
            settings.state / "state.db",
            "runs",
            id=f"run-{number}",
            sync="customers",
            state="done",
            started_at=f"2026-11-02 {at}:00.000000",
            config="{}",
            counts="{}",
            folded=1,
        )
    with closing(Store(settings, FakeClock())) as store:
        assert [run.id for run in store.runs.list()] == ["run-2", "run-1", "run-3"]
        assert {(run.resume_at, run.organisation_name) for run in store.runs.list()} == {(None, None)}
        store.runs.begin("run-4", "customers", datetime(2026, 10, 24, 9, tzinfo=UTC), "{}")
        assert store.runs.get("last").id == "run-4"


@pytest.mark.parametrize(
    ("revision", "left"), [("0002", []), ("0003", ["contacts"]), ("0007", ["contacts"]), ("0008", KINDS)]
)
def test_an_index_that_is_to_be_read_anew_is_forgotten(
    settings: Settings, revision: str, left: list[str]
) -> None:
    make_older(settings.state, revision)
    for kind in KINDS:
        insert(settings.state / "state.db", "index_marks", organisation="o", object=kind, watermark="w")
    with closing(Store(settings, FakeClock())) as store:
        found = [kind for kind in KINDS if store.index.mark("o", kind).watermark == "w"]
    assert found == left


def test_a_row_rejected_before_refusals_were_kept_is_tried_by_the_next_run(settings: Settings) -> None:
    make_older(settings.state, "0005")
    insert(settings.state / "state.db", "rows", sync="customers", key="k", state="rejected", run="r")
    with closing(Store(settings, FakeClock())) as store:
        (row,) = store.row_states("customers").list()
        assert (row.state, row.attempts, row.next_try) == (RowState.REJECTED, 0, None)


def test_the_journal_tells_which_records_a_sync_has_made(settings: Settings) -> None:
    make_older(settings.state, "0006")
    file = settings.state / "state.db"
    insert(
        file, "runs", id="r", sync="customers", state="done", started_at="2026-11-02 09:00:00.000000",
        config="{}", counts="{}", folded=1,
    )  # fmt: skip
    cases = {
        "made": ("insert", OutcomeStatus.ACCEPTED),
        "found": ("adopt", OutcomeStatus.ADOPTED),
        "changed": ("update", OutcomeStatus.ACCEPTED),
    }
    for seq, (key, (kind, status)) in enumerate(cases.items()):
        insert(file, "run_rows", run="r", seq=seq, key=key, change="added", kind=kind)
        insert(file, "outcomes", run="r", seq=seq, status=status, remote_id=f"id-{key}", warnings="[]")
        insert(file, "rows", sync="customers", key=key, state="accepted", remote_id=f"id-{key}", run="r")
    with closing(Store(settings, FakeClock())) as store:
        assert store.sync("customers").made([f"id-{key}" for key in cases]) == {"id-made"}
