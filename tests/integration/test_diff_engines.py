"""The contract of both ways to compare: the same story gives the same plans and the same books."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow.parquet as pq
import pytest

from bookward.demo.xero.server import LocalXero
from bookward.engine.planfile import Plan
from bookward.trial import Trial
from tests.fakes import FakeClock
from tests.integration.test_lines import GATHERED, ROWS_TABLE
from tests.integration.test_lines import SYNC as LINES_SYNC
from tests.integration.world import World
from tests.peers.postgres import Postgres

TABLE = """
DROP TABLE IF EXISTS story;
DROP TYPE IF EXISTS mood;
CREATE TYPE mood AS ENUM ('fine', 'sad');
CREATE TABLE story (
    part text, number numeric(6,2), name text, note text, amount numeric(20,4), free numeric,
    moment timestamptz, local timestamp, day date, hour time, flag boolean, doc json, docb jsonb,
    tags text[], f double precision, u uuid, span interval, fixed char(4), feels mood, raw bytea, cash money
)
"""
MODEL = "source: warehouse\nprimary_key: [part, number]\n"
SQL = "SELECT *, part || '-' || trunc(number, 1) AS code FROM story\n"
SYNC = """
model: story
destination: xero
object: contacts
match: {ContactNumber: code}
fields:
  Name: name
  FirstName: {template: "{{ note }}"}
  LastName: {template: "{{ amount }} {{ free }} {{ f }} {{ cash }}"}
  Addresses:
    - AddressType: {value: STREET}
      AddressLine1: {template: "{{ moment }} {{ local }} {{ day }} {{ hour }} {{ flag }} {{ span }}"}
      AddressLine2: {template: "{{ u }} {{ fixed }} {{ feels }}"}
      AddressLine3: {template: "{{ doc }} {{ docb }}"}
      AddressLine4: {template: "{{ tags | join: '+' }}"}
on_removal: archive
guards: {max_removals: 60%}
"""
VALUES: Mapping[str, tuple[str | None, ...]] = {
    "name": ("Ann", "Bob", 'Cyd\'s "Ltd"', "D\\E", "Zoë 東京"),  # taken twice, they are refused
    "note": (None, "", " ", "a,b", "it's", 'say "x"', "back\\slash", "Zoë", "(1,2)", "NULL", "tab\tin"),
    "amount": (None, "1.5", "1.50", "0", "-0.0001", "1234567890.1234"),
    "free": (None, "1.5", "1.500", "NaN", "100000000000000000000.000001"),
    "moment": (None, "2026-01-01 00:00:00+00", "2026-01-01 01:00:00+01", "2026-01-01 00:00:00.000001+00"),
    "local": (None, "2026-01-01", "2026-01-01 00:00:00.5"),
    "day": (None, "2026-01-01", "0001-01-01", "infinity"),
    "hour": (None, "12:00", "12:00:00.000001", "24:00"),
    "flag": (None, "true", "false"),
    "doc": (None, "null", "{}", '{"a":1,"b":[1,2]}', '{"b":[1,2],"a":1}', '{"a": 1, "b":[1,2]}'),
    "docb": (None, '{"a":1.0}', '{"a":1.00}', '{"a":1}'),
    "tags": (None, "{}", "{NULL}", '{"a,b"}', "{a,b}", '{"NULL"}'),
    "f": (None, "0", "-0", "0.1", "0.30000000000000004", "1e300"),
    "u": (None, "0b6f2a4e-5d1c-4c86-9f7a-1f2e3d4c5b6a", "00000000-0000-0000-0000-000000000000"),
    "span": (None, "1 month", "30 days", "1 day", "24:00:00"),
    "fixed": (None, "a", "a ", "abcd"),
    "feels": (None, "fine", "sad"),
    "raw": (None, "\\x00", "\\x0001"),
    "cash": (None, "1.50", "-1"),
}
PARTS = ("a", "A", "it's", "ä")


Kept: TypeAlias = Callable[[], list[tuple[Any, ...]]]
KEPT = "SELECT snapshot, rows FROM bookward.snapshots WHERE sync = 'story'"


class Pair:
    """Two companies with one warehouse: one compares its rows here, the other one there."""

    def __init__(self, local: World, there: World, kept: Kept | None = None) -> None:
        """Put two together.

        Args:
            kept: asks the warehouse for name and rows of the snapshots of "story" that it has the hashes of.
        """
        self.local = local
        self.there = there
        self.warehouse = local.warehouse
        self._kept = kept or (lambda: local.warehouse.execute(KEPT))

    def each(self) -> tuple[World, World]:
        return self.local, self.there

    def write(self, path: str, text: str) -> None:
        for world in self.each():
            world.write(path, text)
        if path.startswith("syncs/"):
            self.there.write(path, f"{text}diff: warehouse\n")

    def told(self, **options: Any) -> None:
        """Run in both, and see that they plan and do the same."""
        reports = [world.run("story", approved=True, allow_empty=True, **options) for world in self.each()]
        plans = [report.plan for report in reports]
        assert plans[0] is not None, reports[0].run.error_message
        assert plans[1] is not None, reports[1].run.error_message
        assert said(plans[1]) == said(plans[0])
        ends = [(r.run.state, r.run.error_code, plain(r.run.counts)) for r in reports]
        assert ends[1] == ends[0]
        outcomes = [
            [(row.seq, row.change, row.status, row.code) for row in world.rows(report)]
            for world, report in zip(self.each(), reports, strict=True)
        ]
        assert outcomes[1] == outcomes[0]
        assert books(self.there) == books(self.local)
        assert self._kept() == accepted(self.there)


def accepted(world: World) -> list[tuple[str, int]]:
    """Return the name of the one snapshot and how many rows it holds; none before a run had any change."""
    found = list((world.root / ".bookward" / "snapshots" / "story").glob("*.parquet"))
    assert len(found) <= 1
    return [(snapshot.name, int(pq.read_metadata(snapshot).num_rows)) for snapshot in found]


def plain(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if name != "calls"}


def said(plan: Plan) -> dict[str, Any]:
    """Return all of a plan but ids and times; a row without a key is known by its place among those read."""
    header = plan.header
    return {
        "read": header.rows_read,
        "changes": header.changes,
        "operations": header.operations,
        "bad": header.key_problems,
        "tripped": header.tripped,
        "rows": [
            (
                c.seq,
                c.key,
                c.kind,
                repr(c.old),  # text, since NaN equals nothing
                repr(c.new),
                c.old_version,
            )
            for part in plan.read_changes()
            for c in part
        ],
        "does": [
            (re.sub(r"^row \d+$", "row", o.key), o.change, o.kind, o.payload, o.before, code_of(o.rejection))
            for part in plan.operations()
            for o in part
        ],
    }


def code_of(rejection: Any) -> str | None:
    return rejection.code if rejection else None


def books(world: World) -> list[tuple[Any, ...]]:
    fields = ("ContactNumber", "Name", "FirstName", "LastName", "ContactStatus")
    return sorted(
        (*(str(contact.get(name)) for name in fields), str(contact.get("Addresses")))
        for contact in world.xero.contacts()
    )


@pytest.fixture
def pair(no_schema: None, world: World, postgres: Postgres, tmp_path: Path) -> Iterator[Pair]:
    postgres.execute(TABLE)
    clock = FakeClock()
    with LocalXero.running(None, clock=clock) as xero:
        other = World(root=tmp_path / "other", warehouse=postgres, xero=xero, clock=clock)
        other.prepare()
        made = Pair(world, other)
        made.write("models/story.yaml", MODEL)
        made.write("models/story.sql", SQL)
        made.write("syncs/story.yaml", SYNC)
        yield made


class Story:
    """Edits of a table, as a seed has it."""

    def __init__(self, warehouse: Postgres, seed: int) -> None:
        self._warehouse = warehouse
        self._dice = random.Random(seed)

    def _do(self, sql: str, *values: object) -> None:
        self._warehouse.execute(sql, values)

    def add(self) -> None:
        dice = self._dice
        row: dict[str, object] = {name: dice.choice(values) for name, values in VALUES.items()}
        row |= {"part": dice.choice(PARTS), "number": f"{dice.randrange(1, 16)}{dice.choice(('', '.5'))}"}
        row["name"] = f"{row['name']} {dice.randrange(40)}"
        if dice.random() < 0.03:
            row[dice.choice(("part", "number"))] = None
        marks = ", ".join(["%s"] * len(row))
        self._do(f"INSERT INTO story ({', '.join(row)}) VALUES ({marks})", *row.values())

    def change(self) -> None:
        name = self._dice.choice([name for name in VALUES if name != "name"])
        value = self._dice.choice(VALUES[name])
        self._do(
            f"UPDATE story SET {name} = %s WHERE ctid = (SELECT ctid FROM story ORDER BY part, number, name "
            f"OFFSET {self._dice.randrange(6)} LIMIT 1)",
            value,
        )

    def remove(self) -> None:
        self._do(
            "DELETE FROM story WHERE ctid = (SELECT ctid FROM story ORDER BY part, number, name "
            f"OFFSET {self._dice.randrange(6)} LIMIT 1)"
        )

    def swap(self) -> None:
        """Let a row go back to what a copy of it said."""
        self._do("CREATE TABLE IF NOT EXISTS earlier AS TABLE story")
        self._do("DELETE FROM story")
        self._do("INSERT INTO story SELECT * FROM earlier")
        self._do("DROP TABLE earlier")

    def go_on(self) -> None:
        for _ in range(self._dice.randrange(1, 5)):
            self._dice.choice((self.add, self.add, self.change, self.change, self.change, self.remove))()


SEEDS = [*range(2), *(pytest.param(seed, marks=pytest.mark.nightly) for seed in range(2, 40))]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_story_gives_the_same_plans_and_the_same_books(pair: Pair, seed: int) -> None:
    story = Story(pair.warehouse, seed)
    for _ in range(10):
        story.add()
    pair.told()
    pair.warehouse.execute("DROP TABLE IF EXISTS earlier; CREATE TABLE earlier AS TABLE story")
    story.go_on()
    pair.told(trial=Trial(limit=1))
    story.go_on()
    pair.told()
    story.swap()
    pair.told()
    pair.write("syncs/story.yaml", SYNC.replace('"{{ note }}"', '"{{ note }}!"'))
    story.go_on()
    pair.told()
    pair.warehouse.execute(
        "ALTER TABLE story ALTER amount TYPE numeric(20,6), ALTER number TYPE numeric(8,3)"
    )
    pair.told()
    story.go_on()
    pair.told(full=True)
    story.go_on()
    pair.told()


class LinesStory:
    """Edits of lines that are gathered, as a seed has it."""

    def __init__(self, warehouse: Postgres, seed: int) -> None:
        self._do = warehouse.execute
        self._dice = random.Random(seed)
        self._do(ROWS_TABLE)

    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            self._dice.choice((self.add, self.add, self.change, self.disagree, self.remove, self.leave))()

    def add(self) -> None:
        id_ = self._dice.choice([*range(1, 7), *range(1, 7), None])
        place, credit = self._dice.randrange(1, 9), self._dice.choice((None, "1.5", "1.50", "2"))
        values = [id_, f"Customer {id_}", place, f"P{place}", f"p{place}@example.com", credit]
        self._do("INSERT INTO customers VALUES (%s, %s, %s, %s, %s, %s)", values)

    def change(self) -> None:
        self._do("UPDATE customers SET credit = coalesce(credit, 0) + 1 WHERE ctid = " + self._any())

    def disagree(self) -> None:
        self._do("UPDATE customers SET name = name || '!' WHERE ctid = " + self._any())

    def remove(self) -> None:
        self._do("DELETE FROM customers WHERE ctid = " + self._any())

    def leave(self) -> None:
        self._do("DELETE FROM customers WHERE id = %s", [self._dice.randrange(1, 7)])

    def put_right(self) -> None:
        self._do("UPDATE customers SET name = 'Customer ' || id; DELETE FROM customers WHERE id IS NULL")

    def _any(self) -> str:
        place = self._dice.randrange(8)
        return f"(SELECT ctid FROM customers ORDER BY id, place, credit, name OFFSET {place} LIMIT 1)"


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_gathered_from_lines_are_found_alike(pair: Pair, seed: int) -> None:
    story = LinesStory(pair.warehouse, seed)
    pair.write("models/story.yaml", GATHERED)
    pair.write("models/story.sql", "SELECT * FROM customers\n")
    pair.write("syncs/story.yaml", LINES_SYNC.replace("COLUMN", "lines").replace("customers", "story"))
    for steps in (16, 3, 4, 0):
        story.go_on(steps)
        pair.told()
    story.put_right()
    pair.told()
    story.go_on(3)
    pair.told(full=True)
    pair.told()
