"""What every run asks for is found without reading the whole past of its sync."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

from bookward.rowstate import RowState
from bookward.store.retention import Keep
from bookward.store.runs import RunState
from bookward.store.store import Store
from bookward.store.tables import rows
from tests.fakes import FakeClock
from tests.unit.store.conftest import ONLY_POSTGRES
from tests.unit.store.test_store import NOW, PATIENCE

KEEP = Keep(outcomes=timedelta(days=400))


def how(store: Store, ask: Callable[[], object], words: str) -> str:
    """Return how the database finds what is asked for, by the first statement that has these words."""
    asked: list[tuple[str, Any]] = []
    engine = store._database._engine

    @event.listens_for(engine, "before_cursor_execute")
    def _note(_connection: object, _cursor: object, sql: str, said: Any, *_: object) -> None:
        asked.append((sql, said))

    ask()
    event.remove(engine, "before_cursor_execute", _note)
    sql, said = next(each for each in asked if words in each[0])
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        return "\n".join(str(line) for line in connection.exec_driver_sql(f"{explain} {sql}", said))


def test_runs_that_are_not_in_their_snapshot_yet_have_an_index_of_their_own(store: Store) -> None:
    found = how(store, lambda: store.runs.unfolded("customers"), "folded")
    assert "runs_unfolded" in found
    assert "SORT" not in found.upper()
    assert "TEMP" not in found.upper()


def test_what_is_uncertain_of_an_old_run_is_found_without_going_through_all_rows(store: Store) -> None:
    found = how(store, lambda: store.forget(NOW, KEEP), "decisions")
    assert "rows_by_state" in found
    assert "decisions_by_row" in found


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.runs.has_open_intents("run-1"),
        lambda store: store.journal("run-1").open_intents(),
        lambda store: store.forget(NOW, KEEP),
    ],
    ids=["whether any is open", "which are open", "runs without open ones"],
)
def test_whether_a_batch_is_settled_is_found_by_its_name(
    store: Store, ask: Callable[[Store], object]
) -> None:
    found = how(store, lambda: ask(store), "settlements")
    assert "batch=" in found.replace(" ", "")


@ONLY_POSTGRES
def test_rows_that_wait_are_compared_with_a_plan_as_sets(store: Store) -> None:
    store.runs.begin("run-1", "a", NOW, "{}")
    found = how(store, lambda: store.sync("a").fold("run-1", "o", None, PATIENCE), "EXCEPT")
    assert "SetOp Except" in found
    assert "SubPlan" not in found


def test_the_last_good_end_of_a_sync_is_found_without_going_through_its_runs(store: Store) -> None:
    clock = FakeClock()
    for number, (sync, state) in enumerate(
        [("a", RunState.DONE), ("a", RunState.DONE), ("a", RunState.FAILED), ("b", RunState.PAUSED)]
    ):
        store.runs.begin(f"run-{number}", sync, clock.now(), "{}")
        store.runs.end(f"run-{number}", state, clock.now() + timedelta(minutes=number), {})
    store.runs.begin("run-9", "a", clock.now(), "{}")
    followed = ["a", "b", "never"]
    now = clock.now() + timedelta(minutes=5)
    assert store.turns.ended_well(followed, now) == {"a": clock.now() + timedelta(minutes=1)}
    assert store.turns.ended_well(followed, clock.now()) == {"a": clock.now()}
    found = how(store, lambda: store.turns.ended_well(followed, now), "finished_at")
    assert "runs_by_end" in found
    assert "GROUP" not in found.upper()


def test_rows_that_came_back_are_counted_without_reading_all_that_left(store: Store) -> None:
    removed = {"sync": "feed", "run": "r", "state": RowState.REMOVED}
    with store._database.writing() as connection:
        connection.execute(insert(rows), [removed | {"key": f"k{n}"} for n in range(1000)])
    assert "rows_that_came_back" in how(store, store.listings.waiting_rows, "code IS NOT NULL")
