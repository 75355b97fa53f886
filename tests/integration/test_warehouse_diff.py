"""`diff: warehouse`: only what may differ leaves the warehouse, and the books are the same either way."""

from __future__ import annotations

from contextlib import closing
from threading import Thread
from time import sleep
from typing import Any

import pytest

from bookward.records import ChangeKind
from bookward.run import RunReport
from bookward.sources.postgres import pushdown
from bookward.sources.postgres.words import quoted
from bookward.store.runs import RunState
from bookward.trial import Trial
from tests.integration.test_lines import GATHERED, ROWS_TABLE, add_line
from tests.integration.test_lines import SYNC as LINES_SYNC
from tests.integration.world import SOURCE, World, moving


@pytest.fixture(autouse=True)
def _in_the_warehouse(no_schema: None, world: World) -> None:
    world.edit("syncs/customers.yaml", "on_removal: archive", "on_removal: archive\ndiff: warehouse")


def kept(world: World) -> list[tuple[str, int]]:
    """Return, for each sync that the warehouse keeps rows of, its name and how many."""
    found = world.warehouse.execute("SELECT sync, rows FROM bookward.snapshots")
    return [(str(sync), int(rows)) for sync, rows in found]


def test_changes_are_found_without_reading_the_rest(world: World) -> None:
    world.many(100)
    first = world.run()
    assert first.run.state is RunState.DONE
    assert kept(world) == [("customers", 100)]
    world.warehouse.execute("UPDATE customers SET email = 'new@example.com' WHERE id = 7")
    world.warehouse.execute("DELETE FROM customers WHERE id = 9")
    world.many(1, 101)
    second = world.run()
    assert second.run.state is RunState.DONE
    assert second.plan is not None
    assert second.plan.header.rows_read == 100
    assert second.plan.header.changes == {"same": 98, "added": 1, "changed": 1, "removed": 1}
    (part,) = second.plan.read_changes()
    assert [(row.kind, row.key) for row in part] == [
        (ChangeKind.CHANGED, "7"),
        (ChangeKind.ADDED, "101"),
        (ChangeKind.REMOVED, "9"),
    ]
    assert part[0].old is not None
    assert part[0].old["email"] == "c7@example.com"
    assert kept(world) == [("customers", 100)]
    third = world.run()
    assert third.run.counts["calls"] == 0
    assert third.plan is not None
    assert third.plan.header.changes == {"same": 100}


def test_what_waits_is_looked_at_again_and_what_came_back_is_as_it_was(world: World) -> None:
    world.customers((1, "Ann"), (2, "Bob"), (3, None))
    assert world.run().run.counts["rows_rejected"] == 1
    assert kept(world) == [("customers", 2)]
    world.warehouse.execute("UPDATE customers SET name = NULL WHERE id = 2")
    assert changes(world.run()) == {"same": 1, "added": 1, "changed": 1}
    assert changes(world.run()) == {"same": 1, "added": 1, "changed": 1}
    world.warehouse.execute("UPDATE customers SET name = 'Bob' WHERE id = 2")
    assert changes(world.run()) == {"same": 2, "added": 1}


def test_rows_that_a_trial_leaves_are_found_by_the_next_run(world: World) -> None:
    world.many(5)
    world.run(trial=Trial(limit=2))
    assert kept(world) == [("customers", 2)]
    world.warehouse.execute("UPDATE customers SET email = 'n' || id || '@example.com'")
    assert changes(world.run(trial=Trial(keys=frozenset({"1", "4"})))) == {
        "same": 0, "added": 3, "changed": 2,
    }  # fmt: skip
    assert changes(world.run()) == {"same": 2, "added": 2, "changed": 1}
    assert changes(world.run()) == {"same": 5}


def test_a_removal_that_is_held_back_is_not_forgotten(world: World) -> None:
    world.customers((1, "Ann"), (2, "Bob"), (3, "Cyd"))
    world.run()
    world.warehouse.execute("DELETE FROM customers WHERE id = 2")
    world.customers((None, "Nobody"))
    for _ in range(2):
        assert changes(world.run()) == {"same": 2, "removed": 1}
    world.warehouse.execute("DELETE FROM customers WHERE id IS NULL")
    assert changes(world.run()) == {"same": 2, "removed": 1}
    assert sorted(world.contacts()) == ["1", "3"]
    assert changes(world.run()) == {"same": 2}


def test_going_there_and_back_sends_nothing(world: World) -> None:
    world.edit("syncs/customers.yaml", "diff: warehouse", "diff: local")
    world.many(20)
    world.run()
    world.api_calls()
    for now, then in (("local", "warehouse"), ("warehouse", "local"), ("local", "warehouse")):
        world.edit("syncs/customers.yaml", f"diff: {now}", f"diff: {then}")
        for _ in range(2):
            assert changes(world.run()) == {"same": 20}
    assert world.api_calls() == []
    assert kept(world) == [("customers", 20)]


@pytest.mark.parametrize(
    "loss",
    [
        "DROP SCHEMA bookward CASCADE",
        "DELETE FROM bookward.snapshots",
        "DO $$ BEGIN EXECUTE (SELECT 'DROP TABLE bookward.' || rows_of FROM bookward.snapshots); END $$",
        "DO $$ BEGIN EXECUTE (SELECT 'DELETE FROM bookward.' || rows_of FROM bookward.snapshots); END $$",
        "UPDATE bookward.snapshots SET snapshot = 'another.parquet'",
    ],
)
def test_what_is_lost_in_the_warehouse_is_made_anew_and_nothing_is_sent_twice(
    world: World, loss: str
) -> None:
    world.many(10)
    world.run()
    world.api_calls()
    world.warehouse.execute(loss)
    world.warehouse.execute("DELETE FROM customers WHERE id = 9")
    report = world.run()
    assert report.plan is not None
    assert report.plan.header.operations == {"archive": 1}
    assert changes(world.run()) == {"same": 9}
    assert kept(world) == [("customers", 9)]
    assert len(world.xero.contacts()) == 10


def test_a_plan_beside_a_run_of_another_copy_of_the_state(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.many(10)
    world.run()
    copy, ran = world.copy(), list[RunReport]()
    world.warehouse.execute("UPDATE customers SET email = 'new@example.com' WHERE id = 7")
    other = Thread(target=lambda: ran.append(world.run()))
    looked = pushdown.mark_of

    def looked_and_overtaken(*args: Any) -> Any:
        found = looked(*args)
        monkeypatch.setattr(pushdown, "mark_of", looked)
        other.start()
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while not ran and world.warehouse.execute(waits) == [(0,)]:
            sleep(0.01)
        return found

    monkeypatch.setattr(pushdown, "mark_of", looked_and_overtaken)
    plan = copy.plan()
    other.join()
    assert plan.header.changes == changes(ran[0]) == {"same": 9, "changed": 1}
    assert changes(world.run()) == {"same": 10}


def test_plans_that_were_never_executed_are_forgotten_after_a_day(world: World) -> None:
    world.many(3)
    plan = world.plan()
    assert stages(world) == [f"plan_{plan.header.id}"]
    moving(world.clock).jump(hours=23)
    newer = world.plan()
    moving(world.clock).jump(hours=2)
    first = world.run().run.plan
    assert stages(world) == sorted([f"plan_{newer.header.id}", f"plan_{first}"])
    second = world.run().run.plan
    assert stages(world) == sorted([f"plan_{newer.header.id}", f"plan_{second}"])
    moving(world.clock).jump(hours=24)
    third = world.run().run.plan
    assert stages(world) == [f"plan_{third}"]


def test_a_plan_made_before_is_executed_as_it_was_made(world: World) -> None:
    world.many(3)
    plan = world.plan()
    world.warehouse.execute("UPDATE customers SET name = 'Later' WHERE id = 2")
    assert changes(world.run(plan=plan.header.id)) == {"same": 0, "added": 3}
    assert world.contacts()["2"]["Name"] == "Customer 2"
    assert changes(world.run()) == {"same": 2, "changed": 1}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", 'CREATE SCHEMA "bookward" AUTHORIZATION "re\'ader";'),
        ("CREATE SCHEMA bookward", 'GRANT USAGE, CREATE ON SCHEMA "bookward" TO "re\'ader";'),
    ],
)
def test_missing_rights_are_named_with_the_statement_that_grants_them(
    world: World, given: str, said: str
) -> None:
    world.many(2)
    as_reader(world)
    world.warehouse.execute(given or "SELECT 1")
    run = world.run().run
    assert (run.state, run.error_code) == (RunState.FAILED, "rights_missing")
    assert said in str(run.error_message)
    with closing(world.app()) as app:
        (problem,) = app.check(connect=True).problems
    assert (problem.path, problem.field, said in problem.message) == ("syncs/customers.yaml", "diff", True)
    assert problem.line == 13
    world.warehouse.execute(said)
    assert changes(world.run()) == {"same": 0, "added": 2}
    assert world.warehouse.execute("SELECT count(*) FROM customers") == [(2,)]


def test_a_warehouse_that_takes_no_note_stops_the_sync_and_nothing_is_sent_twice(world: World) -> None:
    as_reader(world)
    world.warehouse.execute('CREATE SCHEMA bookward; GRANT ALL ON SCHEMA bookward TO "re\'ader"')
    world.many(2)
    plan = world.plan()
    world.warehouse.execute('REVOKE CREATE ON SCHEMA bookward FROM "re\'ader"')
    run = world.run(plan=plan.header.id).run
    assert (run.state, run.error_code, run.folded) == (RunState.FAILED, "rights_missing", False)
    assert str(run.error_message).startswith("What was sent is written down, but the warehouse could not")
    assert len(world.contacts()) == 2
    world.warehouse.execute('GRANT CREATE ON SCHEMA bookward TO "re\'ader"')
    world.api_calls()
    assert changes(world.run()) == {"same": 2}
    assert world.api_calls() == []


def test_the_schema_has_the_name_that_the_source_says(world: World) -> None:
    name = "It's \\'our \"ETL\""
    schema = quoted(name)
    world.write("sources/warehouse.yaml", f"{SOURCE}bookward_schema: {name}\n")
    world.warehouse.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    world.many(2)
    assert changes(world.run()) == {"same": 0, "added": 2}
    assert changes(world.run()) == {"same": 2}
    assert world.warehouse.execute(f"SELECT rows FROM {schema}.snapshots") == [(2,)]
    assert world.warehouse.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'bookward'") == []


def test_what_a_model_calls_cannot_write(world: World) -> None:
    world.many(2)
    world.warehouse.execute(
        "CREATE OR REPLACE FUNCTION steal() RETURNS text LANGUAGE sql "
        "AS 'DELETE FROM customers RETURNING name'"
    )
    world.write("models/customers.sql", "SELECT id, steal() AS name, email, phone FROM customers\n")
    run = world.run().run
    assert (run.state, run.error_code) == (RunState.FAILED, "source_failed")
    assert "read-only" in str(run.error_message)
    assert world.warehouse.execute("SELECT count(*) FROM customers") == [(2,)]


def test_a_source_that_cannot_compare_is_refused_at_its_line(world: World) -> None:
    world.write("sources/warehouse.yaml", "type: sample\n")
    with closing(world.app()) as app:
        (problem,) = app.check().problems
    assert (problem.path, problem.line, problem.field) == ("syncs/customers.yaml", 13, "diff")
    assert problem.message == "Source 'warehouse' cannot compare rows by itself."


def test_rows_that_are_gathered_from_lines(world: World) -> None:
    world.warehouse.execute(ROWS_TABLE)
    world.write("models/customers.yaml", GATHERED)
    world.write("syncs/customers.yaml", f"{LINES_SYNC.replace('COLUMN', 'lines')}diff: warehouse\n")
    for id_ in range(1, 5):
        add_line(world, id_, 1, "Ann", "ann@example.com", 1)
        add_line(world, id_, 2, "Bob", "bob@example.com", 2)
    assert changes(world.run()) == {"same": 0, "added": 4}
    world.warehouse.execute("UPDATE customers SET credit = 3 WHERE id = 2 AND place = 2")
    world.warehouse.execute("DELETE FROM customers WHERE id = 3 AND place = 1")
    add_line(world, 4, 2, "Twice", "twice@example.com", 2)
    report = world.run()
    assert report.plan is not None
    assert (report.plan.header.rows_read, report.plan.header.key_problems) == (6, 3)
    assert changes(report) == {"same": 1, "changed": 2}
    assert [row.code for row in world.rows(report, "rejected")] == ["line_duplicate"]
    world.warehouse.execute("DELETE FROM customers WHERE first_name = 'Twice'")
    assert changes(world.run()) == {"same": 4}
    assert kept(world) == [("customers", 4)]


def test_a_removed_key_that_the_type_of_today_cannot_hold_does_no_harm(world: World) -> None:
    world.warehouse.execute("ALTER TABLE customers ALTER id TYPE text")
    world.warehouse.execute("INSERT INTO customers (id, name) VALUES ('1', 'Ann'), ('abc', 'Bob')")
    world.run()
    world.warehouse.execute("DELETE FROM customers WHERE id = 'abc'; INSERT INTO customers VALUES (NULL)")
    world.warehouse.execute("ALTER TABLE customers ALTER id TYPE bigint USING id::bigint")
    for _ in range(2):
        assert changes(world.run(approved=True)) == {"same": 1, "removed": 1}
    assert kept(world) == []
    world.warehouse.execute("DELETE FROM customers WHERE id IS NULL")
    assert changes(world.run(approved=True)) == {"same": 1, "removed": 1}
    assert kept(world) == [("customers", 1)]


def changes(report: RunReport) -> dict[str, int]:
    """Return how many rows the plan of a run that went well found to be what."""
    assert report.run.state is RunState.DONE, report.run.error_message
    assert report.plan is not None
    return dict(report.plan.header.changes)


def stages(world: World) -> list[str]:
    """Return the tables of what plans have looked at."""
    found = world.warehouse.execute(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'bookward' AND tablename LIKE 'plan%'"
    )
    return sorted(name for (name,) in found)


def as_reader(world: World) -> None:
    """Let the source sign in as somebody who may only read the customers."""
    world.warehouse.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 're''ader') THEN
                DROP OWNED BY "re'ader" CASCADE; DROP ROLE "re'ader";
            END IF;
        END $$;
        CREATE ROLE "re'ader" LOGIN PASSWORD 'secret'; GRANT SELECT ON customers TO "re'ader";
        """
    )
    server = world.warehouse
    world.write(
        "sources/warehouse.yaml",
        f"type: postgres\nhost: {server.host}\nport: {server.port}\ndatabase: {server.database}\n"
        'user: "re\'ader"\npassword: ${READER}\n',
    )
    world.environ["READER"] = "secret"
