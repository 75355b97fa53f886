"""What every run asks for is found without reading the whole past of its sync."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import event, insert

from bookward.rowstate import RowState
from bookward.store.store import Store
from bookward.store.tables import rows


def test_runs_that_are_not_in_their_snapshot_yet_have_an_index_of_their_own(store: Store) -> None:
    how = found_by(store, lambda: store.runs.unfolded("customers"), "folded")
    assert "runs_unfolded" in how
    assert "SORT" not in how.upper()
    assert "TEMP" not in how.upper()


def test_rows_that_came_back_are_counted_without_reading_all_that_left(store: Store) -> None:
    removed = {"sync": "feed", "run": "r", "state": RowState.REMOVED}
    with store._database.writing() as connection:
        connection.execute(insert(rows), [removed | {"key": f"k{n}"} for n in range(1000)])
    assert "rows_that_came_back" in found_by(store, store.listings.waiting_rows, "code IS NOT NULL")


def found_by(store: Store, ask: Callable[[], object], part: str) -> str:
    """Return how the database finds what the query with this part in it asks for."""
    asked: list[tuple[str, object]] = []
    engine = store._database._engine

    @event.listens_for(engine, "before_cursor_execute")
    def _note(_connection: object, _cursor: object, sql: str, said: object, *_: object) -> None:
        asked.append((sql, said))

    ask()
    sql, said = next(each for each in asked if part in each[0])
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        return str(connection.exec_driver_sql(f"{explain} {sql}", said).all())
