"""`doctor` finds what is wrong with an installation, each time with what to do about it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from bookward import doctoring
from bookward.demo.xero.faults import Fault, FaultKind
from bookward.destinations.xero import delivery
from bookward.records import CheckStep
from bookward.store.runs import Runs
from bookward.trial import Trial
from tests.integration.world import World

CONTACTS = "*/Contacts"


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


def test_a_run_that_paused_is_not_done(world: World) -> None:
    world.many(2)
    world.xero.faults.add(
        Fault(kind=FaultKind.RATE_LIMIT, method="PUT", path=CONTACTS, seconds=4_000, problem="day")
    )
    world.run()
    step = wrong(world)["work customers"]
    assert (step.detail.startswith("paused: "), step.remedy != "") == (True, True)


def test_a_trial_leaves_rows_to_be_sent(world: World) -> None:
    world.many(3)
    world.run(trial=Trial(limit=1))
    step = wrong(world)["work customers"]
    assert step.detail == "2 rows are not sent yet"
    assert "bookward run customers" in step.remedy


def test_a_run_under_way_is_well_and_one_that_was_killed_is_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.many(2)
    seen: list[CheckStep] = []

    def die(name: str) -> None:
        seen.append(steps(world)["work customers"])
        raise KeyboardInterrupt

    monkeypatch.setattr(delivery, "failpoint", die)
    monkeypatch.setattr(Runs, "end", lambda *_: None)  # a process that is killed writes nothing down
    with pytest.raises(KeyboardInterrupt):
        world.run()
    assert [(step.ok, step.detail) for step in seen] == [(True, "running; every row is as it should be")]
    step = wrong(world)["work customers"]
    assert (step.detail, step.remedy) == (
        "running: it was cut off",
        "Run it again: `bookward run customers`.",
    )


def test_a_plan_that_was_discarded_is_not_to_be_approved(world: World) -> None:
    world.many(3)
    world.edit("syncs/customers.yaml", "model:", "guards: {max_changes: 1}\nmodel:")
    run = world.run().run
    assert "--approve" in wrong(world)["work customers"].remedy
    with closing(world.app()) as app:
        app.discard_plan(app.open_plan(run.id, "customers"), "Ana", "not yet")
    step = wrong(world)["work customers"]
    assert step.detail == "parked, and of its plan: it was discarded by Ana: not yet"
    assert step.remedy == "Run it again: `bookward run customers`."


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
