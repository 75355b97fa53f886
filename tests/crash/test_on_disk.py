"""What outlives a power cut: files are on disk under their final names before anything refers to them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.crash.test_killed import ROWS
from tests.integration.world import World

Step = tuple[str, str]


@pytest.fixture
def steps(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Step]]:
    """What is synced, renamed, and said in the database about snapshots and plans, in that order."""
    seen: list[Step] = []
    state = world.root / ".bookward"

    def note(what: str, path: str | Path) -> None:
        inside = os.path.relpath(path, state)
        if inside.startswith(("snapshots", "plans", "unfinished", "../backups")):
            seen.append((what, inside))

    fsync, replace = os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        note("sync", Path(f"/proc/self/fd/{handle}").readlink())
        fsync(handle)

    def noted_replace(path: Path, target: Path) -> Path:
        note("rename", target)
        return replace(path, target)

    def said(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith(("INSERT INTO pointers", "INSERT INTO intents")):
            seen.append(("said", statement.split()[2]))
        elif statement.startswith("UPDATE runs") and 'plan"=?' in statement:
            seen.append(("said", "plan"))

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    event.listen(Engine, "before_cursor_execute", said)
    yield seen
    event.remove(Engine, "before_cursor_execute", said)


def in_order(steps: list[Step], *wanted: Step) -> bool:
    """Return whether all that is wanted was done, in that order, whatever else was done between."""
    left = iter(steps)
    return all(step in left for step in wanted)


def test_plan_and_snapshot_are_on_disk_before_the_database_names_them(
    world: World, steps: list[Step]
) -> None:
    world.many(ROWS)
    id_ = world.run().run.id
    plan, partial = f"plans/{id_}", f"unfinished/customers/{id_}"
    for file in ("changes.parquet", "operations.parquet"):
        synced, renamed = ("sync", f"{partial}/{file}.partial"), ("rename", f"{partial}/{file}")
        assert in_order(steps, synced, renamed, ("sync", partial), ("rename", plan))
    placed = (("rename", plan), ("sync", "plans"), ("said", "plan"), ("said", "intents"))
    assert in_order(steps, ("sync", f"{partial}/header.json"), *placed)
    new, folder = f"snapshots/customers/{id_}-1.parquet", "snapshots/customers"
    made = f"unfinished/customers/{id_}-1.parquet"
    moved = (("sync", made), ("rename", new), ("sync", folder), ("said", "pointers"))
    assert in_order(steps, ("said", "intents"), *moved)


def test_a_backup_is_on_disk_when_it_has_its_name(world: World, steps: list[Step]) -> None:
    (world.root / "backups").mkdir()
    with closing(world.app()) as app:
        app.backup(world.root / "backups/state.tar.gz")
    synced, renamed = ("sync", "../backups/state.tar.gz.partial"), ("rename", "../backups/state.tar.gz")
    assert in_order(steps, synced, renamed, ("sync", "../backups"))
