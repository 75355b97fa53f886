"""What every run asks for is found without reading the whole past of its sync."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import event

from bookward.store.runs import RunState
from bookward.store.store import Store
from tests.fakes import FakeClock


def test_runs_that_are_not_in_their_snapshot_yet_have_an_index_of_their_own(store: Store) -> None:
    how = looked_up(store, "folded", lambda: store.runs.unfolded("customers"))
    assert "runs_unfolded" in how
    assert "SORT" not in how.upper()
    assert "TEMP" not in how.upper()


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
    how = looked_up(store, "finished_at", lambda: store.turns.ended_well(followed, now))
    assert "runs_by_end" in how
    assert "GROUP" not in how.upper()


def looked_up(store: Store, part: str, ask: Callable[[], object]) -> str:
    """Return how the database goes about the first query of ``ask`` that has a part."""
    asked: list[tuple[str, object]] = []
    engine = store._database._engine

    @event.listens_for(engine, "before_cursor_execute")
    def _note(_connection: object, _cursor: object, sql: str, said: object, *_: object) -> None:
        asked.append((sql, said))

    ask()
    event.remove(engine, "before_cursor_execute", _note)
    sql, said = next(each for each in asked if part in each[0])
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        return str(connection.exec_driver_sql(f"{explain} {sql}", said).all())
