"""A state of every earlier release, with rows in every table, becomes one of this one and loses nothing."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bookward.records import OutcomeStatus
from bookward.rowstate import RowState
from bookward.settings import Settings
from bookward.store.store import Store
from bookward.store.tables import metadata
from tests.fakes import FakeClock
from tests.unit.store.older import REVISIONS, fill, insert, make_older, tables_of

KINDS = ["contacts", "credit-notes", "invoices"]
WORKED_OUT = {"runs": {"position"}, "rows": {"made"}}
"""Columns that a migration fills from what else is there; tested one by one below."""


ENDS = {*REVISIONS[:1], *REVISIONS[-3:]}
FROM = [
    revision if revision in ENDS else pytest.param(revision, marks=pytest.mark.nightly)
    for revision in REVISIONS
]


@pytest.mark.parametrize("revision", FROM)
def test_no_row_of_an_earlier_release_is_lost(settings: Settings, revision: str) -> None:
    make_older(settings, revision)
    fill(settings)
    before = tables_of(settings)
    with closing(Store(settings, FakeClock())) as store, store._database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    after = tables_of(settings)
    if revision < "0003":
        assert after["index_marks"] == []
        del before["index_marks"]
    for table, lines in before.items():
        kept = [name for name in lines[0] if name not in WORKED_OUT.get(table, ())]
        assert [{name: line[name] for name in kept} for line in after[table]] == [
            {name: line[name] for name in kept} for line in lines
        ], table


def test_runs_of_an_older_state_keep_their_order(settings: Settings) -> None:
    make_older(settings, "0001")
    for number, at in ((1, 9), (2, 9), (3, 8)):
        insert(
            settings,
            "runs",
            id=f"run-{number}",
            sync="customers",
            state="done",
            started_at=datetime(2026, 11, 2, at, tzinfo=UTC),
            config="{}",
            counts={},
            folded=True,
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
    make_older(settings, revision)
    for kind in KINDS:
        insert(settings, "index_marks", organisation="o", object=kind, watermark="w")
    with closing(Store(settings, FakeClock())) as store:
        found = [kind for kind in KINDS if store.index.mark("o", kind).watermark == "w"]
    assert found == left


def test_a_row_rejected_before_refusals_were_kept_is_tried_by_the_next_run(settings: Settings) -> None:
    make_older(settings, "0005")
    insert(settings, "rows", sync="customers", key="k", state="rejected", run="r")
    with closing(Store(settings, FakeClock())) as store:
        (row,) = store.row_states("customers").list()
        assert (row.state, row.attempts, row.next_try) == (RowState.REJECTED, 0, None)


def test_the_journal_tells_which_records_a_sync_has_made(settings: Settings) -> None:
    make_older(settings, "0006")
    insert(
        settings, "runs", id="r", sync="customers", state="done",
        started_at=datetime(2026, 11, 2, 9, tzinfo=UTC), config="{}", counts={}, folded=True,
    )  # fmt: skip
    cases = {
        "made": ("insert", OutcomeStatus.ACCEPTED),
        "found": ("adopt", OutcomeStatus.ADOPTED),
        "changed": ("update", OutcomeStatus.ACCEPTED),
    }
    for seq, (key, (kind, status)) in enumerate(cases.items()):
        insert(settings, "run_rows", run="r", seq=seq, key=key, change="added", kind=kind)
        insert(settings, "outcomes", run="r", seq=seq, status=status, remote_id=f"id-{key}", warnings=[])
        insert(settings, "rows", sync="customers", key=key, state="accepted", remote_id=f"id-{key}", run="r")
    with closing(Store(settings, FakeClock())) as store:
        assert store.sync("customers").made([f"id-{key}" for key in cases]) == {"id-made"}


def test_what_a_run_had_booked_counts_as_told_by_when_it_ended(settings: Settings) -> None:
    make_older(settings, "0024")
    ended = datetime(2026, 11, 2, 9, tzinfo=UTC)
    for name, plan, folded in (("folded", "p", True), ("left", "p", False), ("without a plan", None, True)):
        insert(
            settings, "runs", id=name, sync="s", plan=plan, state="paused", started_at=ended,
            finished_at=ended, config="{}", counts={}, folded=folded,
        )  # fmt: skip
    with closing(Store(settings, FakeClock())):
        kept = {line["id"]: line["folded_at"] for line in tables_of(settings)["runs"]}
    assert [kept["left"], kept["without a plan"]] == [None, None]
    assert str(kept["folded"])[:16] == "2026-11-02 09:00"
