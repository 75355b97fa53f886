"""A disk that fills up at any moment of a run: one clear error, nothing lost, nothing booked twice."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bookward.errors import StoreFailed
from bookward.store.runs import RunState
from tests.crash.test_killed import ROWS, books_are_the_model
from tests.integration.world import World

SIZE = 24 * 2**20
AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]
LEFT = [*range(0, 400, 80), *range(400, 4000, 240)]  # kilobytes
PARTS = 3


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own; mounting it needs root, or a sudo that does not ask."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run([*AS_ROOT, "mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run([*AS_ROOT, "umount", "-l", place], check=True)


def fill(disk: Path, left: int) -> Path:
    """Leave so many bytes of the disk free; return the file that takes the rest."""
    ballast = disk / "ballast"
    room = os.statvfs(disk)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(room.f_bavail * room.f_frsize - left, 1))
    return ballast


def error_of_run(world: World) -> str | None:
    """Run; return the code of the error that it ended with, checked to say what to do."""
    try:
        run = world.run().run
        code, remedy = run.error_code, run.error_remedy
    except StoreFailed as error:  # not even that it failed could be written down
        code, remedy = error.code, error.remedy
    assert code is None or "room" in str(remedy)
    return code


@pytest.mark.parametrize("part", range(PARTS))
def test_a_disk_that_is_full_at_any_moment(world: World, disk: Path, part: int) -> None:
    world.environ["BOOKWARD_STATE"] = str(disk / "state")
    world.connect()
    ended: list[tuple[str | None, bool]] = []
    for round_, left in enumerate(LEFT[part::PARTS]):
        world.many(ROWS, start=1 + round_ * ROWS)
        ballast = fill(disk, left * 1024)
        world.api_calls()
        ended.append((error_of_run(world), bool(world.api_calls())))
        ballast.unlink()
        run = world.run().run
        assert (run.state, run.counts.get("rows_rejected")) == (RunState.DONE, None)
        books_are_the_model(world)
        assert world.run().run.counts["calls"] == 0
    assert {code for code, _ in ended} == {None, StoreFailed.code}
    assert {(None, True), (StoreFailed.code, True)} <= set(ended), ended
