"""Backups: the whole state in one file, and what happens when an old one is put back."""

from __future__ import annotations

import shutil
import stat
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bookward.errors import FilesInTheWay, StateMissing, StoreFailed, SyncBusy
from tests.integration.world import World


def backed_up(world: World, file: Path) -> Path:
    with closing(world.app()) as app:
        assert app.backup(file) == file.stat().st_size
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    return file


def restore(world: World, file: Path) -> None:
    shutil.rmtree(world.root / ".bookward")
    with closing(world.app()) as app:
        app.restore(file)


def test_a_restored_state_goes_on_where_it_was(world: World, tmp_path: Path) -> None:
    world.many(20)
    run = world.run().run
    plan = world.plan().header.id
    file = backed_up(world, tmp_path / "state.tar.gz")
    restore(world, file)
    assert world.plan().header.operations == {}
    with closing(world.app()) as app:
        assert app.find_run("last").id == run.id
        assert app.open_plan(plan, "customers").header.id == plan
        assert len(list(app.calls(run.id))) == run.counts["calls"]
    world.many(1, start=21)
    assert world.run().run.counts["rows_accepted"] == 1


def test_what_was_booked_after_the_backup_is_not_booked_again(world: World, tmp_path: Path) -> None:
    world.many(3)
    world.run()
    file = backed_up(world, tmp_path / "state.tar.gz")
    world.many(4, start=4)
    world.run()
    restore(world, file)
    assert world.run().run.counts["rows_adopted"] == 4
    assert len(world.xero.contacts()) == 7


def test_a_backup_is_read_by_nobody_else_while_it_is_written(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.many(1)
    world.run()
    file, modes, add = tmp_path / "state.tar.gz", list[int](), tarfile.TarFile.add
    partial = tmp_path / "state.tar.gz.partial"
    partial.touch(0o644)  # left by one that was cut off

    def noted(archive: tarfile.TarFile, *args: Any, **options: Any) -> None:
        modes.append(stat.S_IMODE(partial.stat().st_mode))
        add(archive, *args, **options)

    monkeypatch.setattr(tarfile.TarFile, "add", noted)
    backed_up(world, file)
    assert set(modes) == {0o600}


def test_nothing_is_overwritten_and_no_run_is_disturbed(world: World, tmp_path: Path) -> None:
    world.many(1)
    world.run()
    file = backed_up(world, tmp_path / "state.tar.gz")
    with closing(world.app()) as app:
        with pytest.raises(FilesInTheWay):
            app.backup(file)
        with pytest.raises(FilesInTheWay):
            app.restore(file)
        with app._store.locks.running("customers"), pytest.raises(SyncBusy):
            app.backup(tmp_path / "other.tar.gz")
    assert sorted(path.name for path in tmp_path.glob("*.gz*")) == ["state.tar.gz"]


def test_nothing_is_put_back_beside_what_is_left_of_another_state(world: World, tmp_path: Path) -> None:
    world.many(1)
    world.run()
    file = backed_up(world, tmp_path / "state.tar.gz")
    state = world.root / ".bookward"
    with closing(world.app()) as app:
        app.secrets.set("OF_LATER", "hidden", "ann@example.com")
        left = (state / "state.db-wal").read_bytes()
    (state / "state.db").unlink()
    (state / "state.db-wal").write_bytes(left)
    with closing(world.app()) as app, pytest.raises(FilesInTheWay, match=r"already: state.db-wal\."):
        app.restore(file)
    assert not (state / "state.db").exists()
    (state / "state.db-wal").unlink()
    with closing(world.app()) as app:
        app.restore(file)
        assert app.secrets.list() == []


def test_what_is_no_backup_is_refused(world: World, tmp_path: Path) -> None:
    (tmp_path / "text.tar.gz").write_text("no archive")
    with closing(world.app()) as app, pytest.raises(StoreFailed, match="cannot be written"):
        app.backup(tmp_path / "missing" / "state.tar.gz")
    shutil.rmtree(world.root / ".bookward")
    with closing(world.app()) as app, pytest.raises(StoreFailed, match="cannot be read"):
        app.restore(tmp_path / "text.tar.gz")


def test_where_no_state_is_none_is_backed_up_and_none_is_made(world: World, tmp_path: Path) -> None:
    world.environ["BOOKWARD_STATE"] = str(tmp_path / "elsewhere")
    file = tmp_path / "state.tar.gz"
    with closing(world.app()) as app:
        with pytest.raises(StateMissing, match=str(tmp_path / "elsewhere")) as caught:
            app.backup(file)
        with pytest.raises(StateMissing):
            app.require_state()
    assert "BOOKWARD_STATE" in caught.value.remedy
    assert not file.exists()
    assert not (tmp_path / "elsewhere").exists()
    del world.environ["BOOKWARD_STATE"]
    backed_up(world, file)


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "link"])
def test_a_backup_that_leads_elsewhere_is_refused(world: World, tmp_path: Path, name: str) -> None:
    file = backed_up(world, tmp_path / "state.tar.gz")
    with tarfile.open(file, "r:gz") as archive:
        archive.extract("state.db", tmp_path)
    member = tarfile.TarInfo(name)
    member.type, member.linkname = (tarfile.SYMTYPE, "/") if name == "link" else (tarfile.REGTYPE, "")
    with tarfile.open(tmp_path / "bad.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "state.db", "state.db")
        archive.addfile(member)
    with pytest.raises(StoreFailed, match=f"it holds '{name}'"):
        restore(world, tmp_path / "bad.tar.gz")
    assert not (world.root / "outside").exists()
