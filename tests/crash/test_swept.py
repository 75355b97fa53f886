"""Nothing that a killed process leaves behind outlives the next run of any sync."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bookward.errors import SyncBusy
from bookward.store.runs import RunState
from tests.crash.test_killed import PLACES, killed_at
from tests.integration.world import SYNC, World

NOTHING = ("while-reading", "before-matching")  #: killed here, a run has left no plan


def state_files(world: World) -> set[str]:
    """Return the files of the state, but for the database and the locks."""
    state = world.root / ".bookward"
    files = {str(path.relative_to(state)) for path in state.rglob("*") if path.is_file()}
    return {name for name in files if not name.startswith(("state.db", "locks/"))}


def wanted_files(world: World) -> set[str]:
    """Return the files that there are to be: the plans of all runs, the snapshots that count."""
    with closing(world.app()) as app:
        store = app._store
        plans = {run.plan for run in app.history() if run.plan}
        snapshots = {sync: store.sync(sync).pointer().snapshot for sync in store.runs.syncs()}
    parts = ("changes.parquet", "header.json", "operations.parquet")
    return {f"plans/{plan}/{part}" for plan in plans for part in parts} | {
        f"snapshots/{sync}/{name}" for sync, name in snapshots.items()
    }


def another_sync(world: World) -> None:
    """Give the project a second sync, of the same rows, that has been run."""
    world.write("syncs/others.yaml", SYNC.replace("match: {ContactNumber: id}", "match: {Name: name}"))
    world.edit("syncs/others.yaml", "on_removal: archive", "on_removal: keep")
    world.edit("syncs/others.yaml", "\n  Name: name", "")


@pytest.mark.parametrize(
    ("place", "sync"),
    [
        pytest.param(
            place, sync, marks=() if (at + turn) % 2 else pytest.mark.nightly, id=f"{place}-{whose} run"
        )
        for at, place in enumerate([*NOTHING, *PLACES])
        for turn, (sync, whose) in enumerate({"customers": "its own", "others": "another's"}.items())
    ],
)
def test_a_killed_run_leaves_nothing_behind(world: World, place: str, sync: str) -> None:
    world.many(20)
    another_sync(world)
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 7")
    world.run()
    world.run("others")
    world.warehouse.execute("UPDATE customers SET email = 'new' || id || '@example.com'")
    killed_at(world, place)
    (world.root / ".bookward/work/customers").mkdir(parents=True, exist_ok=True)
    (world.root / ".bookward/work/customers/duckdb_temp_storage-0.tmp").write_bytes(b"spilt")
    before = state_files(world)
    assert world.run(sync).run.state is RunState.DONE
    assert state_files(world) == wanted_files(world) | unrun_plans(world)
    assert before != state_files(world)


def unrun_plans(world: World) -> set[str]:
    """Return the files of plans that no run has taken up: whole, and good until their time is over."""
    with closing(world.app()) as app:
        taken_up = {run.plan for run in app.history()}
    plans = (world.root / ".bookward/plans").iterdir()
    return {f"plans/{p.name}/{file.name}" for p in plans if p.name not in taken_up for file in p.iterdir()}


def test_what_a_living_process_works_with_is_not_swept(world: World) -> None:
    world.many(3)
    another_sync(world)
    world.run()
    theirs = world.root / ".bookward/work/customers/read.parquet"
    theirs.parent.mkdir(parents=True, exist_ok=True)
    theirs.write_bytes(b"being read")
    with closing(world.app()) as app, app._store.locks.running("customers"):
        assert world.run("others").run.state is RunState.DONE
        assert theirs.exists()
        with pytest.raises(SyncBusy):
            world.run()
    world.run("others")
    assert not theirs.parent.exists()


def test_temporary_files_lie_where_they_are_told_to(world: World, tmp_path: Path) -> None:
    world.many(5)
    spill = tmp_path / "spill"
    world.environ["BOOKWARD_WORK"] = str(spill)
    killed_at(world, "while-reading")
    assert [path.name for path in spill.rglob("*.partial")] == ["read.parquet.partial"]
    assert not (world.root / ".bookward/work").exists()
    world.run()
    assert [path for path in spill.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("by", ["a run", "another backup"])
def test_a_backup_that_was_cut_off_leaves_nothing_behind(world: World, tmp_path: Path, by: str) -> None:
    world.many(5)
    world.run()
    process = subprocess.run(
        [Path(sys.executable).with_name("bookward"), "-C", world.root, "backup", tmp_path / "kept.tar.gz"],
        env=os.environ | world.environ | {"BOOKWARD_FAILPOINT": "before-backup-rename"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == -signal.SIGKILL, process.stderr.decode()
    assert [path.name for path in tmp_path.glob("kept*")] == ["kept.tar.gz.partial"]
    if by == "a run":
        world.run()
    else:
        with closing(world.app()) as app:
            app.backup(tmp_path / "other.tar.gz")
    assert list(tmp_path.glob("kept*")) == []
    assert state_files(world) == wanted_files(world)


def test_a_restore_that_was_cut_off_can_be_repeated(world: World, tmp_path: Path) -> None:
    world.many(5)
    world.run()
    file = tmp_path / "state.tar.gz"
    with closing(world.app()) as app:
        app.backup(file)
    shutil.rmtree(world.root / ".bookward")
    process = subprocess.run(
        [Path(sys.executable).with_name("bookward"), "-C", world.root, "restore", file],
        env=os.environ | world.environ | {"BOOKWARD_FAILPOINT": "before-database-rename"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == -signal.SIGKILL, process.stderr.decode()
    with closing(world.app()) as app:
        app.restore(file)
    assert world.run().run.counts["calls"] == 0
    assert state_files(world) == wanted_files(world)
