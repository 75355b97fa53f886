"""`doctor` finds what is wrong with an installation, each time with what to do about it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from bookward import doctoring
from bookward.records import CheckStep
from tests.integration.world import World


def steps(world: World) -> dict[str, CheckStep]:
    """Return what is said of Bookward itself, by part and name."""
    with closing(world.app()) as app:
        report = app.doctor()
    return {f"{found.kind} {step.name}": step for found in report.connections for step in found.steps}


def wrong(world: World) -> dict[str, CheckStep]:
    return {name: step for name, step in steps(world).items() if not step.ok}


def test_all_is_well(world: World) -> None:
    world.many(2)
    world.run()
    found = steps(world)
    assert {name for name, step in found.items() if not step.ok} == set()
    assert "SQLite" in found["bookward versions"].detail
    assert "2 outcomes" in found["state holds"].detail
    assert "every row" in found["work customers"].detail
    assert {"source reach", "destination reach"} & found.keys()


def test_rows_that_wait_and_runs_that_failed(world: World) -> None:
    world.customers((1, "Ann"), (2, "Ann"))
    world.run()
    step = wrong(world)["work customers"]
    assert step.detail == "rows wait: 2 rejected"
    assert "bookward rows customers --waiting" in step.remedy
    world.edit("models/customers.sql", "customers", "nothing")
    world.run()
    step = wrong(world)["work customers"]
    assert ("failed" in step.detail, step.remedy != "") == (True, True)


def test_a_source_that_is_gone(world: World) -> None:
    world.edit("sources/warehouse.yaml", "${WAREHOUSE_URL}", "postgresql://nobody@127.0.0.1:1/nothing")
    assert "source reach" in wrong(world)


def test_a_wrong_clock(world: World) -> None:
    assert "clock clock" not in wrong(world)
    world.xero.clock.jump(minutes=5)
    step = wrong(world)["clock clock"]
    assert ("300 s" in step.detail, "NTP" in step.remedy) == (True, True)


def test_a_full_disk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctoring, "_LEAST_FREE", 10**18)
    found = wrong(world)
    assert {"disk state", "disk work"} == {name for name in found if name.startswith("disk")}
    assert "BOOKWARD_STATE" in found["disk state"].remedy


def test_a_damaged_state(world: World) -> None:
    world.many(50)
    world.run()
    file = world.root / ".bookward" / "state.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = database.execute("PRAGMA page_size").fetchone()
        (page,) = database.execute("SELECT max(pageno) FROM dbstat WHERE name = 'intents'").fetchone()
    with file.open("r+b") as pages:
        pages.seek((page - 1) * size)
        pages.write(b"\xff" * 100)
    assert "bookward restore" in wrong(world)["state health"].remedy


def test_where_no_state_is_an_empty_one_is_not_taken_for_it(world: World) -> None:
    world.environ["BOOKWARD_STATE"] = str(world.root / "elsewhere")
    found = steps(world)
    assert f"there is none yet in {world.root / 'elsewhere'}" in found["state holds"].detail
    assert not {"state health", "work customers"} & found.keys()
