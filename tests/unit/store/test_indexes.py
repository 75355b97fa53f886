"""What every run asks for is found without reading the whole past of its sync."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import event

from bookward.store.retention import Keep
from bookward.store.store import Store
from tests.unit.store.test_store import NOW


def how(store: Store, ask: Callable[[], object], words: str) -> str:
    """Return how the database finds what is asked for, by the first statement that has these words."""
    asked: list[tuple[str, object]] = []
    engine = store._database._engine

    @event.listens_for(engine, "before_cursor_execute")
    def _note(_connection: object, _cursor: object, sql: str, said: object, *_: object) -> None:
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
    keep = Keep(outcomes=timedelta(days=400))
    found = how(store, lambda: store.forget(NOW, keep), "decisions")
    assert "rows_by_state" in found
    assert "decisions_by_row" in found
