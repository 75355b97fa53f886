"""What keeps the snapshots and plans of a state that several machines share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from bookward.errors import SettingInvalid, StorageRefused
from bookward.settings import Settings
from bookward.store import keeper
from bookward.store.keeper import OWNER
from bookward.store.store import Store
from tests.fakes import FakeClock
from tests.unit.store.conftest import ONLY_POSTGRES, ONLY_SQLITE
from tests.unit.store.test_at_once import at_once

Machine = Callable[..., Store]


@pytest.fixture
def machine(environ: dict[str, str], tmp_path: Path) -> Iterator[Machine]:
    """Open the state as a machine with a folder of its own does, with a storage or without one."""
    with ExitStack() as opened:

        def open_(name: str, storage: str = "", **more: str) -> Store:
            files = {"BOOKWARD_FILES": (tmp_path / storage).as_uri()} if storage else {}
            said = environ | files | {"BOOKWARD_STATE": str(tmp_path / name)} | more
            return opened.enter_context(closing(Store(Settings.read(tmp_path, said), FakeClock())))

        yield open_


def publish(store: Store, name: str, text: str = "x") -> None:
    made = store.files.unfinished("a") / Path(name).name
    made.write_text(text)
    store.files.publish(made, name)


def read(store: Store, name: str) -> str | None:
    path = store.files.fetch(name)
    return path.read_text() if path.exists() else None


@ONLY_POSTGRES
def test_without_a_storage_one_machine_keeps_the_files_and_others_say_so(machine: Machine) -> None:
    one, other = machine("one"), machine("other")
    publish(one, "snapshots/a/1.parquet")
    for use in (other.files.reach, lambda: publish(other, "snapshots/a/2.parquet"), lambda: read(other, "x")):
        with pytest.raises(SettingInvalid) as caught:
            use()
        assert str(one.folder) in caught.value.message
        assert "BOOKWARD_FILES" in caught.value.remedy
    assert list(other.folder.glob("snapshots/*/*")) == []
    publish(machine("one"), "snapshots/a/3.parquet")


@ONLY_POSTGRES
def test_machines_that_begin_at_once_agree_on_one(machine: Machine) -> None:
    stores = [machine(name) for name in "abcd"]
    reached = at_once([store.files.reach for store in stores])
    assert [type(found) for found in reached].count(SettingInvalid) == len(stores) - 1


@ONLY_POSTGRES
def test_first_uses_of_one_folder_at_once_make_it_one_home(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = machine("one"), machine("one")
    move = keeper.move_to_disk
    begun: list[Future[None]] = []

    def move_late(partial: Path, path: Path) -> None:
        monkeypatch.setattr(keeper, "move_to_disk", move)
        begun.append(threads.submit(other.files.reach))
        with suppress(TimeoutError):
            begun[0].result(timeout=0.5)
        move(partial, path)

    with ThreadPoolExecutor(1) as threads:
        monkeypatch.setattr(keeper, "move_to_disk", move_late)
        one.files.reach()
        begun[0].result()
    machine("one").files.reach()


@ONLY_POSTGRES
def test_machines_with_one_storage_find_each_others_files(machine: Machine) -> None:
    one, other = machine("one", "bucket"), machine("other", "bucket")
    publish(one, "snapshots/a/1.parquet", "one")
    assert read(other, "snapshots/a/1.parquet") == "one"


@ONLY_POSTGRES
def test_a_machine_without_the_storage_of_the_others_says_so(machine: Machine, tmp_path: Path) -> None:
    publish(machine("one", "bucket"), "snapshots/a/1.parquet")
    for other in (machine("other"), machine("other", "another")):
        with pytest.raises(SettingInvalid) as caught:
            publish(other, "snapshots/a/2.parquet")
        assert str(tmp_path / "bucket") in caught.value.remedy
    assert not (tmp_path / "another" / OWNER).exists()


@ONLY_POSTGRES
def test_what_a_folder_has_kept_is_put_where_others_find_it_by_whom_it_belongs_to(machine: Machine) -> None:
    one = machine("one")
    publish(one, "snapshots/a/1.parquet", "one")
    publish(one, "plans/p", "plan")
    with pytest.raises(SettingInvalid):
        machine("other", "bucket").files.reach()
    machine("one", "bucket").files.reach()
    other = machine("other", "bucket")
    assert (read(other, "snapshots/a/1.parquet"), read(other, "plans/p")) == ("one", "plan")
    with pytest.raises(SettingInvalid):
        machine("one").files.reach()


@ONLY_POSTGRES
def test_a_move_to_a_storage_that_was_cut_off_is_done_again_before_others_rely_on_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(machine("one"), "snapshots/a/1.parquet", "one")
    moving = machine("one", "bucket")
    with monkeypatch.context() as cut:
        cut.setattr(moving.files._unclaimed, "put", lambda *_: exec("raise KeyboardInterrupt"))
        with pytest.raises(KeyboardInterrupt):
            moving.files.reach()
    other = machine("other", "bucket")
    with pytest.raises(SettingInvalid):
        other.files.reach()
    machine("one", "bucket").files.reach()
    assert read(other, "snapshots/a/1.parquet") == "one"


@ONLY_POSTGRES
def test_a_storage_that_was_copied_whole_takes_the_place_of_the_former(
    machine: Machine, tmp_path: Path
) -> None:
    publish(machine("one", "bucket"), "snapshots/a/1.parquet", "one")
    (tmp_path / "bucket").rename(tmp_path / "new")
    assert read(machine("other", "new"), "snapshots/a/1.parquet") == "one"
    with pytest.raises(SettingInvalid):
        machine("third", "bucket").files.reach()


def test_a_storage_of_another_state_is_refused_and_another_one_can_be_named(
    machine: Machine, tmp_path: Path
) -> None:
    (tmp_path / "bucket").mkdir()
    (tmp_path / "bucket" / OWNER).write_text("0123")
    with pytest.raises(StorageRefused, match="another state"):
        machine("one", "bucket").files.reach()
    machine("one", "new").files.reach()
    assert (tmp_path / "bucket" / OWNER).read_text() == "0123"


@ONLY_SQLITE
def test_the_id_that_an_older_release_kept_in_the_folder_holds_on(machine: Machine, tmp_path: Path) -> None:
    for folder in ("one", "bucket"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / OWNER).write_text("0123")
    machine("one", "bucket").files.reach()
    (tmp_path / "one" / OWNER).unlink()
    machine("one", "bucket").files.reach()
