"""What is put on a storage is had whole again, or not at all."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from bookward.errors import StoreFailed
from bookward.store.objects import Objects

PLAN = "plans/p"


@pytest.fixture
def put(tmp_path: Path) -> Path:
    """Put a plan of two files on a storage; return the storage's folder."""
    made = tmp_path / "made"
    made.mkdir()
    for name in ("changes.parquet", "header.json"):
        (made / name).write_text(name)
    Objects((tmp_path / "bucket").as_uri()).put(made, PLAN)
    return tmp_path / "bucket"


def test_a_part_that_is_missing_is_named(put: Path, tmp_path: Path) -> None:
    (put / PLAN / "header.json").unlink()
    with pytest.raises(StoreFailed, match=r"^plans/p/header\.json is missing, in file://") as caught:
        Objects(put.as_uri()).get(PLAN, tmp_path / "had")
    assert "Bring back an earlier version" in caught.value.remedy


def test_what_is_removed_is_gone_though_the_removal_is_cut_off(put: Path) -> None:
    objects = Objects(put.as_uri())
    storage, root = objects._opened

    def cut_off(_: str) -> None:
        raise KeyboardInterrupt

    objects._opened = SimpleNamespace(delete_file=storage.delete_file, delete_dir=cut_off), root
    with pytest.raises(KeyboardInterrupt):
        objects.delete(PLAN)
    again = Objects(put.as_uri())
    assert not again.has(PLAN)
    assert again.names("plans") == {PLAN}
    again.delete(PLAN)
    again.delete(PLAN)
    assert again.names("plans") == set()
