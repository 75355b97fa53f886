"""What the state lists, on every database that can hold it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from bookward.errors import SourceFailed
from bookward.rowstate import RowState
from bookward.store.listings import RunCounts
from bookward.store.runs import RunState
from bookward.store.store import Store
from bookward.store.tables import rows
from bookward.store.tallies import Reason

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def test_runs_are_counted_from_each_moment_to_the_next(store: Store) -> None:
    done, failed = RunState.DONE, RunState.FAILED
    told = [
        (0, done, {"rows_accepted": 2, "rows_rejected": 1}, None),
        (1, done, {"rows_accepted": 3_000_000_000}, None),
        (2, failed, {}, SourceFailed("It failed.")),
        (4, done, {"rows_accepted": 5}, None),
    ]
    for day, state, counts, error in told:
        at = START + timedelta(days=day)
        store.runs.begin(f"run-{day}", "users", at, "{}")
        store.runs.end(f"run-{day}", state, at, counts, error)
    edges = [START + timedelta(days=day) for day in range(1, 5)]
    assert store.listings.run_counts(edges) == [
        RunCounts(runs=1, rows_accepted=3_000_000_000),
        RunCounts(runs=1, failed=1),
        RunCounts(),
        RunCounts(runs=1, rows_accepted=5),
    ]
    (everything,) = store.listings.run_counts([START])
    assert everything == RunCounts(runs=4, failed=1, rows_accepted=3_000_000_007, rows_rejected=1)


def test_a_row_that_came_back_and_was_refused_is_listed_as_what_it_waits_for(store: Store) -> None:
    refused = {"state": RowState.REMOVED, "code": "remote_rejected", "digest": "d"}
    plain = {"code": None, "digest": None, "next_try": None}
    lines = [
        {"key": "gone", "state": RowState.REMOVED},
        {"key": "parked", **refused},
        {"key": "tried later", **refused, "next_try": START},
        {"key": "tried now", **refused, "digest": None},
        {"key": "well", "state": RowState.ACCEPTED},
    ]
    with store._database.writing() as connection:
        connection.execute(insert(rows), [plain | {"sync": "feed", "run": "r"} | line for line in lines])
    states = store.row_states("feed")
    assert {row.key: row.state.value for row in states.list()} == {
        "gone": "removed",
        "parked": "parked",
        "tried later": "rejected",
        "tried now": "rejected",
        "well": "accepted",
    }
    assert [row.key for row in states.list(states=["rejected"])] == ["tried later", "tried now"]
    assert [row.key for row in states.list(states=["removed", "accepted"])] == ["gone", "well"]
    assert states.counts() == {"removed": 1, "parked": 1, "rejected": 2, "accepted": 1}
    assert store.listings.waiting_rows() == {"feed": {"parked": 1, "rejected": 2}}
    assert store.tallies.waiting() == [Reason("feed", "remote_rejected", 3, 1)]
