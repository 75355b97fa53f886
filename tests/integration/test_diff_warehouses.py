"""The contract of both ways to compare, with every warehouse but PostgreSQL, each through its own driver.

PostgreSQL is in ``test_diff_engines``; the stories here are the same but for what only PostgreSQL has.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bookward.demo.xero.server import LocalXero
from bookward.records import ChangeKind
from bookward.sources import ledger
from bookward.sources.pushdown_sql import PushdownSql
from bookward.store.runs import RunState
from bookward.trial import Trial
from tests.fakes import FakeClock
from tests.integration.test_diff_engines import MODEL, Pair
from tests.integration.test_lines import GATHERED
from tests.integration.test_lines import SYNC as LINES_SYNC
from tests.integration.test_warehouse_diff import changes
from tests.integration.warehouses import KINDS, Warehouse, running
from tests.integration.world import World, moving
from tests.peers.postgres import Postgres

SQL = """
SELECT part || '-' || CAST(CAST(FLOOR(number * 10) AS INTEGER) AS VARCHAR(20)) AS code, part, number, name,
    note, amount, moment, local, day, flag, f, tags
FROM story
"""
SYNC = """
model: story
destination: xero
object: contacts
match: {ContactNumber: code}
fields:
  Name: name
  FirstName: {template: "{{ note }}"}
  LastName: {template: "{{ amount }} {{ f }} {{ flag }}"}
  Addresses:
    - AddressType: {value: STREET}
      AddressLine1: {template: "{{ moment }} {{ local }} {{ day }}"}
      AddressLine2: {template: "{{ tags }}"}
on_removal: archive
guards: {max_removals: 60%}
"""
VALUES: Mapping[str, tuple[str | None, ...]] = {
    "name": ("Ann", "Bob", 'Cyd\'s "Ltd"', "D\\E", "Zoë 東京"),  # taken twice, they are refused
    "note": (None, "", " ", "a,b", "it's", 'say "x"', "back\\slash", "Zoë", "1:a", "-", "NULL"),
    "amount": (None, "1.5", "0", "-0.0001", "1234567890.1234"),
    "moment": (None, "2026-01-01 00:00:00+00", "2026-01-01 01:00:00+01", "2026-01-01 00:00:00.000001+00"),
    "local": (None, "2026-01-01", "2026-01-01 00:00:00.5", "2026-01-01 00:00:00.000001"),
    "day": (None, "2026-01-01", "0001-01-01"),
    "flag": (None, "true", "false"),
    "f": (None, "0", "0.1", "1e10", "-2.5"),
    "tags": ("[]", "[a]", "[a, b]", "['a, b']"),
}
PARTS = ("a", "A", "it''s", "ä")


def turn_of(kind: str) -> pytest.MarkDecorator:
    """Let one warehouse have its turn on every landing, and all others at night."""
    others = [pytest.param(each, marks=pytest.mark.nightly) for each in KINDS if each != kind]
    return pytest.mark.parametrize("warehouse", [kind, *others], indirect=True)


@pytest.fixture(params=KINDS)
def warehouse(request: pytest.FixtureRequest, postgres: Postgres) -> Iterator[Warehouse]:
    with running(request.param, postgres) as found:
        yield found


@pytest.fixture
def pair(warehouse: Warehouse, world: World, tmp_path: Path) -> Iterator[Pair]:
    clock = FakeClock()
    with LocalXero.running(None, clock=clock) as xero:
        other = World(root=tmp_path / "other", warehouse=world.warehouse, xero=xero, clock=clock)
        other.prepare()
        made = Pair(world, other, warehouse.kept)
        for each in made.each():
            warehouse.serve(each)
        warehouse.make("story")
        made.write("models/story.yaml", MODEL)
        made.write("models/story.sql", SQL)
        made.write("syncs/story.yaml", SYNC)
        yield made


class Story:
    """Edits of a table, as a seed has it."""

    def __init__(self, warehouse: Warehouse, seed: int) -> None:
        self._do = warehouse.do
        self._dice = random.Random(seed)
        self._next = 0

    def add(self) -> None:
        dice, self._next = self._dice, self._next + 1
        row = {name: _said(dice.choice(values)) for name, values in VALUES.items()}
        row |= {"nr": f"{self._next}", "part": f"'{dice.choice(PARTS)}'"}
        row["number"] = f"{dice.randrange(1, 16)}{dice.choice(('', '.5'))}"
        row["name"] = f"{row['name'][:-1]} {dice.randrange(40)}'"
        if dice.random() < 0.05:
            row[dice.choice(("part", "number"))] = "NULL"
        self._do(f"INSERT INTO story ({', '.join(row)}) VALUES ({', '.join(row.values())})")

    def change(self) -> None:
        name = self._dice.choice([name for name in VALUES if name != "name"])
        value = _said(self._dice.choice(VALUES[name]))
        self._do(f"UPDATE story SET {name} = {value} WHERE nr = {self._any()}")

    def remove(self) -> None:
        self._do(f"DELETE FROM story WHERE nr = {self._any()}")

    def swap(self) -> None:
        """Let a row go back to what a copy of it said."""
        self._do("DELETE FROM story")
        self._do("INSERT INTO story SELECT * FROM earlier")

    def go_on(self) -> None:
        for _ in range(self._dice.randrange(1, 5)):
            self._dice.choice((self.add, self.add, self.change, self.change, self.change, self.remove))()

    def _any(self) -> str:
        return f"(SELECT nr FROM story ORDER BY nr LIMIT 1 OFFSET {self._dice.randrange(6)})"


def _said(value: str | None) -> str:
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


SHORT = pytest.param(0, False, id="short")
WHOLE = [pytest.param(seed, True, marks=pytest.mark.nightly) for seed in range(8)]


@pytest.mark.parametrize(("seed", "whole"), [SHORT, *WHOLE])
def test_the_same_story_gives_the_same_plans_and_the_same_books(
    pair: Pair, warehouse: Warehouse, seed: int, whole: bool
) -> None:
    story = Story(warehouse, seed)
    for _ in range(10):
        story.add()
    pair.told(trial=Trial(limit=6))
    warehouse.do("DROP TABLE IF EXISTS earlier")
    warehouse.do("CREATE TABLE earlier AS SELECT * FROM story")
    story.go_on()
    pair.told()
    story.swap()
    pair.told()
    for options in ({}, {"full": True}, {}) if whole else ():
        pair.write("syncs/story.yaml", SYNC.replace('"{{ note }}"', '"{{ note }}!"'))
        story.go_on()
        pair.told(**options)


@pytest.fixture
def company(warehouse: Warehouse, world: World) -> World:
    """A project whose sync of customers is compared in the warehouse."""
    warehouse.do("DROP TABLE IF EXISTS customers")
    warehouse.do("CREATE TABLE customers (id bigint, name varchar, email varchar, phone varchar)")
    warehouse.serve(world)
    world.edit("syncs/customers.yaml", "on_removal: archive", "on_removal: archive\ndiff: warehouse")
    world.write("models/customers.sql", "SELECT id, name, email, phone FROM customers -- all\n")
    for id_ in range(1, 11):
        add(warehouse, id_)
    return world


LOSSES = [pytest.param(loss, marks=pytest.mark.nightly) for loss in ("everything", "ledger", "mark")]


def add(warehouse: Warehouse, id_: int | None) -> None:
    said = "NULL" if id_ is None else str(id_)
    warehouse.do(f"INSERT INTO customers VALUES ({said}, 'Customer {said}', 'c{said}@example.com', NULL)")


@turn_of("redshift")
def test_only_what_may_differ_is_read(company: World, warehouse: Warehouse) -> None:
    assert changes(company.run()) == {"same": 0, "added": 10}
    warehouse.do("UPDATE customers SET email = 'new@example.com' WHERE id = 7")
    warehouse.do("DELETE FROM customers WHERE id = 9")
    add(warehouse, 11)
    report = company.run()
    assert changes(report) == {"same": 8, "added": 1, "changed": 1, "removed": 1}
    assert report.plan is not None
    assert report.plan.header.rows_read == 10
    (part,) = report.plan.read_changes()
    assert [(row.kind, row.key) for row in part] == [
        (ChangeKind.CHANGED, "7"), (ChangeKind.ADDED, "11"), (ChangeKind.REMOVED, "9"),
    ]  # fmt: skip
    assert part[0].old is not None
    assert part[0].old["email"] == "c7@example.com"
    company.api_calls()
    assert changes(company.run()) == {"same": 10}
    assert company.api_calls() == []
    # The ledger, the rows that count, and what the last plan looked at; nothing else stays.
    assert [name.partition("_")[0] for name in warehouse.tables()] == ["plan", "rows", "sync"]
    with closing(company.app()) as app:
        assert "bookward" not in {table.schema for table in app.tables("warehouse")}


@turn_of("snowflake")
def test_going_there_and_back_sends_nothing(company: World, warehouse: Warehouse) -> None:
    company.edit("syncs/customers.yaml", "diff: warehouse", "diff: local")
    company.run()
    company.api_calls()
    for now, then in (("local", "warehouse"), ("warehouse", "local"), ("local", "warehouse")):
        company.edit("syncs/customers.yaml", f"diff: {now}", f"diff: {then}")
        assert changes(company.run()) == {"same": 10}
    assert company.api_calls() == []
    assert [rows for _, rows in warehouse.kept()] == [10]


@turn_of("bigquery")
def test_a_plan_beside_a_run_of_another_copy_of_the_state(
    company: World, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.run()
    copy = company.copy()
    warehouse.do("UPDATE customers SET email = 'new@example.com' WHERE id = 7")
    looked = ledger.Ledger.mark

    def looked_and_overtaken(self: ledger.Ledger) -> ledger.Mark | None:
        found = looked(self)
        monkeypatch.setattr(ledger.Ledger, "mark", looked)
        assert changes(company.run()) == {"same": 9, "changed": 1}
        return found

    monkeypatch.setattr(ledger.Ledger, "mark", looked_and_overtaken)
    plan = copy.plan()
    assert (plan.header.changes, plan.header.rows_read) == ({"same": 9, "changed": 1}, 10)


@turn_of("databricks")
def test_a_removal_that_is_held_back_is_not_forgotten(company: World, warehouse: Warehouse) -> None:
    company.run()
    warehouse.do("DELETE FROM customers WHERE id = 2")
    add(warehouse, None)
    assert changes(company.run(full=True)) == {"same": 0, "resynced": 9, "removed": 1}
    assert [rows for _, rows in warehouse.kept()] == [10]
    warehouse.do("DELETE FROM customers WHERE id IS NULL")
    assert changes(company.run()) == {"same": 9, "removed": 1}
    assert changes(company.run()) == {"same": 9}


@turn_of("redshift")
@pytest.mark.parametrize("loss", ["rows", *LOSSES])
def test_what_is_lost_there_is_made_anew_and_nothing_is_sent_twice(
    company: World, warehouse: Warehouse, loss: str
) -> None:
    company.run()
    company.api_calls()
    (rows,) = [name for name in warehouse.tables() if name.startswith("rows_")]
    warehouse.do({
        "everything": "DROP SCHEMA bookward CASCADE",
        "ledger": f"DROP TABLE {warehouse.ledger()}",
        "rows": f'DROP TABLE bookward."{rows}"',
        "mark": f"UPDATE {warehouse.ledger()} SET snapshot = 'another.parquet' WHERE kind = 'mark'",
    }[loss])  # fmt: skip
    warehouse.do("DELETE FROM customers WHERE id = 9")
    report = company.run()
    assert report.plan is not None
    assert report.plan.header.operations == {"archive": 1}
    assert changes(company.run()) == {"same": 9}
    assert [rows for _, rows in warehouse.kept()] == [9]


@turn_of("snowflake")
def test_missing_rights_are_named_with_the_statement_that_grants_them(
    company: World, warehouse: Warehouse
) -> None:
    for there, said in ((False, warehouse.makes), (True, warehouse.grants)):
        if there:
            warehouse.do(f'CREATE SCHEMA "{warehouse.schema}"')
        warehouse.refuse(True)
        run = company.run().run
        assert (run.state, run.error_code) == (RunState.FAILED, "rights_missing")
        assert f"Missing: {said}" in str(run.error_message)
        with closing(company.app()) as app:
            (problem,) = app.check(connect=True).problems
        assert (problem.path, problem.field, said in problem.message) == (
            "syncs/customers.yaml",
            "diff",
            True,
        )
    warehouse.refuse(False)
    with closing(company.app()) as app:
        assert not app.check(connect=True).problems
    assert changes(company.run()) == {"same": 0, "added": 10}


@turn_of("databricks")
def test_a_warehouse_that_takes_no_note_stops_the_sync_and_nothing_is_sent_twice(
    company: World, warehouse: Warehouse
) -> None:
    plan = company.plan()
    warehouse.refuse(True)
    run = company.run(plan=plan.header.id).run
    assert (run.state, run.error_code, run.folded) == (RunState.FAILED, "rights_missing", False)
    assert str(run.error_message).startswith("What was sent is written down, but the warehouse could not")
    warehouse.refuse(False)
    company.api_calls()
    assert changes(company.run()) == {"same": 10}
    assert company.api_calls() == []


@pytest.mark.nightly
def test_plans_that_were_never_executed_are_forgotten_after_a_day(
    company: World, warehouse: Warehouse
) -> None:
    plan = company.plan()
    assert f"plan_{plan.header.id}" in warehouse.tables()
    moving(company.clock).jump(hours=25)
    company.run()
    assert f"plan_{plan.header.id}" not in warehouse.tables()


@pytest.mark.nightly
def test_rows_gathered_from_lines_are_found_alike(pair: Pair, warehouse: Warehouse) -> None:
    warehouse.do("DROP TABLE story")
    warehouse.do(
        "CREATE TABLE story (id bigint, name varchar, place decimal(4,1), first_name varchar, mail varchar, "
        "credit decimal(8,2))"
    )
    pair.write("models/story.yaml", GATHERED)
    pair.write("models/story.sql", "SELECT * FROM story\n")
    pair.write("syncs/story.yaml", LINES_SYNC.replace("COLUMN", "lines").replace("customers", "story"))
    for id_ in (1, 2, 3, 4):
        for place in (1, 2):
            warehouse.do(
                f"INSERT INTO story VALUES ({id_}, 'Customer {id_}', {place}, 'P{place}', 'p@x.com', 1.5)"
            )
    pair.told()
    warehouse.do("UPDATE story SET credit = 3 WHERE id = 2 AND place = 2")
    warehouse.do("DELETE FROM story WHERE id = 3 AND place = 1")
    warehouse.do("INSERT INTO story VALUES (4, 'Customer 4', 2, 'Twice', 'p@x.com', 1.5)")
    pair.told()
    warehouse.do("DELETE FROM story WHERE first_name = 'Twice' OR id = 1")
    pair.told()


@pytest.mark.parametrize("warehouse", ["snowflake"], indirect=True)
def test_rows_in_another_order_than_they_were_asked_for_stop_the_plan(
    company: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = PushdownSql.read_rows

    def turned(*given: Any) -> str:
        return asked(*given).replace('ORDER BY "s"."place"', 'ORDER BY -"s"."place"')

    monkeypatch.setattr(PushdownSql, "read_rows", turned)
    run = company.run().run
    assert (run.state, run.error_code) == (RunState.FAILED, "source_failed")
    assert "in another order" in str(run.error_message)
    assert company.contacts() == {}


@pytest.mark.parametrize("warehouse", ["bigquery"], indirect=True)
def test_what_would_take_too_long_to_tell_is_not_kept_and_all_is_read_again(
    company: World, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "_MOST", 2)
    company.run(trial=Trial(keys=frozenset({"2", "4", "6"})))
    assert warehouse.kept() == []
    assert changes(company.run()) == {"same": 3, "added": 7}
    company.api_calls()
    assert changes(company.run()) == {"same": 10}
    assert company.api_calls() == []
    assert [rows for _, rows in warehouse.kept()] == [10]
