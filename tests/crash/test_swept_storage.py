"""A killed process whose files are on an object storage: nothing is lost, sent twice, or left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest

from bookward.store.runs import RunState
from tests.crash.test_killed import PLACES, books_are_the_model, killed_at
from tests.crash.test_swept import another_sync, state_files, unrun_plans, wanted_files
from tests.integration.world import World
from tests.peers.objectstore import WRITER, ObjectStore, as_role, running_object_store

# Of the plan, and of the snapshot.
PUTTING = (
    "while-putting:1",
    "after-put:1",
    "while-putting:2",
    "after-put:2",
)


@pytest.fixture(scope="module")
def objects() -> Iterator[ObjectStore]:
    with running_object_store() as server:
        yield server


def as_objects(files: set[str]) -> set[str]:
    """Return the objects that keep these files of the state."""
    objects = {"files.id"}
    for file in map(PurePosixPath, files):
        folder = file.parent if file.parts[0] == "plans" else file
        objects |= {f"{folder}/{file.name}", f"{folder}/whole.json"}
    return objects


def cases() -> Iterator[Any]:
    """Yield each place with a run of the sync itself after it, and of another; one of them at night only."""
    for number, place in enumerate(["while-reading", *PLACES, *PUTTING]):
        for own, sync in ((True, "customers"), (False, "others")):
            marks = () if own == bool(number % 2) else pytest.mark.nightly
            yield pytest.param(place, sync, marks=marks, id=f"{place}-{'its own' if own else 'another'} run")


@pytest.mark.parametrize(("place", "sync"), list(cases()))
def test_a_killed_run_is_settled_and_leaves_nothing_behind(
    world: World, objects: ObjectStore, monkeypatch: pytest.MonkeyPatch, place: str, sync: str
) -> None:
    for name, value in as_role({}, WRITER).items():
        monkeypatch.setenv(name, value)
    prefix = world.root.parent.name
    world.environ["BOOKWARD_FILES"] = objects.url(prefix)
    world.many(20)
    another_sync(world)
    world.edit("destinations/xero.yaml", "batch_size: 50", "batch_size: 7")
    world.run()
    world.run("others")
    world.warehouse.execute("UPDATE customers SET email = 'new' || id || '@example.com'")
    killed_at(world, place)
    assert world.run(sync).run.state is RunState.DONE
    left = wanted_files(world) | unrun_plans(world)
    assert state_files(world) == left
    assert objects.files(prefix) == as_objects(left)
    assert world.run().run.state is RunState.DONE
    books_are_the_model(world)
    assert world.run().run.counts["calls"] == 0
