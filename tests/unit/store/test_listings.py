"""What the state lists, on every database that can hold it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bookward.errors import SourceFailed
from bookward.store.listings import RunCounts
from bookward.store.runs import RunState
from bookward.store.store import Store

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
