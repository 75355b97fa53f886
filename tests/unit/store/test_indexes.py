"""What every run asks for is found without reading the whole past of its sync."""

from __future__ import annotations

from sqlalchemy import event

from bookward.store.store import Store


def test_runs_that_are_not_in_their_snapshot_yet_have_an_index_of_their_own(store: Store) -> None:
    asked: list[tuple[str, object]] = []
    engine = store._database._engine

    @event.listens_for(engine, "before_cursor_execute")
    def _note(_connection: object, _cursor: object, sql: str, said: object, *_: object) -> None:
        asked.append((sql, said))

    store.runs.unfolded("customers")
    sql, said = next(each for each in asked if "folded" in each[0])
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        how = connection.exec_driver_sql(f"{explain} {sql}", said).all()
    assert "runs_unfolded" in str(how)
    assert "SORT" not in str(how).upper()
    assert "TEMP" not in str(how).upper()
