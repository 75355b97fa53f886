"""With `diff: warehouse`, a process killed at any named place and run again ends as one never killed."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from bookward.engine.planfile import Plan
from bookward.errors import KeyChanged
from bookward.store.runs import RunState
from tests.crash.test_killed import ROWS, books_are_the_model, killed_at
from tests.integration.warehouses import KINDS, running
from tests.integration.world import World
from tests.peers.postgres import Postgres

PLACES = (
    "before-plan-rename",
    "after-send:1",
    "before-fold",
    "before-snapshot-rename",
    "before-warehouse-commit",
    "before-pointer",
)


OTHERS = [pytest.param(kind, marks=pytest.mark.nightly) for kind in KINDS if kind != "redshift"]


@pytest.fixture(autouse=True)
def _in_the_warehouse(no_schema: None, world: World) -> None:
    world.edit("syncs/customers.yaml", "on_removal: archive", "on_removal: archive\ndiff: warehouse")


@pytest.mark.parametrize("began", [False, True], ids=["first run", "later run"])
@pytest.mark.parametrize("place", PLACES)
def test_a_killed_run_is_settled_by_the_next_and_nothing_is_looked_at_again(
    world: World, place: str, began: bool
) -> None:
    if began:
        world.many(ROWS)
        world.run()
        world.warehouse.execute("UPDATE customers SET email = 'new' || id || '@example.com' WHERE id <= 80")
    else:
        world.many(ROWS)
    killed_at(world, place)
    world.warehouse.execute("UPDATE customers SET email = 'newest@example.com' WHERE id = 3")
    report = world.run()
    assert report.run.state is RunState.DONE
    assert report.plan is not None
    if place in ("before-warehouse-commit", "before-pointer"):
        assert report.plan.header.changes == {"same": ROWS - 1, "changed": 1}
        assert looked_at(report.plan) == 1
    books_are_the_model(world)
    last = world.run()
    assert last.run.counts["calls"] == 0
    assert last.plan is not None
    assert last.plan.header.changes == {"same": ROWS}
    assert world.warehouse.execute("SELECT snapshot, rows FROM bookward.snapshots") == [
        (f"{last_fold(world)}", ROWS)
    ]
    assert world.warehouse.execute(
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'bookward' AND tablename LIKE 'plan%'"
    ) == [(2 if place == "before-plan-rename" else 1,)]


@pytest.mark.parametrize("before", ["id", "[id, name]"])
def test_a_killed_run_is_settled_under_the_key_that_it_went_by(world: World, before: str) -> None:
    """Whatever the files say by now, what the warehouse keeps of its plan has the columns of that key."""
    world.write("models/customers.yaml", f"source: warehouse\nprimary_key: {before}\n")
    world.many(ROWS)
    killed_at(world, "before-fold")
    after = "[id, name]" if before == "id" else "id"
    world.write("models/customers.yaml", f"source: warehouse\nprimary_key: {after}\n")
    with pytest.raises(KeyChanged):
        world.run()
    world.api_calls()
    report = world.run(plan=world.plan(new_key=True).header.id)
    assert report.run.counts["rows_adopted"] == ROWS
    books_are_the_model(world)
    last = world.run()
    assert last.run.counts["calls"] == 0
    assert last.plan is not None
    assert last.plan.header.changes == {"same": ROWS}


def looked_at(plan: Plan) -> int:
    """Return how many rows were read for a plan."""
    said = pq.read_schema(plan.folder / "places.parquet").metadata
    return int(said[b"looked_at"])


def last_fold(world: World) -> str:
    (snapshot,) = (world.root / ".bookward" / "snapshots" / "customers").glob("*.parquet")
    return snapshot.name


@pytest.mark.parametrize(
    "place", ["before-warehouse-commit", pytest.param("before-pointer", marks=pytest.mark.nightly)]
)
@pytest.mark.parametrize("kind", ["redshift", *OTHERS])
def test_a_killed_run_is_settled_where_no_transaction_holds_what_it_does(
    world: World, postgres: Postgres, kind: str, place: str
) -> None:
    with running(kind, postgres) as warehouse:
        warehouse.do("DROP TABLE IF EXISTS customers")
        warehouse.do("CREATE TABLE customers (id bigint, name varchar, email varchar, phone varchar)")
        warehouse.serve(world)
        world.write("models/customers.sql", "SELECT * FROM customers\n")
        for id_ in range(1, 11):
            warehouse.do(f"INSERT INTO customers VALUES ({id_}, 'Customer {id_}', 'c@example.com', NULL)")
        world.run()
        warehouse.do("UPDATE customers SET email = 'new@example.com' WHERE id <= 4")
        killed_at(world, place)
        warehouse.do("UPDATE customers SET email = 'newest@example.com' WHERE id = 3")
        report = world.run()
        assert report.plan is not None
        assert report.plan.header.changes == {"same": 9, "changed": 1}
        assert looked_at(report.plan) == 1
        assert warehouse.kept() == [(last_fold(world), 10)]
        assert world.contacts()["3"]["EmailAddress"] == "newest@example.com"
        assert [name.partition("_")[0] for name in warehouse.tables()] == ["plan", "rows", "sync"]
